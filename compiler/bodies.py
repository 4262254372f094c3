"""Protocols written out as the operations table says."""

from __future__ import annotations

from collections.abc import Iterator

from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Op


def body_ops(op: Op) -> Iterator[Op]:
    """Write a protocol out as the steps of its body in the table."""
    for step in op.row.body:
        yield Op(
            step.name,
            tuple(op.qubits[q] for q in step.qubits),
            bits=tuple(op.bits[b] for b in step.bits),
            condition=None if step.condition is None else bit(op.bits[step.condition]),
            source=op.source,
        )
