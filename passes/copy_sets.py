"""The copy-set model of a small circuit: what must meet, and when which homes must have room.

Found here from the program itself, apart from the segments that the optimiser works with, because
`optimal` checks that optimiser.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.operations import ANTI_DIAGONAL
from bellwire.compiler.program import Op, Program

Pair = tuple[int, int]
Moment = tuple[range, ...]
_NEVER = -(1 << 30)


@dataclass(frozen=True)
class CopySets:
    """Segments that have two-qubit gates, numbered qubit by qubit.

    `of_qubit[q]`: the segments of a qubit in order; a qubit without gates has one. `gates`: pairs
    of segments that share gates. `moves`: consecutive segments of a qubit. `moments[k][q]`: the
    segments in which qubit q may be when a gate happens, in any order of commuting operations; and
    at the start and at the end.
    """

    of_qubit: tuple[range, ...]
    gates: tuple[Pair, ...]
    moves: tuple[Pair, ...]
    moments: tuple[Moment, ...]

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return self.of_qubit[-1].stop if self.of_qubit else 0


def copy_sets(program: Program) -> CopySets:
    """Find the model of a program whose two-qubit gates are all diagonal, without control flow."""
    counts, places = _gates(program)
    stops = np.cumsum(counts).tolist()
    of_qubit = tuple(range(stop - count, stop) for stop, count in zip(stops, counts))
    gates = {(of_qubit[u][i], of_qubit[v][j]): None for (u, i), (v, j) in places}
    moves = [pair for ids in of_qubit for pair in zip(ids, ids[1:])]
    moments = [tuple(ids[:1] for ids in of_qubit), tuple(ids[-1:] for ids in of_qubit)]
    moments += _moments(places, of_qubit)
    return CopySets(of_qubit, tuple(gates), tuple(moves), _narrowest(moments))


def _gates(program: Program) -> tuple[list[int], list[tuple[Pair, Pair]]]:
    """How many segments each qubit has, and all gates as two (qubit, place of its segment)."""
    counts = [0] * len(program.qubits)
    fresh = [True] * len(counts)
    gates = []
    for op in program.ops:
        if len(op.qubits) == 2 and op.name != "barrier":
            for q in op.qubits:
                counts[q] += fresh[q]
                fresh[q] = False
            u, v = sorted(op.qubits)
            gates.append(((u, counts[u] - 1), (v, counts[v] - 1)))
        elif _ends_copies(op):
            fresh[op.qubits[0]] = True
    return [max(1, count) for count in counts], gates


def _ends_copies(op: Op) -> bool:
    return op.name != "barrier" and not all(op.row.diagonal) and op.name not in ANTI_DIAGONAL


def _moments(gates: Sequence[tuple[Pair, Pair]], of_qubit: Sequence[range]) -> Iterable[Moment]:
    """For each gate the segments that every qubit may be in while it happens."""
    last = [len(ids) - 1 for ids in of_qubit]
    backwards = [tuple((q, last[q] - i) for q, i in gate) for gate in reversed(gates)]
    before = _reached(gates, len(of_qubit))
    after = reversed(_reached(backwards, len(of_qubit)))
    for low, high in zip(before, after):
        yield tuple(
            ids[max(0, a) : len(ids) - max(0, b)]
            for ids, a, b in zip(of_qubit, low.tolist(), high.tolist())
        )


def _reached(gates: Sequence[Sequence[Pair]], qubits: int) -> list[NDArray[np.int64]]:
    """For each gate the segment that each qubit has reached for certain when it happens.

    A gate comes after all gates in earlier segments of its two qubits, and after what those come
    after; gates in the same segment commute.
    """
    closed = np.full((qubits, qubits), _NEVER)  # what the earlier segments of a qubit brought
    met = closed.copy()  # and its segments so far
    at = [0] * qubits
    out = []
    for gate in gates:
        for q, i in gate:
            if i > at[q]:
                closed[q], at[q] = met[q], i
        reached = np.maximum.reduce([closed[q] for q, _ in gate])
        for q, i in gate:
            reached[q] = i
        for q, _ in gate:
            np.maximum(met[q], reached, out=met[q])
        out.append(reached)
    return out


def _narrowest(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Leave out moments that ask for less than another one."""
    different = list(dict.fromkeys(moments))
    return tuple(m for m in different if not any(o is not m and _within(o, m) for o in different))


def _within(inner: Moment, outer: Moment) -> bool:
    return all(a.start >= b.start and a.stop <= b.stop for a, b in zip(inner, outer))
