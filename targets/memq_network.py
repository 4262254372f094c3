"""Read the network files of memq-dqc (JSON) as Machines.

The format is described in https://memq-dqc.readthedocs.io (guide, Network Topology Format):
`processors` lists the qubits of each QPU, `qubits` says for each its type, its processor and what
it is connected to. Every edge comes from `localConnections` and `remoteConnections`; of the list
`connections` only the fidelities of remote pairs are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from bellwire.errors import MachineError, ParseError
from bellwire.targets.files import read_json
from bellwire.targets.link import Link
from bellwire.targets.machine import Machine
from bellwire.targets.module import Module
from bellwire.targets.noise import werner_state

TYPES = ("computation", "communication")
NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
SOURCE = "memq-dqc network file; gates and times: assumption"


def is_memq_network(data: Any) -> bool:
    """Whether a JSON value looks like a network of memq-dqc."""
    return isinstance(data, dict) and {"processors", "qubits"} <= data.keys()


def read_memq_network(text: str, path: str = "network") -> Machine:
    """Read a network; QPU 0 becomes module qpu0.

    A link gets as many attempts in parallel as there are remote connections between its QPUs, and
    the mean of their fidelities (1 where none is given) as Werner states. Any communication qubit
    of a QPU may use any of its links, which is more than the file says. `coherenceTime` is read as
    the T2 of the module, the shortest of its data and of its communication qubits. What the file
    does not say is as in Module and Link. Raises MachineError with the path and what is wrong.
    """
    try:
        data = read_json(text, path)
    except ParseError as error:
        raise MachineError(str(error)) from None
    if not is_memq_network(data):
        raise MachineError(f"{path}: found no processors and qubits; give a memq-dqc network file")
    try:
        return _Network(data).machine(path)
    except (MachineError, AttributeError, KeyError, TypeError, ValueError) as error:
        told = str(error) if isinstance(error, MachineError) else f"{type(error).__name__} {error}"
        raise MachineError(f"{path}: {told}; give a memq-dqc network file") from None


class _Network:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self.qubits: dict[str, Mapping[str, Any]] = data["qubits"]
        self.owner = {q: str(entry["processorId"]) for q, entry in self.qubits.items()}
        self.members: dict[str, dict[str, list[str]]] = {
            str(p): {kind: [] for kind in TYPES} for p in data["processors"]
        }
        for q, entry in self.qubits.items():
            self._add(q, str(entry["type"]))
        self.fidelity = {
            frozenset((c["qubit1"], c["qubit2"])): float(c["fidelity"])
            for c in data.get("connections", ())
            if "fidelity" in c
        }

        self.local: dict[str, list[tuple[str, str]]] = {p: [] for p in self.members}
        for a, b in self._edges("localConnections"):
            if self.owner[a] == self.owner[b]:
                self.local[self.owner[a]].append((a, b))

    def _add(self, qubit: str, kind: str) -> None:
        if self.owner[qubit] not in self.members:
            known = ", ".join(self.members)
            raise MachineError(
                f"qubit {qubit}: found processorId {self.owner[qubit]}; it must be one of {known}"
            )
        if kind not in TYPES:
            raise MachineError(
                f"qubit {qubit}: found type {kind!r}; it must be {' or '.join(TYPES)}"
            )
        self.members[self.owner[qubit]][kind].append(qubit)

    def machine(self, name: str) -> Machine:
        """The whole of it."""
        modules = tuple(self._module(p) for p in self.members)
        return Machine(modules, tuple(self._links()), name=name)

    def _edges(self, field: str) -> Iterator[tuple[str, str]]:
        """Each connection once, whichever of its ends lists it."""
        seen = set()
        for q, entry in self.qubits.items():
            for other in entry.get(field, ()):
                if other not in self.qubits:
                    raise MachineError(f"qubit {q}: found a connection to {other!r}, which is none")
                if frozenset((q, other)) not in seen:
                    seen.add(frozenset((q, other)))
                    yield q, other

    def _module(self, processor: str) -> Module:
        data, comm = (self.members[processor][kind] for kind in TYPES)
        number = {q: i for i, q in enumerate((*data, *comm))}
        pairs = [(number[a], number[b]) for a, b in self.local[processor]]
        every = len(number) * (len(number) - 1) // 2
        return Module(
            f"qpu{processor}",
            len(data),
            len(comm),
            coupling="all" if sum(a != b for a, b in pairs) == every else tuple(pairs),
            role="compute" if data else "repeater",
            t2_ns=self._coherence_ns(data),
            comm_t2_ns=self._coherence_ns(comm),
            source=SOURCE,
        )

    def _coherence_ns(self, qubits: list[str]) -> float:
        entries = [self.qubits[q] for q in qubits]
        times = [
            float(e["coherenceTime"]) * NS[e.get("coherenceTimeUnit", "us")]
            for e in entries
            if e.get("coherenceTime")
        ]
        return min(times, default=float("inf"))

    def _links(self) -> Iterator[Link]:
        pairs: dict[tuple[str, str], list[float]] = defaultdict(list)
        order = {p: i for i, p in enumerate(self.members)}
        for a, b in self._edges("remoteConnections"):
            one, other = sorted((self.owner[a], self.owner[b]), key=order.__getitem__)
            pairs[one, other].append(self.fidelity.get(frozenset((a, b)), 1.0))
        for (one, other), fidelities in pairs.items():
            yield Link(
                (f"qpu{one}", f"qpu{other}"),
                state=werner_state(sum(fidelities) / len(fidelities)),
                capacity=len(fidelities),
                source=SOURCE,
            )
