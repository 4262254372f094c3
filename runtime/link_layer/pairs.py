"""One Bell pair as the simulation knows it, from its herald to its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import numpy as np

from bellwire.runtime.link_layer.clock import Timer
from bellwire.runtime.link_layer.estimates import Memories, aged
from bellwire.runtime.link_layer.events import EntanglementId
from bellwire.targets.link import BellState

Fate = Literal["", "consumed", "expired", "swapped", "lost"]
FATES: tuple[Fate, ...] = ("consumed", "expired", "swapped", "lost")


@dataclass(eq=False, slots=True)
class Pair:
    """A pair between two ends, over one link (`hops` 1) or several joined by swaps.

    `state` is the truth and `goodness` the estimate, both at `since_ns`; `heralded` holds their
    fidelities at first. `frame` is the Pauli that turns it into the target state (bits X, Z).
    `born_ns` is when its oldest part was heralded. `fate` is empty while it lives.
    """

    entanglement: EntanglementId
    where: str
    hops: int
    state: BellState
    goodness: BellState
    since_ns: int
    born_ns: int
    memories: Memories
    frame: int = 0
    expires_ns: float = float("inf")
    heralded: tuple[float, float] = (0.0, 0.0)
    used: tuple[float, float] = (0.0, 0.0)
    fate: Fate = ""
    fate_ns: int = 0
    timer: Timer | None = None

    def __post_init__(self) -> None:
        self.heralded = (self.state[0], self.goodness[0])

    def age_to(self, ns: int) -> None:
        """Let both states wait in memory until then."""
        wait = ns - self.since_ns
        self.state = aged(self.state, wait, self.memories)
        self.goodness = aged(self.goodness, wait, self.memories)
        self.since_ns = ns

    def end(self, fate: Fate, ns: int) -> None:
        """Close the life of the pair; `used` holds the fidelities at its end."""
        if self.timer is not None:
            self.timer.cancel()
        self.age_to(ns)
        self.used = (self.state[0], self.goodness[0])
        self.fate, self.fate_ns = fate, ns


class Sequence:
    """Numbers the pairs of each two modules."""

    def __init__(self) -> None:
        self._made: Counter[tuple[str, str]] = Counter()

    def next(self, origin: str, partner: str) -> EntanglementId:
        """The name of the next pair."""
        self._made[origin, partner] += 1
        return EntanglementId(origin, partner, self._made[origin, partner])


def measure_pair(
    pair: Pair, basis: str, readouts: tuple[float, float], random: np.random.Generator
) -> tuple[int, int]:
    """Measure both halves in X, Y or Z; `readouts` are the assignment fidelities.

    The outcomes of phi+ are equal in X and Z and opposite in Y; each error that anticommutes with
    the basis flips one of them.
    """
    luck, marks = float(random.random()), accumulate(pair.state[:3])
    error = sum(luck >= mark for mark in marks) ^ pair.frame
    z, x = error & 1, error >> 1
    flip = {"X": z, "Y": 1 ^ x ^ z, "Z": x}[basis]
    first = int(random.integers(2))
    misread = [int(random.random() >= fidelity) for fidelity in readouts]
    return first ^ misread[0], first ^ flip ^ misread[1]
