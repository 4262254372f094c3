"""What a backend tells of each module: its qubits, gates, memory and neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from bellwire.targets.machine import GateQuality, Link, Machine, Module
from bellwire.targets.qiskit_backend import qubit_order


@dataclass(frozen=True)
class ModuleProperties:
    """One module; qubits are numbers of the physical Target (data qubits: of both Targets).

    `links`: by neighbour. Coherence times in seconds.
    """

    name: str
    role: str
    data_qubits: tuple[int, ...]
    comm_qubits: tuple[int, ...]
    gate_1q: GateQuality
    gate_2q: GateQuality
    readout: GateQuality
    t1_s: float
    t2_s: float
    links: dict[str, Link]


def module_properties(machine: Machine) -> dict[str, ModuleProperties]:
    """The properties of all modules by name."""
    number = {place: i for i, place in enumerate(qubit_order(machine))}
    return {m.name: _properties(machine, m, number) for m in machine.modules}


def _properties(machine: Machine, m: Module, number: dict[int, int]) -> ModuleProperties:
    places = [number[machine.offsets[m.name] + i] for i in range(m.size)]
    links = [link for link in machine.links if m.name in link.between]
    return ModuleProperties(
        name=m.name,
        role=m.role,
        data_qubits=tuple(places[: m.data_qubits]),
        comm_qubits=tuple(places[m.data_qubits :]),
        gate_1q=m.gate_1q,
        gate_2q=m.gate_2q,
        readout=m.readout,
        t1_s=m.t1_ns * 1e-9,
        t2_s=m.t2_ns * 1e-9,
        links={n: link for link in links for n in link.between if n != m.name},
    )
