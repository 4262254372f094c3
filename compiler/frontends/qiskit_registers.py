"""The qubits and classical registers of a QuantumCircuit, under names of ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bellwire.compiler.program import Register

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def qubit_names(circuit: QuantumCircuit) -> list[str]:
    """q[0], q[1], ... after the first register that holds each qubit; else qubit0, qubit1, ..."""
    taken = {r.name for r in (*circuit.qregs, *circuit.cregs)}
    out = []
    for i, qubit in enumerate(circuit.qubits):
        registers = circuit.find_bit(qubit).registers
        if registers:
            register, place = registers[0]
            out.append(f"{register.name}[{place}]")
        else:
            out.append(_free(f"qubit{i}", taken))
    return out


def classical_registers(circuit: QuantumCircuit) -> tuple[list[Register], dict[Any, int]]:
    """The registers in the circuit's order, and the number of each Clbit.

    A bit belongs to the first register that holds it. Bits without a register, and those left
    over of a register that shares bits with an earlier one, become registers of no size.
    """
    taken = {r.name for r in (*circuit.qregs, *circuit.cregs)}
    registers: list[Register] = []
    number: dict[Any, int] = {}

    def add(register: Register, bits: Iterable[Any]) -> None:
        registers.append(register)
        for b in bits:
            number[b] = len(number)

    for i, bit in enumerate(circuit.clbits):
        if bit in number:
            continue
        holders = circuit.find_bit(bit).registers
        if not holders:
            add(Register(_free(f"bit{i}", taken), None), [bit])
            continue
        register, place = holders[0]
        if all(b not in number for b in register):
            add(Register(register.name, len(register)), register)
        else:
            add(Register(_free(f"{register.name}_{place}", taken), None), [bit])
    return registers, number


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name
