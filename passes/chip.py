"""One module while its states are moved about: who sits where, and how far apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path

from bellwire.targets.coupling import Pairs
from bellwire.targets.machine import Module

EMPTY = -1
LOOK_AHEAD = 10  # coming gates that a swap is judged by
FADE = 0.7  # weight of each next one


class Chip:
    """The positions of one module (data first, then communication) and the wires on them."""

    def __init__(self, module: Module, offset: int) -> None:
        self.module, self.offset = module, offset
        self.on = [EMPTY] * module.size
        self.near: list[list[int]] = []
        self.far: NDArray[np.int64] | None = None  # hops between positions; None: all coupled
        if module.edges is not None:
            self.near, self.far = _hops(module.edges, module.size)

    def is_comm(self, position: int) -> bool:
        """Whether a position is a communication qubit."""
        return position >= self.module.data_qubits

    def distance(self, a: int, b: int) -> int:
        """Hops between two positions; 1 when they are coupled."""
        return 1 if self.far is None else int(self.far[a, b])

    def free(self, *, comm: bool | None = None) -> list[int]:
        """Empty positions: all, communication qubits only, or data qubits only."""
        return [p for p, w in enumerate(self.on) if w == EMPTY and comm in (None, self.is_comm(p))]

    def way(self, a: int, b: int) -> list[int]:
        """A shortest way from position a to position b, ends included."""
        if self.far is None:
            return [a, b]
        out = [a]
        while out[-1] != b:
            out.append(min(self.near[out[-1]], key=lambda p: (self.distance(p, b), p)))
        return out

    def exchange(self, a: int, b: int) -> None:
        """Swap what sits on two positions."""
        self.on[a], self.on[b] = self.on[b], self.on[a]

    def best_swap(self, a: int, b: int, coming: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """The swap that brings positions a and b closer and hurts the coming gates least.

        `coming`: pairs of positions of the gates after this one, the next one first.
        """
        assert self.far is not None
        now = self.distance(a, b)
        steps = [(a, p) for p in self.near[a] if self.distance(p, b) < now]
        steps += [(b, p) for p in self.near[b] if self.distance(p, a) < now]

        def price(step: tuple[int, int]) -> tuple[float, tuple[int, int]]:
            x, y = step
            place = {x: y, y: x}
            total, weight = 0.0, 1.0
            for p, q in coming:
                total += weight * self.distance(place.get(p, p), place.get(q, q))
                weight *= FADE
            return total, step

        return min(steps, key=price)


@lru_cache(maxsize=8)  # routing tries many places on the same few chips
def _hops(edges: Pairs, size: int) -> tuple[list[list[int]], NDArray[np.int64]]:
    """The neighbours of each position, and the hops between any two."""
    graph = nx.Graph(edges)
    near = [sorted(graph[p]) for p in range(size)]
    coupled = nx.to_scipy_sparse_array(graph, range(size), format="csr")
    far: NDArray[np.int64] = shortest_path(coupled, unweighted=True).astype(np.int64)
    far.setflags(write=False)
    return near, far


def spread(chip: Chip, wires: Sequence[int], gates: Sequence[tuple[int, int]]) -> None:
    """Put data wires on data qubits so that the module's gates, early ones first, are short.

    `gates`: pairs of wires in order; a wire that is not in `wires` sits on a communication qubit.
    """
    for position, wire in enumerate(wires):
        chip.on[position] = wire
    if chip.far is None or not gates:
        return
    size = chip.module.data_qubits
    index = {w: i for i, w in enumerate(wires)}
    pull = np.zeros((size, size))
    outside = np.zeros(size)
    for k, (u, v) in enumerate(gates):
        weight = 1.0 / (1.0 + k / max(8.0, len(gates) / 8))
        if u in index and v in index:
            pull[index[u], index[v]] += weight
            pull[index[v], index[u]] += weight
        elif u in index or v in index:
            outside[index[u if u in index else v]] += weight
    to_comm = chip.far[:size, size:].min(axis=1) if chip.module.comm_qubits else np.zeros(size)
    at = _settle(pull, outside, chip.far[:size, :size], to_comm)
    chip.on[:size] = [EMPTY] * size
    for i, wire in enumerate(wires):
        chip.on[at[i]] = wire


def _settle(
    pull: NDArray[np.float64],
    outside: NDArray[np.float64],
    far: NDArray[np.int64],
    to_comm: NDArray[np.float64],
) -> list[int]:
    """Exchange places pairwise while the weighted distances shrink; place of each wire."""
    size = len(pull)
    at = np.arange(size)
    for _ in range(4):
        better = False
        for a in range(size):
            # change of the total when wires a and b exchange places, for all b at once
            near_a, near_b = far[at[a]][at], far[at][:, at]
            alone = outside[a] * (to_comm[at] - to_comm[at[a]])
            other = outside * (to_comm[at[a]] - to_comm[at])
            gain_a = pull[a] @ (near_b - near_a[:, None])
            gain_b = (pull * (near_a[None, :] - near_b)).sum(axis=1)
            both = 2 * pull[a] * near_a
            change = alone + other + gain_a + gain_b + both
            change[a] = 0.0
            b = int(change.argmin())
            if change[b] < -1e-9:
                at[[a, b]] = at[[b, a]]
                better = True
        if not better:
            break
    return [int(p) for p in at]
