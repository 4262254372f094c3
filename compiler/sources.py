"""The input lines that a program's operations serve, as a short list that a file can carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program

LARGEST = 2**31 - 1


def pack_sources(program: Program) -> list[int]:
    """Write down `source` of all operations as runs: a line, how many times, the next line, ...

    Nested blocks follow the list that holds them, as in `program.walk()`. Empty where no source is
    known.
    """
    lines = np.concatenate([part.source for part in program.walk()])
    if not (lines >= 0).any():
        return []
    starts = np.flatnonzero(np.diff(lines, prepend=lines[0] - 1))
    counts = np.diff(starts, append=len(lines))
    packed: list[int] = np.column_stack([lines[starts], counts]).ravel().tolist()
    return packed


def with_sources(program: Program, packed: Sequence[int]) -> Program:
    """Give all operations their sources back; a list that does not fit the program (which somebody
    has edited) changes nothing."""
    lines, counts = packed[::2], packed[1::2]
    total = sum(len(part) for part in program.walk())
    known = all(-1 <= line <= LARGEST for line in lines) and all(0 < c <= total for c in counts)
    if not known or len(lines) != len(counts) or sum(counts) != total:
        return program
    column = np.repeat(np.array(lines, dtype=np.int32), counts)
    ends = np.cumsum([len(part) for part in program.walk()])[:-1]
    return _restored(program, iter(np.split(column, ends)))


def _restored(program: Program, columns: Iterator[NDArray[np.int32]]) -> Program:
    source = next(columns)
    blocks = {i: tuple(_restored(b, columns) for b in bs) for i, bs in program.blocks.items()}
    return replace(program, source=source, blocks=blocks)
