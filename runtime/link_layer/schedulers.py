"""Whose pair a link makes next: first in first out, strict priority, weighted fair, deadline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isinf
from typing import TYPE_CHECKING

from bellwire.errors import RunError

if TYPE_CHECKING:
    from bellwire.runtime.link_layer.ticket import Ticket

Key = tuple[float, ...]


class Fifo:
    """First in, first out."""

    def key(self, ticket: Ticket) -> Key:
        """The smallest key goes first."""
        return (ticket.arrival,)

    def served(self, ticket: Ticket) -> None:
        """Take note that a pair is being made for a request."""

    def ahead(self, ticket: Ticket, queue: Sequence[Ticket]) -> list[Ticket]:
        """Those in `queue` that are served before a request."""
        mine = self.key(ticket)
        return [other for other in queue if other is not ticket and self.key(other) < mine]

    def share(self, ticket: Ticket, queue: Sequence[Ticket]) -> float:
        """The share of the link that a request and those ahead of it get, among `queue`."""
        return 1.0


class StrictPriority(Fifo):
    """Higher priorities first; a pair that is being made is not interrupted."""

    def key(self, ticket: Ticket) -> Key:
        return (-ticket.request.priority, ticket.arrival)


class EarliestDeadline(Fifo):
    """The nearest deadline first (EDF)."""

    def key(self, ticket: Ticket) -> Key:
        return (ticket.request.deadline_ns, -ticket.request.priority, ticket.arrival)


class WeightedFair(Fifo):
    """Each priority gets pairs in proportion to its weight; an infinite weight goes before all.

    The weight of a priority that `weights` does not name is priority + 1. Start-time fair queueing:
    Goyal, Vin and Cheng, IEEE/ACM Trans. Netw. 5, 690 (1997).
    """

    def __init__(self, weights: Mapping[int, float] | None = None) -> None:
        self.weights = dict(weights or {})
        for priority, weight in self.weights.items():
            if not weight > 0:
                raise RunError(
                    f"weights[{priority}]: found {weight!r}; it must be above 0 (inf: before all)"
                )
        self._now = 0.0  # virtual time: the tag of the pair that was started last
        self._tags: dict[int, float] = {}  # when each priority may start its next pair

    def weight(self, priority: int) -> float:
        """The weight of a priority."""
        return self.weights.get(priority, priority + 1.0)

    def key(self, ticket: Ticket) -> Key:
        priority = ticket.request.priority
        if isinf(self.weight(priority)):
            return (-inf, -priority, ticket.arrival)
        return (max(self._now, self._tags.get(priority, 0.0)), -priority, ticket.arrival)

    def served(self, ticket: Ticket) -> None:
        priority = ticket.request.priority
        if isinf(self.weight(priority)):
            return
        self._now = max(self._now, self._tags.get(priority, 0.0))
        self._tags[priority] = self._now + 1 / self.weight(priority)

    def ahead(self, ticket: Ticket, queue: Sequence[Ticket]) -> list[Ticket]:
        same = [t for t in queue if t.request.priority == ticket.request.priority]
        first = [t for t in queue if isinf(self.weight(t.request.priority)) and t not in same]
        return [*(t for t in same if t.arrival < ticket.arrival), *first]

    def share(self, ticket: Ticket, queue: Sequence[Ticket]) -> float:
        mine = self.weight(ticket.request.priority)
        if isinf(mine):
            return 1.0
        rivals = {t.request.priority for t in queue} - {ticket.request.priority}
        return mine / (mine + sum(w for p in rivals if not isinf(w := self.weight(p))))


SCHEDULERS = ("fifo", "strict", "wfq", "edf")


def make_scheduler(name: str, weights: Mapping[int, float] | None = None) -> Fifo:
    """Make one of SCHEDULERS; `weights` are for "wfq". Raises RunError for an unknown name."""
    if weights is not None and name != "wfq":
        raise RunError(f"weights: found them with scheduler {name!r}; they are for 'wfq' alone")
    if name == "wfq":
        return WeightedFair(weights)
    plain = {"fifo": Fifo, "strict": StrictPriority, "edf": EarliestDeadline}
    if name not in plain:
        raise RunError(f"scheduler: found {name!r}; it must be one of {', '.join(SCHEDULERS)}")
    return plain[name]()
