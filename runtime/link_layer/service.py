"""The link layer: ask for Bell pairs, let simulated time pass, see what comes.

The service of draft-dahlberg-ll-quantum-03 and Dahlberg et al., SIGCOMM 2019 (arXiv:1903.09778),
for modules that a link joins and, by entanglement swapping, for those that a way joins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import count
from math import inf
from typing import Any

from bellwire.errors import RunError
from bellwire.runtime.link_layer.admission import check_load, check_request
from bellwire.runtime.link_layer.clock import Rank
from bellwire.runtime.link_layer.codes import Code
from bellwire.runtime.link_layer.estimates import Route
from bellwire.runtime.link_layer.events import Ack, EntanglementId, Event, Ok, Refusal
from bellwire.runtime.link_layer.holdings import Holdings
from bellwire.runtime.link_layer.link import Condition, LinkServer
from bellwire.runtime.link_layer.request import Request
from bellwire.runtime.link_layer.schedulers import make_scheduler
from bellwire.runtime.link_layer.ticket import Ticket
from bellwire.runtime.link_layer.world import MOST_LOSSES, World
from bellwire.targets.fields import shown
from bellwire.targets.link import BellState
from bellwire.targets.machine import Machine


class LinkLayer:
    """Bell pairs of one machine as a service in simulated time.

    `scheduler` orders the requests of each link: "fifo", "strict" (by priority), "wfq" (weighted
    fair, `weights` by priority) or "edf" (earliest deadline first). `purposes` says which purposes
    a module takes requests for (all, where it is not named). `load_check=False` queues requests
    that will probably be too late. Same seed, same events. Raises RunError or MachineError for bad
    options.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        scheduler: str = "fifo",
        weights: Mapping[int, float] | None = None,
        purposes: Mapping[str, Collection[int]] | None = None,
        load_check: bool = True,
        seed: int = 0,
    ) -> None:
        self.machine = machine
        self.purposes = dict(purposes or {})
        for name in self.purposes:
            machine.module(name)
        self.load_check = load_check
        self.world = World(machine, seed)
        self.servers = tuple(
            LinkServer(self.world, link, make_scheduler(scheduler, weights))
            for link in machine.links
        )
        self.tickets: list[Ticket] = []
        self.refused: Counter[tuple[str, Code]] = Counter()  # by ends and code
        self.holdings = Holdings(self.world, self._renew)
        self._arrivals = count(1)
        self._routes: dict[tuple[str, str], Route] = {}

    @property
    def now_ns(self) -> int:
        """The simulated time."""
        return self.world.clock.now_ns

    def create(
        self, origin: str, partner: str, *, at_ns: int | None = None, **fields: Any
    ) -> Ack | Refusal:
        """Ask for pairs between two modules; `fields` are those of `Request`.

        `at_ns`: when, now if not given. A refusal is false and says why by one of the ten codes;
        an acknowledgement is true, and its `create_id` is found in the events that answer it.
        Raises MachineError for an unknown module, RunError for an unknown field.
        """
        at = self.now_ns if at_ns is None else at_ns
        try:
            request = Request(origin, partner, at_ns=at, **fields)
        except TypeError as error:
            raise RunError(f"create: {error}; the fields are those of Request") from error
        return self._create(request)

    def _create(self, request: Request) -> Ack | Refusal:
        route = self._route(request.origin, request.partner)
        refusal = check_request(request, route, self.purposes)
        if refusal is None and request.at_ns < self.now_ns:
            refusal = Refusal(Code.CREATE, f"at_ns: found {request.at_ns}; it is {self.now_ns} now")
        ends = f"{request.origin}-{request.partner}"
        if refusal is not None:
            self.refused[ends, refusal.code] += 1
            return refusal
        ticket = self._ticket(request, route)
        if request.at_ns == self.now_ns:
            refusal = self._too_much(ticket)
        if refusal is not None:
            self.refused[ends, refusal.code] += 1
            return refusal
        self.tickets.append(ticket)
        self.world.clock.at(request.at_ns, Rank.CHANGE, lambda: self._arrive(ticket))
        return Ack(ticket.create_id)

    def _route(self, origin: str, partner: str) -> Route:
        """The way between two modules; of no modules where there is none."""
        if (origin, partner) not in self._routes:
            for name in (origin, partner):
                self.machine.module(name)
            modules = self.machine.path(origin, partner)
            self._routes[origin, partner] = Route(self.machine, modules)
        return self._routes[origin, partner]

    def _ticket(self, request: Request, route: Route) -> Ticket:
        own = {id(server.link): server for server in self.servers}
        servers = tuple(own[id(link)] for link in route.links)
        create_id = len(self.tickets) + 1
        return Ticket(self.world, create_id, request, route, servers, self.holdings.keep)

    def _too_much(self, ticket: Ticket) -> Refusal | None:
        ticket.arrival = next(self._arrivals)
        return check_load(ticket) if self.load_check else None

    def _arrive(self, ticket: Ticket) -> None:
        """Tell the partner; each message that is lost costs its way there and back."""
        late = None if ticket.arrival else self._too_much(ticket)
        if late is not None:
            ticket.fail(late.code, late.detail)
            return
        losses = self.world.losses(ticket.message_loss())
        for _ in range(losses):
            ticket.servers[0].report("QUEUE_MISMATCH")
        if losses == MOST_LOSSES:
            ticket.fail(Code.OTHER, f"{ticket.request.partner} did not answer")
            return
        at = self.now_ns + ticket.route.message_ns * (1 + 2 * losses)
        self.world.clock.at(at, Rank.CHANGE, lambda: ticket.join_queues(ticket.arrival))

    def change_link(self, a: str, b: str, *, at_ns: int | None = None, **condition: Any) -> None:
        """Let a link be different from a time on, in a way that the service does not know.

        `condition`: the fields of `Condition`; those not given are as usual. Raises RunError where
        there is no link, for an unknown field and for a time that is over.
        """
        link = self.machine.link(a, b)
        if link is None:
            raise RunError(f"change_link: no link joins {a} and {b}; name two linked modules")
        at = self.now_ns if at_ns is None else at_ns
        if at < self.now_ns:
            raise RunError(f"change_link: at_ns: found {at}; it is {self.now_ns} now")
        try:
            new = Condition(**condition)
        except TypeError as error:
            raise RunError(f"change_link: {error}; give fields of Condition") from error
        (server,) = (s for s in self.servers if s.link is link)
        self.world.clock.at(at, Rank.CHANGE, lambda: server.change(new))

    def release(self, pair: Ok | EntanglementId) -> BellState:
        """Use up a kept pair: its qubits are free again.

        Returns its true Bell-diagonal state now, which only a simulation can know. Raises RunError
        when nobody holds it: it was released before, or expired.
        """
        return self.holdings.release(pair.entanglement if isinstance(pair, Ok) else pair)

    def _renew(self, ticket: Ticket) -> int | None:
        """Ask again for a pair that expired."""
        request = ticket.request
        if not request.renew:
            return None
        number, renew = 1, request.renew - 1
        again = replace(request, number=number, renew=renew, at_ns=self.now_ns)
        answer = self._create(again)
        return answer.create_id if isinstance(answer, Ack) else None

    def events(self, until_ns: float = inf) -> Iterator[Event]:
        """Let time pass and yield what happens, as it happens; requests may be made in between.

        Ends when nothing is left to happen, or at `until_ns`, when it is then. Requests whose links
        stay down are left in the queues.
        """
        self._start_pairs()
        while True:
            while self.world.events:
                yield self.world.events.popleft()
            if not self.world.clock.step(until_ns):
                break
            self._start_pairs()
        if until_ns < inf:
            self.world.clock.now_ns = max(self.now_ns, int(until_ns))

    def run(self, until_ns: float = inf) -> tuple[Event, ...]:
        """Let time pass as `events` does; returns all that happened."""
        return tuple(self.events(until_ns))

    def _start_pairs(self) -> None:
        """Let links with a free slot start pairs; who has started one least recently goes first."""
        while self.world.changed:
            self.world.changed = False
            for server in sorted(self.servers, key=lambda s: s.last_start):
                while server.ready and server.start_next():
                    self.world.changed = True

    def __repr__(self) -> str:
        queued = sum(t.code is None for t in self.tickets)
        return (
            f"<LinkLayer of {shown(self.machine.name)} at {self.now_ns} ns: "
            f"{len(self.tickets)} requests, {queued} queued>"
        )
