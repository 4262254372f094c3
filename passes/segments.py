"""Segments: the stretches of a qubit's life during which copies of it stay true.

After `unroll` every two-qubit gate is diagonal on both operands. A one-qubit gate that is neither
diagonal nor a Pauli ends a segment of its qubit, and so does reset; control flow ends everybody's.
Gates between two segments commute with one another, so one copy can serve them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.operations import ANTI_DIAGONAL
from bellwire.compiler.program import Op, Program, is_flow
from bellwire.passes.cover import Meetings


@dataclass(frozen=True)
class Segments(Meetings):
    """All segments of a program, numbered in order of their start.

    `qubit[s]`, `start[s]`: whose segment it is and the operation before which it starts.
    `of_qubit[q]`: the segments of a qubit in order. `pairs`: an (E, 2) array, once for every two
    segments that share gates; `times`: their first and last gate. `at[i]`: the segments of
    two-qubit gate i.
    """

    start: NDArray[np.int64]
    of_qubit: tuple[tuple[int, ...], ...]
    at: dict[int, tuple[int, int]]
    length: int

    def ends(self) -> NDArray[np.int64]:
        """For each segment the operation before which it ends (the program's length at last)."""
        out = np.full(len(self.start), self.length, dtype=np.int64)
        for ids in self.of_qubit:
            out[list(ids[:-1])] = self.start[list(ids[1:])]
        return out


def ends_segment(op: Op) -> bool:
    """Whether an operation makes copies of its qubits untrue."""
    return not all(op.row.diagonal) and op.name not in ANTI_DIAGONAL


def two_qubit_gates(program: Program) -> list[tuple[int, int]]:
    """The qubit pairs of all two-qubit gates, those of nested blocks included."""
    out = []
    for op in program.ops:
        for block in op.blocks:
            out += two_qubit_gates(block)
        if len(op.qubits) == 2 and not is_flow(op) and op.name != "barrier":
            out.append((op.qubits[0], op.qubits[1]))
    return out


def find_segments(program: Program) -> Segments:
    """Cut every qubit's life into segments."""
    qubits = len(program.qubits)
    owner = list(range(qubits))
    start = [0] * qubits
    of_qubit = [[q] for q in range(qubits)]
    at: dict[int, tuple[int, int]] = {}
    pairs: dict[tuple[int, int], list[int]] = {}

    def begin(q: int, i: int) -> None:
        if start[of_qubit[q][-1]] == i > 0:
            return
        of_qubit[q].append(len(owner))
        owner.append(q)
        start.append(i)

    def meet(u: int, v: int, i: int) -> tuple[int, int]:
        a, b = of_qubit[u][-1], of_qubit[v][-1]
        pairs.setdefault((a, b) if a < b else (b, a), [i, i])[1] = i
        return a, b

    for i, op in enumerate(program.ops):
        if is_flow(op):
            for q in range(qubits):
                begin(q, i)
            for block in op.blocks:
                for u, v in two_qubit_gates(block):
                    meet(u, v, i)
            for q in range(qubits):
                begin(q, i + 1)
        elif op.name == "barrier":
            continue
        elif len(op.qubits) == 2:
            at[i] = meet(op.qubits[0], op.qubits[1], i)
        elif ends_segment(op):
            begin(op.qubits[0], i)
    return Segments(
        np.array(owner, dtype=np.int64),
        np.array(list(pairs), dtype=np.int64).reshape(-1, 2),
        np.array(list(pairs.values()), dtype=np.int64).reshape(-1, 2),
        np.array(start, dtype=np.int64),
        tuple(tuple(ids) for ids in of_qubit),
        at,
        len(program),
    )
