"""Rows of the operations table as programs: any lists of their steps, one after the other."""

from __future__ import annotations

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.operations import Operation, Step
from bellwire.compiler.program import Program, Qubit, Register, Stage


def written_out(row: Operation, *parts: tuple[Step, ...]) -> Program:
    """The operands as arbitrary inputs; an operand that ends is not looked at in the end."""
    n = row.num_qubits
    b = ProgramBuilder(
        [Qubit(f"q[{i}]") for i in range(2 * n)],
        [Register("bellwire", max(row.bits, 1))],
        logical=[f"q[{i}]" for i in range(n)],
        inputs=range(n),
    )
    for step in (s for part in parts for s in part):
        condition = None if step.condition is None else bit(step.condition)
        b.append(step.name, step.qubits, (), step.bits, condition)
    outputs = [n + i if what == "ends" else i for i, what in enumerate(row.operands)]
    return b.finish(Stage.LOGICAL, outputs)


def without_bits(program: Program) -> Program:
    """The same program, its bits forgotten."""
    out = ProgramBuilder(program.qubits, logical=program.logical, inputs=program.inputs)
    for op in program.ops:
        out.append_op(op)
    return out.finish(Stage.LOGICAL, program.outputs)
