"""Give every qubit a home module: partitions by METIS and others, scored by what they cost.

The price of a partition is not its cut gates but its e-bits, so the best candidates are refined by
moves and swaps of qubits, planned with moving homes, and the last few carried out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.errors import DoesNotFit
from bellwire.passes.candidates import Weights, candidates, interaction_weights
from bellwire.passes.cover import cover_cost
from bellwire.passes.homes import place, prices
from bellwire.passes.insert_ebits import cheapest, plans
from bellwire.passes.plan import plan_cost
from bellwire.passes.segments import Segments, find_segments
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]
Homes = tuple[int, ...]

CONTENDERS = 4  # partitions that are refined and planned
FINALISTS = 3  # partitions that are carried out before one is chosen
LARGE = 800  # segments; above it only the best candidate is planned


def partition(
    program: Program,
    machine: Machine,
    *,
    seed: int = 0,
    starts: int = 10,
    trials: int = 300,
    rounds: int = 6,
) -> Program:
    """Give every qubit a home: `starts` METIS seeds, `trials` steps of refinement for each of the
    best candidates, `rounds` of planning with moving homes.

    Raises DoesNotFit when the machine has too few data qubits.
    """
    capacity = np.array([m.data_qubits for m in machine.modules], dtype=np.int64)
    _check_room(program, machine)
    if len(machine.modules) == 1:
        return place(program, machine, [0] * len(program.qubits))
    rng = np.random.default_rng(seed)
    segments = find_segments(program)
    price = prices(machine)
    weights = interaction_weights(program)
    found: dict[Homes, float] = {}
    for homes in candidates(len(program.qubits), weights, capacity, machine, rng, starts):
        homes = _arrange(homes, weights, capacity, price)
        found[tuple(homes.tolist())] = cover_cost(segments, homes, price)
    best = sorted(found, key=lambda h: (found[h], h))[: 1 if _large(segments) else CONTENDERS]
    refined = [_refine(segments, np.array(h), capacity, price, rng, trials) for h in best]
    finals = _finalists(segments, machine, [best[0], *refined], price, rounds)
    placed = [place(program, machine, homes) for homes in finals]
    return min(placed, key=lambda p: cheapest(p, machine, rounds=rounds)[0])


def _large(segments: Segments) -> bool:
    return len(segments.qubit) > LARGE


def _finalists(
    segments: Segments,
    machine: Machine,
    homes: Sequence[Homes],
    price: NDArray[np.float64],
    rounds: int,
) -> list[Homes]:
    """The partitions with the cheapest plans; the first is kept in any case."""
    others = list(dict.fromkeys(homes))[1:]
    if len(others) >= FINALISTS:
        costs = {
            h: min(plan_cost(segments, p, price) for p in plans(segments, h, machine, rounds))
            for h in others
        }
        others = sorted(others, key=lambda h: (costs[h], h))
    return [homes[0], *others[: FINALISTS - 1]]


def _check_room(program: Program, machine: Machine) -> None:
    need, have = len(program.qubits), machine.data_qubits
    if need > have:
        holders = sum(m.data_qubits > 0 for m in machine.modules)
        fits = -(-need // max(1, holders))
        raise DoesNotFit(
            f"{program.name}: found {need} qubits, but machine {machine.name} has {have} data "
            f"qubits in {holders} modules; {fits} data qubits per module would fit"
        )


def _arrange(homes: Ints, weights: Weights, capacity: Ints, price: NDArray[np.float64]) -> Ints:
    """Exchange whole parts between modules while that shortens the ways of the gates."""
    count = len(capacity)
    if np.isfinite(price).all() and len(np.unique(price[~np.eye(count, dtype=bool)])) <= 1:
        return homes
    flow = np.zeros((count, count))
    for (u, v), w in weights.items():
        flow[homes[u], homes[v]] += w
        flow[homes[v], homes[u]] += w
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


def _refine(
    segments: Segments,
    homes: Ints,
    capacity: Ints,
    price: NDArray[np.float64],
    rng: np.random.Generator,
    trials: int,
) -> Homes:
    """Move or swap random qubits of spanning gates; keep what does not raise the price."""
    best = cover_cost(segments, homes, price)
    homes = homes.copy()
    pairs = segments.qubit[segments.pairs]
    for _ in range(trials):
        spanning = pairs[homes[pairs[:, 0]] != homes[pairs[:, 1]]]
        if best == 0 or not len(spanning):
            break
        u, v = spanning[rng.integers(len(spanning))].tolist()
        if rng.random() < 0.5:
            u, v = v, u
        there = int(homes[v])
        trial = homes.copy()
        trial[u] = there
        if np.count_nonzero(trial == there) > capacity[there]:
            swap = rng.choice(np.flatnonzero(homes == there))
            if swap == v and np.count_nonzero(homes == there) > 1:
                continue
            trial[swap] = homes[u]
        cost = cover_cost(segments, trial, price)
        if cost <= best:
            best, homes = cost, trial
    return tuple(homes.tolist())
