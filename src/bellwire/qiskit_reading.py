"""Read a transpiled circuit back as a LOWERED Program of its machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import rename
from bellwire.compiler.frontends.qiskit import CircuitReader
from bellwire.compiler.frontends.qiskit_flow import Scope
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Qubit, Register, Stage, is_flow
from bellwire.compiler.verify import check_lowered, check_spans
from bellwire.errors import DoesNotFit, ProgramError
from bellwire.targets.machine import Machine
from bellwire.targets.qiskit_backend import DT_S, qubit_order

OURS = "bellwire"


class _Reader(CircuitReader):
    """Reads `bell_pair` as an e-bit instead of writing it out."""

    def _read_other(self, instruction: Any, scope: Scope) -> None:
        if instruction.name == "bell_pair":
            ends = [scope.qubits[q] for q in instruction.qubits]
            scope.builder.append("ebit", ends, source=scope.source)
        else:
            super()._read_other(instruction, scope)


def read_lowered(circuit: Any, machine: Machine) -> Program:
    """Read a circuit whose qubits are those of the machine's Target, in its order.

    Raises DoesNotFit for too many qubits, ProgramError for an operation that no module can do.
    """
    order = qubit_order(machine)
    if circuit.num_qubits > len(order):
        raise DoesNotFit(
            f"{circuit.name}: found {circuit.num_qubits} qubits, but machine {machine.name} has "
            f"{len(order)}; transpile the circuit for this backend first"
        )
    read = _Reader(circuit, dt_s=DT_S).read()
    starts, ends = _ends(circuit, machine)
    names = machine.qubit_names()
    registers, bits = _own_last(read)
    out = ProgramBuilder(
        _qubits(machine),
        registers,
        logical=[names[order[q]] for q in starts],
        inputs=[order[q] for q in starts],
        name=read.name,
    )
    _copy(read, out, order, bits)
    program = out.finish(Stage.LOWERED, [order[q] for q in ends])
    try:
        check_spans(program)
        check_lowered(program, machine)
    except ProgramError as error:
        raise ProgramError(
            f"{circuit.name}: {error}; transpile the circuit for this backend, and leave "
            "scheduling_method to it"
        ) from error
    return program


def _own_last(program: Program) -> tuple[list[Register], list[int]]:
    """The registers with our own behind those that were added later, and each bit's new number."""
    firsts = np.cumsum([0, *(r.width for r in program.registers)]).tolist()
    places = sorted(range(len(program.registers)), key=lambda i: program.registers[i].name == OURS)
    bits = [0] * firsts[-1]
    new = count()
    for i in places:
        for b in range(firsts[i], firsts[i + 1]):
            bits[b] = next(new)
    return [program.registers[i] for i in places], bits


def _qubits(machine: Machine) -> list[Qubit]:
    roles = [(m.name, r) for m in machine.modules for r in _roles(m.data_qubits, m.comm_qubits)]
    return [Qubit(n, m, role) for n, (m, role) in zip(machine.qubit_names(), roles)]


def _roles(data: int, comm: int) -> list[str]:
    return ["data"] * data + ["comm"] * comm


def _ends(circuit: Any, machine: Machine) -> tuple[list[int], list[int]]:
    """Where the states of the input start and end; without a layout all data qubits hold one."""
    layout = circuit.layout
    if layout is None:
        every = list(range(min(circuit.num_qubits, machine.data_qubits)))
        return every, every
    starts = layout.initial_index_layout(filter_ancillas=True)
    return starts, layout.final_index_layout(filter_ancillas=True)


def _copy(program: Program, out: ProgramBuilder, order: Sequence[int], bits: Sequence[int]) -> None:
    """Copy with new numbers of qubits and bits; the resets that an e-bit brings itself go."""
    ops = list(program.ops)
    last: dict[int, int] = {}  # qubit -> its latest operation
    for i, op in enumerate(ops):
        for q in op.qubits:
            if op.name == "ebit" and q in last and _is_reset(ops[last[q]]):
                ops[last[q]] = Op("barrier", ())
            last[q] = i
    for op in ops:
        qubits, written = [order[q] for q in op.qubits], [bits[b] for b in op.bits]
        condition = None if op.condition is None else rename(op.condition, bits.__getitem__)
        if is_flow(op):
            blocks = [out.child() for _ in op.blocks]
            for block, inner in zip(op.blocks, blocks):
                _copy(block, inner, order, bits)
            out.append_flow(replace(op, condition=condition), blocks, qubits)
        elif qubits or op.row.family is not Family.MARK:
            out.append(op.name, qubits, op.angles, written, condition, source=op.source)


def _is_reset(op: Op) -> bool:
    return op.name == "reset" and op.condition is None
