"""Programs with any angles: what is proved is equal, and what the compiler does is proved."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from handmade import logical, random_logical, spread
from mutants import mutants

from bellwire.compiler.conditions import bit
from bellwire.compiler.equivalence import EXACT, prove
from bellwire.compiler.gf2 import pack
from bellwire.compiler.ports import match_ports
from bellwire.compiler.program import Op, Program
from bellwire.compiler.rotations import _marked, _numbered, _Rows, _spelled, same_rotations
from bellwire.compiler.steps import NotClifford, tape
from bellwire.compiler.sweep import Strings

PAULIS = {
    (0, 0): np.eye(2),
    (1, 0): np.array([[0, 1], [1, 0]]),
    (0, 1): np.diag([1, -1]),
    (1, 1): np.array([[0, -1j], [1j, 0]]),
}


def same(program: Program, reference: Program) -> bool | None:
    """What is found; None where the method does not apply."""
    ports = match_ports(program, reference)
    assert not isinstance(ports, str)
    try:
        return same_rotations(program, reference, ports)
    except NotClifford:
        return None


@pytest.mark.parametrize("seed", range(4))
def test_every_mutant_is_found(seed: int) -> None:
    reference = random_logical(seed, 3, 12, clifford=False)
    program = spread(reference, 2)
    assert same(program, reference)
    found = 0
    for what, mutant in mutants(program):
        assert bool(same(mutant, reference)) <= prove(mutant, reference, method=EXACT).equal, what
        found += 1
    assert found > 50


RX, RZ, CP = (("rx", (0,), (0.3,)), ("rz", (0,), (0.4,)), ("cp", (0, 1), (0.5,)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("t", (0,)), ("t", (0,)), RX], [("s", (0,)), RX]),
        ([("t", (0,)), ("t", (0,)), RX, RZ], [("sdg", (0,)), ("z", (0,)), RX, RZ]),
        ([("tdg", (0,)), RX], [("sdg", (0,)), ("t", (0,)), RX]),
        ([RX, RZ, ("rz", (0,), (-0.4,)), ("rx", (0,), (-0.3,))], []),
        ([("rz", (0,), (2.0,)), ("rz", (0,), (2.0,)), RX], [("p", (0,), (4.0,)), RX]),
        ([CP, ("cp", (1, 0), (0.7,)), ("h", (0,)), RX], [("cp", (1, 0), (1.2,)), ("h", (0,)), RX]),
        ([CP, ("t", (1,)), ("crz", (1, 0), (0.2,))], [("crz", (1, 0), (0.2,)), ("t", (1,)), CP]),
        ([("h", (0,)), RZ, ("h", (0,))], [("rx", (0,), (0.4,))]),
        ([("x", (0,)), RZ, ("x", (0,))], [("rz", (0,), (-0.4,))]),
        ([("cx", (0, 1)), ("rz", (1,), (0.4,)), ("cx", (0, 1))], [("rzz", (0, 1), (0.4,))]),
        ([("sdg", (0,)), RX, ("s", (0,))], [("ry", (0,), (0.3,))]),
        ([("u", (0,), (0.1, 0, 0.4))], [RZ, ("ry", (0,), (0.1,))]),
    ],
)  # fmt: skip
def test_what_is_equal_is_seen(one: list[tuple], other: list[tuple]) -> None:
    mine, theirs = logical(2, *one), logical(2, *other)
    assert prove(mine, theirs, method=EXACT).equal
    assert same(mine, theirs)
    assert same(theirs, mine)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([RX, RZ], [RZ, RX]),
        ([RX], [("rx", (0,), (-0.3,))]),
        ([RX], [("rx", (0,), (0.3 + 1e-9,))]),
        ([RX], [("rx", (1,), (0.3,))]),
        ([RX], [RX, ("z", (0,))]),
        ([RX], [RX, RX]),
        ([("t", (0,)), ("t", (0,)), RX], [("sdg", (0,)), RX]),
        ([("cp", (0, 1), (2 * math.pi / 2**80,))], []),
        ([("cp", (0, 1), (2 * math.pi / 2**80,))], [("cp", (0, 1), (2 * math.pi / 2**79,))]),
        ([("s", (0,)), RX], [RX, ("s", (0,))]),
    ],
)
def test_what_differs_is_not_taken_for_equal(one: list[tuple], other: list[tuple]) -> None:
    mine, theirs = logical(2, *one), logical(2, *other)
    assert same(mine, theirs) is False
    assert same(theirs, mine) is False


@pytest.mark.parametrize("seed", range(30))
def test_commuting_and_splitting_is_seen_through(seed: int) -> None:
    """Neighbours that commute change places, angles are split, Clifford gates cancel."""
    rng = np.random.default_rng(seed)
    program = random_logical(seed, 3, 30, clifford=False)
    ops: list[Op] = []
    for op in program.ops:
        if op.name in ("rz", "rx", "ry", "rzz") and rng.random() < 0.7:
            part = float(rng.uniform(-4, 4))
            ops += [op.__class__(op.name, op.qubits, (a,)) for a in (part, op.angles[0] - part)]
        else:
            ops.append(op)
        if rng.random() < 0.3:
            q = (int(rng.integers(3)),)
            ops += [Op(name, q) for name in (("s", "sdg"), ("h", "h"), ("t", "tdg"))[seed % 3]]
    for i in rng.integers(len(ops) - 1, size=100).tolist():
        if not set(ops[i].qubits) & set(ops[i + 1].qubits):
            ops[i], ops[i + 1] = ops[i + 1], ops[i]
    other = logical(3, *((op.name, op.qubits, op.angles) for op in ops))
    assert prove(other, program, method=EXACT).equal
    assert same(other, program)


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bellwire.compiler.rotations.MOST_WORK", 9)
    assert same(logical(1, RX, RZ, RX), logical(1, RX, RZ, RX))
    assert same(logical(1, RX, RZ, RX, RZ), logical(1, RX, RZ, RX, RZ)) is None


def test_where_it_does_not_apply() -> None:
    measured = logical(2, ("measure", (0,), (), (0,)), RX, bits=1)
    assert same(measured, measured) is None
    kept = logical(2, ("measure", (0,), (), (0,)), RZ, bits=1)
    assert same(kept, kept)
    asked = logical(2, ("measure", (1,), (), (0,)), (*RX, (), bit(0)), bits=1)
    assert same(asked, asked) is None
    assert same(logical(1, RX, ("reset", (0,))), logical(1, RX, ("reset", (0,)))) is True
    assert same(logical(1, ("reset", (0,)), RX), logical(1, ("reset", (0,)), RX)) is None


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_strings_pulled_back_are_those_of_matrices(quarters: int) -> None:
    """exp(i k pi/4 L) S exp(-i k pi/4 L), for all S and L on two qubits."""
    letters = list(product((0, 1), repeat=4))
    table = np.array(letters, dtype=np.bool_)
    for row in range(1, 16):
        strings = _Rows(pack(table[:, :2]), pack(table[:, 2:]), np.zeros(16, dtype=np.bool_))
        one = strings[[row]][0]
        strings.pull_back(one, quarters)
        columns = strings.columns(2)
        again = _Rows.of(columns, 16)
        assert all(np.array_equal(a, b) for a, b in zip(fields(again), fields(strings)))
        left = math.cos(quarters * math.pi / 4) * np.eye(4)
        left = left + 1j * math.sin(quarters * math.pi / 4) * matrix(letters[row])
        for k, letter in enumerate(letters):
            bits = [int(w[k, 0]) >> q & 1 for w in (strings.x, strings.z) for q in (0, 1)]
            sign = -1 if strings.sign[k] else 1
            wanted = left @ matrix(letter) @ left.conj().T
            assert np.allclose(sign * matrix(tuple(bits)), wanted)


def fields(rows: _Rows) -> tuple[np.ndarray, ...]:
    return rows.x, rows.z, rows.sign


def matrix(bits: tuple[int, ...]) -> np.ndarray:
    """The Pauli string with X on the qubits of the first two bits, Z on those of the others."""
    return np.kron(PAULIS[bits[0], bits[2]], PAULIS[bits[1], bits[3]])


@pytest.mark.parametrize("seed", range(3))
def test_numba_and_numpy_make_the_same_marks(seed: int) -> None:
    program, angles = _spelled(spread(random_logical(seed, 8, 300, clifford=False), 4))
    assert len(angles) > 64
    found = []
    for compiled in (False, True):
        strings = Strings(len(program.qubits), len(program.bit_names), -(-len(angles) // 64))
        marks = _numbered(tape(program, _marked))
        assert list(strings.pull_back(marks, compiled=compiled)) == []
        found.append((strings.x, strings.z, strings.sign))
    assert all(np.array_equal(a, b) for a, b in zip(*found))
    assert found[0][0].any()
