"""Qiskit's OpenQASM 3 importer as an oracle: both readings in one plain form to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import qiskit.qasm3

from bellwire.compiler.conditions import to_text
from bellwire.compiler.frontends.openqasm import _read
from bellwire.compiler.frontends.qasm3.parse import Source, parse
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.frontends.synthesis import matrix_of
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program

CASES = sorted((Path(__file__).parents[1] / "cases" / "qasm3").glob("*.qasm"))


def by_qiskit(text: str) -> Program:
    return from_qiskit(qiskit.qasm3.loads(text))


def by_grammar(text: str) -> Program:
    """Our reading without the terminals that take whole plain statements."""
    source = Source("slow")
    return _read(parse(text, source, fast=False), source)[0]


def plain(program: Program) -> list[Any]:
    """All operations as tuples; loops without jumps unrolled, gates that do nothing left out.

    Qiskit's importer writes id as U(0, 0, 0), and marks each loop's variable as used.
    """
    return [t for op in program.ops for t in _plain(op)]


def _plain(op: Op) -> list[Any]:
    if op.name == "id" or (op.name == "u" and not any(op.angles)):
        return []
    if op.name == "for_loop" and not _jumps(op.blocks[0]):
        return plain(op.blocks[0]) * int(op.angles[0])
    condition = None if op.condition is None else to_text(op.condition, str)
    angles = tuple(round(a, 12) for a in op.angles)
    return [(op.name, op.qubits, angles, op.bits, condition, tuple(map(plain, op.blocks)))]


def _jumps(block: Program) -> bool:
    return block.count("break_loop", "continue_loop") > 0


def is_unitary(program: Program) -> bool:
    return all(op.row.family is Family.GATE or op.name == "barrier" for op in program.ops)


def matrix(program: Program) -> Any:
    steps = [(o.name, o.qubits, o.angles) for o in program.ops if o.name != "barrier"]
    return matrix_of(steps, len(program.qubits))


def same_unitary(a: Any, b: Any) -> bool:
    """Whether two matrices are equal up to a global phase."""
    return bool(abs(abs(np.vdot(a, b)) - len(a)) < 1e-9)


def same_meaning(a: Program, b: Program) -> bool:
    if is_unitary(a) and is_unitary(b) and len(a.qubits) == len(b.qubits) <= 6:
        return same_unitary(matrix(a), matrix(b))
    return plain(a) == plain(b)
