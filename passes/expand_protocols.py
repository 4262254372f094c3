"""Write out the body of every protocol; the operations table has them all."""

from __future__ import annotations

from collections.abc import Iterator

from bellwire.compiler.conditions import bit
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
            yield from _body(op)
        else:
            yield op


def _body(op: Op) -> Iterator[Op]:
    for step in op.row.body:
        yield Op(
            step.name,
            tuple(op.qubits[i] for i in step.qubits),
            bits=tuple(op.bits[i] for i in step.bits),
            condition=None if step.condition is None else bit(op.bits[step.condition]),
            source=op.source,
        )
