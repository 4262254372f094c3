"""A modular machine as a Cirq device: which operations its modules and links can do."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import cirq
import networkx as nx

from bellwire.targets.machine import Machine

LINK = "bellwire.link"  # the tag of a CNOT that stands for a Bell pair


class ModularDevice(cirq.Device):
    """Allows gates on one and two coupled qubits of a module, and tagged Bell pairs along links."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.qubits = [cirq.NamedQubit(n) for n in machine.qubit_names()]
        owners = [m.name for m in machine.modules for _ in range(m.size)]
        self._module: dict[Any, str] = dict(zip(self.qubits, owners))
        self._graph = self._coupled()

    @property
    def metadata(self) -> cirq.DeviceMetadata:
        """The qubits, and a graph of those that are coupled (`link`: over an interconnect)."""
        return cirq.DeviceMetadata(self.qubits, self._graph)

    def module_of(self, qubit: cirq.Qid) -> str:
        """The module that holds a qubit. Raises ValueError for one that is not of this machine."""
        if qubit not in self._module:
            raise ValueError(
                f"{qubit} is no qubit of machine {self.machine.name}; its qubits are named like "
                f"{self.qubits[0]}, and bellwire.cirq.transformer puts circuits on them"
            )
        return self._module[qubit]

    def validate_operation(self, operation: cirq.Operation) -> None:
        """Raises ValueError for what no module can do, naming the modules."""
        inner = operation.without_classical_controls().untagged
        if isinstance(inner, cirq.CircuitOperation):
            for step in inner.mapped_circuit().all_operations():
                self.validate_operation(step)
            return
        modules = [self.module_of(q) for q in operation.qubits]
        if len(modules) < 2 or isinstance(inner.gate, cirq.MeasurementGate | cirq.WaitGate):
            return
        if len(modules) > 2:
            raise ValueError(f"{operation} acts on {len(modules)} qubits; decompose it into two")
        if modules[0] != modules[1]:
            self._validate_spanning(operation, modules)
        elif not self._graph.has_edge(*operation.qubits):
            raise ValueError(f"{operation}: its qubits are not coupled in module {modules[0]}")

    def _validate_spanning(self, operation: cirq.Operation, modules: list[str]) -> None:
        a, b = modules
        if not any(str(tag).startswith(LINK) for tag in operation.tags):
            raise ValueError(
                f"{operation} spans modules {a} and {b}; only Bell pairs do, so compile the "
                "circuit with bellwire.cirq.transformer"
            )
        if self.machine.link(a, b) is None:
            raise ValueError(f"{operation}: no link joins modules {a} and {b}")
        if not self._graph.has_edge(*operation.qubits):
            raise ValueError(f"{operation}: modules {a}, {b} make pairs on communication qubits")

    def _coupled(self) -> nx.Graph[Any]:
        graph: nx.Graph[Any] = nx.Graph()
        graph.add_nodes_from(self.qubits)
        offsets = self.machine.offsets
        for m in self.machine.modules:
            at = self.qubits[offsets[m.name] :]
            pairs = combinations(range(m.size), 2) if m.edges is None else m.edges
            graph.add_edges_from((at[a], at[b]) for a, b in pairs)
        for link in self.machine.links:
            a, b = (
                self.qubits[offsets[m.name] + m.data_qubits : offsets[m.name] + m.size]
                for m in map(self.machine.module, link.between)
            )
            graph.add_edges_from(product(a, b), link=link)
        return graph
