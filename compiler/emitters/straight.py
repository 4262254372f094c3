"""Programs without control flow and protocols: blocks, counted loops and bodies written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bellwire.compiler.conditions import TRUE, Condition, all_of, bits_of, negate
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program
from bellwire.errors import NotSupported

MAX_OPS = 1_000_000  # of loops that are unrolled


def place_of(program: Program, op: Op) -> str:
    """Where an operation comes from, for messages."""
    return program.name if op.source < 0 else f"{program.name}: source line {op.source}"


def straight_ops(program: Program, outer: Condition = TRUE) -> Iterator[Op]:
    """All operations in order, with the conditions of their blocks, and loops unrolled.

    Raises NotSupported for what is no straight line: loops of unknown length, and blocks that
    rewrite the bits of their own condition.
    """
    for op in program.ops:
        condition = outer if op.condition is None else all_of(outer, op.condition)
        if op.row.family is not Family.FLOW:
            yield replace(op, condition=None if condition == TRUE else condition)
        elif op.name == "if_else":
            yield from _branches(program, op, outer)
        elif op.name == "for_loop" and condition == TRUE:
            yield from _turns(program, op)
        else:
            raise NotSupported(
                f"{place_of(program, op)}: {op.name} is no straight line of operations; "
                "write OpenQASM 3 or text instead"
            )


def _branches(program: Program, op: Op, outer: Condition) -> Iterator[Op]:
    test = TRUE if op.condition is None else op.condition
    if set(bits_of(all_of(outer, test))) & set(op.bits):
        raise NotSupported(
            f"{place_of(program, op)}: an if_else rewrites the bits of its own condition; "
            "write OpenQASM 3 or text instead"
        )
    for block, condition in zip(op.blocks, (test, negate(test))):
        yield from straight_ops(block, all_of(outer, condition))


def _turns(program: Program, op: Op) -> Iterator[Op]:
    for _ in range(checked_turns(program, op)):
        yield from straight_ops(op.blocks[0])


def checked_turns(program: Program, op: Op) -> int:
    """How often a for_loop turns. Raises NotSupported when that makes more than MAX_OPS."""
    turns = int(op.angles[0])
    size = turns * _size(op.blocks[0])
    if size > MAX_OPS:
        raise NotSupported(
            f"{place_of(program, op)}: a for_loop unrolls to {size:,} operations, and at most "
            f"{MAX_OPS:,} are written; write OpenQASM 3 or text instead"
        )
    return turns


def _size(block: Program) -> int:
    """How many operations a block has, one at least, with its loops unrolled."""
    size = max(1, len(block))
    for row, inner in block.blocks.items():
        angles = block.angles.values[block.angles.starts[row] : block.angles.starts[row + 1]]
        size += int(angles[0] if len(angles) else 1) * sum(map(_size, inner))
    return size
