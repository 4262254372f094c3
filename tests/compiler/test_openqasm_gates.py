"""Gates under modifiers are exact: compared with matrices, phases under controls included."""

import cmath
import math

import numpy as np
import pytest
from qasm3_oracle import matrix, same_unitary
from qiskit.quantum_info import Operator

from bellwire.compiler.frontends.openqasm import read_qasm3
from bellwire.compiler.frontends.qasm3.objects import standard_gate
from bellwire.compiler.frontends.qasm3.standard import ARITY, ROW_OF, fold
from bellwire.compiler.operations import TABLE
from bellwire.errors import BellwireError, NotSupported

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
ANGLES = (0.37, -1.13, 2.21, 0.9)
BODY = "gate own(t) a, b { rx(t) a; gphase(t / 3); ctrl @ ry(2 * t) b, a; p(t) b; }\n"


def read_matrix(text: str, qubits: int):
    return matrix(read_qasm3(f"{HEAD}{BODY}qubit[{qubits}] q; {text}"))


def given(name: str) -> str:
    angles = ARITY.get(name, (1, 2))[0]
    return f"{name}({', '.join(map(str, ANGLES[:angles]))})" if angles else name


def exact(name: str):
    """The matrix of a gate, its global phase included, first qubit the lowest bit."""
    if name == "own":
        t = ANGLES[0]
        both = [
            np.kron(np.eye(2), TABLE["rx"].matrix(t)),
            cmath.exp(1j * t / 3) * np.eye(4),
            Operator(standard_gate("cry", (2 * t,))).reverse_qargs().data,
            np.kron(TABLE["p"].matrix(t), np.eye(2)),
        ]
        return both[3] @ both[2] @ both[1] @ both[0]
    return Operator(standard_gate(name, ANGLES[: ARITY[name][0]])).data


def controlled(inner, *, on: int = 1):
    """The first qubit of the new gate controls: it is the lowest bit."""
    size = len(inner)
    out = np.zeros((2 * size, 2 * size), dtype=complex)
    out[1 - on :: 2, 1 - on :: 2] = np.eye(size)
    out[on::2, on::2] = inner
    return out


NAMES = [*sorted(ARITY), "own"]


@pytest.mark.parametrize("name", NAMES)
def test_one_modifier(name: str) -> None:
    inner = exact(name)
    width = len(inner).bit_length() - 1
    here = ", ".join(f"q[{i}]" for i in range(width))
    more = ", ".join(f"q[{i}]" for i in range(width + 1))
    call = given(name)
    assert same_unitary(read_matrix(f"{call} {here};", width), inner)
    for modifier, wanted in (("inv", inner.conj().T), ("pow(2)", inner @ inner)):
        assert same_unitary(read_matrix(f"{modifier} @ {call} {here};", width), wanted)
    assert same_unitary(read_matrix(f"ctrl @ {call} {more};", width + 1), controlled(inner))
    wanted = controlled(inner.conj().T, on=0)
    assert same_unitary(read_matrix(f"negctrl @ inv @ {call} {more};", width + 1), wanted)


@pytest.mark.parametrize("name", ["x", "s", "h", "rz", "swap", "own"])
def test_modifiers_in_each_other(name: str) -> None:
    inner = exact(name)
    width = len(inner).bit_length() - 1
    more = ", ".join(f"q[{i}]" for i in range(width + 2))
    text = f"ctrl @ pow(-3) @ negctrl @ {given(name)} {more};"
    power = np.linalg.matrix_power(controlled(inner, on=0).conj().T, 3)
    assert same_unitary(read_matrix(text, width + 2), controlled(power))


def test_power_that_is_no_integer_is_the_principal_one() -> None:
    for name in ("x", "h", "s", "cx", "own"):
        inner = exact(name)
        width = len(inner).bit_length() - 1
        here = ", ".join(f"q[{i}]" for i in range(width))
        root = read_matrix(f"pow(0.5) @ {given(name)} {here};", width)
        assert same_unitary(root @ root, inner)
        assert not same_unitary(root, inner)


@pytest.mark.parametrize(
    ("text", "angle"),
    [
        ("ctrl @ gphase(0.7) q[0];", 0.7),
        ("ctrl @ inv @ gphase(0.7) q[0];", -0.7),
        ("inv @ ctrl @ gphase(0.7) q[0];", -0.7),
        ("ctrl @ pow(3) @ gphase(0.7) q[0];", 2.1),
        ("ctrl @ pow(0.5) @ gphase(0.7) q[0];", 0.35),
        ("negctrl @ gphase(0.7) q[0];", -0.7),
    ],
)
def test_phase_under_a_control(text: str, angle: float) -> None:
    assert same_unitary(read_matrix(text, 1), TABLE["p"].matrix(angle))


def test_phase_under_several_controls() -> None:
    wanted = np.diag([1] * 7 + [cmath.exp(0.7j)])
    assert same_unitary(read_matrix("ctrl(3) @ gphase(0.7) q[0], q[1], q[2];", 3), wanted)
    wanted = np.diag([1, 1, cmath.exp(0.7j), 1])  # q[1] is 1 and q[0] is 0
    assert same_unitary(read_matrix("ctrl @ negctrl @ gphase(0.7) q[1], q[0];", 2), wanted)


def test_many_controls() -> None:
    size = 8
    qubits = ", ".join(f"q[{i}]" for i in range(size))
    found = read_matrix(f"ctrl({size - 1}) @ z {qubits};", size)
    assert same_unitary(found, np.diag([1] * ((1 << size) - 1) + [-1]))


def test_small_angles_stay() -> None:
    program = read_qasm3(f"{HEAD}qubit[2] q; ctrl @ rx(1e-12) q[0], q[1]; pow(2) @ rz(1e-15) q[0];")
    assert [op.angles for op in program.ops] == [(1e-12,), (2e-15,)]


@pytest.mark.parametrize("row", sorted(set(ROW_OF.values())))
def test_folding_is_exact(row: str) -> None:
    angles = ANGLES[: TABLE[row].angles]
    inner = TABLE[row].matrix(*angles)
    size = len(inner)
    block = np.eye(2 * size, dtype=complex)
    block[size:, size:] = inner
    wanted = {("inv", 1): inner.conj().T, ("pow", 2.0): inner @ inner, ("ctrl", 1): block}
    for modifier, matrix_ in wanted.items():
        call = fold(row, angles, (modifier,))
        if call is not None:
            assert np.allclose(TABLE[call[0]].matrix(*call[1]), matrix_, atol=1e-12)
    assert fold(row, angles, (("pow", 0.5), ("ctrl", 2))) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ctrl(40) @ x q;", "found 1 qubits for x; it takes 41"),
        (f"ctrl(40) @ x {', '.join(f'q[{i}]' for i in range(41))};", "41 qubits made by ctrl"),
        ("pow(1000000) @ own(0.1) q[0], q[1];", "pow(1000000)"),
        (
            "gate big a, b, c, d, e, f, g { cx a, g; } "
            "pow(0.3) @ big q[0], q[1], q[2], q[3], q[4], q[5], q[6];",
            "no integer",
        ),
    ],
)
def test_limits(text: str, found: str) -> None:
    with pytest.raises(BellwireError) as error:
        read_matrix(text, 41)
    assert found in str(error.value)


def test_doubling_gates_are_refused_quickly() -> None:
    text = "gate g0 a { x a; }\n"
    text += "".join(f"gate g{i} a {{ g{i - 1} a; g{i - 1} a; }}\n" for i in range(1, 40))
    for call in ("g39 q[0];", "ctrl @ g39 q[0], q[1];"):
        with pytest.raises(NotSupported, match="operations"):
            read_matrix(text + call, 2)


def test_rows_cover_pi_exactly() -> None:
    assert [o.angles for o in read_qasm3(HEAD + "qubit q; rz(-pi/2) q;").ops] == [(-math.pi / 2,)]
