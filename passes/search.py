"""Search for a plan: many starts, short runs, the best one run longer, then finer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bellwire.passes.annealing.nodes import Net, build, carried_over, covered
from bellwire.passes.annealing.run import anneal, sweep_us
from bellwire.passes.annealing.sheet import Ints, Marks
from bellwire.passes.timeline import Timeline
from bellwire.targets.machine import Machine

HEATS = (0.3, 0.45, 0.2)  # e-bits; starting temperatures worth trying
LUKEWARM = 0.16  # e-bits; where a plan that is good already is taken up again
FEWEST, MOST = 100, 2000  # sweeps of a run
COMBINATIONS = 12  # of starts and heats that are tried at most
TRIAL, LONG = 0.5, 0.3  # shares of the work: for trials, for the best one again


@dataclass(frozen=True, eq=False)
class Found:
    """A plan for a net and its cost (infinite: it breaks the limits somewhere)."""

    cost: float
    net: Net
    marks: Marks


def search(
    clock: Timeline,
    machine: Machine,
    starts: Sequence[Ints],
    rng: np.random.Generator,
    *,
    work_us: float,
) -> Found:
    """The cheapest plan found, from partitions to start from, communication qubits unlimited.

    `work_us`: about how many microseconds of one core to spend, counted in sweeps, not by a clock.
    """
    coarse = build(clock, machine, blocks=True)
    sweep = sweep_us(coarse)
    tries = int(np.clip(TRIAL * work_us / (FEWEST * sweep), 1, COMBINATIONS))
    combinations = [(s, h) for s in range(len(starts)) for h in range(len(HEATS))]
    combinations = sorted(combinations, key=lambda c: (sum(c), c))[:tries]
    best: tuple[float, int, int] | None = None
    kept: list[Found] = []
    for s, h in combinations:
        sweeps = int(np.clip(TRIAL * work_us / (len(combinations) * sweep), 2, MOST))
        kept.append(_run(coarse, starts[s], rng, sweeps, HEATS[h]))
        if best is None or kept[-1].cost < best[0]:
            best = (kept[-1].cost, s, h)
    assert best is not None
    sweeps = int(np.clip(LONG * work_us / sweep, 0, MOST))
    if sweeps > FEWEST:
        kept.append(_run(coarse, starts[best[1]], rng, sweeps, HEATS[best[2]]))
    winner = min(kept, key=lambda found: found.cost)
    return _refined(clock, machine, winner, rng, (1 - TRIAL - LONG) * work_us)


def _run(net: Net, start: Ints, rng: np.random.Generator, sweeps: int, heat: float) -> Found:
    """One run from fixed homes; few sweeps start cool."""
    heat = heat if sweeps >= 20 else LUKEWARM
    return Found(*_swapped(net, anneal(net, covered(net, start), rng, sweeps=sweeps, heat=heat)))


def _swapped(net: Net, result: tuple[float, Marks]) -> tuple[float, Net, Marks]:
    return result[0], net, result[1]


def _refined(
    clock: Timeline, machine: Machine, found: Found, rng: np.random.Generator, work_us: float
) -> Found:
    """The same plan with a node for each segment, cooled once more."""
    fine = build(clock, machine)
    sweeps = int(np.clip(work_us / sweep_us(fine), 0, MOST))
    if sweeps < 4:
        return found
    marks = carried_over(found.net, found.marks, fine)
    finer = Found(*_swapped(fine, anneal(fine, marks, rng, sweeps=sweeps, heat=LUKEWARM)))
    return min(found, finer, key=lambda one: one.cost)
