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
    """Count the gates of each pair, those inside control flow once."""
    n = max(1, clock.qubits)
    gates = clock.pair[clock.pair[:, 0] >= 0]
    keys = [gates.min(axis=1) * n + gates.max(axis=1)]
    for inner in clock.inner.values():
        keys += [np.array([u * n + v] * count) for (u, v), count in inner.items()]
    key, weight = np.unique(np.concatenate(keys), return_counts=True)
    pairs = np.stack([key // n, key % n], axis=1)
    source = np.concatenate([pairs[:, 0], pairs[:, 1]])
    order = np.argsort(source, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=clock.qubits))])
    other = np.concatenate([pairs[:, 1], pairs[:, 0]])[order]
    return Interactions(clock.qubits, pairs, weight, start, other, np.tile(weight, 2)[order])
