"""Clifford operations as a tape of elementary steps: H, S, CX, CZ, Paulis, measure, reset.

Every angle is asked for in quarter turns, so that the same writing serves true Clifford programs
and programs whose other angles were drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from bellwire.compiler.canonical import canonical
from bellwire.compiler.conditions import Condition, parity_bits
from bellwire.compiler.operations import ROWS, Family
from bellwire.compiler.program import Op, Program, Ragged
from numpy.typing import NDArray

Index = NDArray[np.int64]
Quarters = Callable[[float], int | None]


class Step(IntEnum):
    """The elementary steps; the first three may stand under a condition."""

    X = 0
    Y = 1
    Z = 2
    H = 3
    S = 4
    SDG = 5
    CX = 6
    CZ = 7
    MEASURE = 8
    RESET = 9


# A step of an operation: step, positions of its qubits (-1: none), of the bit that it writes, of
# the operation's own bit that switches it on.
Entry = tuple[int, int, int, int, int]
