"""Columns whose rows have different lengths: made, read, taken apart and put together at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Ints, Ragged

Column = NDArray[Any]


def ragged(rows: Sequence[Sequence[int]]) -> Ragged:
    """A column of whole numbers with these rows."""
    values = np.array([value for row in rows for value in row], dtype=np.int64)
    return Ragged(_starts(np.array([len(row) for row in rows], dtype=np.int64)), values)


def even(values: NDArray[np.generic]) -> Ragged:
    """A column from a matrix: one row for each of its rows."""
    count, width = values.shape
    return Ragged(np.arange(count + 1, dtype=np.int64) * width, values.ravel())


def _starts(widths: Ints) -> Ints:
    starts = np.zeros(len(widths) + 1, dtype=np.int64)
    np.cumsum(widths, out=starts[1:])
    return starts


def widths(column: Ragged) -> Ints:
    """How many values each row has."""
    return np.diff(column.starts)


def ends(column: Ragged, place: int, rows: Ints) -> Ints:
    """The value at `place` of each of these rows, which must have one."""
    found: Ints = column.values[column.starts[rows] + place].astype(np.int64)
    return found


def gather(pool: Column, first: Ints, count: Ints) -> Ragged:
    """A column whose row k is `pool[first[k]:first[k] + count[k]]`."""
    starts = _starts(count)
    where = np.repeat(first - starts[:-1], count)
    where += np.arange(len(where))
    return Ragged(starts, pool[where])


def take_rows(column: Ragged, rows: Ints) -> Ragged:
    """These rows, in this order; -1 is the last one."""
    if not len(column.values):
        return Ragged(np.zeros(len(rows) + 1, dtype=np.int64), column.values)
    return gather(column.values, column.starts[:-1][rows], widths(column)[rows])


def take_known(column: Ragged, rows: Ints) -> Ragged:
    """The same, rows beyond the last are empty."""
    padded = Ragged(np.append(column.starts, column.starts[-1]), column.values)
    return take_rows(padded, np.minimum(rows, len(column)))


def join_rows(columns: Sequence[Ragged]) -> Ragged:
    """The rows of all columns, one after the other."""
    count = np.concatenate([widths(column) for column in columns])
    return Ragged(_starts(count), np.concatenate([column.values for column in columns]))


def with_rows(column: Ragged, new: Mapping[int, Sequence[int]]) -> Ragged:
    """The same column with other values in some rows."""
    if not new:
        return column
    order = np.arange(len(column))
    order[list(new)] = len(column) + np.arange(len(new))
    return take_rows(join_rows([column, ragged(list(new.values()))]), order)
