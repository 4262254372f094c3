"""What swaps inside modules cost beside e-bits, and the plan for which both together are least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bellwire.compiler.timing import SWAP_GATES
from bellwire.passes.connect_ebits import connect_ebits
from bellwire.passes.expand_protocols import expand_protocols
from bellwire.passes.homes import place
from bellwire.passes.insert_ebits import insert_ebits
from bellwire.passes.merge_hadamards import merge_hadamards
from bellwire.passes.route_locally import route_locally
from bellwire.passes.tight_search import Tried, cooled
from bellwire.targets.machine import Machine

USUAL, LEAST, MOST = 0.1, 0.01, 1.0  # e-bits per swap: where nothing is known, at least, at most
ROWS, PROGRAMS = 30_000, 12  # operations routed for a choice in all, programs; two at least
VARIATION_US = 1e5  # about the least that another plan takes, in microseconds of work

_WAY = (
    insert_ebits,
    connect_ebits,
    expand_protocols,
    merge_hadamards,
    partial(route_locally, tries=0),
)


def swap_price(machine: Machine) -> float:
    """How many e-bits a swap inside a module is worth: by infidelity where links and gates have
    one, mean over modules and links."""
    swap = SWAP_GATES * np.mean([1 - m.gate_2q.fidelity for m in machine.modules])
    pair = np.mean([1 - link.fidelity for link in machine.links]) if machine.links else 0.0
    return float(np.clip(swap / pair, LEAST, MOST)) if swap and pair else USUAL


def is_coupled(machine: Machine) -> bool:
    """Whether gates may need swaps in some module."""
    return any(m.edges is not None for m in machine.modules)


def with_fewest_swaps(
    tried: Tried,
    packed: Sequence[Tried],
    machine: Machine,
    anchored: bool,
    rng: np.random.Generator,
    *,
    work_us: float,
) -> Tried:
    """The plan whose program, routed inside the modules, costs least in e-bits and swaps together:
    `tried`, variations of it, or one of the plans with fixed homes (`packed`).

    None is taken that needs more e-bits than the best packed one (than `tried`, without any).
    """
    most = max(2, min(PROGRAMS, ROWS // max(1, len(tried.program))))
    bound = min((t.cost for t in packed), default=tried.cost)
    candidates = [tried, *sorted(packed, key=lambda t: t.cost)[: most // 2]]
    others = min(most - len(candidates), int(work_us / VARIATION_US))
    for _ in range(others):
        candidates.append(cooled(tried, machine, anchored, rng, work_us / others))
    return min((t for t in candidates if t.cost <= bound), key=lambda t: routed_cost(t, machine))


def routed_cost(tried: Tried, machine: Machine) -> float:
    """e-bits of the plan, and the swaps inside modules at their price."""
    now = replace(place(tried.program, machine, tried.plan.start.tolist()), plan=tried.plan)
    for a_pass in _WAY:
        now = a_pass(now, machine)
    return tried.cost + swap_price(machine) * now.count("swap")
