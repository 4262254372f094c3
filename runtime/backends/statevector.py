"""Gates on a statevector: kernels, and a circuit of wires written for them.

Qubit q is bit q of the place in the state; states are complex128 arrays of 2^n.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Ints, Op

State = NDArray[np.complex128]

SMALL = 1 << 18  # amplitudes touched; plain Python takes about 0.2 s for them
PHASE, ONE, PHASES, TWO, CX, NOTHING = range(6)


class Gates(NamedTuple):
    """One gate for each operation: what sort it is, its qubits, its matrix in a row of 16."""

    sort: Ints
    first: Ints
    second: Ints
    matrix: NDArray[np.complex128]


def written(ops: Sequence[Op]) -> Gates:
    """The gates of a circuit, conditions left out; NOTHING for what is no gate."""
    gates = Gates(
        np.full(len(ops), NOTHING, dtype=np.int64),
        np.zeros(len(ops), dtype=np.int64),
        np.zeros(len(ops), dtype=np.int64),
        np.zeros((len(ops), 16), dtype=np.complex128),
    )
    for i, op in enumerate(ops):
        if op.row.family is Family.GATE and op.name != "id":
            gates.first[i], gates.second[i] = op.qubits[0], op.qubits[-1]
            gates.sort[i], gates.matrix[i] = _gate(op)
    return gates


def _gate(op: Op) -> tuple[int, NDArray[np.complex128]]:
    assert op.row.matrix is not None
    matrix = op.row.matrix(*op.angles)
    wide = len(op.qubits) == 2
    out = np.zeros(16, dtype=np.complex128)
    if all(op.row.diagonal):
        out[: len(matrix)] = matrix.diagonal()
        return (PHASES if wide else PHASE), out
    out[: matrix.size] = matrix.ravel()
    if op.name == "cx":
        return CX, out
    return (TWO if wide else ONE), out


def run_gates(state: State, gates: Gates, start: int, end: int, *, work: int) -> None:
    """Apply the gates from `start` to `end` in place; `work`: amplitudes touched in all such runs,
    which says whether compiling pays."""
    _run.sized(work, small=SMALL)(state, gates, start, end)


def apply_pauli(state: State, qubit: int, what: str) -> None:
    """Apply an "X" or a "Z" in place."""
    halves = state.reshape(-1, 2, 1 << qubit)
    if what == "X":
        halves[:, :] = halves[:, ::-1].copy()
    else:
        halves[:, 1] *= -1


def chance_of_one(state: State, qubit: int) -> float:
    """The chance to measure 1."""
    ones = state.reshape(-1, 2, 1 << qubit)[:, 1]
    return float(np.vdot(ones, ones).real)


def projected(state: State, qubit: int, outcome: int, chance: float) -> State:
    """The state after measuring `outcome`, which had this chance."""
    out = state.copy()
    out.reshape(-1, 2, 1 << qubit)[:, 1 - outcome] = 0
    out /= np.sqrt(chance)
    return out


@kernel
def _run(state: State, gates: Gates, start: int, end: int) -> None:
    size = len(state)
    for i in range(start, end):
        sort, m = gates.sort[i], gates.matrix[i]
        high, low = 1 << gates.first[i], 1 << gates.second[i]
        if sort == PHASE:
            for k in range(size):
                state[k] *= m[1] if k & high else m[0]
        elif sort == ONE:
            for base in range(0, size, 2 * high):
                for k in range(base, base + high):
                    a, b = state[k], state[k + high]
                    state[k] = m[0] * a + m[1] * b
                    state[k + high] = m[2] * a + m[3] * b
        elif sort == PHASES:
            for k in range(size):
                state[k] *= m[2 * ((k & high) != 0) + ((k & low) != 0)]
        elif sort == CX:
            for k in range(size):
                if k & high and not k & low:
                    a = state[k]
                    state[k] = state[k | low]
                    state[k | low] = a
        elif sort == TWO:
            for k in range(size):
                if not k & high and not k & low:
                    a, b, c, d = state[k], state[k | low], state[k | high], state[k | high | low]
                    state[k] = m[0] * a + m[1] * b + m[2] * c + m[3] * d
                    state[k | low] = m[4] * a + m[5] * b + m[6] * c + m[7] * d
                    state[k | high] = m[8] * a + m[9] * b + m[10] * c + m[11] * d
                    state[k | high | low] = m[12] * a + m[13] * b + m[14] * c + m[15] * d
