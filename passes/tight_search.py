"""Plans where communication qubits are short: several carried out, the best ones cooled again with
the communication qubits watched, the program with the fewest e-bits wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.annealing.nodes import Net, blank, build
from bellwire.passes.annealing.run import anneal, sweep_us
from bellwire.passes.annealing.sheet import Ints, Marks
from bellwire.passes.carried_cost import carried_cost
from bellwire.passes.foresight import foresee
from bellwire.passes.opening_scene import ways
from bellwire.passes.paths import Routes
from bellwire.passes.plans import plan_of
from bellwire.passes.search import is_plain
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import Timeline
from bellwire.targets.machine import Machine

WARM, COLD = 0.14, 0.08  # e-bits; temperatures between which a plan is fitted to the limits
FEWEST, MOST = 20, 400  # sweeps
LARGE = 50_000  # gates; above it nothing is searched here
ROWS = 60_000  # rows that are carried out in all with fixed homes; one partition at least
TAKEN_UP = 2  # plans that are cooled again


def fit_to_limits(
    program: Program,
    machine: Machine,
    clock: Timeline,
    plan: Plan,
    cost: float,
    starts: Sequence[Ints],
    rng: np.random.Generator,
    *,
    work_us: float,
) -> Plan:
    """The plan of `cost` if the limits leave it that, else the best that is found under them.

    `starts`: partitions whose best fixed sessions are tried too, as many as there is time for.
    """
    tried = {plan: carried_cost(program, machine, plan)}
    if tried[plan] <= cost + 1e-6:
        return plan
    large = len(clock) > LARGE
    for homes in starts[: max(1, ROWS // len(program))]:
        fixed = static_plan(program, homes.tolist())
        tried[fixed] = carried_cost(program, machine, fixed)
    if large:
        return min(tried, key=lambda p: tried[p])
    net = build(clock, machine, grain=1, tight=True)
    plain = is_plain(net, work_us)
    sweeps = int(np.clip(work_us / TAKEN_UP / sweep_us(net, plain=plain), FEWEST, MOST))
    for seed in sorted(tried, key=lambda p: tried[p])[:TAKEN_UP]:
        marks = _used(program, machine, net, seed)
        _, marks = anneal(net, marks, rng, sweeps=sweeps, heat=WARM, cold=COLD, plain=plain)
        fitted = plan_of(clock, net, marks, seed.start)
        tried[fitted] = carried_cost(program, machine, fitted)
    return min(tried, key=lambda p: tried[p])


def _used(program: Program, machine: Machine, net: Net, plan: Plan) -> Marks:
    """A plan with a node for each operand, its labels cut down to the copies that gates use."""
    seen = foresee(program, plan, ways(Routes(machine))[0])
    gates = net.node[:, 0] >= 0
    node = net.node[gates]
    met = np.where(seen.meet >= 0, np.int64(1) << np.maximum(seen.meet, 0), 0)[:, None]
    home = np.zeros(len(net.sheet.when), dtype=np.int64)
    label, keep = home.copy(), home.copy()
    home[node], keep[node] = plan.home, seen.keep
    label[node] = met
    for t, nodes in net.resting.items():
        home[nodes] = plan.resting[list(net.resting).index(t)]
    follows = np.flatnonzero(net.sheet.kind[1:] == 0) + 1
    label[follows] |= keep[follows - 1]
    label |= np.int64(1) << home
    label[net.sheet.alone == 1] = np.int64(1) << home[net.sheet.alone == 1]
    return blank(net, home, label)
