"""Every row of the table of operations: matrices, flags, and `body == meaning`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dense import embed
from written_out import without_bits, written_out

from bellwire.compiler.equivalence import EXACT, FLOWS, prove
from bellwire.compiler.operations import (
    KIND,
    ROWS,
    SHAREABLE,
    TABLE,
    Family,
    Operation,
    Step,
    is_diagonal,
)

ALL = list(TABLE.values())
GATES = [row for row in ALL if row.family is Family.GATE]
PROTOCOLS = [row for row in ALL if row.body]


@pytest.mark.parametrize("row", ALL, ids=lambda r: r.name)
def test_row_is_complete(row: Operation):
    assert row.help
    assert ROWS[KIND[row.name]] is TABLE[row.name] is row
    assert set(row.operands) <= {"acts", "makes", "ends"}
    assert row.any_qubits or len(row.diagonal) == row.num_qubits
    assert (row.matrix is not None) == (row.family is Family.GATE)
    assert bool(row.body) == (row.family is Family.PROTOCOL)


@pytest.mark.parametrize("row", GATES, ids=lambda r: r.name)
def test_matrix_is_unitary_and_flags_are_true(row: Operation):
    generic = (0.731, -1.93, 2.6)[: row.angles]
    assert row.matrix is not None
    m = row.matrix(*generic)
    size = 2**row.num_qubits
    assert np.allclose(m @ m.conj().T, np.eye(size), atol=1e-14)
    for i, flag in enumerate(row.diagonal):
        z = embed(np.diag([1.0, -1.0]), (i,), row.num_qubits)
        assert np.allclose(m @ z, z @ m) == flag, f"operand {i}"
    assert is_diagonal(row.kind) == np.allclose(m, np.diag(np.diag(m)))


def test_shareable_gates_are_diagonal():
    assert all(is_diagonal(KIND[name]) for name in SHAREABLE)


@pytest.mark.parametrize("name", ["rx", "ry", "rz", "p", "cp", "crx", "cry", "crz", "rzz"])
def test_rotations_add_up(name: str):
    m = TABLE[name].matrix
    assert m is not None
    assert np.allclose(m(0.4) @ m(0.5), m(0.9))
    assert np.allclose(m(0.0), np.eye(len(m(0.0))))


def test_fixed_gates_are_what_their_help_says():
    m = {row.name: row.matrix for row in GATES}
    assert np.allclose(m["sx"]() @ m["sx"](), m["x"]())
    assert np.allclose(m["s"]() @ m["s"](), m["z"]())
    assert np.allclose(m["t"]() @ m["t"](), m["s"]())
    assert np.allclose(m["sxdg"]() @ m["sx"](), np.eye(2))
    assert np.allclose(m["u"](math.pi / 2, 0, math.pi), m["h"]())
    assert np.allclose(m["h"]() @ m["z"]() @ m["h"](), m["x"]())
    assert np.allclose(1j * m["x"]() @ m["z"](), m["y"]())


@pytest.mark.parametrize("method", [EXACT, FLOWS])
@pytest.mark.parametrize("row", PROTOCOLS, ids=lambda r: r.name)
def test_body_does_what_the_row_means(row: Operation, method):
    body = written_out(row, row.premise, row.body)
    meaning = without_bits(written_out(row, row.premise, row.meaning))
    proof = prove(body, meaning, method=method)
    assert proof.equal, proof.detail


@pytest.mark.parametrize("row", PROTOCOLS, ids=lambda r: r.name)
def test_every_step_of_a_body_is_needed(row: Operation):
    meaning = without_bits(written_out(row, row.premise, row.meaning))
    for i, step in enumerate(row.body):
        if step.name in ("reset", "measure"):
            continue  # a reset may find |0>; a measurement without its bit has nothing to send
        less = written_out(row, row.premise, row.body[:i] + row.body[i + 1 :])
        assert not prove(less, meaning, method=EXACT).equal, f"step {i} ({step.name})"


@pytest.mark.parametrize("row", PROTOCOLS, ids=lambda r: r.name)
def test_protocols_are_diagonal_where_they_say(row: Operation):
    body = without_bits(written_out(row, row.premise, row.meaning))
    for i, flag in enumerate(row.diagonal):
        if row.operands[i] != "acts":
            assert not flag
            continue
        z = (Step("z", (i,)),)
        before = without_bits(written_out(row, row.premise, z, row.meaning))
        after = without_bits(written_out(row, row.premise, row.meaning, z))
        if flag:
            assert prove(before, after).equal
    assert prove(body, body).equal
