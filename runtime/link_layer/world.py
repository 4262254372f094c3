"""What the parts of one link layer share: clock, chance, memory, names, and what happened."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

import numpy as np

from bellwire.runtime.link_layer.clock import Clock
from bellwire.runtime.link_layer.events import Event
from bellwire.runtime.link_layer.memory import Memory
from bellwire.runtime.link_layer.pairs import Pair, Sequence
from bellwire.runtime.link_layer.switch import Switch
from bellwire.targets.machine import Machine

MOST_LOSSES = 10  # times that a message is sent again before its sender gives up


@dataclass(eq=False, slots=True)
class Fault:
    """A time in which a link was not as usual."""

    kind: str
    start_ns: int
    end_ns: int | None = None


class World:
    """One simulated machine."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self.machine = machine
        self.clock = Clock()
        self.random = np.random.default_rng(seed)
        self.memory = Memory(machine)
        self.switches = tuple(Switch(fabric) for fabric in machine.fabrics)
        self.sequence = Sequence()
        self.pairs: list[Pair] = []  # all that were ever made
        self.swaps: Counter[str] = Counter()  # by module
        self.faults: list[Fault] = []
        self.events: deque[Event] = deque()
        self.changed = False  # whether a link may have something new to do
        self._starts = 0

    def emit(self, event: Event) -> None:
        """Tell the user."""
        self.events.append(event)

    def next_start(self) -> int:
        """Number the pairs that links start to make."""
        self._starts += 1
        return self._starts

    def lost(self, chance: float) -> bool:
        """Whether a message is lost."""
        return chance > 0 and float(self.random.random()) < chance

    def losses(self, chance: float) -> int:
        """How often a message is lost before it arrives; MOST_LOSSES: it never does."""
        count = 0
        while count < MOST_LOSSES and self.lost(chance):
            count += 1
        return count
