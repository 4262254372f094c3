"""A clock for simulated time: a heap of things to do."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count


class Rank(IntEnum):
    """What goes first at the same time: a herald at a cut-off or a deadline still counts."""

    CHANGE = 0
    HERALD = 1
    DEADLINE = 2
    RELEASE = 3
    EXPIRY = 4


@dataclass(eq=False, slots=True)
class Timer:
    """Something to do at a time, unless it is cancelled before."""

    action: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        """Forget about it; harmless when it is done already."""
        self.cancelled = True


class Clock:
    """Does things in the order of their times, then ranks, then as they came in."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._heap: list[tuple[int, Rank, int, Timer]] = []
        self._numbers = count()

    def at(self, ns: int, rank: Rank, action: Callable[[], None]) -> Timer:
        """Plan to do something; what lies in the past is done next."""
        timer = Timer(action)
        heapq.heappush(self._heap, (max(ns, self.now_ns), rank, next(self._numbers), timer))
        return timer

    def step(self, until_ns: float) -> bool:
        """Do the next thing that is due by `until_ns`; false when there is none."""
        while self._heap and self._heap[0][-1].cancelled:
            heapq.heappop(self._heap)
        if not self._heap or self._heap[0][0] > until_ns:
            return False
        self.now_ns, _, _, timer = heapq.heappop(self._heap)
        timer.action()
        return True
