"""The two-qubit gates of a program in order, and where segments begin: the optimiser's clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.passes.gate_segments import EFFECT, FLOW, GATE, gate_operands, gate_segments

Ints = NDArray[np.int64]

ANCHOR = -1  # the row of the event that stands for the start


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


def timeline(program: Program) -> Timeline:
    """Read the events of a program after `unroll`."""
    effect = EFFECT[program.kind]
    rows = np.flatnonzero((effect == GATE) | (effect == FLOW))
    gates = effect[rows] == GATE
    pair, fresh = np.full((len(rows), 2), -1, dtype=np.int64), np.ones((len(rows), 2), np.int64)
    pair[gates], fresh[gates] = gate_operands(program), _first_uses(gate_segments(program))
    inner = {
        t: sum((_pairs(block) for block in program.blocks.get(int(rows[t]), ())), Counter())
        for t in np.flatnonzero(~gates).tolist()
    }
    return Timeline(len(program.qubits), rows, pair, fresh, inner)


def _first_uses(segment: Ints) -> Ints:
    """1 where a segment is used for the first time, else 0."""
    flat, number = segment.ravel(), np.arange(segment.size)
    first = np.zeros(int(flat.max(initial=0)) + 1, dtype=np.int64)
    first[flat[::-1]] = number[::-1]
    out: Ints = (first[flat] == number).astype(np.int64).reshape(segment.shape)
    return out


def _pairs(program: Program) -> Counter[tuple[int, int]]:
    """How many two-qubit gates each pair of qubits has, nested blocks included."""
    out: Counter[tuple[int, int]] = Counter()
    for part in program.walk():
        first = part.operands.starts[:-1][EFFECT[part.kind] == GATE]
        values = part.operands.values
        out.update(
            (min(a, b), max(a, b))
            for a, b in zip(values[first].tolist(), values[first + 1].tolist())
        )
    return out
