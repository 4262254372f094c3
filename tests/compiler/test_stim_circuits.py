"""Stim circuits in and out: the same gates, the same flows, the same records, named refusals."""

import random

import numpy as np
import pytest
import stim

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.emitters.stim import record_of_bits, to_stim
from bellwire.compiler.frontends.stim import from_stim
from bellwire.compiler.frontends.stim_gates import gate_steps
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.operations import TABLE
from bellwire.compiler.program import Register, Stage
from bellwire.errors import NotSupported, ParseError

GATES = [
    name
    for name, row in stim.gate_data().items()
    if row.is_unitary and (row.is_single_qubit_gate or row.is_two_qubit_gate)
]


def unitary_of_steps(steps, size: int):
    """The matrix of rows on `size` qubits, the first qubit the highest bit."""
    out = np.eye(2**size, dtype=complex)
    for name, places in steps:
        matrix = TABLE[name].matrix()
        if size == 2 and len(places) == 1:
            pair = (matrix, np.eye(2)) if places == (0,) else (np.eye(2), matrix)
            matrix = np.kron(*pair)
        elif places == (1, 0):
            matrix = matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
        out = matrix @ out
    return out


@pytest.mark.parametrize("name", GATES)
def test_every_gate_is_exact(name: str) -> None:
    row = stim.gate_data(name)
    size = 1 if row.is_single_qubit_gate else 2
    matrix = unitary_of_steps(gate_steps(name), size)
    wanted = row.unitary_matrix
    if size == 2:  # Stim's first qubit is the lowest bit
        wanted = wanted.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
    overlap = abs(np.trace(matrix.conj().T @ wanted)) / 2**size
    assert overlap == pytest.approx(1, abs=1e-6)
    assert len(gate_steps(name)) <= 2 or size == 2


def same_behaviour(read: stim.Circuit, written: stim.Circuit) -> bool:
    """Whether both have the same flows, signs and records included.

    The generators are taken from what we wrote: those of Stim 1.16 have wrong signs for some
    circuits with inverted measurements (`has_flow` of the same circuit denies them).
    """
    flows = written.flow_generators()
    return len(flows) == len(read.flow_generators()) and all(map(read.has_flow, flows))


def random_circuit(rng: random.Random, count: int = 12) -> str:
    """Random gates, measurements, resets, products and feedback on four qubits."""
    lines, measured = [], 0
    two = [n for n in GATES if stim.gate_data(n).is_two_qubit_gate]
    one = [n for n in GATES if stim.gate_data(n).is_single_qubit_gate]
    for _ in range(count):
        a, b, c = rng.sample(range(4), 3)
        flips = [rng.choice(["", "!"]) for _ in range(3)]
        pauli = [rng.choice("XYZ") for _ in range(3)]
        product = f"{flips[0]}{pauli[0]}{a}*{pauli[1]}{b}*{flips[2]}{pauli[2]}{c}"
        kind = rng.randrange(8)
        if kind == 0:
            lines.append(f"{rng.choice(['M', 'MX', 'MY', 'MR', 'MRX', 'MRY'])} {flips[0]}{a} {b}")
            measured += 2
        elif kind == 1:
            lines.append(f"{rng.choice(['MXX', 'MYY', 'MZZ'])} {flips[0]}{a} {flips[1]}{b}")
            measured += 1
        elif kind == 2:
            lines.append(f"MPP {product} {pauli[1]}{b}")
            measured += 2
        elif kind == 3:
            lines.append(f"{rng.choice(['SPP', 'SPP_DAG'])} {product}")
        elif kind == 4 and measured:
            record = f"rec[-{rng.randint(1, measured)}]"
            pair = rng.choice([f"CX {record} {a}", f"CY {record} {a}", f"CZ {a} {record}"])
            lines.append(rng.choice([pair, f"XCZ {a} {record}", f"YCZ {a} {record}"]))
        elif kind == 5:
            lines.append(f"{rng.choice(['R', 'RX', 'RY'])} {a} {b}")
        elif kind == 6:
            lines.append(f"{rng.choice(one)} {a} {b}")
        else:
            lines.append(f"{rng.choice(two)} {a} {b} {b} {c}")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(40))
def test_random_circuits_keep_all_flows(seed: int) -> None:
    circuit = stim.Circuit(random_circuit(random.Random(seed)) + "\nI 0 1 2 3")
    program = from_stim(circuit)
    again = to_stim(program)
    assert same_behaviour(circuit, again)
    assert record_of_bits(program) == list(range(circuit.num_measurements))
    assert from_stim(again) == from_stim(to_stim(from_stim(again)))


def test_lines_numbers_and_names() -> None:
    program = from_stim(
        "H 7 # first\n\nM !3\nQUBIT_COORDS(1, 2) 90\nTICK\nCX rec[-1] 7", "a/b.stim"
    )
    assert program.name == "b"
    assert program.logical == ("q[3]", "q[7]")
    assert program.registers == (Register("rec", 1),)
    found = [(op.name, op.source) for op in program.ops]
    assert found == [("h", 1), ("x", 3), ("measure", 3), ("x", 3), ("barrier", 5), ("x", 6)]
    assert [op.source for op in from_stim(stim.Circuit("H 0 1\nX 0")).ops] == [0, 0, 1]


def test_equal_gates_are_not_fused_together() -> None:
    lines = [op.source for op in from_stim("CX 0 1\nCX 0 1 1 2\nCX 2 0").ops]
    assert lines == [1, 2, 2, 3]


def test_repeat_stays_a_loop_unless_it_measures() -> None:
    text = (
        "R 0 1\nREPEAT 5 {\n H 0\n REPEAT 2 {\n  CX 0 1\n }\n}\nREPEAT 3 {\n M 0\n CX rec[-1] 1\n}"
    )
    program = from_stim(text)
    names = [op.name for op in program.ops]
    assert names == ["reset", "reset", "for_loop", *["measure", "x"] * 3]
    assert program.registers == (Register("rec", 3),)
    again = to_stim(program)
    assert str(again).count("REPEAT") == 2
    assert same_behaviour(stim.Circuit(text), again)


def test_bits_written_in_loops_have_their_last_record() -> None:
    program, _ = read_text(
        "qubits q[2]\nbits c[3]\nmeasure q[0] -> c[2]\nrepeat 3 {\n measure q[0] -> c[0]\n"
        " repeat 2 {\n  measure q[1] -> c[1]\n }\n}\nmeasure q[0] -> c[2]"
    )
    assert to_stim(program).num_measurements == 11
    assert record_of_bits(program) == [7, 9, 10]


def test_a_loop_without_turns_is_nothing() -> None:
    program, _ = read_text("qubits q[1]\nbits c[1]\nrepeat 0 {\n measure q[0] -> c[0]\n}\nh q[0]")
    assert str(to_stim(program)) == "H 0"
    assert record_of_bits(program) == [-1]


def test_loops_with_conditions_are_unrolled() -> None:
    program, _ = read_text(
        "qubits q[1]\nbits c[1]\nrepeat 2 {\n measure q[0] -> c[0]\n x q[0] if c[0]\n}"
    )
    assert str(to_stim(program)) == "M 0\nCX rec[-1] 0\nM 0\nCX rec[-1] 0"
    assert record_of_bits(program) == [1]


def test_conditions_become_feedback() -> None:
    program, _ = read_text(
        "qubits q[1]\nbits c[3]\nmeasure q[0] -> c[0]\nmeasure q[0] -> c[1]\n"
        "y q[0] if !(c[0] ^ c[1])\np(pi) q[0] if c[1]\nx q[0] if c[2]\n"
        "if c[0] {\n x q[0]\n} else {\n z q[0]\n}"
    )
    lines = str(to_stim(program)).splitlines()
    assert lines[1:] == [
        "Y 0",
        "CY rec[-2] 0 rec[-1] 0",
        "CZ rec[-1] 0",
        "CX rec[-2] 0",
        "Z 0",
        "CZ rec[-2] 0",
    ]


QUARTERS = (("rz", 2, 1), ("rx", 2, 1), ("cp", 1, 2), ("crx", 1, 2), ("rzz", 2, 2))


def test_angles_that_are_clifford() -> None:
    text = "qubits q[2]\n" + "\n".join(
        f"{name}({k}*pi/{d}) q[0]{' q[1]' if size == 2 else ''}"
        for name, d, size in (
            ("rz", 2, 1),
            ("rx", 2, 1),
            ("cp", 1, 2),
            ("crx", 1, 2),
            ("rzz", 2, 2),
        )
        for k in range(-4, 6)
    )
    program, _ = read_text(text + "\nu(0, pi/2, pi) q[0]")
    for op in program.ops:
        one = ProgramBuilder(program.qubits)
        one.append_op(op)
        circuit = to_stim(one.finish(Stage.LOGICAL))
        circuit.append("I", range(len(op.qubits)))
        matrix = op.row.matrix(*op.angles)
        assert circuit.to_tableau() == stim.Tableau.from_unitary_matrix(matrix, endian="big"), op


def test_a_bell_pair_and_protocols_are_written_out() -> None:
    program, _ = read_text(
        "bellwire 1 distributed\nqubits a[1] ac[1] in A\nqubits b[1] bc[1] in B\nbits bellwire[2]\n"
        "ebit ac[0] bc[0]\nteleport a[0] ac[0] bc[0] -> bellwire[0] bellwire[1]"
    )
    circuit = to_stim(program)
    assert str(circuit).startswith("R 1 3\nH 1\nCX 1 3 0 1\n")
    assert circuit.has_all_flows([stim.Flow("X___ -> ___X"), stim.Flow("Z___ -> ___Z")])


REFUSED = [
    ("t q[0]", "line 3: .* t, which is not Clifford"),
    ("rz(0.1) q[0]", r"rz\(0.1\), which is not Clifford"),
    ("cp(pi/2) q[0] q[1]", "not Clifford"),
    ("h q[0] if c[0]", "h under a condition"),
    ("x q[0] if c[0] & c[1]", "the condition of x"),
    ("reset q[0] if c[0]", "reset under a condition"),
    ("while c[0] {\n}", "while_loop"),
    ("if c[0] {\n measure q[0] -> c[0]\n}", "if_else that measures"),
    ("repeat 9 {\n break if c[0]\n}", "break_loop"),
    ("repeat 9999 {\n repeat 9999 {\n  break if c[0]\n }\n}", "unrolls to"),
    ("repeat 9999999 {\n x q[0] if c[0]\n measure q[0] -> c[0]\n}", "unrolls to"),
]


@pytest.mark.parametrize(("line", "says"), REFUSED)
def test_what_stim_cannot_do_is_named(line: str, says: str) -> None:
    program, _ = read_text(f"qubits q[2]\nbits c[2]\n{line}")
    with pytest.raises(NotSupported, match=says):
        to_stim(program)


NOT_READ = [
    ("DEPOLARIZE1(0.1) 0", "DEPOLARIZE1"),
    ("M(0.01) 0", "M"),
    ("MPP(0.01) X0*X1", "MPP"),
    ("X_ERROR(0) 0", "X_ERROR"),
    ("HERALDED_ERASE(0.1) 0", "HERALDED_ERASE"),
    ("E(0.1) X1", "E"),
    ("DETECTOR rec[-1]", "DETECTOR"),
    ("OBSERVABLE_INCLUDE(0) rec[-1]", "OBSERVABLE_INCLUDE"),
    ("SHIFT_COORDS(1)", "SHIFT_COORDS"),
    ("MPAD 0 1", "MPAD"),
    ("CX sweep[0] 1", "sweep"),
    ("MPP X0*X0", "identity"),
    ("REPEAT 1000000000 {\n M 0\n}", "unrolls to 2,000,000,000"),
]


@pytest.mark.parametrize(("line", "says"), NOT_READ)
def test_what_is_not_carried_is_named(line: str, says: str) -> None:
    for source, place in ((f"M 0\n{line}", "f.stim:2: "), (stim.Circuit(f"M 0\n{line}"), ": inst")):
        with pytest.raises(NotSupported) as caught:
            from_stim(source, "f.stim")
        assert says in str(caught.value)
        assert place in str(caught.value)


WRONG = [
    ("H 0\n  HH 1", 2, 3, "HH"),
    ("H 0\n\nCX 0 0", 3, 1, "twice"),
    ("REPEAT 3 {\nH 0", 1, 1, "never closed"),
    ("H 0\n}", 2, 1, "no open block"),
    ("REPEAT 0 {\n}", 1, 1, "0 times"),
    ("H 0\nCX rec[-1] 0", 2, 0, "before the first measurement"),
    ("REPEAT 2 {\n" * 60 + "}\n" * 60, 51, 1, "deep"),
    ("H 0\nH 99999999", 2, 1, "large"),
    ("H 0\n[open", 2, 1, "tag"),
    ("H[open", 1, 1, "tag"),
]


@pytest.mark.parametrize(("text", "line", "column", "says"), WRONG)
def test_wrong_text_names_its_line(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(ParseError) as caught:
        from_stim(text, "f.stim")
    assert (caught.value.path, caught.value.line, caught.value.column) == ("f.stim", line, column)
    assert says in caught.value.message
