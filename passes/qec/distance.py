"""The fault distance of links: how many of their faults flip an observable unseen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Literal

import numpy as np

from bellwire.compiler.gf2 import Span, pack
from bellwire.passes.qec.noise import Noise

if TYPE_CHECKING:
    import stim

Distance = int | Literal["unknown"] | None
TURNS = 8  # of a loop, at first; a chain of w faults reaches over 2 w turns or fewer


def link_distances(
    circuit: stim.Circuit,
    homes: Mapping[int, int],
    pairs: str = "per_gate",
    *,
    copies: str = "XYZ",
    comm_limits: Mapping[int, int] | None = None,
) -> list[Distance]:
    """For each observable the length of the shortest graph-like error of links alone.

    None: links alone never flip it. "unknown": they can, but by errors that flip more than two
    detectors each, for which there is no quick search (bicycle codes).

    `pairs`, `copies`, `comm_limits`: as in `distribute`. Long loops are cut to as many turns as
    such an error can reach over.
    """
    turns = TURNS
    while True:
        short, cut = _shortened(circuit.without_noise(), turns)
        found = _distances(short, homes, pairs, copies, comm_limits)
        longest = max((w for w in found if isinstance(w, int)), default=0)
        if not cut or turns >= 2 * longest + 2:
            return found
        turns = 2 * longest + 2


def safe_copies(
    circuit: stim.Circuit, homes: Mapping[int, int], comm_limits: Mapping[int, int] | None
) -> str:
    """The Paulis whose copies packets may hold without loss of link distance: most pairs saved
    first. A fault of a packet's pair spreads along the gates that it serves, in the Pauli of their
    far ends; some seams are parallel to a logical operator of that Pauli, others are not."""
    wanted = link_distances(circuit, homes, "per_gate", comm_limits=comm_limits)
    for copies in ("XYZ", "Z", "XY"):
        found = link_distances(circuit, homes, "packet", copies=copies, comm_limits=comm_limits)
        if "unknown" not in found and all(least(f) >= least(w) for f, w in zip(found, wanted)):
            return copies
    return ""


def least(distance: Distance) -> float:
    """A distance as a number to compare by."""
    return 0 if distance == "unknown" else distance or inf


def _distances(
    circuit: stim.Circuit,
    homes: Mapping[int, int],
    pairs: str,
    copies: str,
    limits: Mapping[int, int] | None,
) -> list[Distance]:
    from bellwire.passes.qec.distribute import distribute

    noise = Noise(bell_infidelity=1e-3, ghz_error=1e-3)
    if pairs == "direct":
        noise = Noise(p_link=1e-3)
    made = distribute(circuit, homes, pairs=pairs, copies=copies, noise=noise, comm_limits=limits)
    model = made.circuit.detector_error_model(flatten_loops=True, approximate_disjoint_errors=True)
    return [_distance(model, observable) for observable in range(model.num_observables)]


def _distance(model: stim.DetectorErrorModel, observable: int) -> Distance:
    import stim

    others = re.compile(rf" L(?!{observable}\b)\d+")
    alone = stim.DetectorErrorModel(others.sub("", str(model)))
    try:
        return len(alone.shortest_graphlike_error(ignore_ungraphlike_errors=True))
    except ValueError:  # Stim's word for: there is none
        return None if _never_flips(alone) else "unknown"


def _never_flips(model: stim.DetectorErrorModel) -> bool:
    """Whether no set of errors flips the only observable and no detector: the observable is then
    a sum of detectors, over GF(2), in every error."""
    events = {tuple(map(str, e.targets_copy())) for e in model.flattened() if e.type == "error"}
    rows: dict[str, list[int]] = {}
    for column, targets in enumerate(sorted(events)):
        for target in targets:
            rows.setdefault(target, []).append(column)
    table = np.zeros((len(rows), len(events)), dtype=np.bool_)
    for row, columns in enumerate(rows.values()):
        table[row, columns] = True
    packed = dict(zip(rows, pack(table)))
    flips = [packed.pop(name) for name in rows if name.startswith("L")]
    span = Span(len(events))
    for row_of_detector in packed.values():
        span.add(row_of_detector)
    return not any(span.remainder(row).any() for row in flips)


def _shortened(circuit: stim.Circuit, turns: int) -> tuple[stim.Circuit, bool]:
    """The circuit with at most that many turns of each outermost loop, and whether that cut."""
    import stim

    short, cut = stim.Circuit(), False
    for found in circuit:
        if isinstance(found, stim.CircuitRepeatBlock) and found.repeat_count > turns:
            cut = True
            found = stim.CircuitRepeatBlock(turns, found.body_copy(), tag=found.tag)
        short.append(found)
    return short, cut
