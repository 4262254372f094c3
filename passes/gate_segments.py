"""The segments of all two-qubit gates at once, in columns.

After `unroll` every two-qubit gate is diagonal on both operands. A segment is a run of a qubit's
operations during which a Z-copy of it stays true: a one-qubit gate that is neither diagonal nor X
or Y ends it, and so does reset; control flow ends everybody's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import ANTI_DIAGONAL, ROWS, Family
from bellwire.compiler.program import Program
from bellwire.compiler.ragged import Column

Ints = NDArray[np.int64]

# What a row is to copies: they stay; they are flipped; they end; they may serve it; it is a barrier
# or control flow.
STAYS, FLIPS, ENDS, GATE, BARRIER, FLOW = range(6)
SMALL = 10_000  # rows; up to here plain Python is quick enough


def _effects() -> Column:
    out = np.full(len(ROWS), STAYS, dtype=np.uint8)
    for k, row in enumerate(ROWS):
        if row.family is Family.FLOW:
            out[k] = FLOW
        elif row.name == "barrier":
            out[k] = BARRIER
        elif len(row.operands) == 2 and row.family is Family.GATE:
            out[k] = GATE
        elif row.name in ANTI_DIAGONAL:
            out[k] = FLIPS
        elif not all(row.diagonal):
            out[k] = ENDS
    return out


EFFECT = _effects()  # by kind


def gate_operands(program: Program) -> Ints:
    """The operands of all two-qubit gates, shape (T, 2)."""
    first = program.operands.starts[:-1][EFFECT[program.kind] == GATE]
    out: Ints = program.operands.values[first[:, None] + np.arange(2)].astype(np.int64)
    return out


def gate_segments(program: Program) -> Ints:
    """A number for the segment of each operand of each two-qubit gate, shape (T, 2).

    Numbers are in order of the first operation of a segment; blocks of control flow are left out.
    """
    effect = EFFECT[program.kind]
    out = np.zeros((int((effect == GATE).sum()), 2), dtype=np.int64)
    latest = np.arange(len(program.qubits), dtype=np.int64)
    cut = number_segments.sized(len(program), small=SMALL)
    cut(effect, program.operands.starts, program.operands.values, latest, out)
    return out


@kernel
def number_segments(
    effect: Column, starts: Column, operands: Column, latest: Column, out: Column
) -> None:
    """`gate_segments`; `latest`: the segment that each qubit is in."""
    made, t = len(latest), 0
    for i in range(len(effect)):
        if effect[i] == GATE:
            out[t, 0] = latest[operands[starts[i]]]
            out[t, 1] = latest[operands[starts[i] + 1]]
            t += 1
        elif effect[i] == ENDS:
            latest[operands[starts[i]]] = made
            made += 1
        elif effect[i] == FLOW:
            for q in range(len(latest)):
                latest[q] = made + q
            made += len(latest)
