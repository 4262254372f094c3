"""A plan without search: homes stay, and copies are a smallest vertex cover (see cover.py)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.cover import smallest_cover, spanning_graph
from bellwire.passes.gate_segments import EFFECT, FLOW, GATE, gate_operands, gate_segments

Ints = NDArray[np.int64]


def static_plan(program: Program, homes: Sequence[int]) -> Plan:
    """Fixed homes, by place in `machine.modules`, and the fewest copies for them."""
    effect, start = EFFECT[program.kind], np.asarray(homes, dtype=np.int64)
    rows, flows = np.flatnonzero(effect == GATE), np.flatnonzero(effect == FLOW)
    home, segment = start[gate_operands(program)], gate_segments(program)
    copies = _copies(segment, home)[segment]
    last = np.zeros(int(segment.max(initial=0)) + 1, dtype=np.int64)
    number = np.arange(segment.size)
    last[segment.ravel()] = number
    goes_on = (last[segment.ravel()] != number).reshape(segment.shape)
    return Plan(
        start=start,
        rows=rows,
        home=home,
        label=np.int64(1) << home | copies,
        hold=np.where(goes_on, copies, 0),
        flows=flows,
        resting=np.tile(start, (len(flows), 1)),
    )


def _copies(segment: Ints, home: Ints) -> Ints:
    """For each segment the mask of modules that get a copy of it."""
    out = np.zeros(int(segment.max(initial=0)) + 1, dtype=np.int64)
    spans = np.flatnonzero(home[:, 0] != home[:, 1])
    if len(spans):
        pairs, home_of, times = _once(segment[spans], home[spans], spans)
        graph = spanning_graph(pairs, home_of, times)
        chosen = smallest_cover(graph)
        np.bitwise_or.at(out, chosen // graph.modules, np.int64(1) << chosen % graph.modules)
    return out


def _once(segment: Ints, home: Ints, gates: Ints) -> tuple[Ints, Ints, Ints]:
    """Each pair of segments once: the two, their homes, the first and last of their gates."""
    turn = segment[:, 0] > segment[:, 1]
    segment = np.where(turn[:, None], segment[:, ::-1], segment)
    home = np.where(turn[:, None], home[:, ::-1], home)
    key = segment[:, 0] * (int(segment.max()) + 1) + segment[:, 1]
    order = np.argsort(key, kind="stable")
    new = np.flatnonzero(np.diff(key[order], prepend=-1))
    first, last = order[new], order[np.append(new[1:], len(order)) - 1]
    return segment[first], home[first], np.stack([gates[first], gates[last]], axis=1)
