"""Which ways a Bell pair can take through the network, and which is the cheapest."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from bellwire.errors import DoesNotFit
from bellwire.passes.link_prices import link_costs
from bellwire.targets.machine import Machine


class Routes:
    """Cheapest ways between modules by what links cost, by place in `machine.modules`.

    A way made by entanglement swapping needs two communication qubits in each module in between;
    where there is none, `relay` gives one through modules that can take the state itself.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.names = [m.name for m in machine.modules]
        self.even = machine.link_price == "pairs"
        self.cost = link_costs(machine)
        self._swap: dict[tuple[int, int], tuple[int, ...]] = {}
        self._relay: dict[tuple[int, int], tuple[int, ...]] = {}

    def _way(self, a: int, b: int, middles: set[str]) -> tuple[int, ...]:
        ends = {self.names[a], self.names[b]}
        part = self.machine.graph.subgraph(middles | ends)
        weight = None if self.even else lambda u, v, _: self.cost[frozenset((u, v))]
        try:
            way = nx.shortest_path(part, self.names[a], self.names[b], weight=weight)
        except nx.NetworkXNoPath:
            return ()
        return tuple(self.machine.index[name] for name in way)

    def swap(self, a: int, b: int) -> tuple[int, ...]:
        """The modules from a to b, ends included, joined by swapping; () where there is no way."""
        if (a, b) not in self._swap:
            middles = {m.name for m in self.machine.modules if m.comm_qubits >= 2}
            self._swap[a, b] = self._way(a, b, middles)
        return self._swap[a, b]

    def relay(self, a: int, b: int) -> tuple[int, ...]:
        """The modules from a to b through modules with data qubits. Raises DoesNotFit."""
        if (a, b) not in self._relay:
            middles = {m.name for m in self.machine.modules if m.data_qubits > 0}
            self._relay[a, b] = self._way(a, b, middles)
        if not self._relay[a, b]:
            raise DoesNotFit(
                f"modules {self.names[a]} and {self.names[b]}: no way of links joins them on which "
                "every module in between has two communication qubits or a data qubit; "
                "add a link or communication qubits"
            )
        return self._relay[a, b]

    def price(self, a: int, b: int) -> float:
        """What one pair between a and b costs in pairs on the cheapest link."""
        if a == b:
            return 0.0
        way = self.swap(a, b)
        if way:
            return self._along(way)
        way = self.relay(a, b)
        return 6 * self._along(way[:-1]) + self._along(way[-2:])  # states go and come by exchanges

    def _along(self, way: Sequence[int]) -> float:
        names = [self.names[m] for m in way]
        return sum(self.cost[frozenset(ends)] for ends in zip(names, names[1:]))
