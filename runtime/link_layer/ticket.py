"""The life of one request: from its arrival at the queues to its last pair, or its failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf, prod
from typing import TYPE_CHECKING

from bellwire.runtime.link_layer.assembly import Assembly
from bellwire.runtime.link_layer.clock import Rank, Timer
from bellwire.runtime.link_layer.codes import Code
from bellwire.runtime.link_layer.estimates import Route
from bellwire.runtime.link_layer.events import BELL_STATES, Failure, Ok
from bellwire.runtime.link_layer.pairs import Pair, measure_pair
from bellwire.runtime.link_layer.request import Request
from bellwire.targets.link import Link

if TYPE_CHECKING:
    from bellwire.runtime.link_layer.link import LinkServer
    from bellwire.runtime.link_layer.world import World

MOST_WASTED = 10_000  # pairs thrown away one after the other before a request is given up

Deliver = Callable[["Ticket", Pair, dict[str, int]], None]


class Ticket:
    """A request that was taken. `servers` are the links along its way, `code` is how it ended."""

    def __init__(
        self,
        world: World,
        create_id: int,
        request: Request,
        route: Route,
        servers: tuple[LinkServer, ...],
        keep: Deliver,
    ) -> None:
        self.world, self.create_id, self.request = world, create_id, request
        self.route, self.servers, self.keep = route, servers, keep
        self.arrival = 0
        self.to_open = request.number  # pairs that are not in the making yet
        self.open: list[Assembly] = []
        self.complete: list[tuple[Assembly, Pair]] = []  # wait for the others of the request
        self.delivered = 0
        self.held_back: list[Ok] = []
        self.ok_ns: list[int] = []
        self.first_start_ns: int | None = None
        self.short_of_memory = False
        self.code: Code | None = None
        self.end_ns: int | None = None
        self.deadline: Timer | None = None
        self.wasted = 0

    @property
    def where(self) -> str:
        """Its link, or the ends of its way."""
        return self.servers[0].name if len(self.servers) == 1 else self.ends

    @property
    def ends(self) -> str:
        """From where to where."""
        return f"{self.request.origin}-{self.request.partner}"

    def join_queues(self, arrival: int) -> None:
        """Be known at all links along the way."""
        self.arrival = arrival
        if self.request.deadline_ns < inf:
            at = int(self.request.deadline_ns)
            self.deadline = self.world.clock.at(at, Rank.DEADLINE, self._too_late)
        for server in self.servers:
            server.queue.append(self)
        self.world.changed = True

    def next_hop(self, link: Link) -> tuple[Assembly, int] | None:
        """What the request wants of a link now: a hop of a pair in the making or of a new one."""
        hop = self.route.links.index(link)
        for assembly in self.open:
            if assembly.hops[hop] == "wanted":
                assembly.hops[hop] = "making"
                return assembly, hop
        if not self.to_open or not self._open():
            return None
        return self.next_hop(link)

    def _open(self) -> bool:
        """Take memory for one more pair, or for all of them at once."""
        if not all(server.able for server in self.servers):
            return False
        pairs = self.request.number if self.request.together else 1
        qubits = self.world.memory.take(self.route.needs(pairs))
        self.short_of_memory = qubits is None
        if qubits is None:
            return False
        for _ in range(pairs):
            own = {m: [qubits[m].pop() for _ in range(n)] for m, n in self.route.needs(1).items()}
            self.open.append(Assembly(self, own))
        self.to_open -= pairs
        return True

    def free_memory(self) -> None:
        """Give back the qubits of pairs that nothing was made for; all or none if together."""
        idle = [assembly for assembly in self.open if assembly.idle]
        if self.request.together and len(idle) < len(self.open):
            return
        for assembly in idle:
            assembly.give_up()
            self.open.remove(assembly)
            self.to_open += 1

    def started(self, now: int) -> None:
        """Note when the first attempt was made."""
        if self.first_start_ns is None:
            self.first_start_ns = now

    def message_loss(self) -> float:
        """The chance that a message over the whole way is lost."""
        return 1 - prod(1 - server.condition.message_loss for server in self.servers)

    def completed(self, assembly: Assembly, pair: Pair) -> None:
        """Deliver a pair, or let it wait until all pairs of the request are there."""
        self.complete.append((assembly, pair))
        if self.request.together and len(self.complete) < self.request.number:
            return
        for done, finished in self.complete:
            self.open.remove(done)
            self._deliver(done, finished)
        self.complete.clear()
        if self.delivered == self.request.number:
            self._end(Code.OK)

    def _deliver(self, assembly: Assembly, pair: Pair) -> None:
        assembly.hand_over()
        self.delivered += 1
        self.wasted = 0
        qubits = {module: held[0] for module, held in assembly.qubits.items()}
        if self.request.kind == "keep":
            self.ok_ns.append(self.world.clock.now_ns)
            self.world.emit(self._kept(pair, qubits))
            self.keep(self, pair, qubits)
            return
        self.held_back.append(self._measured(pair))
        for module, qubit in qubits.items():
            self.world.memory.give(module, qubit)
        if self.request.consecutive or self.delivered == self.request.number:
            self._tell_outcomes()

    def _tell_outcomes(self) -> None:
        now = self.world.clock.now_ns
        for ok in self.held_back:
            self.ok_ns.append(now)
            self.world.emit(replace(ok, at_ns=now))
        self.held_back.clear()

    def _ok(self, pair: Pair) -> Ok:
        return Ok(
            at_ns=self.world.clock.now_ns,
            create_id=self.create_id,
            entanglement=pair.entanglement,
            bell_state=BELL_STATES[pair.frame],
            goodness=pair.goodness[0],
            goodness_ns=pair.since_ns,
            left=self.request.number - self.delivered,
        )

    def _kept(self, pair: Pair, qubits: dict[str, int]) -> Ok:
        one, other = (f"{end}_comm[{qubits[end]}]" for end in pair.entanglement[:2])
        return replace(self._ok(pair), qubits=(one, other), expires_ns=pair.expires_ns)

    def _measured(self, pair: Pair) -> Ok:
        if len(self.servers) > 1:
            # one link measures at the herald, a way when its frame is known
            pair.age_to(self.world.clock.now_ns)
        modules = [self.world.machine.module(end) for end in pair.entanglement[:2]]
        readouts = (modules[0].readout.fidelity, modules[1].readout.fidelity)
        basis = self.request.basis
        outcomes = measure_pair(pair, basis, readouts, self.world.random)
        pair.end("consumed", pair.since_ns)
        return replace(self._ok(pair), outcomes=outcomes, basis=basis)

    def dropped(self, assembly: Assembly) -> None:
        """A pair in the making expired; it is made again."""
        self.complete = [(a, pair) for a, pair in self.complete if a is not assembly]
        self.wasted_one()

    def wasted_one(self) -> None:
        """Give up when pairs are made in vain again and again."""
        self.wasted += 1
        if self.wasted >= MOST_WASTED:
            self.fail(Code.OTHER, f"{MOST_WASTED} pairs in a row were lost or expired")

    def _too_late(self) -> None:
        starved = self.short_of_memory and not self.open
        code = Code.OUTOFMEM if starved else Code.TIMEOUT
        why = "no communication qubits were free" if starved else "pairs are missing"
        self.fail(code, f"{why} at the deadline, {self.request.deadline_ns:g} ns")

    def fail(self, code: Code, detail: str) -> None:
        """End the request; what it was making is dropped, what it has delivered stays."""
        if self.code is not None:
            return
        self._tell_outcomes()
        for server in self.servers:
            for work in [w for w in server.works if w.assembly in self.open]:
                server.give_up(work)
        for assembly in self.open:
            assembly.give_up()
        self.open.clear()
        self.complete.clear()
        now = self.world.clock.now_ns
        self.world.emit(Failure(now, self.create_id, code, detail, self.delivered))
        self._end(code)

    def _end(self, code: Code) -> None:
        self.code, self.end_ns = code, self.world.clock.now_ns
        if self.deadline is not None:
            self.deadline.cancel()
        for server in self.servers:
            if self in server.queue:
                server.queue.remove(self)
            if server.kept_for is self:
                server.kept_for = None
        self.world.changed = True
