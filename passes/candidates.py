"""Partitions to choose from: METIS, contiguous blocks, and repairs that make them fit.

METIS (Karypis and Kumar, SIAM J. Sci. Comput. 20, 359 (1998)) balances but overfills hard
capacities, and its cuts differ between seeds: several runs, k-way and recursive, are repaired.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bellwire.passes.interactions import Interactions
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

EDGES = 3_000_000  # pairs of qubits that METIS looks at in all; large graphs get fewer seeds
LARGE = 20_000  # gates; partitions of more need not be even, or METIS finds no good ones
MOST_SLACK = 60  # thousandths


def candidates(
    graph: Interactions, machine: Machine, rng: np.random.Generator, starts: int
) -> Iterator[Ints]:
    """Partitions that fit: METIS over all modules or as few as hold the qubits, and blocks."""
    n = graph.qubits
    capacity = np.array([m.data_qubits for m in machine.modules], dtype=np.int64)
    everyone = np.flatnonzero(capacity)
    few = _fewest(capacity, machine, n)
    for order in (np.arange(n), _by_neighbours(graph)):
        for some in (everyone, few):
            yield _blocks(order, some, capacity)
    starts = int(np.clip(EDGES // (4 * len(graph.pairs) + 1), 1, starts))
    large = int(graph.weight.sum()) > LARGE
    for chosen in dict.fromkeys((tuple(everyone.tolist()), tuple(few.tolist()))):
        slack = 1000 * int(capacity[list(chosen)].sum()) // max(1, n) - 1000 if large else 1
        for parts in metis_parts(graph, capacity[list(chosen)], rng, starts, slack=slack):
            yield repair(np.array(chosen, dtype=np.int64)[parts], graph, capacity)


def _fewest(capacity: Ints, machine: Machine, n: int) -> Ints:
    """A connected set of modules, large ones first, that just holds n qubits."""
    graph, index = machine.graph, machine.index
    best: list[int] = []
    for first in np.argsort(-capacity, kind="stable").tolist():
        chosen, room = [first], int(capacity[first])
        while room < n:
            near = {index[b] for a in chosen for b in graph[machine.modules[a].name]} - set(chosen)
            if not near:
                break
            best_next = max(sorted(near), key=lambda m: int(capacity[m]))
            chosen.append(best_next)
            room += int(capacity[best_next])
        if room >= n and (not best or len(chosen) < len(best)):
            best = chosen
    usable = [m for m in best if capacity[m]]
    return np.array(sorted(usable) or np.flatnonzero(capacity).tolist(), dtype=np.int64)


def _blocks(order: Ints, modules: Ints, capacity: Ints) -> Ints:
    """Fill the modules one after the other in the given order of the qubits."""
    homes = np.empty(len(order), dtype=np.int64)
    homes[order] = np.repeat(modules, capacity[modules])[: len(order)]
    return homes


def _by_neighbours(graph: Interactions) -> Ints:
    """Qubits in an order that keeps heavy neighbours close (greedy attachment)."""
    order: list[int] = []
    pull = np.zeros(graph.qubits)
    for _ in range(graph.qubits):
        q = int(np.argmax(pull))
        order.append(q)
        other, cost = graph.near(q)
        pull[other] += cost
        pull[order[-1]] = -np.inf
    return np.array(order, dtype=np.int64)


def metis_parts(
    graph: Interactions, capacity: Ints, rng: np.random.Generator, starts: int, *, slack: int = 1
) -> Iterator[Ints]:
    """Partitions by METIS, k-way and recursive, for `starts` seeds each; they may overfill. k-way
    ones fill each module by at most `slack` thousandths more than an even share.

    Where pymetis is not installed (it has no wheel for some systems), or a module would get less
    than a qubit (METIS then complains on stdout), a plain partitioner of our own serves: qubits
    join the module that pulls them most.
    """
    k = len(capacity)
    if k == 1:
        yield np.zeros(graph.qubits, dtype=np.int64)
        return
    if not has_metis() or graph.qubits * capacity.min() < capacity.sum():
        for _ in range(starts):
            yield _greedy_parts(graph, capacity, rng)
        return
    import pymetis

    adjacency = pymetis.CSRAdjacency(graph.start.tolist(), graph.other.tolist())
    weights, share = graph.cost.tolist(), (capacity / capacity.sum()).tolist()
    for recursive in (False, True):
        for _ in range(starts):
            options = pymetis.Options()
            options.seed = int(rng.integers(1 << 30))
            options.ufactor = int(np.clip(slack, 1, MOST_SLACK)) if not recursive else 10
            _, parts = pymetis.part_graph(
                k, adjacency, eweights=weights, tpwgts=share, recursive=recursive, options=options
            )
            yield np.array(parts, dtype=np.int64)


def has_metis() -> bool:
    """Whether METIS is installed; without it the plain partitioner serves."""
    from importlib.util import find_spec

    return find_spec("pymetis") is not None


def _greedy_parts(graph: Interactions, capacity: Ints, rng: np.random.Generator) -> Ints:
    homes = np.full(graph.qubits, -1, dtype=np.int64)
    pull = np.zeros((graph.qubits, len(capacity)))
    room = capacity.copy()
    for q in rng.permutation(graph.qubits).tolist():
        score = np.where(room > 0, pull[q] + room / (room.sum() + 1), -1.0)
        homes[q] = int(np.argmax(score))
        room[homes[q]] -= 1
        other, cost = graph.near(q)
        pull[other, homes[q]] += cost
    return homes


def repair(homes: Ints, graph: Interactions, capacity: Ints) -> Ints:
    """Move qubits out of overfull modules, each time the one that loses least."""
    homes = homes.copy()
    used = np.bincount(homes, minlength=len(capacity))
    if (used <= capacity).all():
        return homes
    pull = np.zeros((len(homes), len(capacity)))
    for i in (0, 1):
        np.add.at(pull, (graph.pairs[:, i], homes[graph.pairs[:, 1 - i]]), graph.weight)
    while (over := np.flatnonzero(used > capacity)).size:
        members = np.flatnonzero(homes == over[0])
        loss = pull[members, over[0]][:, None] - pull[members]
        loss[:, used >= capacity] = np.inf
        who, where = np.unravel_index(int(np.argmin(loss)), loss.shape)
        q = int(members[who])
        other, cost = graph.near(q)
        pull[other, over[0]] -= cost
        pull[other, where] += cost
        homes[q] = where
        used[over[0]] -= 1
        used[where] += 1
    return homes
