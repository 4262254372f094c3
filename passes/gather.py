"""Rows of a ragged column, put together anew."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.program import Ragged

Column = NDArray[Any]
SMALL = 50_000  # rows; up to here compiling would take longer


def gather(pool: Column, first: Column, width: Column) -> Ragged:
    """Make row k of `pool[first[k]:first[k] + width[k]]`."""
    starts = np.zeros(len(width) + 1, dtype=np.int64)
    np.cumsum(width, out=starts[1:])
    values = np.empty(starts[-1], dtype=pool.dtype)
    copy_rows.sized(len(first), small=SMALL)(pool, first, starts, values)
    return Ragged(starts, values)


@kernel
def copy_rows(pool: Column, first: Column, starts: Column, values: Column) -> None:
    """Copy each row to its place."""
    for k in range(len(first)):
        for n in range(starts[k + 1] - starts[k]):
            values[starts[k] + n] = pool[first[k] + n]


def take(column: Ragged, rows: Column) -> Ragged:
    """The rows with these numbers; those beyond the last are empty."""
    if not len(column.values):
        return Ragged(np.zeros(len(rows) + 1, dtype=np.int64), column.values)
    here = rows < len(column)
    known = np.where(here, rows, 0)
    first = column.starts[known]
    return gather(column.values, first, np.where(here, column.starts[known + 1] - first, 0))
