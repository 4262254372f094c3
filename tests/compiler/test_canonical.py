"""Canonical expansions against the matrices of the table."""

from __future__ import annotations

import numpy as np
import pytest
from dense import embed

from bellwire.compiler.canonical import canonical
from bellwire.compiler.conditions import bit
from bellwire.compiler.operations import TABLE
from bellwire.compiler.program import Op

ALLOWED = {"cx", "cz", "cp", "rzz"}
GATES = [row for row in TABLE.values() if row.matrix is not None]


def unitary(ops: list[Op], n: int) -> np.ndarray:
    out = np.eye(2**n, dtype=complex)
    for op in ops:
        assert op.row.matrix is not None
        out = embed(op.row.matrix(*op.angles), op.qubits, n) @ out
    return out


@pytest.mark.parametrize("row", GATES, ids=lambda r: r.name)
@pytest.mark.parametrize("angle", [0.0, 0.37, -2.9, 5.5, 1e-9])
def test_expansion_is_exact_up_to_a_global_phase(row, angle):
    for qubits in ((0, 1), (1, 0)):
        op = Op(row.name, qubits[: row.num_qubits], (angle,) * row.angles)
        found, wanted = unitary(canonical(op), 2), unitary([op], 2)
        phase = np.vdot(wanted, found) / 4
        assert abs(abs(phase) - 1) < 1e-12
        assert np.abs(found - phase * wanted).max() < 1e-12


@pytest.mark.parametrize("row", GATES, ids=lambda r: r.name)
def test_pieces_are_canonical_and_keep_condition_and_source(row):
    op = Op(
        row.name,
        (4, 7)[: row.num_qubits],
        (0.3,) * row.angles,
        condition=bit(2),
        source=11,
    )
    for piece in canonical(op):
        assert piece.row.num_qubits == 1 or piece.name in ALLOWED
        assert set(piece.qubits) <= set(op.qubits)
        assert (piece.condition, piece.source) == (bit(2), 11)
        assert canonical(piece) == [piece]
