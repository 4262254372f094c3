"""What a Bell pair on each link costs: one, its loss of fidelity, or its expected time."""

from __future__ import annotations

from dataclasses import replace
from math import log

from bellwire.errors import NotSupported
from bellwire.targets.machine import Link, Machine

LINK_PRICES = ("pairs", "fidelity", "time")
LEAST_LOSS = 1e-4  # of fidelity; links that are better cost the same


def weighed(machine: Machine, link_price: str) -> Machine:
    """The machine with links that count by `link_price`: "pairs" (1 each), "fidelity" (-log of that
    of a pair) or "time" (expected, per pair). Raises NotSupported for another word."""
    if link_price not in LINK_PRICES:
        known = ", ".join(LINK_PRICES)
        raise NotSupported(f"link price {link_price!r} is unknown; there are {known}")
    return machine if machine.link_price == link_price else replace(machine, link_price=link_price)


def link_costs(machine: Machine) -> dict[frozenset[str], float]:
    """The price of a Bell pair on each link; that of the cheapest link is 1."""
    cost = {"pairs": _one, "fidelity": _loss, "time": _time}[machine.link_price]
    costs = {frozenset(link.between): cost(link) for link in machine.links}
    least = min(costs.values(), default=1.0)
    return {between: price / least for between, price in costs.items()}


def _one(_: Link) -> float:
    return 1.0


def _loss(link: Link) -> float:
    return max(LEAST_LOSS, -log(max(link.fidelity, 1e-9)))


def _time(link: Link) -> float:
    return link.wait_ns / link.capacity
