"""Room for the annealer to work in: the modules that a stretch chooses from, and its tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bellwire.compiler.kernels import lean_kernel
from bellwire.passes.annealing.sheet import Floats, Ints

WIDTH = 4  # modules that one stretch chooses from
MASKS = 1 << WIDTH
STATES = WIDTH * MASKS // 2  # pairs (home, label) with the home in the label
STRETCH = 128  # nodes that are drawn at once, at most


class Bench(NamedTuple):
    """Room to work in. `mods`: the modules chosen from, -1 for none; masks here count them;
    `weighed`: those that `far` is for.
    Per node of the stretch, from the one before it: `alpha`, the weights of its states so far;
    `full`, `gap_full`: data qubits missing (summed over time) if a home were there at the node, and
    after it; `load`, `gap_load`: communication qubits missing for one more copy. For one node, by
    mask: `far` and `opened[held, label]` (weights of openings), `kept`, `sent`, `taken` (of
    communication qubits missing: for what is held before it, where its openings may start, for
    its copies), `gate` (of its edges), `near` (its edges by the label of the mate);
    `reach[home, label]`, `stay[home before, home]`, `room[home, label]`, `weight[state]`.
    """

    mods: Ints
    weighed: Ints
    home: Ints
    label: Ints
    alpha: Floats
    full: Floats
    gap_full: Floats
    load: Floats
    gap_load: Floats
    drawn: Ints
    far: Floats
    opened: Floats
    kept: Floats
    sent: Floats
    taken: Floats
    gate: Floats
    near: Floats
    reach: Floats
    stay: Floats
    room: Floats
    weight: Floats
    pull: Floats


def new_bench(modules: int) -> Bench:
    """An empty bench."""
    states = [(h, s) for s in range(1, MASKS) for h in range(WIDTH) if s >> h & 1]
    size = STRETCH + 2
    home, label = np.array(states, dtype=np.int64).T.copy()

    def masks() -> Floats:
        return np.ones(MASKS)

    return Bench(
        mods=np.zeros(WIDTH, dtype=np.int64),
        weighed=np.full(WIDTH, -1, dtype=np.int64),
        home=home,
        label=label,
        alpha=np.zeros((size, STATES)),
        full=np.zeros((size, WIDTH)),
        gap_full=np.zeros((size, WIDTH)),
        load=np.zeros((size, WIDTH)),
        gap_load=np.zeros((size, WIDTH)),
        drawn=np.zeros(size, dtype=np.int64),
        far=np.zeros((MASKS, MASKS)),
        opened=np.zeros((MASKS, MASKS)),
        kept=masks(),
        sent=masks(),
        taken=masks(),
        gate=masks(),
        near=masks(),
        reach=np.zeros((WIDTH, MASKS)),
        stay=np.zeros((WIDTH, WIDTH)),
        room=np.zeros((WIDTH, MASKS)),
        weight=np.zeros(STATES),
        pull=np.zeros(modules),
    )


@lean_kernel
def to_local(bench: Bench, mask: int) -> int:
    """A mask of modules as a mask of the chosen ones."""
    out = 0
    for i in range(WIDTH):
        if bench.mods[i] >= 0 and mask >> bench.mods[i] & 1:
            out |= 1 << i
    return out


@lean_kernel
def to_global(bench: Bench, mask: int) -> int:
    """A mask of the chosen modules as a mask of all."""
    out = 0
    for i in range(WIDTH):
        if mask >> i & 1 and bench.mods[i] >= 0:
            out |= 1 << bench.mods[i]
    return out
