"""Which ways a Bell pair can take through the network."""

from __future__ import annotations

import networkx as nx

from bellwire.errors import DoesNotFit
from bellwire.targets.machine import Machine


class Routes:
    """Shortest ways between modules, by place in `machine.modules`.

    A way made by entanglement swapping needs two communication qubits in each module in between;
    where there is none, `relay` gives one through modules that can take the state itself.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.names = [m.name for m in machine.modules]
        self._swap: dict[tuple[int, int], tuple[int, ...]] = {}
        self._relay: dict[tuple[int, int], tuple[int, ...]] = {}

    def _way(self, a: int, b: int, middles: set[str]) -> tuple[int, ...]:
        ends = {self.names[a], self.names[b]}
        part = self.machine.graph.subgraph(middles | ends)
        try:
            way = nx.shortest_path(part, self.names[a], self.names[b])
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

    def hops(self, a: int, b: int) -> int:
        """How many link-level Bell pairs one pair between a and b costs."""
        if a == b:
            return 0
        way = self.swap(a, b)
        if way:
            return len(way) - 1
        return 6 * (len(self.relay(a, b)) - 2) + 1  # states carried there and back by exchanges
