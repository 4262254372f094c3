"""Search for a plan: many starts, short runs, the best one run longer, then finer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bellwire.passes.annealing.nodes import Net, build, carried_over, covered, gathered
from bellwire.passes.annealing.run import PLAIN, anneal, sweep_us
from bellwire.passes.annealing.sheet import Ints, Marks, total_cost
from bellwire.passes.timeline import Timeline
from bellwire.targets.machine import Machine

HEATS = (0.38, 0.28, 0.48, 0.2)  # e-bits; starting temperatures worth trying
LUKEWARM = 0.16  # e-bits; where a plan that is good already is taken up again
FEWEST, MOST = 100, 2000  # sweeps of a run
FEW = 20  # sweeps; shorter runs start cool
LEAST = 3  # sweeps of the last run
HUBS = 20_000  # nodes; up to this many it is tried to let all gates meet in one module
COMBINATIONS = 12  # of starts and heats that are tried at most
TRIAL, LONG = 0.5, 0.3  # shares of the work: for trials, for the best one again


@dataclass(frozen=True, eq=False)
class Found:
    """A plan for a net of a timeline, and its cost (infinite: it breaks the limits somewhere);
    `start`: which of the partitions it started from."""

    cost: float
    clock: Timeline
    net: Net
    marks: Marks
    start: int


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
    longer = TRIAL if len(combinations) > 1 else TRIAL + LONG  # a lone trial gets the rest too
    sweeps = int(np.clip(longer * work_us / (len(combinations) * sweep), 2, MOST))
    trials = {}
    for s, h in combinations:
        first = _first_plan(coarse, starts[s])
        cost, marks = _anneal(coarse, first, rng, sweeps, HEATS[h])
        trials[s, h] = Found(cost, clock, coarse, marks, s)
    s, h = min(trials, key=lambda c: trials[c].cost)
    best = trials[s, h]
    sweeps = int(np.clip(LONG * work_us / sweep, 0, MOST))
    if len(combinations) > 1 and sweeps > FEWEST:
        cost, marks = _anneal(coarse, _first_plan(coarse, starts[s]), rng, sweeps, HEATS[h])
        best = min(best, Found(cost, clock, coarse, marks, s), key=lambda found: found.cost)
    return _refined(machine, best, rng, (1 - TRIAL - LONG) * work_us)


def _first_plan(net: Net, homes: Ints) -> Marks:
    """Fixed homes with the fewest copies, or all gates in one module where that is cheaper."""
    plans = [covered(net, homes)]
    if len(net.sheet.when) <= HUBS:
        plans += [gathered(net, homes, int(m)) for m in np.flatnonzero(net.sheet.data)]
    small = len(net.sheet.when) <= PLAIN
    price = total_cost.plain if small else total_cost.fast
    return min(plans, key=lambda marks: price(net.sheet, marks))


def _anneal(
    net: Net, marks: Marks, rng: np.random.Generator, sweeps: int, heat: float
) -> tuple[float, Marks]:
    """One run; few sweeps start cool."""
    return anneal(net, marks, rng, sweeps=sweeps, heat=heat if sweeps >= FEW else LUKEWARM)


def _refined(machine: Machine, found: Found, rng: np.random.Generator, work_us: float) -> Found:
    """The same plan with a node for each segment, where its cost is exact, cooled once more."""
    fine = build(found.clock, machine)
    sweeps = int(np.clip(work_us / sweep_us(fine), LEAST, MOST))
    marks = carried_over(found.net, found.marks, fine)
    cost, marks = _anneal(fine, marks, rng, sweeps, LUKEWARM)
    return replace(found, cost=cost, net=fine, marks=marks)
