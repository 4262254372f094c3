"""One pair from end to end in the making: a pair on each hop, swapped as soon as two meet.

A subset of the quantum network protocol of Kozlowski, Dahlberg and Wehner, CoNEXT 2020
(arXiv:2010.02575): swap as soon as possible, cut-off, lazy tracking of the Pauli frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal

from bellwire.runtime.link_layer.clock import Rank
from bellwire.runtime.link_layer.estimates import lifetime_ns
from bellwire.runtime.link_layer.pairs import Pair

if TYPE_CHECKING:
    from bellwire.runtime.link_layer.ticket import Ticket

State = Literal["wanted", "making", "made"]


@dataclass(frozen=True, slots=True)
class Reach:
    """A pair between two places along the way."""

    left: int
    right: int
    pair: Pair


class Assembly:
    """Holds the communication qubits of a whole way until its pair is delivered or dropped.

    `qubits`: module -> the numbers of those it holds there. They are taken all at once, so that no
    two pairs in the making wait for each other.
    """

    def __init__(self, ticket: Ticket, qubits: dict[str, list[int]]) -> None:
        self.ticket, self.route, self.world = ticket, ticket.route, ticket.world
        self.qubits = qubits
        self.hops: list[State] = ["wanted"] * len(self.route.links)
        self.reaches: list[Reach] = []
        self.tracked_ns = 0

    @property
    def measured_at_once(self) -> bool:
        """Whether attempts need no memory: both halves are measured when they are there."""
        return self.ticket.request.kind == "measure" and len(self.hops) == 1

    def put_off(self, hop: int) -> None:
        """Ask for a hop again, after its link stopped; hold no memory meanwhile if not needed."""
        self.hops[hop] = "wanted"
        self.ticket.free_memory()

    def came_to_nothing(self, hop: int) -> None:
        """Ask for a hop again, after its pair was lost."""
        self.hops[hop] = "wanted"
        self.ticket.wasted_one()

    @property
    def idle(self) -> bool:
        """Whether nothing has been made or is being made."""
        return all(state == "wanted" for state in self.hops)

    def take(self, hop: int, pair: Pair) -> None:
        """Take a pair that was heralded on a hop."""
        self.hops[hop] = "made"
        if not self.measured_at_once:
            age = min(self.ticket.request.cutoff_ns, self.route.links[hop].cutoff_ns)
            pair.expires_ns = pair.born_ns + age
        self._add(Reach(hop, hop + 1, pair))

    def _add(self, new: Reach) -> None:
        """Join a reach with its neighbours, or let it wait for them."""
        for old in list(self.reaches):
            if old.right == new.left or new.right == old.left:
                self.reaches.remove(old)
                first, second = sorted((old, new), key=lambda reach: reach.left)
                self._add(self._join(first, second))
                return
        self._set_cutoff(new)
        self.reaches.append(new)
        if new.pair.expires_ns < self.world.clock.now_ns:
            self._expire(new)
        elif new.right - new.left == len(self.hops):
            self._complete(new.pair)

    def _set_cutoff(self, reach: Reach) -> None:
        pair, ends = reach.pair, (reach.left, reach.right)
        if not self.measured_at_once:
            least = self.route.least(*ends, self.ticket.request.min_fidelity)
            life = lifetime_ns(pair.goodness, least, pair.memories)
            pair.expires_ns = min(pair.expires_ns, pair.since_ns + life)
        if pair.expires_ns < inf:
            at = int(pair.expires_ns)
            pair.timer = self.world.clock.at(at, Rank.EXPIRY, lambda: self._expire(reach))

    def _join(self, first: Reach, second: Reach) -> Reach:
        """Swap in the module between two pairs; both outcomes are random bits of the frame."""
        now, middle = self.world.clock.now_ns, first.right
        one, other = first.pair, second.pair
        for pair in (one, other):
            pair.end("swapped", now)
        modules = self.route.modules
        ends = modules[first.left], modules[second.right]
        joined = Pair(
            entanglement=self.world.sequence.next(*ends),
            where="-".join(ends),
            hops=second.right - first.left,
            state=self.route.swap(one.state, other.state, middle),
            goodness=self.route.swap(one.goodness, other.goodness, middle),
            since_ns=now,
            born_ns=min(one.born_ns, other.born_ns),
            memories=self.route.memories(first.left, second.right),
            frame=one.frame ^ other.frame ^ int(self.world.random.integers(4)),
            expires_ns=min(one.expires_ns, other.expires_ns),
        )
        self.world.pairs.append(joined)
        self.world.swaps[modules[middle]] += 1
        self.tracked_ns = max(self.tracked_ns, self._outcome_known_ns(middle))
        return Reach(first.left, second.right, joined)

    def _outcome_known_ns(self, middle: int) -> int:
        """When both ends know the outcome of a swap that starts now."""
        losses = self.world.losses(self.ticket.message_loss())
        again = 2 * self.route.message_ns * losses
        return self.world.clock.now_ns + self.route.tracking_ns(middle) + again

    def _complete(self, pair: Pair) -> None:
        now = self.world.clock.now_ns
        if self.tracked_ns <= now:
            self.ticket.completed(self, pair)
            return

        def known() -> None:
            if not pair.fate:
                self.ticket.completed(self, pair)

        self.world.clock.at(self.tracked_ns, Rank.HERALD, known)

    def _expire(self, reach: Reach) -> None:
        reach.pair.end("expired", self.world.clock.now_ns)
        self.reaches.remove(reach)
        for hop in range(reach.left, reach.right):
            self.hops[hop] = "wanted"
        self.world.changed = True
        self.ticket.dropped(self)

    def hand_over(self) -> Pair:
        """Give the finished pair away: its end qubits go with it, the others are free."""
        (reach,) = self.reaches
        if reach.pair.timer is not None:
            reach.pair.timer.cancel()
        for module in self.route.modules[1:-1]:
            self._give_back(module)
        self.reaches.clear()
        return reach.pair

    def give_up(self) -> None:
        """Drop everything."""
        for reach in self.reaches:
            reach.pair.end("lost", self.world.clock.now_ns)
        self.reaches.clear()
        for module in self.route.modules:
            self._give_back(module)

    def _give_back(self, module: str) -> None:
        for qubit in self.qubits.pop(module, []):
            self.world.memory.give(module, qubit)
        self.world.changed = True
