"""Choose, for every gate, which modules hold its qubits: the plan with the fewest e-bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.compiler.progress import planned
from bellwire.passes.homes import module_homes, place
from bellwire.passes.link_prices import weighed
from bellwire.passes.lower_bound import lower_bound
from bellwire.passes.optimise_blocks import optimise_blocks
from bellwire.passes.partition import ranked_partitions
from bellwire.passes.plans import plan_of
from bellwire.passes.polish import LARGE, is_large, polish
from bellwire.passes.search import Found, search
from bellwire.passes.static_plan import static_plan
from bellwire.passes.swap_price import is_coupled, with_fewest_swaps
from bellwire.passes.tight_search import attempt, fit_to_limits
from bellwire.passes.timeline import Timeline, timeline
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

FITTING = 0.6  # work to spend besides where communication qubits are short
SWAPPING, ROUTED = 0.3, 5000  # the same where modules have a coupling; up to so many gates
AGAIN = 0.02  # the same where so many gates are searched that a few cool sweeps may do better
BOUNDED = 2000, 100  # gates, qubits; up to these a lower bound is quick to find


def optimise_ebits(
    program: Program,
    machine: Machine,
    *,
    seed: int = 0,
    starts: int = 10,
    work_us: float = 500.0,
    least_us: float = 2.5e4,
    most_us: float = 2.5e6,
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
    anchored, rng = clock.anchored() if keep_homes else clock, np.random.default_rng(seed)
    begin = [homes]
    if not is_large(clock, work) and not keep_homes and starts > 1:
        ranked = ranked_partitions(clock, machine, seed=seed, starts=starts)
        begin += [other for other in ranked if not np.array_equal(other, homes)]
    coupled = is_coupled(machine) and not program.blocks and len(clock) <= ROUTED
    with planned((1 + FITTING + SWAPPING * coupled) * work):
        found = _found(program, machine, anchored, begin, rng, work)
        plan = plan_of(anchored, found.net, found.marks)
        cost, rest = found.cost, FITTING * work
        best = fit_to_limits(program, machine, anchored, plan, cost, begin, rng, work_us=rest)
        if coupled:
            packed = [attempt(program, machine, static_plan(program, h.tolist())) for h in begin]
            best = with_fewest_swaps(
                best, packed, machine, keep_homes, rng, work_us=SWAPPING * work
            )
    program, plan = best.program, best.plan
    if program.blocks:
        whole = optimise_blocks(program, machine, plan, seed=seed, work_us=work_us, most_us=most_us)
        plans = attempt(program, machine, whole), attempt(program, machine, plan)
        plan = min(plans, key=lambda tried: tried.cost).plan
    return replace(place(program, machine, plan.start.tolist()), plan=plan)


def _found(
    program: Program,
    machine: Machine,
    clock: Timeline,
    begin: list[Ints],
    rng: np.random.Generator,
    work: float,
) -> Found:
    """The best plan with communication qubits unlimited."""
    if is_large(clock, work):
        return polish(clock, machine, begin[0], rng, work_us=work)
    bounded = len(clock) <= BOUNDED[0] and clock.qubits <= BOUNDED[1]

    def bound(least: float) -> float:
        return lower_bound(program, machine, least=least) if bounded else 0.0

    found = search(clock, machine, begin, rng, work_us=work, bound=bound)
    if len(clock) <= LARGE:
        return found
    cool = polish(clock, machine, begin[0], rng, work_us=AGAIN * work)
    return min(found, cool, key=lambda f: f.cost)
