"""Read a transpiled circuit back as a LOWERED Program of its machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from qiskit.converters import dag_to_circuit

from bellwire.compiler.frontends.qiskit import CircuitReader
from bellwire.compiler.frontends.qiskit_flow import Scope
from bellwire.compiler.program import Op, Program, ProgramBuilder, Qubit, Ragged, Stage
from bellwire.compiler.verify import check_lowered, check_spans
from bellwire.errors import DoesNotFit, ProgramError
from bellwire.targets.machine import Machine
from bellwire.targets.qiskit_backend import DT_S, qubit_order


class _Reader(CircuitReader):
    """Reads `bell_pair` as an e-bit instead of unrolling it."""

    def _read_other(self, instruction: Any, scope: Scope) -> None:
        if instruction.name == "bell_pair":
            source = scope.source
            scope.builder.append("ebit", [scope.qubits[q] for q in instruction.qubits], source=source)
        else:
            super()._read_other(instruction, scope)


def lowered_program(circuit: Any, machine: Machine) -> Program:
    """Read a circuit on the qubits of a machine's Target, in the Target's order.

    Raises DoesNotFit for too many qubits, ProgramError for an operation that the modules cannot do.
    """
    order = qubit_order(machine)
    if circuit.num_qubits > len(order):
        raise DoesNotFit(
            f"{circuit.name}: found {circuit.num_qubits} qubits, but machine {machine.name} has "
            f"{len(order)}; transpile the circuit for this backend first"
        )
    program = _on_machine(_Reader(circuit, dt_s=DT_S).read(), circuit, machine, order)
    try:
        check_spans(program, machine)
        check_lowered(program, machine)
    except ProgramError as error:
        raise ProgramError(
            f"{circuit.name}: {error}; transpile the circuit for this backend first, without a "
            "scheduling_method of another kind"
        ) from error
    return program


def uncoupled(dag: Any, machine: Machine) -> str | None:
    """What in a circuit on data qubits the modules cannot do by themselves, None for nothing."""
    circuit = dag_to_circuit(dag, copy_operations=False)
    order = qubit_order(machine)
    pairs = {frozenset(p) for p in _coupled(machine)}
    for part in _Reader(_bound(circuit), dt_s=DT_S).read().walk():
        for op in part.ops:
            if len(op.qubits) == 2 and op.matrix_like and frozenset(op.qubits) not in pairs:
                return op.name
    return None
