"""Recipes: named sequences of passes. This page is the whole way of a circuit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bellwire.compiler.generation import Generation
from bellwire.errors import NotSupported
from bellwire.passes.choose_schedule import check_objective, choose_schedule
from bellwire.passes.connect_ebits import connect_ebits
from bellwire.passes.expand_protocols import expand_protocols
from bellwire.passes.fuse_gates import fuse_gates
from bellwire.passes.insert_ebits import insert_ebits
from bellwire.passes.merge_hadamards import merge_hadamards
from bellwire.passes.optimise_ebits import optimise_ebits
from bellwire.passes.partition import partition
from bellwire.passes.pipeline import Pass
from bellwire.passes.relabel_swaps import relabel_swaps
from bellwire.passes.route_locally import route_locally
from bellwire.passes.schedule import schedule
from bellwire.passes.unroll import unroll


def _sequence(
    seed: int,
    seconds: float | None,
    link_price: str,
    *,
    starts: int,
    work_us: float,
    least_us: float,
    most_us: float,
) -> list[Pass]:
    if seconds is not None:
        least_us = most_us = seconds * 1e6
    optimise = partial(
        optimise_ebits,
        seed=seed,
        starts=starts,
        work_us=work_us,
        least_us=least_us,
        most_us=most_us,
        link_price=link_price,
    )
    homes = partial(partition, seed=seed, starts=starts, link_price=link_price)
    return [
        relabel_swaps,  # no swaps: the qubits exchange names
        fuse_gates,  # cx, turn, cx -> rzz; what undoes itself goes
        unroll,  # two-qubit gates that copies can share
        homes,  # a home for each qubit
        optimise,  # which modules hold what when
        partial(insert_ebits, link_price=link_price),  # copies, moves, communication qubits
        partial(connect_ebits, link_price=link_price),  # unlinked modules: entanglement swapping
        expand_protocols,  # write out each protocol
        merge_hadamards,  # h cz h -> cx
        partial(route_locally, seed=seed),  # real qubits, swaps inside modules
        schedule,  # start times
    ]


# Work of optimise_ebits in microseconds: per two-qubit gate, at least, at most.
RECIPES: dict[str, Callable[[int, float | None, str], list[Pass]]] = {
    "fast": lambda *said: _sequence(*said, starts=2, work_us=50, least_us=2e4, most_us=2e6),
    "default": lambda *said: _sequence(*said, starts=8, work_us=500, least_us=2.5e4, most_us=2.5e6),
    "thorough": lambda *said: _sequence(*said, starts=16, work_us=8000, least_us=4e6, most_us=8e7),
}


def recipe(
    name: str,
    *,
    seed: int = 0,
    seconds: float | None = None,
    link_price: str = "pairs",
    optimise: str = "ebits",
    generation: Generation | None = None,
) -> list[Pass]:
    """The passes of a recipe. Raises NotSupported for an unknown name.

    `seconds`: about how long to optimise e-bits on one core, counted in steps, so that the same
    seed still gives the same program; the recipe's own measure when not given. `link_price`: what a
    pair on a link costs (see link_prices.py). `optimise`: what the schedule is chosen for, "ebits"
    for the plain one (see choose_schedule.py). `generation`: when pairs are asked for.
    """
    check_objective(optimise)
    if name not in RECIPES:
        known = ", ".join(RECIPES)
        raise NotSupported(f"recipe {name!r} is unknown; there are {known}")
    steps = RECIPES[name](seed, seconds, link_price)
    if optimise != "ebits":
        steps[-1] = partial(choose_schedule, objective=optimise, generation=generation, seed=seed)
    elif generation is not None:
        steps[-1] = partial(schedule, generation=generation)
    return steps
