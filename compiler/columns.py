"""Rules that whole columns can answer at once; verify.py finds the words when one says no."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.operations import ROWS, SHAREABLE, Family
from bellwire.compiler.program import Program, Ragged, Stage

SHARED = (*sorted(SHAREABLE), "cx")  # two-qubit gates of a DISTRIBUTED program

_FREE = np.array([row.any_qubits for row in ROWS])
_QUBITS, _ANGLES, _BITS = (
    np.array([getattr(row, name) for row in ROWS]) for name in ("num_qubits", "angles", "bits")
)
_FLOW = np.array([row.family is Family.FLOW for row in ROWS])
_GATE = np.array([row.family is Family.GATE for row in ROWS])
_MARK = np.array([row.family is Family.MARK for row in ROWS])
_WIDE = np.array([row.family is Family.PROTOCOL and row.name != "move" for row in ROWS])
_SHARED = np.array([row.name in SHARED for row in ROWS])


def numbers_are_right(program: Program) -> bool:
    """Whether every row has the operands, angles and bits that the table says, all in range.

    Control flow is left to the slow check: then the answer is no.
    """
    kind, bits = program.kind, len(program.bit_names)
    if _FLOW[kind].any():
        return False
    widths = _widths(program.operands)
    fixed = ~_FREE[kind]
    return bool(
        (widths == _QUBITS[kind])[fixed].all()
        and (_widths(program.angles) == _ANGLES[kind])[fixed].all()
        and (_widths(program.bits) == _BITS[kind])[fixed].all()
        and _within(program.operands, len(program.qubits))
        and _within(program.bits, bits)
        and np.isfinite(program.angles.values.astype(np.float64)).all()
        and all(b < bits for c in program.conditions for b in bits_of(c))
        and _different(program.operands, widths)
    )


def spans_are_right(program: Program) -> bool:
    """Whether only e-bits and protocols span modules; DISTRIBUTED: shared gates are diagonal."""
    number: dict[str | None, int] = {}
    module = np.array([number.setdefault(q.module, len(number)) for q in program.qubits] or [0])
    kind, widths = program.kind, _widths(program.operands)
    free = _WIDE[kind] | _FLOW[kind] | _MARK[kind]
    pairs = np.flatnonzero((widths == 2) & ~free)
    first = program.operands.starts[pairs]
    a, b = (module[program.operands.values[first + i].astype(np.int64)] for i in (0, 1))
    more = ((widths > 2) & ~free).any()
    known = program.stage is not Stage.DISTRIBUTED or _SHARED[kind[pairs]][_GATE[kind[pairs]]].all()
    return bool((a == b).all() and not more and known)


def _widths(column: Ragged) -> NDArray[np.int64]:
    return np.diff(column.starts)


def _within(column: Ragged, count: int) -> bool:
    values = column.values.astype(np.int64)
    return not len(values) or bool((values >= 0).all() and (values < count).all())


def _different(operands: Ragged, widths: NDArray[np.int64]) -> bool:
    """Whether no row names a qubit twice."""
    pairs = operands.starts[:-1][widths == 2]
    if (operands.values[pairs] == operands.values[pairs + 1]).any():
        return False
    wide = np.flatnonzero(widths > 2)
    rows = (operands.values[operands.starts[i] : operands.starts[i + 1]] for i in wide.tolist())
    return all(len(np.unique(row)) == len(row) for row in rows)
