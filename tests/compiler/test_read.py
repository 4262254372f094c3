"""read and read_file: the right front-end is picked, and unreadable files are refused plainly."""

import sys
from pathlib import Path

import pytest
import stim
from qiskit import QuantumCircuit

from bellwire.compiler.frontends import read as module
from bellwire.compiler.frontends.read import qasm_version, read, read_file
from bellwire.compiler.program import Program, Stage
from bellwire.errors import NotSupported, ParseError

QASM2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'
QASM3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n'
STIM = "H 0\nCX 0 1\n"
TEXT = "qubits q[2]\nh q[0]\ncx q[0] q[1]\n"


def names(program: Program) -> list[tuple[str, tuple[int, ...]]]:
    """Rows and qubits."""
    return [(op.name, op.qubits) for op in program.ops]


BELL = [("h", (0,)), ("cx", (0, 1))]


@pytest.mark.parametrize("text", [QASM2, QASM3, STIM, TEXT, "// first\n" + QASM2.split("\n", 1)[1]])
def test_texts(text: str) -> None:
    assert names(read(text)) == BELL


@pytest.mark.parametrize(
    ("ending", "text"),
    [(".qasm", QASM2), (".qasm", QASM3), (".stim", STIM), (".txt", TEXT), (".circuit", QASM2)],
)
def test_files(ending: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / f"bell{ending}"
    path.write_text("\ufeff" + text.replace("\n", "\r\n"), encoding="utf-8")
    program, machine = read_file(path)
    assert names(program) == BELL
    assert machine is None
    assert names(read(path)) == BELL
    if ending != ".circuit":
        assert names(read(str(path))) == BELL


def test_objects() -> None:
    import cirq

    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    a, b = cirq.LineQubit.range(2)
    program = read(circuit)
    assert names(program) == BELL
    assert read(program) is program
    assert names(read(stim.Circuit(STIM))) == BELL
    assert names(read(cirq.Circuit(cirq.H(a), cirq.CNOT(a, b)))) == BELL
    assert names(read(cirq.FrozenCircuit(cirq.H(a), cirq.CNOT(a, b)))) == BELL


def test_subclass_of_a_circuit() -> None:
    class Mine(QuantumCircuit):
        pass

    assert read(Mine(3)).stage is Stage.LOGICAL


def test_other_objects_are_refused() -> None:
    with pytest.raises(NotSupported, match=r"builtins\.int is no circuit"):
        read(3)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (QASM2, 2),
        (QASM3, 3),
        ("// OPENQASM 2.0;\nOPENQASM 3;", 3),
        ("/* qreg */ qubit q;", 3),
        ("qreg q[1];", 2),
        ("OPENQASM 12345678901234567890;", 123456789),
    ],
)
def test_version(text: str, version: int) -> None:
    assert qasm_version(text) == version


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.qasm").mkdir()
    (tmp_path / "zip.qasm").write_bytes(b"PK\x03\x04\0\0")
    (tmp_path / "latin.qasm").write_bytes(QASM2.encode() + b"// caf\xe9\n")
    (tmp_path / "empty.qasm").write_text(" \n\n")
    cases = {
        "missing.qasm": "no such file",
        "folder.qasm": "a folder",
        "zip.qasm": "a binary file",
        "latin.qasm": "not UTF-8",
        "empty.qasm": "nothing in it",
        "x" * 5000 + ".qasm": "cannot be read",
        "nul\0.qasm": "no such file|cannot be read",
    }
    for name, words in cases.items():
        with pytest.raises(ParseError, match=words) as info:
            read_file(tmp_path / name)
        assert info.value.path == str(tmp_path / name)
    with pytest.raises(ParseError) as info:
        read_file(tmp_path / "latin.qasm")
    assert info.value.line == 6
    monkeypatch.setattr(module, "MOST_CIRCUIT_BYTES", 10)
    with pytest.raises(ParseError, match="MB or more; at most"):
        read_file(tmp_path / "latin.qasm")


def test_text_that_is_no_text() -> None:
    with pytest.raises(ParseError, match="nothing in it"):
        read("")
    with pytest.raises(ParseError, match="half a character"):
        read(QASM2 + "\udc80")


@pytest.mark.parametrize(
    "text",
    [
        QASM2 + "rx(" + "(" * 50_000 + "1" + ")" * 50_000 + ") q[0];",
        QASM2 + "rx(" + "sin(" * 50_000 + "1" + ")" * 50_000 + ") q[0];",
        QASM3 + "rx(" + "(" * 5_000 + "1" + ")" * 5_000 + ") q[0];",
        QASM3 + "bit c;\n" + "if (c) {" * 3_000 + "h q[0];" + "}" * 3_000,
        "REPEAT 2 {\n" * 3_000 + "H 0\n" + "}\n" * 3_000,
        "qubits q[1]\nbits c[1]\n" + "if c[0] {\n" * 3_000 + "h q[0]\n" + "}\n" * 3_000,
    ],
    ids=["qasm2", "qasm2-sin", "qasm3", "qasm3-if", "stim", "text"],
)
def test_deep_nesting_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except (ParseError, NotSupported) as error:
        assert "\n" not in str(error)  # noqa: PT017


def test_looking_at_an_object_loads_no_package() -> None:
    import subprocess

    code = (
        "import sys; from bellwire.compiler.frontends.read import read\n"
        "try: read(3)\n"
        "except Exception: pass\n"
        "print(sorted({'qiskit', 'cirq', 'stim'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
