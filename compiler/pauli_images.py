"""What a gate makes of a Pauli error before it: another Pauli, or no Pauli at all."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from bellwire.compiler.operations import KIND, ROWS, Matrix

Image = tuple[tuple[int, int], ...]  # (operand, 0 for X or 1 for Z): their product

_EXACT = 1e-9
_I = np.eye(2, dtype=np.complex128)
_X = np.array([[0, 1], [1, 0]], dtype=np.complex128)
_Z = np.diag([1, -1]).astype(np.complex128)


@cache
def pauli_images(
    name: str, angles: tuple[float, ...]
) -> tuple[tuple[Image | None, Image | None], ...]:
    """For each operand of a gate: the Paulis after it that are the same as an X, and as a Z, before
    it (up to a phase); None where there are none."""
    row = ROWS[KIND[name]]
    assert row.matrix is not None
    gate = row.matrix(*angles)
    width = row.num_qubits
    return tuple(
        (_image(gate, width, operand, _X), _image(gate, width, operand, _Z))
        for operand in range(width)
    )


def _image(gate: Matrix, width: int, operand: int, pauli: Matrix) -> Image | None:
    moved = gate @ _on(width, {operand: pauli}) @ gate.conj().T
    for xs, zs in product(product((0, 1), repeat=width), repeat=2):
        found = _on(width, {k: _power(_X, xs[k]) @ _power(_Z, zs[k]) for k in range(width)})
        if abs(abs(np.vdot(found, moved)) - 2**width) < _EXACT:
            return tuple((k, p) for k in range(width) for p, here in ((0, xs), (1, zs)) if here[k])
    return None


def _power(matrix: Matrix, exponent: int) -> Matrix:
    return matrix if exponent else _I


def _on(width: int, factors: dict[int, Matrix]) -> Matrix:
    out: Matrix = np.eye(1, dtype=np.complex128)
    for k in range(width):
        out = np.kron(out, factors.get(k, _I)).astype(np.complex128)
    return out
