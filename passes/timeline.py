"""The two-qubit gates of a program in order, and where segments begin: the optimiser's clock.

After `unroll` every two-qubit gate is diagonal on both operands. A one-qubit gate that is neither
diagonal nor X or Y ends a segment of its qubit, and so does reset; control flow ends everybody's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import ANTI_DIAGONAL, ROWS, Family
from bellwire.compiler.program import Program

Ints = NDArray[np.int64]

_IGNORE, _ENDS, _GATE, _FLOW = range(4)
ANCHOR = -1  # the row of the event that stands for the start
SMALL = 5_000  # rows; up to this many are read without compiling anything


def _role(row_number: int) -> int:
    row = ROWS[row_number]
    if row.family is Family.FLOW:
        return _FLOW
    if row.family is Family.MARK or row.any_qubits:
        return _IGNORE
    if row.num_qubits == 2:
        return _GATE
    return _IGNORE if all(row.diagonal) or row.name in ANTI_DIAGONAL else _ENDS


_ROLE = np.array([_role(i) for i in range(len(ROWS))], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Timeline:
    """Events: two-qubit gates and rows of control flow. `rows` (T,): of the program; `pair` (T, 2):
    the operands, -1 for control flow; `fresh` (T, 2): 1 where a segment of the operand begins.
    `inner[t]`: for an event of control flow the pairs of its gates and how many there are."""

    qubits: int
    rows: Ints
    pair: Ints
    fresh: Ints
    inner: dict[int, Counter[tuple[int, int]]]

    def __len__(self) -> int:
        return len(self.rows)

    def anchored(self) -> Timeline:
        """The same with an event of control flow before everything, at which homes are given."""
        return Timeline(
            self.qubits,
            np.append(ANCHOR, self.rows),
            np.concatenate([[[-1, -1]], self.pair]),
            np.concatenate([[[1, 1]], self.fresh]),
            {0: Counter(), **{t + 1: pairs for t, pairs in self.inner.items()}},
        )

    @property
    def is_anchored(self) -> bool:
        """Whether it begins with such an event."""
        return len(self.rows) > 0 and self.rows[0] == ANCHOR


@kernel
def _read(
    role: Ints, starts: Ints, values: NDArray[Any], new: Ints, pair: Ints, fresh: Ints
) -> None:
    """Fill `pair` and `fresh` for the rows that are events; `new[q]`: a segment is to begin."""
    t = 0
    for i in range(len(role)):
        if role[i] == 1:
            new[values[starts[i]]] = 1
        elif role[i] == 2:
            for k in range(2):
                q = values[starts[i] + k]
                pair[t, k], fresh[t, k] = q, new[q]
                new[q] = 0
            t += 1
        elif role[i] == 3:
            new[:] = 1
            t += 1


def timeline(program: Program) -> Timeline:
    """Read the events of a program whose two-qubit gates are all diagonal."""
    role = _ROLE[program.kind]
    rows = np.flatnonzero(role >= _GATE)
    pair = np.full((len(rows), 2), -1, dtype=np.int64)
    fresh = np.ones((len(rows), 2), dtype=np.int64)
    new = np.ones(len(program.qubits), dtype=np.int64)
    read = _read.sized(len(program), small=SMALL)
    read(role, program.operands.starts, program.operands.values, new, pair, fresh)
    inner = {
        t: sum((_pairs(block) for block in program.blocks.get(int(rows[t]), ())), Counter())
        for t in np.flatnonzero(pair[:, 0] < 0).tolist()
    }
    return Timeline(len(program.qubits), rows, pair, fresh, inner)


def _pairs(program: Program) -> Counter[tuple[int, int]]:
    """How many two-qubit gates each pair of qubits has, nested blocks included."""
    out: Counter[tuple[int, int]] = Counter()
    for part in program.walk():
        first = part.operands.starts[:-1][_ROLE[part.kind] == _GATE]
        values = part.operands.values
        out.update(
            (min(a, b), max(a, b))
            for a, b in zip(values[first].tolist(), values[first + 1].tolist())
        )
    return out
