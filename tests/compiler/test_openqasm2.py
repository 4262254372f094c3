"""OpenQASM 2: gates, conditions, lines of statements, errors with line and column."""

from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator

from bellwire.compiler.conditions import equals
from bellwire.compiler.frontends.openqasm2 import read_qasm2
from bellwire.compiler.frontends.synthesis import matrix_of
from bellwire.compiler.program import Program, Register
from bellwire.errors import NotSupported, ParseError

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[3];\n'


def rows(program: Program) -> list[tuple[str, tuple[int, ...], tuple[float, ...]]]:
    """The gates of a program."""
    return [(op.name, op.qubits, op.angles) for op in program.ops]


def assert_matrix(text: str, wanted: QuantumCircuit) -> Program:
    """Check that a text has the matrix of a circuit, up to a global phase."""
    program = read_qasm2(text)
    size = wanted.num_qubits
    overlap = np.vdot(matrix_of(rows(program), size), Operator(wanted).data)
    assert abs(overlap) == pytest.approx(2**size, abs=1e-9)
    return program


def test_gates_outside_the_old_library() -> None:
    body = "sx q[0]; p(0.3) q[0]; cu1(0.1) q[0],q[1]; rzz(0.2) q[0],q[1]; csx q[1],q[2];"
    body += "cu3(0.1,0.2,0.3) q[0],q[1]; swap q[0],q[2]; cswap q[0],q[1],q[2]; u0(3) q[0];"
    program = read_qasm2(HEAD + body)
    names = [op.name for op in program.ops]
    assert names[:4] == ["sx", "p", "cp", "rzz"]
    assert names[-1] == "id"


def test_repetition_over_registers_and_lines() -> None:
    text = HEAD + "h q; // all of it\n\ncx q[0],\n   q[1]; x q[2];\nmeasure q -> c;\nbarrier q;\n"
    program = read_qasm2(text)
    assert [op.name for op in program.ops] == ["h"] * 3 + ["cx", "x"] + ["measure"] * 3 + [
        "barrier"
    ]
    assert program.source.tolist() == [5, 5, 5, 7, 8, 9, 9, 9, 10]
    assert program.registers == (Register("c", 3),)


def test_conditions() -> None:
    program = read_qasm2(HEAD + "if(c==5) x q[0];\nif (c == 2) measure q[1] -> c[1];\n")
    assert [op.condition for op in program.ops] == [equals([0, 1, 2], 5), equals([0, 1, 2], 2)]
    assert program.source.tolist() == [5, 6]


def test_gates_of_the_file_are_unrolled() -> None:
    text = HEAD + "gate twice(a) x,y { rx(a/2) x; barrier x,y; cx x,y; }\ntwice(0.6) q[2],q[0];"
    program = read_qasm2(text)
    assert rows(program) == [("rx", (2,), (0.3,)), ("barrier", (2, 0), ()), ("cx", (2, 0), ())]
    assert program.source.tolist() == [6, 6, 6]


def test_known_gate_with_its_own_definition_stays_one_gate() -> None:
    text = HEAD + "gate rzz(t) a,b { cx a,b; u1(t) b; cx a,b; }\nrzz(0.6) q[0],q[1];"
    assert rows(read_qasm2(text)) == [("rzz", (0, 1), (0.6,))]


def test_known_name_with_another_meaning_is_unrolled() -> None:
    text = HEAD + "gate rzz(t) a,b { cx a,b; rz(2*t) b; cx a,b; }\nrzz(0.6) q[0],q[1];"
    assert rows(read_qasm2(text)) == [
        ("cx", (0, 1), ()),
        ("rz", (1,), (1.2,)),
        ("cx", (0, 1), ()),
    ]
    text = HEAD + "gate cu(t) a,b { cx a,b; }\ngate swap a { x a; }\ncu(1) q[0],q[1]; swap q[2];"
    assert rows(read_qasm2(text)) == [("cx", (0, 1), ()), ("x", (2,), ())]


def test_gates_without_the_library() -> None:
    text = "OPENQASM 2.0;\ngate h a { U(pi/2,0,pi) a; }\ngate cx a,b { CX b,a; }\nqreg q[2];\n"
    program = read_qasm2(text + "h q[0]; cx q[0],q[1]; CX q[0],q[1]; U(0.1,0.2,0.3) q[0];")
    assert rows(program) == [
        ("h", (0,), ()),
        ("cx", (1, 0), ()),
        ("cx", (0, 1), ()),
        ("u", (0,), (0.1, 0.2, 0.3)),
    ]


@pytest.mark.parametrize("seed", range(10))
def test_what_qiskit_writes(seed: int) -> None:
    circuit = random_circuit(4, 5, max_operands=4, seed=seed)
    assert_matrix(qasm2.dumps(circuit), circuit)


def test_includes_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.inc").write_text("gate rzz(t) a,b { cx a,b; rz(t) b; cx a,b; }\n")
    (tmp_path / "all.inc").write_text('include "mine.inc";\nqreg q[2];\nh q[1];\n')
    text = 'OPENQASM 2.0;\ninclude "qelib1.inc";\ninclude "all.inc";\nrzz(0.3) q[0],q[1];\n'
    program = read_qasm2(text, str(tmp_path / "main.qasm"))
    assert rows(program) == [("h", (1,), ()), ("rzz", (0, 1), (0.3,))]
    assert program.source.tolist() == [3, 4]
    assert program.name == "main"


def test_file_that_includes_itself(tmp_path: Path) -> None:
    text = 'include "loop.inc";\n'
    (tmp_path / "loop.inc").write_text(text)
    with pytest.raises(ParseError, match=r"loop\.inc:1:1: includes nested deeper than 20"):
        read_qasm2(text, str(tmp_path / "main.qasm"))


@pytest.mark.parametrize(
    ("body", "line", "column", "words"),
    [
        ("x q[0]\ny q[1];", 6, 1, "expected|instead"),
        ("\n  foo q[0];", 6, 3, "'foo' is not defined.*declare it"),
        ("x q[7];", 5, 5, "out-of-range"),
        ("cx q[0],q[0];", 5, 1, "duplicate qubits.*give different"),
        ("rx(1/0) q[0];", 5, 5, "divide by zero"),
        ("if(c==1) barrier q;", 5, 10, "barrier"),
        ('include "nowhere.inc";', 5, 9, "nowhere.inc.*beside"),
        ("qreg r[99999999999999999999];", 5, 8, "too large"),
        ("qreg r[99999999];", 5, 1, "more than 1,000,000 bits"),
        ("x q[0]", 5, 1, "end-of-file"),
        ("x q[0]; rx q[1];", 5, 9, "rx stands without its angles"),
        ("gate g x { u3 x; }", 5, 1, "u3 stands without its angles"),
        ("gate g(a) x { rx(a) x; }\nif(c==1) g q[0];", 6, 1, "g stands without its angles"),
        ("\nbarrier q; \x00", 6, 12, "token"),
    ],
)
def test_errors_have_line_and_column(body: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ParseError, match=words) as info:
        read_qasm2(HEAD + body, "bad.qasm")
    assert (info.value.path, info.value.line, info.value.column) == ("bad.qasm", line, column)
    assert str(info.value).startswith(f"bad.qasm:{line}:")
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("opaque magic a;\nmagic q[0];", "bad.qasm:6: magic has no definition"),
        ("\nrx(1e400) q[0];", "bad.qasm:6: angle inf is not finite"),
        ("gate g(a) x { rx(1/a) x; }\ng(0) q[0];", "bad.qasm:6: the definition of g fails"),
        ("opaque delay(t) a;\ndelay(5) q[0];", "bad.qasm:6: a delay in dt"),
        (
            "gate g0 a { x a; }\n"
            + "".join(f"gate g{i + 1} a {{ g{i} a; g{i} a; }}\n" for i in range(60))
            + "g60 q[0];",
            "bad.qasm:66: gate g.* unrolls to more than",
        ),
        (
            "gate g0 a { x a; }\n"
            + "".join(f"gate g{i + 1} a {{ g{i} a; }}\n" for i in range(300))
            + "g300 q[0];",
            "bad.qasm:306: gate g.* more than 100 levels",
        ),
    ],
)
def test_refused_with_their_line(body: str, words: str) -> None:
    with pytest.raises(NotSupported, match=words):
        read_qasm2(HEAD + body, "bad.qasm")


def test_other_versions_and_encodings_are_refused() -> None:
    with pytest.raises(ParseError, match="too large a number"):
        read_qasm2("OPENQASM 2.00000000000000000000001;")
    with pytest.raises(ParseError, match=r"can only handle OpenQASM 2\.0"):
        read_qasm2("OPENQASM 3.0; qubit q;")
    with pytest.raises(ParseError, match="non-ASCII"):
        read_qasm2(HEAD + "é q[0];")
