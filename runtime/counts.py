"""Counts with keys as Qiskit shows them: registers apart by a space, the last register first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.folding import OWN_REGISTER
from bellwire.compiler.program import Program, Register

Bits = NDArray[np.bool_]


def user_registers(program: Program) -> tuple[Register, ...]:
    """The registers of the input: all but our own, which is the last."""
    registers = program.registers
    return registers[:-1] if registers and registers[-1].name == OWN_REGISTER else registers


def user_width(program: Program) -> int:
    """How many bits the input has; they are the first ones of the program."""
    return sum(r.width for r in user_registers(program))


def count_bits(bits: Bits, registers: Iterable[Register]) -> dict[str, int]:
    """Count the rows of an array of shape (shots, bits of all registers), sorted by key."""
    if not bits.shape[1]:
        return {}
    packed, times = np.unique(np.packbits(bits, axis=1), axis=0, return_counts=True)
    rows = np.unpackbits(packed, axis=1, count=bits.shape[1])
    keys = (_key(row.tolist(), registers) for row in rows)
    return dict(sorted(zip(keys, times.tolist())))


def _key(row: list[int], registers: Iterable[Register]) -> str:
    parts, at = [], 0
    for width in (r.width for r in registers):
        if width:
            parts.append("".join(map(str, reversed(row[at : at + width]))))
        at += width
    return " ".join(reversed(parts))


def add_counts(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Add two counts."""
    return {k: one.get(k, 0) + other.get(k, 0) for k in sorted({*one, *other})}
