"""Choose, for every gate, which modules hold its qubits: the plan with the fewest e-bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.annealing.nodes import Net
from bellwire.passes.annealing.sheet import Marks
from bellwire.passes.cheapest_plan import never_worse
from bellwire.passes.homes import module_homes, place
from bellwire.passes.link_prices import weighed
from bellwire.passes.optimise_blocks import optimise_blocks
from bellwire.passes.partition import ranked_partitions
from bellwire.passes.search import Found, search
from bellwire.passes.timeline import ANCHOR, timeline
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]


def optimise_ebits(
    program: Program,
    machine: Machine,
    *,
    seed: int = 0,
    starts: int = 10,
    work_us: float = 500.0,
    least_us: float = 4e5,
    most_us: float = 4e6,
    keep_homes: bool = False,
    link_price: str = "pairs",
) -> Program:
    """Give a PLACED program a plan, and the homes at the start that go with it.

    `work_us`: work per two-qubit gate, in microseconds of one core counted in steps, not by a
    clock; in all at least `least_us` and at most `most_us`. `keep_homes`: the homes at the start
    stay as they are. `link_price`: what a pair on a link costs (passes/link_prices.py).
    """
    machine = weighed(machine, link_price)
    clock = timeline(program)
    homes = np.array(module_homes(program, machine), dtype=np.int64)
    if len(machine.modules) == 1 or not len(clock):
        return program
    work = float(np.clip(work_us * len(clock), least_us, most_us))
    begin = [homes]
    if not keep_homes and starts > 1:
        ranked = ranked_partitions(clock, machine, seed=seed, starts=starts)
        begin += [other for other in ranked if not np.array_equal(other, homes)]
    anchored = clock.anchored() if keep_homes else clock
    found = search(anchored, machine, begin, np.random.default_rng(seed), work_us=work)
    plan = plan_of(found, homes if keep_homes else begin[found.start])
    plan = never_worse(program, machine, plan, begin)
    plan = optimise_blocks(program, machine, plan, seed=seed, work_us=work_us, most_us=most_us)
    return replace(place(program, machine, plan.start.tolist()), plan=plan)


def plan_of(found: Found, homes: Ints) -> Plan:
    """The plan of a search's result; `homes`: of the qubits without gates."""
    net, marks, clock = found.net, found.marks, found.clock
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
