"""Give every qubit a home module: METIS on the interaction graph, then made to fit and refined.

METIS (Karypis and Kumar, SIAM J. Sci. Comput. 20, 359 (1998)) balances but overfills hard
capacities, and its cuts differ between seeds: several runs are repaired, scored with the true
price (sessions, not cut gates), and the best is refined by moves and swaps of qubits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.errors import DoesNotFit
from bellwire.passes.cover import cover_cost
from bellwire.passes.homes import place, prices
from bellwire.passes.insert_ebits import carry_out, link_pairs
from bellwire.passes.plan import static_plan
from bellwire.passes.segments import Segments, find_segments, two_qubit_gates
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]
Weights = dict[tuple[int, int], int]

FINALISTS = 3  # partitions that are carried out before one is chosen


def partition(
    program: Program, machine: Machine, *, seed: int = 0, starts: int = 8, trials: int = 400
) -> Program:
    """Give every qubit a home; `starts` METIS seeds, `trials` refinement steps.

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
    scored: list[tuple[float, int, Ints]] = []
    for homes in _candidates(len(program.qubits), weights, capacity, machine, rng, starts):
        homes = _arrange(homes, weights, capacity, price)
        scored.append((cover_cost(segments, homes, price), len(scored), homes))
    scored.sort(key=lambda s: s[:2])
    finals = [homes for _, _, homes in scored[:FINALISTS]]
    finals.append(_refine(segments, finals[0], capacity, price, rng, trials))
    return _fewest_ebits(program, machine, segments, finals)


def _fewest_ebits(
    program: Program, machine: Machine, segments: Segments, finals: Sequence[Ints]
) -> Program:
    """Of some partitions the one whose fixed homes take the fewest e-bits within the limits.

    With few communication qubits this differs from the price of unlimited sessions.
    """
    best: tuple[int, Program] | None = None
    for homes in {tuple(f.tolist()): None for f in finals}:
        placed = place(program, machine, homes)
        done = carry_out(placed, machine, segments, static_plan(segments, homes))
        pairs = link_pairs(done, machine)
        if best is None or pairs <= best[0]:
            best = pairs, placed
    assert best is not None
    return best[1]


def interaction_weights(program: Program) -> Weights:
    """How many two-qubit gates each pair of qubits shares."""
    out: Weights = {}
    for u, v in two_qubit_gates(program):
        key = (u, v) if u < v else (v, u)
        out[key] = out.get(key, 0) + 1
    return out


def _check_room(program: Program, machine: Machine) -> None:
    need, have = len(program.qubits), machine.data_qubits
    if need > have:
        holders = sum(m.data_qubits > 0 for m in machine.modules)
        fits = -(-need // max(1, holders))
        raise DoesNotFit(
            f"{program.name}: found {need} qubits, but machine {machine.name} has {have} data "
            f"qubits in {holders} modules; {fits} data qubits per module would fit"
        )


def _candidates(
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
) -> Ints:
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
    return homes
