"""The building block of passes that rewrite lists of operations and leave qubits as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bellwire.compiler.program import Op, Program, ProgramBuilder, Stage

Change = Callable[[list[Op]], Iterable[Op]]


def rewrite(program: Program, stage: Stage, change: Change) -> Program:
    """Put every list of operations, those of nested blocks too, through `change`."""
    out = ProgramBuilder.like(program)
    _fill(program, out, change)
    return out.finish(stage, program.outputs)


def _fill(program: Program, out: ProgramBuilder, change: Change) -> None:
    for op in change(list(program.ops)):
        if op.blocks:
            blocks = [out.child() for _ in op.blocks]
            for block, inner in zip(op.blocks, blocks):
                _fill(block, inner, change)
            out.append_flow(op, blocks)
        else:
            out.append_op(op)
