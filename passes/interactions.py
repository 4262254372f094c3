"""Which qubits meet how often: the weighted graph that partitions are made for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bellwire.passes.timeline import Timeline

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Interactions:
    """Each pair of qubits that share gates: `pairs` (E, 2), the lower first; `weight` (E,), how
    many. From both sides, sorted by qubit: `start` (qubits + 1,), `other` (2 E,), `cost` (2 E,)."""

    qubits: int
    pairs: Ints
    weight: Ints
    start: Ints
    other: Ints
    cost: Ints

    def near(self, qubit: int) -> tuple[Ints, Ints]:
        """The partners of a qubit and how many gates it shares with each."""
        part = slice(self.start[qubit], self.start[qubit + 1])
        return self.other[part], self.cost[part]

    def cut(self, homes: Ints) -> int:
        """How many gates span modules; `homes` (qubits,)."""
        spans = homes[self.pairs[:, 0]] != homes[self.pairs[:, 1]]
        return int(self.weight[spans].sum())


def interactions(clock: Timeline) -> Interactions:
    """Count the gates of each pair, those inside control flow as the timeline does."""
    n = max(1, clock.qubits)
    gates = clock.pair[clock.pair[:, 0] >= 0]
    inner = [
        (u * n + v, count) for pairs in clock.inner.values() for (u, v), count in pairs.items()
    ]
    more = np.array(inner, dtype=np.int64).reshape(-1, 2)
    keys = np.concatenate([gates.min(axis=1) * n + gates.max(axis=1), more[:, 0]])
    times = np.concatenate([np.ones(len(gates), dtype=np.int64), more[:, 1]])
    return weighted_graph(clock.qubits, np.stack([keys // n, keys % n], axis=1), times)


def weighted_graph(qubits: int, met: Ints, times: Ints) -> Interactions:
    """The graph of pairs `met` (M, 2), the lower first, of which each met `times` (M,) times."""
    n = max(1, qubits)
    key, at = np.unique(met[:, 0] * n + met[:, 1], return_inverse=True)
    weight = np.bincount(at, weights=times, minlength=len(key)).astype(np.int64)
    pairs = np.stack([key // n, key % n], axis=1)
    source = np.concatenate([pairs[:, 0], pairs[:, 1]])
    order = np.argsort(source, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=qubits))])
    other = np.concatenate([pairs[:, 1], pairs[:, 0]])[order]
    return Interactions(qubits, pairs, weight, start, other, np.tile(weight, 2)[order])
