"""Give every qubit a home module: partitions by METIS and others, ranked by their e-bits.

The price of a partition is not its cut gates but the Bell pairs of its best sessions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.errors import DoesNotFit
from bellwire.passes.annealing.nodes import build, meetings
from bellwire.passes.candidates import candidates
from bellwire.passes.cover import cover_cost
from bellwire.passes.homes import place, prices
from bellwire.passes.interactions import Interactions, interactions
from bellwire.passes.link_prices import weighed
from bellwire.passes.timeline import Timeline, timeline
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

# Edges between segments that are priced in all: of more partitions than that makes, and FEWEST,
# those with the fewest spanning gates.
EDGES, FEWEST = 4_000_000, 3


def partition(
    program: Program,
    machine: Machine,
    *,
    seed: int = 0,
    starts: int = 10,
    link_price: str = "pairs",
) -> Program:
    """Give every qubit a home, the best of `starts` METIS seeds and some blocks (LOGICAL ->
    PLACED). `link_price`: what a pair on a link costs (passes/link_prices.py).

    Raises DoesNotFit when the machine has too few data qubits.
    """
    _check_room(program, machine)
    machine = weighed(machine, link_price)
    if len(machine.modules) == 1:
        return place(program, machine, [0] * len(program.qubits))
    best = ranked_partitions(timeline(program), machine, seed=seed, starts=starts)[0]
    return place(program, machine, best.tolist())


def ranked_partitions(clock: Timeline, machine: Machine, *, seed: int, starts: int) -> list[Ints]:
    """Different partitions that fit, those with the fewest e-bits for fixed homes first."""
    rng = np.random.default_rng(seed)
    graph, price = interactions(clock), prices(machine)
    meet = meetings(build(clock, machine))
    found: dict[tuple[int, ...], Ints] = {}
    for homes in candidates(graph, machine, rng, starts):
        homes = _arrange(homes, graph, machine, price)
        found[tuple(homes.tolist())] = homes
    few = max(FEWEST, EDGES // (len(meet.pairs) + 1))
    if len(found) > few:
        found = {h: found[h] for h in sorted(found, key=lambda h: (graph.cut(found[h]), h))[:few]}
    cost = {h: cover_cost(meet, homes, price) for h, homes in found.items()}
    return [found[h] for h in sorted(found, key=lambda h: (cost[h], h))]


def _check_room(program: Program, machine: Machine) -> None:
    need, have = len(program.qubits), machine.data_qubits
    if need > have:
        holders = sum(m.data_qubits > 0 for m in machine.modules)
        fits = -(-need // max(1, holders))
        raise DoesNotFit(
            f"{program.name}: found {need} qubits, but machine {machine.name} has {have} data "
            f"qubits in {holders} modules; {fits} data qubits per module would fit"
        )


def _arrange(
    homes: Ints, graph: Interactions, machine: Machine, price: NDArray[np.float64]
) -> Ints:
    """Exchange whole parts between modules while that shortens the ways of the gates."""
    capacity = np.array([m.data_qubits for m in machine.modules], dtype=np.int64)
    count = len(capacity)
    if np.isfinite(price).all() and len(np.unique(price[~np.eye(count, dtype=bool)])) <= 1:
        return homes
    flow = np.zeros((count, count))
    np.add.at(flow, (homes[graph.pairs[:, 0]], homes[graph.pairs[:, 1]]), graph.weight)
    flow += flow.T
    used = np.bincount(homes, minlength=count)
    far = np.where(np.isfinite(price), price, 1e6)
    at = np.arange(count)  # part -> module
    better = True
    while better:
        better = False
        now = float((flow * far[np.ix_(at, at)]).sum())
        for a in range(count):
            for b in range(a):
                if used[a] > capacity[at[b]] or used[b] > capacity[at[a]]:
                    continue
                at[[a, b]] = at[[b, a]]
                then = float((flow * far[np.ix_(at, at)]).sum())
                if then < now:
                    now, better = then, True
                else:
                    at[[a, b]] = at[[b, a]]
    return at[homes]
