"""The parts of a QuantumCircuit that we write: registers, Bell pair, conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bellwire.compiler.conditions import Condition, bits_of, literals
from bellwire.compiler.operations import TABLE, Family
from bellwire.compiler.program import Program

_INDEXED = re.compile(r"(.+)\[(\d+)\]\Z")


@dataclass(frozen=True, slots=True)
class Registers:
    """Registers and bits of a circuit; `whole`: the bits of a classical register -> it."""

    quantum: tuple[Any, ...]
    classical: tuple[Any, ...]
    qubits: tuple[Any, ...]
    bits: tuple[Any, ...]
    whole: dict[tuple[int, ...], Any]

    def new_circuit(self, name: str) -> Any:
        """An empty circuit with all of them."""
        from qiskit import QuantumCircuit

        return QuantumCircuit(*self.quantum, *self.classical, name=name)

    def new_body(self, qubits: Sequence[int], bits: Sequence[int]) -> Any:
        """An empty body of control flow over some of them."""
        from qiskit import QuantumCircuit

        inner = set(bits)
        body = QuantumCircuit([self.qubits[q] for q in qubits], [self.bits[b] for b in bits])
        for places, register in self.whole.items():
            if inner.issuperset(places):
                body.add_register(register)
        return body


def make_registers(program: Program) -> Registers:
    """Make registers after the names of qubits and classical registers.

    A single bit becomes a register of one: Aer's counts are wrong with bits outside registers.
    """
    from qiskit import ClassicalRegister, QuantumRegister

    classical = tuple(ClassicalRegister(r.width, r.name) for r in program.registers)
    taken = {r.name for r in program.registers}
    quantum = []
    for name, size in _group([q.name for q in program.qubits]):
        while name in taken:
            name += "_q"
        taken.add(name)
        quantum.append(QuantumRegister(size, name))
    whole, first = {}, 0
    for register in classical:
        whole[tuple(range(first, first + len(register)))] = register
        first += len(register)
    qubits = tuple(q for register in quantum for q in register)
    bits = tuple(b for register in classical for b in register)
    return Registers(tuple(quantum), classical, qubits, bits, whole)


def _group(names: Sequence[str]) -> list[tuple[str, int]]:
    """Join q[0], q[1], ... into (q, how many); other names stand alone."""
    groups: list[tuple[str, int]] = []
    for name in names:
        match = _INDEXED.match(name)
        base, place = (match[1], int(match[2])) if match else (name, 0)
        if place and groups and groups[-1] == (base, place):
            groups[-1] = (base, place + 1)
        else:
            groups.append((base if place == 0 else name, 1))
    return groups


def operations_of_rows() -> dict[str, Any]:
    """Row name -> the class of Qiskit that makes it from its angles."""
    from qiskit.circuit import Reset
    from qiskit.circuit.library import get_standard_gate_name_mapping

    known = get_standard_gate_name_mapping()
    gates = [name for name, row in TABLE.items() if row.family is Family.GATE]
    return {name: known[name].base_class for name in gates} | {"reset": Reset}


def bell_pair(link: str) -> Any:
    """The gate that stands for a Bell pair on two qubits that were just reset."""
    from qiskit import QuantumCircuit
    from qiskit.circuit import Gate

    gate = Gate("bell_pair", 2, [], label=link)
    gate.definition = QuantumCircuit(2, name="bell_pair")
    gate.definition.h(0)
    gate.definition.cx(0, 1)
    return gate


def to_test(condition: Condition, registers: Registers) -> Any:
    """A condition as Qiskit writes it: (bit, value), (register, value) or an expression."""
    wanted = literals(condition)
    if wanted is not None and len(wanted) == 1:
        [(place, value)] = wanted.items()
        return registers.bits[place], value
    if wanted is not None:
        places = tuple(sorted(wanted))
        if places in registers.whole and bits_of(condition) == places:
            number = sum(int(wanted[b]) << i for i, b in enumerate(places))
            return registers.whole[places], number
    return _expression(condition, registers)


def _expression(condition: Condition, registers: Registers) -> Any:
    from qiskit.circuit.classical import expr

    if condition.head == "bit":
        return expr.lift(registers.bits[condition.index])
    if condition.head == "const":
        return expr.lift(bool(condition.index))
    args = [_expression(a, registers) for a in condition.args]
    if condition.head == "not":
        return expr.logic_not(args[0])
    join = {"and": expr.logic_and, "or": expr.logic_or, "xor": expr.bit_xor}[condition.head]
    out = args[0]
    for arg in args[1:]:
        out = join(out, arg)
    return out
