"""The pairs that users keep: held in communication qubits until used or no longer good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from bellwire.errors import RunError
from bellwire.runtime.link_layer.clock import Rank, Timer
from bellwire.runtime.link_layer.events import EntanglementId, Expire
from bellwire.runtime.link_layer.pairs import Fate, Pair
from bellwire.targets.link import BellState

if TYPE_CHECKING:
    from bellwire.runtime.link_layer.ticket import Ticket
    from bellwire.runtime.link_layer.world import World


@dataclass(eq=False, slots=True)
class Holding:
    """A kept pair, the request that it was made for, its qubits: module -> number."""

    pair: Pair
    ticket: Ticket
    qubits: dict[str, int]
    use: Timer | None = None


class Holdings:
    """All kept pairs of a link layer. `renew` asks again for an expired one."""

    def __init__(self, world: World, renew: Callable[[Ticket], int | None]) -> None:
        self.world, self.renew = world, renew
        self.held: dict[EntanglementId, Holding] = {}

    def keep(self, ticket: Ticket, pair: Pair, qubits: dict[str, int]) -> None:
        """Hold a pair from its delivery on."""
        holding = Holding(pair, ticket, qubits)
        self.held[pair.entanglement] = holding
        clock = self.world.clock
        if pair.expires_ns < inf:
            at = int(pair.expires_ns)
            pair.timer = clock.at(at, Rank.EXPIRY, lambda: self._expire(holding))
        if ticket.request.hold_ns < inf:
            at = clock.now_ns + int(ticket.request.hold_ns)
            holding.use = clock.at(at, Rank.RELEASE, lambda: self._end(holding, "consumed"))

    def release(self, entanglement: EntanglementId) -> BellState:
        """Use up a pair; returns its true state. Raises RunError when it is not held."""
        if entanglement not in self.held:
            raise RunError(
                f"release: nobody holds pair {tuple(entanglement)}; it was released or it expired"
            )
        holding = self.held[entanglement]
        self._end(holding, "consumed")
        return holding.pair.state

    def _expire(self, holding: Holding) -> None:
        self._end(holding, "expired")
        now, ticket = self.world.clock.now_ns, holding.ticket
        again = self.renew(ticket)
        self.world.emit(Expire(now, ticket.create_id, holding.pair.entanglement, again))

    def _end(self, holding: Holding, fate: Fate) -> None:
        if holding.use is not None:
            holding.use.cancel()
        holding.pair.end(fate, self.world.clock.now_ns)
        del self.held[holding.pair.entanglement]
        for module, qubit in holding.qubits.items():
            self.world.memory.give(module, qubit)
        self.world.changed = True
