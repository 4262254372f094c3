"""Angles that get their values after compiling: numbers stand for them, too large for real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program, Ragged
from bellwire.errors import ProgramError

FIRST = 2.0**40  # stands for open angle 0, the next number for 1, ...; all up to 2^53 are exact
OPEN = FIRST / 4  # no angle in use is so large

Floats = NDArray[np.float64]


def reckoned(name: str) -> ProgramError:
    """What to raise when a pass has changed a number that stands for an angle."""
    return ProgramError(
        f"{name}: a pass changed the angle of an unbound parameter; bind the parameters first"
    )


def angle_column(program: Program) -> Floats:
    """All angles of a program, those of its nested blocks after its own."""
    return np.concatenate([p.angles.values.astype(np.float64) for p in program.walk()])


def with_angles(program: Program, column: Floats) -> Program:
    """The same program with other angles, in the order of `angle_column`."""
    return _filled(program, column)[0]


def _filled(program: Program, column: Floats) -> tuple[Program, Floats]:
    own = len(program.angles.values)
    angles, column = Ragged(program.angles.starts, column[:own]), column[own:]
    blocks: dict[int, tuple[Program, ...]] = {}
    for i, inner in program.blocks.items():
        done = []
        for block in inner:
            filled, column = _filled(block, column)
            done.append(filled)
        blocks[i] = tuple(done)
    return replace(program, angles=angles, blocks=blocks), column


def bind_program(program: Program, values: Sequence[float] | Floats) -> Program:
    """Give open angle i the value `values[i]`; nothing else changes.

    Raises ProgramError when a pass has reckoned with the numbers that stand for them.
    """
    column, table = angle_column(program), np.asarray(values, dtype=np.float64)
    rows = np.flatnonzero(np.abs(column) >= OPEN)
    which: NDArray[Any] = np.abs(column[rows]) - FIRST
    if np.any((which < 0) | (which >= len(table)) | (which != np.floor(which))):
        raise reckoned(program.name)
    column[rows] = np.sign(column[rows]) * table[which.astype(np.int64)]
    return with_angles(program, column)
