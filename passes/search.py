"""Search for a plan: many starts, short runs, the best one run longer, then finer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bellwire.passes.annealing.nodes import Net, build, carried_over, covered, gathered
from bellwire.passes.annealing.run import anneal, copied, sweep_us
from bellwire.passes.annealing.sheet import Ints, Marks, Sheet, total_cost
from bellwire.passes.timeline import Timeline
from bellwire.targets.machine import Machine

HEATS = (0.28, 0.2, 0.48, 0.38)  # e-bits; starting temperatures worth trying
LUKEWARM = 0.16  # e-bits; where a plan that is good already is taken up again
FEWEST, MOST = 40, 2000  # sweeps of a run
FEW = 20  # sweeps; shorter runs start cool
LEAST = 3  # sweeps of the last run
HUBS = 20_000  # nodes; up to this many it is tried to let all gates meet in one module
COMBINATIONS = 8  # of starts and heats that are tried at most
PLAIN = 32  # nodes; nets of up to this many are annealed without compiling anything,
PLAIN_US = 1e6  # if the work is no more than this, which they get: a hundredth once compiled
HOPE = 0.5  # a plan is hardly ever improved to less than this share
TRIAL, LONG = 0.4, 0.45  # shares of the work: for trials, for the best one again


@dataclass(frozen=True, eq=False)
class Found:
    """A plan for a net of a timeline, and its cost (infinite: it breaks the limits somewhere)."""

    cost: float
    clock: Timeline
    net: Net
    marks: Marks


def search(
    clock: Timeline,
    machine: Machine,
    starts: Sequence[Ints],
    rng: np.random.Generator,
    *,
    work_us: float,
    bound: Callable[[float], float] = lambda least: 0.0,
) -> Found:
    """The cheapest plan found, from partitions to start from, communication qubits unlimited.

    `work_us`: about how many microseconds of one core to spend, counted in sweeps, not by a clock;
    less once a plan costs no more than `bound`, which is told from where on it is of use.
    """
    coarse = build(clock, machine, blocks=True)
    plain = is_plain(coarse, work_us)
    work_us = PLAIN_US if plain else work_us
    price = total_cost.plain if plain else total_cost.fast
    first = {0: _first_plan(coarse, starts[0], price)}
    enough = bound(HOPE * price(coarse.sheet, first[0]))
    run = partial(_anneal, rng=rng, plain=plain, enough=enough)
    sweep = sweep_us(coarse, plain=plain)
    longer = int(np.clip(LONG * work_us / sweep, 0, MOST))
    trial_us = (TRIAL if longer > FEWEST else TRIAL + LONG) * work_us
    tries = int(np.clip(trial_us / (FEWEST * sweep), 1, COMBINATIONS))
    combinations = [(s, h) for s in range(len(starts)) for h in range(len(HEATS))]
    combinations = sorted(combinations, key=lambda c: (sum(c), c))[:tries]
    sweeps = int(np.clip(trial_us / (len(combinations) * sweep), 2, MOST))
    trials = {}
    for s, h in combinations:
        if s not in first:
            first[s] = _first_plan(coarse, starts[s], price)
        cost, marks = run(coarse, copied(first[s]), sweeps, HEATS[h])
        trials[s, h] = Found(cost, clock, coarse, marks)
        if cost <= enough:
            break
    s, h = min(trials, key=lambda c: trials[c].cost)
    best = trials[s, h]
    if longer > FEWEST and best.cost > enough:
        cost, marks = run(coarse, first[s], longer, HEATS[h])
        best = min(best, Found(cost, clock, coarse, marks), key=lambda found: found.cost)
    return _refined(machine, best, run, (1 - TRIAL - LONG) * work_us, plain)


def is_plain(net: Net, work_us: float) -> bool:
    """Whether a net is so small that it is annealed without compiling anything."""
    return len(net.sheet.when) <= PLAIN and work_us <= PLAIN_US


def _first_plan(net: Net, homes: Ints, price: Callable[[Sheet, Marks], float]) -> Marks:
    """Fixed homes with the fewest copies, or all gates in one module where that is cheaper."""
    plans = [covered(net, homes)]
    if len(net.sheet.when) <= HUBS:
        plans += [gathered(net, homes, int(m)) for m in np.flatnonzero(net.sheet.data)]
    return min(plans, key=lambda marks: price(net.sheet, marks))


def _anneal(
    net: Net,
    marks: Marks,
    sweeps: int,
    heat: float,
    *,
    rng: np.random.Generator,
    plain: bool,
    enough: float,
) -> tuple[float, Marks]:
    """One run; few sweeps start cool."""
    heat = heat if sweeps >= FEW else LUKEWARM
    return anneal(net, marks, rng, sweeps=sweeps, heat=heat, plain=plain, enough=enough)


def _refined(
    machine: Machine,
    found: Found,
    run: Callable[[Net, Marks, int, float], tuple[float, Marks]],
    work_us: float,
    plain: bool,
) -> Found:
    """The same plan with a node for each segment, where its cost is exact, cooled once more; as it
    is where that breaks the limits, because states move at other times."""
    fine = build(found.clock, machine)
    sweeps = int(np.clip(work_us / sweep_us(fine, plain=plain), LEAST, MOST))
    cost, marks = run(fine, carried_over(found.net, found.marks, fine), sweeps, LUKEWARM)
    return replace(found, cost=cost, net=fine, marks=marks) if cost < np.inf else found
