"""Lower every two-qubit gate to cz, cp or rzz, which are diagonal and may be shared by copies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.canonical import PIECES
from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.rows import Piece, each_level, take, written_out
from bellwire.targets.machine import Machine

SMALL = 200_000  # rows; plain Python takes about 0.1 s for them


def unroll(program: Program, machine: Machine | None = None) -> Program:
    """Expand gates exactly; write cx as h, cz, h; cancel the Hadamards that meet (LOGICAL)."""
    return each_level(program, _unrolled).with_stage(Stage.LOGICAL)


def _unrolled(program: Program) -> Program:
    names = [name for name in (*PIECES, "cx") if (program.kind == KIND[name]).any()]
    return _cancelled(written_out(program, {KIND[n]: list(_pieces(program, n)) for n in names}))


def _pieces(program: Program, gate: str) -> Iterator[Piece]:
    """What stands for all gates of this name, their angles as columns."""
    rows = np.flatnonzero(program.kind == KIND[gate])
    count = program.angles.starts[rows[0] + 1] - program.angles.starts[rows[0]]
    angles = [program.angles.values[program.angles.starts[rows] + k] for k in range(count)]
    parts = [("cx", (0, 1), ())] if gate == "cx" else PIECES[gate](*angles)
    for name, qubits, turns in parts:
        if name == "cx":
            frame = Piece("h", qubits[1:])
            yield from (frame, Piece("cz", qubits), frame)
        else:
            yield Piece(name, qubits, turns)


def _cancelled(program: Program) -> Program:
    """Drop pairs of unconditional Hadamards with nothing between them on their qubit."""
    free = (program.kind == KIND["h"]) & (program.condition < 0)
    kept = np.ones(len(program), dtype=np.bool_)
    latest = np.full(len(program.qubits), -1, dtype=np.int64)
    operands = program.operands
    _drop_pairs.sized(len(program), small=SMALL)(
        operands.starts, operands.values, free, latest, kept
    )
    return program if kept.all() else take(program, np.flatnonzero(kept))


@kernel
def _drop_pairs(
    starts: Ints,
    qubits: NDArray[Any],
    free: NDArray[np.bool_],
    latest: Ints,
    kept: NDArray[np.bool_],
) -> None:
    """Clear `kept` for each free h whose qubit's latest operation is another one, and for that.

    `latest[q]`: an h that is the latest operation on qubit q, or -1.
    """
    for i in range(len(free)):
        if free[i]:
            q = qubits[starts[i]]
            if latest[q] >= 0:
                kept[i] = kept[latest[q]] = False
                latest[q] = -1
            else:
                latest[q] = i
        else:
            for k in range(starts[i], starts[i + 1]):
                latest[qubits[k]] = -1
