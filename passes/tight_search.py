"""Plans where communication qubits are short: several carried out, the best ones cooled again with
the communication qubits watched, the program with the fewest e-bits wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.annealing.nodes import Net, blank, build
from bellwire.passes.annealing.run import anneal, sweep_us
from bellwire.passes.annealing.sheet import Ints, Marks
from bellwire.passes.carried_cost import carried_cost
from bellwire.passes.carrying.foresight import foresee
from bellwire.passes.carrying.opening_scene import ways
from bellwire.passes.carrying.trees import is_even
from bellwire.passes.homes import prices
from bellwire.passes.paths import Routes
from bellwire.passes.plans import plan_of
from bellwire.passes.reorder_gates import reordered
from bellwire.passes.search import is_plain
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import Timeline, timeline
from bellwire.targets.machine import Machine

WARM, COLD = 0.14, 0.08  # e-bits; temperatures between which a plan is fitted to the limits
FEWEST, MOST = 20, 400  # sweeps
LARGE = 50_000  # gates; above it nothing is searched here
ROWS = 60_000  # rows that are carried out in all with fixed homes; one partition at least
TAKEN_UP = 2  # plans that are cooled again
MEDIUM = 10_000  # gates; above it only the plan without limits is tried in another order
MORE = 8  # programs that are written beside those with fixed homes
REORDERED = 2  # plans with fixed homes that are tried in another order


@dataclass(frozen=True, eq=False)
class Tried:
    """A plan, the program in the order that it is for, and what the two cost under the limits."""

    program: Program
    plan: Plan
    cost: float


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
) -> Tried:
    """The plan of `cost` if the limits leave it that, else the best that is found under them, with
    the program, its rows in another legal order if that saves e-bits.

    `starts`: partitions whose best fixed sessions are tried too, as many as there is time for.
    """
    tried = [attempt(program, machine, plan)]
    fits = tried[0].cost <= cost + 1e-6 and not any(clock.inner.values())  # loops count once
    if fits and is_even(prices(machine)):
        return tried[0]
    fixed = starts[: max(1, ROWS // len(program))]
    times = len(fixed) + MORE
    for homes in fixed:
        tried.append(attempt(program, machine, static_plan(program, homes.tolist()), times=times))
    if fits:  # on an uneven network copies that share links may cost less than expected
        return _best(tried, 1)[0]
    if len(clock) > LARGE:
        tried.append(attempt(program, machine, _bare(tried[1].plan)))
    else:
        again = tried[:1] + _best(tried[1:], REORDERED if len(clock) <= MEDIUM else 0)
        tried += [_better(t, machine) for t in again]
        for t in _seeds(tried, program):
            done = cooled(t, machine, clock.is_anchored, rng, work_us / TAKEN_UP)
            tried.append(_better(done, machine) if t.program is program else done)
    return _best(tried, 1)[0]


def _bare(plan: Plan) -> Plan:
    """The plan without copies: each spanning gate has an e-bit of its own."""
    return replace(plan, label=np.int64(1) << plan.home, hold=np.zeros_like(plan.hold))


def _best(tried: Sequence[Tried], most: int) -> list[Tried]:
    return sorted(tried, key=lambda t: t.cost)[:most]


def _seeds(tried: Sequence[Tried], program: Program) -> list[Tried]:
    """What is cooled again: the best of all, and the best other one in the order of the program."""
    [first] = _best(tried, 1)
    others = [t for t in tried if t.program is program and t is not first]
    return [first, *_best(others, TAKEN_UP - 1)]


def attempt(program: Program, machine: Machine, plan: Plan, *, times: int = 1) -> Tried:
    """The plan with what it costs when it is carried out, as one of so many."""
    return Tried(program, plan, carried_cost(program, machine, plan, times=times))


def _better(tried: Tried, machine: Machine) -> Tried:
    """The same plan with its gates in the order that suits it, if that is cheaper."""
    program, plan = reordered(tried.program, tried.plan, machine)
    return min(tried, attempt(program, machine, plan), key=lambda t: t.cost)


def cooled(
    tried: Tried, machine: Machine, anchored: bool, rng: np.random.Generator, work_us: float
) -> Tried:
    """The plan annealed on, communication qubits watched, in the order of its program."""
    clock = timeline(tried.program)
    clock = clock.anchored() if anchored else clock
    net = build(clock, machine, grain=1, tight=True)
    plain = is_plain(net, work_us)
    sweeps = int(np.clip(work_us / sweep_us(net, plain=plain), FEWEST, MOST))
    marks = _used(tried.program, machine, net, tried.plan)
    _, marks = anneal(net, marks, rng, sweeps=sweeps, heat=WARM, cold=COLD, plain=plain)
    return attempt(tried.program, machine, plan_of(clock, net, marks))


def _used(program: Program, machine: Machine, net: Net, plan: Plan) -> Marks:
    """A plan with a node for each operand, its labels cut down to the copies that gates use."""
    seen = foresee(program, plan, ways(Routes(machine))[0])
    gates = net.node[:, 0] >= 0
    node = net.node[gates]
    met = np.where(seen.meet >= 0, np.int64(1) << np.maximum(seen.meet, 0), 0)[:, None]
    home = np.zeros(len(net.sheet.when), dtype=np.int64)
    label, keep = home.copy(), home.copy()
    home[net.sheet.first[:-1]] = plan.start  # of idle qubits
    home[node], keep[node] = plan.home, seen.keep
    label[node] = met
    given = [plan.start, *plan.resting] if net.anchored else list(plan.resting)
    for homes, nodes in zip(given, net.resting.values()):
        home[nodes] = homes
    follows = np.flatnonzero(net.sheet.kind[1:] == 0) + 1
    label[follows] |= keep[follows - 1]
    label |= np.int64(1) << home
    label[net.sheet.alone == 1] = np.int64(1) << home[net.sheet.alone == 1]
    return blank(net, home, label)
