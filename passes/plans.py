"""From the marks of a search to a plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.plan import Plan
from bellwire.passes.annealing.nodes import Net
from bellwire.passes.annealing.sheet import Marks, Sheet
from bellwire.passes.timeline import ANCHOR, SMALL, Timeline

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
    label = marks.label.copy()
    _meet.sized(len(net.sheet.mate), small=SMALL)(net.sheet, marks.label, label)
    return label


@kernel
def _meet(sheet: Sheet, old: Ints, label: Ints) -> None:
    """Add copies to `label` until all edges meet, each at the least price from the `old` labels."""
    modules = len(sheet.data)
    for v in range(len(label)):
        for e in range(sheet.edge[v], sheet.edge[v + 1]):
            mate = sheet.mate[e]
            if v > mate or label[v] & label[mate] or old[v] & old[mate] or sheet.alone[v] == 1:
                continue
            best, pick = np.inf, 0
            for b in range(modules):
                for a in range(modules):
                    if old[v] >> a & 1 and old[mate] >> b & 1 and sheet.price[a, b] < best:
                        best, pick = sheet.price[a, b], b
            label[v] |= 1 << pick
