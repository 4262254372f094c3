"""Write out the body of every protocol; the operations table has them all."""

from __future__ import annotations

from bellwire.compiler.conditions import bit
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, ProgramBuilder, Stage
from bellwire.targets.machine import Machine


def expand_protocols(program: Program, machine: Machine) -> Program:
    """Replace cat-entanglers, teleports, swaps of e-bits and moves by their bodies; keep `ebit`."""
    out = ProgramBuilder.like(program)
    _copy(program, out)
    return out.finish(Stage.DISTRIBUTED, program.outputs)


def _copy(program: Program, out: ProgramBuilder) -> None:
    for op in program.ops:
        if op.blocks:
            blocks = [out.child() for _ in op.blocks]
            for block, inner in zip(op.blocks, blocks):
                _copy(block, inner)
            out.append_flow(op, blocks)
        elif op.row.family is Family.PROTOCOL and op.name != "ebit":
            _expand(op, out)
        else:
            out.append_op(op)


def _expand(op: Op, out: ProgramBuilder) -> None:
    for step in op.row.body:
        out.append(
            step.name,
            [op.qubits[i] for i in step.qubits],
            bits=[op.bits[i] for i in step.bits],
            condition=None if step.condition is None else bit(op.bits[step.condition]),
            source=op.source,
        )
