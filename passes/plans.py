"""From the marks of a search to a plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.plan import Plan
from bellwire.passes.annealing.nodes import Net
from bellwire.passes.annealing.sheet import Marks
from bellwire.passes.timeline import ANCHOR, Timeline

Ints = NDArray[np.int64]


def plan_of(clock: Timeline, net: Net, marks: Marks, homes: Ints) -> Plan:
    """The plan that marks of a net stand for; `homes`: of the qubits without gates."""
    first = net.sheet.first
    start = homes.copy()
    busy = np.flatnonzero(np.diff(first))
    start[busy] = marks.home[first[busy]]
    gates = clock.pair[:, 0] >= 0
    node = net.node[gates]
    home, label = marks.home[node], _met(net, marks)[node]
    copies = label & ~(np.int64(1) << home)
    last = np.zeros(len(marks.home), dtype=np.int64)
    order = np.arange(node.size)
    last[node.ravel()] = order
    ends = (last[node.ravel()] == order).reshape(node.shape)
    flows = [t for t in sorted(clock.inner) if clock.rows[t] != ANCHOR]
    return Plan(
        start=start,
        rows=clock.rows[gates],
        home=home,
        label=label,
        hold=np.where(ends, marks.hold[node], copies),
        flows=clock.rows[flows],
        resting=np.array([marks.home[net.resting[t]] for t in flows], dtype=np.int64).reshape(
            len(flows), clock.qubits
        ),
    )


def _met(net: Net, marks: Marks) -> Ints:
    """The labels with one copy more for each edge whose labels do not meet, at the same cost: all
    its gates then share one Bell pair."""
    sheet, label = net.sheet, marks.label.copy()
    node = np.repeat(np.arange(len(label)), np.diff(sheet.edge))
    lone = (node < sheet.mate) & ((label[node] & label[sheet.mate]) == 0) & (sheet.alone[node] == 0)
    for v, mate in zip(node[lone].tolist(), sheet.mate[lone].tolist()):
        if not label[v] & label[mate]:
            mine = [m for m in range(len(sheet.data)) if marks.label[v] >> m & 1]
            theirs = [m for m in range(len(sheet.data)) if marks.label[mate] >> m & 1]
            label[v] |= 1 << min((sheet.price[a, b], b) for a in mine for b in theirs)[1]
    return label
