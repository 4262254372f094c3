"""The life of each Bell pair: asked for, heralded, used for the first time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bellwire.compiler.idle import find_gaps
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Ints
from bellwire.pictures.times import Times


@dataclass(frozen=True, eq=False, slots=True)
class BellPairs:
    """Of each Bell pair, in order: `row` of its operation, the two `qubits` and `modules` (shape
    (pairs, 2)); when it was `asked` for, `heralded`, and `used` (one of each half, shape
    (pairs, 2); the end of the program where it never is)."""

    row: Ints
    qubits: Ints
    modules: Ints
    asked: Ints
    heralded: Ints
    used: Ints

    @property
    def age(self) -> Ints:
        """How old each pair is when its first half is used."""
        return self.used.min(axis=1) - self.heralded if len(self.row) else self.heralded


def bell_pairs(times: Times) -> BellPairs:
    """Find the pairs that a program makes outside of control flow."""
    program = times.program
    row = np.flatnonzero(program.kind == KIND["ebit"])
    first = program.operands.starts[row]
    qubits = program.operands.values[first[:, None] + np.arange(2)].astype(np.int64)
    used = _first_uses(times, row, qubits)
    return BellPairs(row, qubits, times.module[qubits], times.start[row], times.end[row], used)


def _first_uses(times: Times, row: Ints, qubits: Ints) -> Ints:
    """When the operation starts that uses each half first."""
    gaps = find_gaps(times.program)
    number = np.full(len(times.program) + 1, -1, dtype=np.int64)
    number[row] = np.arange(len(row))
    pair = number[gaps.after]  # -1 also for what a block began with: the last entry
    known = (pair >= 0) & (gaps.rows >= 0)
    pair, use = pair[known], times.start[gaps.rows[known]]
    half = (qubits[pair, 1] == gaps.qubits[known]).astype(np.int64)
    used = np.full((len(row), 2), times.span, dtype=np.int64)
    used[pair, half] = use
    return used
