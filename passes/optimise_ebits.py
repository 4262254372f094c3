"""Choose, for every gate, which modules hold its qubits: the plan with the fewest e-bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.annealing.nodes import Net
from bellwire.passes.annealing.sheet import Marks, Sheet
from bellwire.passes.cheapest import cheapest, is_crowded
from bellwire.passes.homes import module_homes, place
from bellwire.passes.partition import ranked_partitions
from bellwire.passes.polish import is_large, polish, unpolished
from bellwire.passes.search import Found, search
from bellwire.passes.timeline import ANCHOR, SMALL, timeline
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
) -> Program:
    """Give a PLACED program a plan, and the homes at the start that go with it.

    `work_us`: work per two-qubit gate, in microseconds of one core counted in steps, not by a
    clock; in all at least `least_us` and at most `most_us`. `keep_homes`: the homes at the start
    stay as they are.
    """
    clock = timeline(program)
    homes = np.array(module_homes(program, machine), dtype=np.int64)
    if len(machine.modules) == 1 or not len(clock):
        return program
    work = float(np.clip(work_us * len(clock), least_us, most_us))
    anchored, rng = clock.anchored() if keep_homes else clock, np.random.default_rng(seed)
    begin = [homes]
    if is_large(clock, work):
        found = polish(anchored, machine, homes, rng, work_us=work)
        plan = plan_of(found, homes)
        if is_crowded(program, machine, plan):
            others = [plan_of(other, homes) for other in unpolished(found, homes)]
            plan = cheapest(program, machine, [plan, *others])
        return _with_plan(program, machine, plan)
    if not keep_homes and starts > 1:
        ranked = ranked_partitions(clock, machine, seed=seed, starts=starts)
        begin += [other for other in ranked if not np.array_equal(other, homes)]
    found = search(anchored, machine, begin, rng, work_us=work)
    plan = plan_of(found, homes if keep_homes else begin[found.start])
    return _with_plan(program, machine, plan)


def _with_plan(program: Program, machine: Machine, plan: Plan) -> Program:
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
