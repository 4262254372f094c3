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
    rows = np.flatnonzero(program.kind == KIND["ebit"])
    first = program.operands.starts[rows]
    qubits = program.operands.values[first[:, None] + np.arange(2)].astype(np.int64)
    used = _first_uses(times)
    last = np.full((len(rows), 2), times.span, dtype=np.int64)
    for k, (row, ends) in enumerate(zip(rows.tolist(), qubits.tolist())):
        last[k] = [used.get((row, q), times.span) for q in ends]
    return BellPairs(rows, qubits, times.module[qubits], times.start[rows], times.end[rows], last)


def _first_uses(times: Times) -> dict[tuple[int, int], int]:
    """(row of the pair, qubit) -> start of the operation that uses that half first."""
    gaps = find_gaps(times.program)
    is_pair = (
        (times.program.kind == KIND["ebit"])[gaps.after] & (gaps.after >= 0) & (gaps.rows >= 0)
    )
    keys = zip(gaps.after[is_pair].tolist(), gaps.qubits[is_pair].tolist())
    return dict(zip(keys, times.start[gaps.rows[is_pair]].tolist()))
