"""One link at work: attempts in its slots, heralds, and what disturbs them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

from bellwire.runtime.link_layer.clock import Rank, Timer
from bellwire.runtime.link_layer.estimates import name_of, period_ns, with_noise
from bellwire.runtime.link_layer.events import PhysicalError
from bellwire.runtime.link_layer.pairs import Pair
from bellwire.runtime.link_layer.schedulers import Fifo
from bellwire.runtime.link_layer.world import Fault
from bellwire.targets.fields import probability
from bellwire.targets.link import Link

if TYPE_CHECKING:
    from bellwire.runtime.link_layer.assembly import Assembly
    from bellwire.runtime.link_layer.ticket import Ticket
    from bellwire.runtime.link_layer.world import World


@dataclass(frozen=True, slots=True)
class Condition:
    """What a link is like for the time being; the link layer does not know it.

    `success` multiplies the chance of each attempt, `fidelity` is the share of each pair's state
    that is left (the rest is white noise), `dark` the share of heralds that are false in place of
    true ones, `message_loss` the chance that a classical message is lost. While it is not `up` no
    attempts are made, and `error` says why: LINK_DOWN, TIME_MISMATCH. Raises MachineError for
    impossible chances.
    """

    up: bool = True
    success: float = 1.0
    fidelity: float = 1.0
    dark: float = 0.0
    message_loss: float = 0.0
    error: str = "LINK_DOWN"

    @property
    def fault(self) -> str:
        """What kind of fault it is, empty for none: link_loss, skew, dark, drift, message_loss."""
        if not self.up:
            return "skew" if self.error == "TIME_MISMATCH" else "link_loss"
        if self.dark:
            return "dark"
        if (self.success, self.fidelity) != (1.0, 1.0):
            return "drift"
        return "message_loss" if self.message_loss else ""

    def __post_init__(self) -> None:
        for name in ("success", "fidelity", "dark", "message_loss"):
            probability(f"condition: {name}", getattr(self, name))


@dataclass(eq=False, slots=True)
class Work:
    """Attempts for one hop of one pair, in one slot."""

    assembly: Assembly
    hop: int
    start_ns: int = 0
    attempts: int = 0
    period_ns: float = 0.0
    end_ns: int = 0
    timer: Timer | None = None


class LinkServer:
    """Makes the pairs of one link, `capacity` at a time."""

    def __init__(self, world: World, link: Link, scheduler: Fifo) -> None:
        self.world, self.link, self.scheduler = world, link, scheduler
        self.name = name_of(link)
        self.switch = next((s for s in world.switches if s.carries(link)), None)
        self.condition = Condition()
        self.fault: Fault | None = None
        self.queue: list[Ticket] = []
        self.works: list[Work] = []
        self.kept_for: Ticket | None = None  # an atomic request
        self.last_start = 0
        self.attempts: Counter[str] = Counter()  # by outcome: herald, fail, dark

    @property
    def able(self) -> bool:
        """Whether attempts can succeed at all for the time being."""
        return self.condition.up and self.condition.success > 0

    @property
    def ready(self) -> bool:
        """Whether it can start making a pair."""
        connected = self.switch is None or self.switch.ready(self.link)
        return self.able and connected and len(self.works) < self.link.capacity

    def start_next(self) -> bool:
        """Start the pair that is first in the queue and has memory; false when there is none."""
        queue = [self.kept_for] if self.kept_for else sorted(self.queue, key=self.scheduler.key)
        for ticket in queue:
            found = ticket.next_hop(self.link)
            if found is None:
                continue
            if ticket.request.atomic:
                self.kept_for = ticket
            self.scheduler.served(ticket)
            self.last_start = self.world.next_start()
            ticket.started(self.world.clock.now_ns)
            self._start(Work(*found))
            return True
        return False

    def _start(self, work: Work) -> None:
        measure = work.assembly.measured_at_once
        connecting = 0 if self.switch is None else self.switch.use(self.link)
        work.start_ns = self.world.clock.now_ns + connecting
        work.period_ns = period_ns(self.link, measure=measure)
        chance = self.link.success * self.condition.success
        work.attempts = int(self.world.random.geometric(chance))
        spent = (work.attempts - 1) * work.period_ns + self.link.attempt_ns
        work.end_ns = work.start_ns + ceil(spent)
        at = work.end_ns + ceil(self.link.herald_ns)
        work.timer = self.world.clock.at(at, Rank.HERALD, lambda: self._herald(work))
        self.works.append(work)

    def _herald(self, work: Work) -> None:
        self._stop(work)
        self.attempts["fail"] += work.attempts - 1
        pair = self._pair(work)
        if self.world.lost(self.condition.message_loss):
            self.report("NO_CLASSICAL")
            pair.end("lost", self.world.clock.now_ns)
            work.assembly.came_to_nothing(work.hop)
        else:
            work.assembly.take(work.hop, pair)

    def _pair(self, work: Work) -> Pair:
        modules = work.assembly.route.modules
        ends = modules[work.hop], modules[work.hop + 1]
        first, second = (self.world.machine.module(end).coherence_ns("comm") for end in ends)
        true = self.world.random.random() >= self._dark
        self.attempts["herald" if true else "dark"] += 1
        pair = Pair(
            entanglement=self.world.sequence.next(*ends),
            where=self.name,
            hops=1,
            state=with_noise(self.link.state, self.condition.fidelity if true else 0.0),
            goodness=self.link.delivered,
            since_ns=work.end_ns,
            born_ns=work.end_ns,
            memories=(first, second),
        )
        self.world.pairs.append(pair)
        return pair

    @property
    def _dark(self) -> float:
        """The share of heralds that are false."""
        return 1 - (1 - self.link.dark) * (1 - self.condition.dark)

    def give_up(self, work: Work) -> None:
        """Stop attempts; those that were made count as failed."""
        if work.timer is not None:
            work.timer.cancel()
        self._stop(work)
        made = floor((self.world.clock.now_ns - work.start_ns) / work.period_ns)
        self.attempts["fail"] += max(0, min(work.attempts, made))

    def _stop(self, work: Work) -> None:
        self.works.remove(work)
        self.world.changed = True
        if self.switch is not None:
            self.switch.done(self.link)

    def change(self, condition: Condition) -> None:
        """Live under another condition; a herald that is on its way still arrives."""
        before, self.condition = self.condition, condition
        self.world.changed = True
        self._note_fault()
        if not condition.up:
            self.report(condition.error)
        if (before.up, before.success) == (condition.up, condition.success):
            return
        for work in [w for w in self.works if w.end_ns > self.world.clock.now_ns]:
            self.give_up(work)
            if self.able:
                self._start(work)  # geometric waits have no memory
            else:
                work.assembly.put_off(work.hop)

    def _note_fault(self) -> None:
        now = self.world.clock.now_ns
        if self.fault is not None:
            self.fault.end_ns, self.fault = now, None
        if self.condition.fault:
            self.fault = Fault(self.condition.fault, now)
            self.world.faults.append(self.fault)

    def report(self, error: str) -> None:
        """Tell of a physical error."""
        self.world.emit(PhysicalError(self.world.clock.now_ns, self.name, error))
