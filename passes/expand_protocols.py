"""Write out the body of every protocol; the operations table has them all."""

from __future__ import annotations

from collections.abc import Iterator

from bellwire.compiler.bodies import body_ops
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.passes.rewrite import rewrite
from bellwire.targets.machine import Machine


def expand_protocols(program: Program, machine: Machine) -> Program:
    """Replace cat-entanglers, teleports, swaps of e-bits and moves by their bodies; keep `ebit`."""
    return rewrite(program, Stage.DISTRIBUTED, _expanded)


def _expanded(ops: list[Op]) -> Iterator[Op]:
    for op in ops:
        if op.row.family is Family.PROTOCOL and op.name != "ebit":
            yield from body_ops(op)
        else:
            yield op
