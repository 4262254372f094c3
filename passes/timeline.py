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
from bellwire.compiler.operations import ANTI_DIAGONAL, KIND, ROWS, Family
from bellwire.compiler.program import Program
from bellwire.compiler.timing import turns

Ints = NDArray[np.int64]

_IGNORE, _ENDS, _GATE, _FLOW = range(4)
ANCHOR = -1  # the row of the event that stands for the start, or for the end
MOST_TURNS = 1000  # of a for_loop; more make no other homes
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
    `inner[t]`: for an event of control flow the pairs of its gates and how many there are, those of
    a for_loop once per turn."""

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

    def closed(self) -> Timeline:
        """The same with an event of control flow after everything, at which homes are given."""
        return Timeline(
            self.qubits,
            np.append(self.rows, ANCHOR),
            np.concatenate([self.pair, [[-1, -1]]]),
            np.concatenate([self.fresh, [[1, 1]]]),
            {**self.inner, len(self): Counter()},
        )

    @property
    def is_anchored(self) -> bool:
        """Whether it begins with such an event."""
        return len(self.rows) > 0 and self.rows[0] == ANCHOR

    @property
    def is_closed(self) -> bool:
        """Whether it ends with such an event."""
        return len(self.rows) > 1 and self.rows[-1] == ANCHOR


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
    flows = np.flatnonzero(pair[:, 0] < 0).tolist()
    inner = {t: _block_pairs(program, int(rows[t])) for t in flows}
    return Timeline(len(program.qubits), rows, pair, fresh, inner)


def _block_pairs(program: Program, row: int) -> Counter[tuple[int, int]]:
    """How many two-qubit gates each pair of qubits has in the blocks of a row of control flow."""
    out: Counter[tuple[int, int]] = Counter()
    for block in program.blocks.get(row, ()):
        gates = block.operands.starts[:-1][_ROLE[block.kind] == _GATE]
        pairs = np.sort(block.operands.values[gates[:, None] + np.arange(2)], axis=1)
        out.update((u, v) for u, v in pairs.tolist())
        for inner in block.blocks:
            out.update(_block_pairs(block, inner))
    loop = program.kind[row] == KIND["for_loop"]
    times = min(turns(program, row), MOST_TURNS) if loop else 1
    return Counter({pair: count * times for pair, count in out.items()})
