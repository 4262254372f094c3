"""Unitary matrices as rows of the operations table, exactly: no angle is too small to keep."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.operations import TABLE, Matrix

Step = tuple[str, tuple[int, ...], tuple[float, ...]]

_ROUNDING = 1e-14  # below this an angle is the rounding of the matrix, not its content


def unitary_steps(matrix: Matrix) -> tuple[Step, ...]:
    """Write a unitary of n qubits (2^n x 2^n, qubit 0 the lowest bit) as one- and two-qubit rows.

    Equal up to a global phase. One qubit: one `u`. Two: at most three `rzz` (Weyl chamber). More:
    quantum Shannon decomposition, Shende, Bullock and Markov, quant-ph/0406176, theorem 13.
    """
    matrix = np.asarray(matrix, dtype=np.complex128)
    qubits = tuple(range(matrix.shape[0].bit_length() - 1))
    return tuple(_steps(matrix, qubits))


def matrix_of(steps: Sequence[Step], num_qubits: int) -> Matrix:
    """Multiply gates together: 2^n x 2^n, qubit 0 the lowest bit."""
    size = 1 << num_qubits
    out = np.eye(size, dtype=np.complex128).reshape([2] * num_qubits + [size])
    for row, qubits, angles in steps:
        gate = TABLE[row].matrix
        assert gate is not None, f"{row} has no matrix"
        k, axes = len(qubits), [num_qubits - 1 - q for q in qubits]
        tensor = gate(*angles).reshape([2] * (2 * k))
        out = np.moveaxis(np.tensordot(tensor, out, (range(k, 2 * k), axes)), range(k), axes)
    return out.reshape(size, size)


def _steps(matrix: Matrix, qubits: tuple[int, ...]) -> list[Step]:
    if len(qubits) == 0:
        return []
    if len(qubits) == 1:
        return [_one_qubit(matrix, qubits[0])]
    if len(qubits) == 2:
        return _two_qubits(matrix, qubits[0], qubits[1])
    return _shannon(matrix, qubits)


def _one_qubit(m: Matrix, qubit: int) -> Step:
    theta = 2 * math.atan2(abs(m[1, 0]), abs(m[0, 0]))
    phi = cmath.phase(m[1, 0] / m[0, 0]) if m[0, 0] and m[1, 0] else 0.0
    if abs(m[0, 0]) > abs(m[1, 0]):  # the larger pair of entries fixes the other angle
        return ("u", (qubit,), (theta, phi, cmath.phase(m[1, 1] / m[0, 0]) - phi))
    return ("u", (qubit,), (theta, phi, phi - cmath.phase(-m[1, 0] / m[0, 1])))


def _two_qubits(matrix: Matrix, low: int, high: int) -> list[Step]:
    from qiskit.synthesis.two_qubit import TwoQubitWeylDecomposition

    # Without a wanted fidelity Qiskit snaps to no special case, so small angles stay.
    weyl = TwoQubitWeylDecomposition(matrix, fidelity=None)
    out = [_one_qubit(np.array(weyl.K2r), low), _one_qubit(np.array(weyl.K2l), high)]
    for angle, into, back in ((weyl.a, "h", "h"), (weyl.b, "sx", "sxdg"), (weyl.c, "id", "id")):
        if abs(angle) < _ROUNDING:
            continue
        core: list[Step] = [("rzz", (low, high), (-2 * float(angle),))]
        if into != "id":
            core = [(into, (low,), ()), (into, (high,), ()), *core]
            core += [(back, (low,), ()), (back, (high,), ())]
        out += core
    return [*out, _one_qubit(np.array(weyl.K1r), low), _one_qubit(np.array(weyl.K1l), high)]


def _shannon(matrix: Matrix, qubits: tuple[int, ...]) -> list[Step]:
    from scipy.linalg import cossin

    half = len(matrix) // 2
    left, angles, right = cossin(matrix, p=half, q=half, separate=True)
    *low, top = qubits
    return [
        *_multiplexed(right[0], right[1], qubits),
        *_rotations("ry", 2 * angles, low, top),
        *_multiplexed(left[0], left[1], qubits),
    ]


def _multiplexed(zero: Matrix, one: Matrix, qubits: tuple[int, ...]) -> list[Step]:
    """Act as `zero` or `one` on the lower qubits, as the top qubit says (theorem 12)."""
    from scipy.linalg import schur

    *low, top = qubits
    triangle, vectors = schur(zero @ one.conj().T, output="complex")  # normal: it is diagonal
    phases = np.angle(np.diag(triangle)) / 2
    first = np.exp(1j * phases)[:, None] * (vectors.conj().T @ one)
    return [
        *_steps(first, tuple(low)),
        *_rotations("rz", -2 * phases, low, top),
        *_steps(vectors, tuple(low)),
    ]


def _rotations(row: str, angles: NDArray[np.float64], low: list[int], top: int) -> list[Step]:
    """Rotate `top` by the angle that the bits of `low` point at, walking a Gray code."""
    count = len(angles)
    gray = [i ^ (i >> 1) for i in range(count)]
    signs = np.array([[(-1) ** (g & b).bit_count() for b in range(count)] for g in gray])
    out: list[Step] = []
    for i, angle in enumerate(signs @ angles / count):
        out.append((row, (top,), (float(angle),)))
        change = gray[i] ^ gray[(i + 1) % count]
        out.append(("cx", (low[change.bit_length() - 1], top), ()))
    return out
