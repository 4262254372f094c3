"""Partitions to choose from: METIS, contiguous blocks, and repairs that make them fit.

METIS (Karypis and Kumar, SIAM J. Sci. Comput. 20, 359 (1998)) balances but overfills hard
capacities, and its cuts differ between seeds: several runs, k-way and recursive, are repaired.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.passes.segments import two_qubit_gates
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]
Weights = dict[tuple[int, int], int]


def interaction_weights(program: Program) -> Weights:
    """How many two-qubit gates each pair of qubits shares."""
    out: Weights = {}
    for u, v in two_qubit_gates(program):
        key = (u, v) if u < v else (v, u)
        out[key] = out.get(key, 0) + 1
    return out


def candidates(
    n: int,
    weights: Weights,
    capacity: Ints,
    machine: Machine,
    rng: np.random.Generator,
    starts: int,
) -> Iterator[Ints]:
    """Partitions that fit: METIS over all modules or as few as hold the qubits, and blocks."""
    everyone = np.flatnonzero(capacity)
    few = _fewest(capacity, machine, n)
    for order in (np.arange(n), _by_neighbours(n, weights)):
        for some in (everyone, few):
            yield _blocks(order, some, capacity)
    for chosen in dict.fromkeys((tuple(everyone.tolist()), tuple(few.tolist()))):
        for parts in metis_parts(n, weights, capacity[list(chosen)], rng, starts):
            homes = np.array(chosen, dtype=np.int64)[parts]
            yield repair(homes, weights, capacity)


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


def _by_neighbours(n: int, weights: Weights) -> Ints:
    """Qubits in an order that keeps heavy neighbours close (greedy attachment)."""
    near: list[dict[int, int]] = [{} for _ in range(n)]
    for (u, v), w in weights.items():
        near[u][v] = near[v][u] = w
    order: list[int] = []
    pull = np.zeros(n)
    left = np.ones(n, dtype=bool)
    for _ in range(n):
        q = int(np.argmax(np.where(left, pull, -1.0)))
        order.append(q)
        left[q] = False
        for other, w in near[q].items():
            pull[other] += w
    return np.array(order, dtype=np.int64)


def metis_parts(
    n: int, weights: Weights, capacity: Ints, rng: np.random.Generator, starts: int
) -> Iterator[Ints]:
    """Partitions by METIS, k-way and recursive, for `starts` seeds each; they may overfill.

    Where pymetis is not installed (it has no wheel for some systems) a plain partitioner of our
    own serves: qubits join the module that pulls them most.
    """
    k = len(capacity)
    if k == 1:
        yield np.zeros(n, dtype=np.int64)
        return
    try:
        import pymetis
    except ImportError:
        for _ in range(starts):
            yield _greedy_parts(n, weights, capacity, rng)
        return
    near: list[list[int]] = [[] for _ in range(n)]
    cost: list[list[int]] = [[] for _ in range(n)]
    for (u, v), w in weights.items():
        for a, b in ((u, v), (v, u)):
            near[a].append(b)
            cost[a].append(w)
    starts_at = np.cumsum([0, *(len(x) for x in near)]).tolist()
    adjacency = pymetis.CSRAdjacency(starts_at, [v for x in near for v in x])
    flat_cost = [w for x in cost for w in x]
    share = (capacity / capacity.sum()).tolist()
    for recursive in (False, True):
        for _ in range(starts):
            options = pymetis.Options()
            options.seed = int(rng.integers(1 << 30))
            options.ufactor = 1 if not recursive else 10
            _, parts = pymetis.part_graph(
                k, adjacency, eweights=flat_cost, tpwgts=share, recursive=recursive, options=options
            )
            yield np.array(parts, dtype=np.int64)


def has_metis() -> bool:
    """Whether METIS is installed; without it the plain partitioner serves."""
    from importlib.util import find_spec

    return find_spec("pymetis") is not None


def _greedy_parts(n: int, weights: Weights, capacity: Ints, rng: np.random.Generator) -> Ints:
    homes = np.full(n, -1, dtype=np.int64)
    pull = np.zeros((n, len(capacity)))
    near: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for (u, v), w in weights.items():
        near[u].append((v, w))
        near[v].append((u, w))
    room = capacity.copy()
    for q in rng.permutation(n).tolist():
        score = np.where(room > 0, pull[q] + room / (room.sum() + 1), -1.0)
        homes[q] = int(np.argmax(score))
        room[homes[q]] -= 1
        for other, w in near[q]:
            pull[other, homes[q]] += w
    return homes


def repair(homes: Ints, weights: Weights, capacity: Ints) -> Ints:
    """Move qubits out of overfull modules, each time the one that loses least."""
    homes = homes.copy()
    pull = np.zeros((len(homes), len(capacity)))
    for (u, v), w in weights.items():
        pull[u, homes[v]] += w
        pull[v, homes[u]] += w
    used = np.bincount(homes, minlength=len(capacity))
    while (over := np.flatnonzero(used > capacity)).size:
        members = np.flatnonzero(homes == over[0])
        loss = pull[members, over[0]][:, None] - pull[members]
        loss[:, used >= capacity] = np.inf
        who, where = np.unravel_index(int(np.argmin(loss)), loss.shape)
        q = int(members[who])
        for (u, v), w in weights.items():
            if q in (u, v):
                other = v if u == q else u
                pull[other, over[0]] -= w
                pull[other, where] += w
        homes[q] = where
        used[over[0]] -= 1
        used[where] += 1
    return homes
