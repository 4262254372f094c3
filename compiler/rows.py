"""Programs made of whole columns: rows taken in any order, joined, put in the place of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import bit
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Ints, Program, Ragged
from bellwire.compiler.ragged import ends, even, join_rows, take_rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """One operation in the place of a row: its qubits and bits are positions among those of the
    row, its angles one number for all rows or one for each; `condition` is the position of the bit
    that switches it on (None: it keeps the condition of the row)."""

    name: str
    qubits: tuple[int, ...]
    angles: tuple[Floats | float, ...] = ()
    bits: tuple[int, ...] = ()
    condition: int | None = None


def take(program: Program, rows: Ints) -> Program:
    """The same program with these rows only, in this order; control flow keeps its blocks."""
    blocks = {}
    if program.blocks:
        held = np.isin(rows, list(program.blocks))
        blocks = {int(i): program.blocks[int(rows[i])] for i in np.flatnonzero(held)}
    return replace(
        program,
        kind=program.kind[rows],
        operands=take_rows(program.operands, rows),
        angles=take_rows(program.angles, rows),
        bits=take_rows(program.bits, rows),
        condition=program.condition[rows],
        source=program.source[rows],
        blocks=blocks,
        start_ns=None if program.start_ns is None else program.start_ns[rows],
    )


def joined(programs: Sequence[Program]) -> Program:
    """The rows of the first program, then those of the others, which must have no blocks.

    Everything but rows and conditions is as in the first.
    """
    conditions, condition = programs[0].conditions, []
    for p in programs:
        offset = 0
        if p.conditions is not programs[0].conditions:
            offset, conditions = len(conditions), conditions + p.conditions
        condition.append(np.where(p.condition < 0, -1, p.condition + offset).astype(np.int32))
    return replace(
        programs[0],
        kind=np.concatenate([p.kind for p in programs]),
        operands=join_rows([p.operands for p in programs]),
        angles=join_rows([p.angles for p in programs]),
        bits=join_rows([p.bits for p in programs]),
        condition=np.concatenate(condition),
        source=np.concatenate([p.source for p in programs]),
        conditions=conditions,
        start_ns=None,
    )


def replaced(program: Program, counts: Ints, extra: Sequence[Program], at: Ints) -> Program:
    """Put `counts[i]` rows in the place of row i: row k of `extra` becomes row `at[k]`, the other
    rows are those that were there."""
    order = np.repeat(np.arange(len(program)), counts)
    order[at] = len(program) + np.arange(len(at))
    return take(joined([program, *extra]), order)


def written_out(program: Program, pieces: Mapping[int, Sequence[Piece]]) -> Program:
    """Put pieces in the place of every row of these kinds; one level, blocks stay as they are."""
    found = {kind: np.flatnonzero(program.kind == kind) for kind in pieces}
    found = {kind: rows for kind, rows in found.items() if len(rows)}
    if not found:
        return program
    counts = np.ones(len(program), dtype=np.int64)
    for kind, rows in found.items():
        counts[rows] = len(pieces[kind])
    first = np.cumsum(counts) - counts
    extra, at = [], [np.zeros(0, dtype=np.int64)]
    for kind, rows in found.items():
        for j, piece in enumerate(pieces[kind]):
            extra.append(_as_rows(program, rows, piece))
            at.append(first[rows] + j)
    return replaced(program, counts, extra, np.concatenate(at))


def _as_rows(program: Program, rows: Ints, piece: Piece) -> Program:
    """The piece once for each row."""
    count = len(rows)
    condition, conditions = program.condition[rows], program.conditions
    if piece.condition is not None:
        read = ends(program.bits, piece.condition, rows).tolist()
        condition, conditions = np.arange(count, dtype=np.int32), tuple(map(bit, read))
    angles = np.empty((count, len(piece.angles)))
    for k, angle in enumerate(piece.angles):
        angles[:, k] = angle
    return replace(
        program,
        kind=np.full(count, KIND[piece.name], dtype=np.uint8),
        operands=_picked(program.operands, rows, piece.qubits),
        angles=even(angles),
        bits=_picked(program.bits, rows, piece.bits),
        condition=condition,
        source=program.source[rows],
        conditions=conditions,
        blocks={},
        start_ns=None,
    )


def _picked(column: Ragged, rows: Ints, places: Sequence[int]) -> Ragged:
    """From each row the values at these places."""
    return even(column.values[column.starts[rows][:, None] + np.array(places, dtype=np.int64)])


def each_level(program: Program, change: Callable[[Program], Program]) -> Program:
    """Put the rows of a program, and those of every nested block, through `change`."""
    done = change(program)
    blocks = {i: tuple(each_level(b, change) for b in bs) for i, bs in done.blocks.items()}
    return replace(done, blocks=blocks)
