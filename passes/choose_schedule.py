"""Schedule a program in several ways and keep the one that is predicted to be best."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from bellwire.compiler.generation import ASAP, Generation
from bellwire.compiler.prediction import Prediction, predict
from bellwire.compiler.program import Program
from bellwire.compiler.purified import improved_links, pair_of
from bellwire.compiler.waits import ebit_links
from bellwire.errors import DoesNotFit, NotSupported
from bellwire.passes.link_prices import link_costs, weighed
from bellwire.passes.schedule import schedule
from bellwire.targets.machine import Link, Machine

OBJECTIVES = ("ebits", "makespan", "fidelity")
PRICES = {"makespan": ("time",), "fidelity": ("fidelity", "time")}  # of links
WINDOWS = (0.25, 0.5, 1.0, 2.0, 4.0)  # mean waits of the slowest link in use
CUTOFFS = (0.1, 0.3)  # coherence times of the communication qubits that lose it first
WORTH_IT = 0.01  # a smaller share of the makespan is not known well enough


@dataclass(frozen=True)
class Scheduled:
    """One way to schedule a program, and what it is predicted to be worth."""

    program: Program
    prediction: Prediction

    def better(self, other: Scheduled, objective: str) -> bool:
        """Whether it is clearly better than another one."""
        here, there = self.prediction, other.prediction
        if objective == "makespan":
            return here.makespan_s < there.makespan_s * (1 - WORTH_IT)
        noise = math.hypot(here.fidelity_error, there.fidelity_error)
        return here.fidelity > there.fidelity + noise


def choose_schedule(
    program: Program,
    machine: Machine,
    *,
    objective: str,
    generation: Generation | None = None,
    seed: int = 0,
) -> Program:
    """Schedule a LOWERED program so that the predicted mean makespan ("makespan") or chance of no
    error ("fidelity") is best, never worse than plainly. `generation`: keep to this policy. Raises
    NotSupported for another objective."""
    check_objective(objective)
    ways = schedules(program, machine, fidelity=objective == "fidelity", generation=generation)
    found = (Scheduled(way, predict(way, machine, seed=seed)) for _, way in ways)
    return best_of(found, objective).program


def check_objective(objective: str) -> None:
    """Raise NotSupported for an objective that is unknown."""
    if objective not in OBJECTIVES:
        known = ", ".join(OBJECTIVES)
        raise NotSupported(f"objective {objective!r} is unknown; there are {known}")


def prices_to_try(machine: Machine, optimise: str, link_price: str = "pairs") -> list[str]:
    """Link prices that may lead to a program that is better in this respect, the given one first;
    those that make no difference on this machine are left out."""
    out: dict[tuple[float, ...], str] = {}
    for price in (link_price, *PRICES.get(optimise, ())):
        out.setdefault(tuple(link_costs(weighed(machine, price)).values()), price)
    return list(out.values())


def best_of(found: Iterator[Scheduled], objective: str) -> Scheduled:
    """The best one; the first unless another is clearly better."""
    best = next(found)
    for other in found:
        best = other if other.better(best, objective) else best
    return best


def schedules(
    program: Program,
    machine: Machine,
    *,
    fidelity: bool = True,
    generation: Generation | None = None,
) -> Iterator[tuple[str, Program]]:
    """A program scheduled in different ways, the plain one first, each with the order that it comes
    from: that of the "program", or "critical". Without `fidelity` only those that ask for pairs as
    soon as they can: to wait or to throw pairs away is never sooner done."""
    own = generation or ASAP
    yield "program", schedule(program, machine, generation=own, critical_path=False)
    ahead = schedule(program, machine, generation=own, critical_path=True)
    yield "critical", ahead
    if fidelity and generation is None:
        lazy = Generation("on_demand")
        yield "program", schedule(program, machine, generation=lazy, critical_path=False)
        for other in policies(program, machine):
            yield "critical", schedule(ahead, machine, generation=other, critical_path=False)
        yield from _purified(program, machine)


def _purified(program: Program, machine: Machine) -> Iterator[tuple[str, Program]]:
    """The same with pairs that are purified, where that makes them better and modules have a
    communication qubit to spare for it."""
    links = improved_links(machine)
    if not links or not _used(program, machine):
        return
    with suppress(DoesNotFit):
        made = Generation(purify=links)
        ahead = schedule(program, machine, generation=made, critical_path=True)
        yield "critical", ahead
        wait = max(pair_of(ahead, machine, link).wait_ns for link in _used(program, machine))
        for other in (
            Generation("on_demand", purify=links),
            Generation("window", wait / 2, purify=links),
            Generation("window", wait, purify=links),
            Generation("deadline", purify=links),
        ):
            yield "critical", schedule(ahead, machine, generation=other, critical_path=False)


def _used(program: Program, machine: Machine) -> list[Link]:
    """The links on which a program makes pairs."""
    used = [ebit_links(part, machine) for part in program.walk()]
    return [machine.links[k] for k in np.unique(np.concatenate(used)).tolist() if k >= 0]


def policies(program: Program, machine: Machine) -> list[Generation]:
    """Policies that may be better than to ask for pairs as soon as possible, for the waits and the
    coherence times of the machine."""
    links = _used(program, machine)
    if not links:
        return []
    wait = max(link.wait_ns for link in links)
    out = [Generation("on_demand"), Generation("deadline"), Generation(buffer=1)]
    out += [Generation("window", share * wait) for share in WINDOWS]
    ends = {machine.module(end) for link in links for end in link.between}
    kept = min(min(module.coherence_ns("comm")) for module in ends)
    if math.isfinite(kept):
        out += [Generation("deadline", cutoff_ns=share * kept) for share in CUTOFFS]
    return out
