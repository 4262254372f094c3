"""Read OpenQASM 2 with Qiskit's parser, and keep the line of every statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bellwire.compiler.frontends.openqasm2_scan import Scan
from bellwire.compiler.frontends.qiskit import CircuitReader
from bellwire.compiler.frontends.qiskit_unroll import Unroller
from bellwire.compiler.frontends.synthesis import matrix_of
from bellwire.compiler.program import Program
from bellwire.errors import NotSupported, ParseError

if TYPE_CHECKING:
    from qiskit.qasm2 import CustomInstruction

_MESSAGE = re.compile(r'"?(?P<file>.*?):(?P<line>\d+),(?P<column>\d+): (?P<what>.*)', re.DOTALL)

_ADVICE = {
    "not defined": 'declare it, or include "qelib1.inc" if it is one of its gates',
    "unable to find": "put the file beside this one, or write its gates out",
    "can only handle OpenQASM": "write OPENQASM 2.0; or 3.0;",
    "end-of-file": "finish the last statement",
    "duplicate qubits": "give different qubits",
    "out-of-range": "index within the register's size",
}

# Two-qubit gates and smaller that files often define again for themselves; see _same.
_REDEFINED = {
    *("u1", "u2", "u3", "u", "p", "id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg"),
    *("rx", "ry", "rz", "cx", "cy", "cz", "ch", "cp", "cu1", "crx", "cry", "crz", "swap"),
    *("csx", "rxx", "rzz"),
}
_MAX_TEST_STEPS = 200
_TEST_ANGLES = ((0.37, -1.13, 2.21), (-2.9, 0.61, 1.7))


def read_qasm2(text: str, path: str = "") -> Program:
    """Turn OpenQASM 2 text into a LOGICAL Program; `source` is the line of the statement.

    Gates that the file defines itself are unrolled, unless their name and meaning are those of a
    row of the table. Includes are looked for beside `path`, then in the current folder. Raises
    ParseError with line and column.
    """
    known = _known()
    scan = Scan(path, _folders(path), {"U": 3} | {c.name: c.num_params for c in known})
    scan.look_over(text)
    circuit = _load(text, scan, _customs(scan, known))
    name, place = _stem(path), f"{path or 'OpenQASM 2'}:{{}}".format
    if len(scan.lines) != len(circuit.data):  # statements on nothing: their numbers must do
        return CircuitReader(circuit, name=name).read()
    return CircuitReader(circuit, name=name, sources=scan.lines, place=place).read()


def _stem(path: str) -> str | None:
    from pathlib import Path

    return Path(path).stem or None


def _folders(path: str) -> list[str]:
    from pathlib import Path

    folder = Path(path).parent if path else Path()
    return [str(f) for f in dict.fromkeys((folder, Path())) if f.is_dir()]


def _load(text: str, scan: Scan, customs: Sequence[CustomInstruction]) -> Any:
    from qiskit import qasm2
    from qiskit.exceptions import QiskitError

    try:
        return qasm2.loads(
            text,
            include_path=scan.folders,
            custom_instructions=customs,
            custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL,
        )
    except QiskitError as error:
        raise _parse_error(str(error.message), scan.path) from None


def _parse_error(message: str, path: str) -> ParseError:
    match = _MESSAGE.match(message.strip("\"'"))
    if match is None:
        return ParseError(f"{message}; write it as OpenQASM 2.0 has it", path)
    what = match["what"]
    advice = next((a for key, a in _ADVICE.items() if key in what), "correct the statement")
    file = path if match["file"] == "<input>" else match["file"]
    return ParseError(f"{what}; {advice}", file, int(match["line"]), int(match["column"]) + 1)


def _known() -> list[CustomInstruction]:
    """All gates that Qiskit has by name."""
    from qiskit import qasm2
    from qiskit.circuit.library import IGate

    # u0(n) waits n times the length of a gate; Qiskit's would write n identities.
    own = qasm2.CustomInstruction("u0", 1, 1, lambda _: IGate(), builtin=True)
    return [*(c for c in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if c.name != "u0"), own]


def _customs(scan: Scan, known: Sequence[CustomInstruction]) -> list[CustomInstruction]:
    """The known gates without those that the file defines differently."""
    free = [c for c in known if c.name not in scan.definitions]
    defined = [c for c in known if c.name in scan.definitions and c.name in _REDEFINED]
    return free + [c for c in defined if _same(c, free, scan)]


def _same(custom: CustomInstruction, free: Sequence[CustomInstruction], scan: Scan) -> bool:
    """Whether a gate means in the file what it means to Qiskit, whatever its angles."""
    from qiskit import QuantumCircuit

    if scan.definitions[custom.name] != (custom.num_params, custom.num_qubits):
        return False
    for angles in _TEST_ANGLES:
        ours = QuantumCircuit(custom.num_qubits)
        ours.append(custom.constructor(*angles[: custom.num_params]), range(custom.num_qubits))
        try:
            theirs = _load(scan.preamble + _call(custom, angles), scan, free)
            if not _equal(ours, theirs):
                return False
        except (ParseError, NotSupported):  # reading the whole file will say what and where
            return False
    return True


def _equal(a: Any, b: Any) -> bool:
    both = [Unroller().steps(c.data[-1]) for c in (a, b)]
    if max(map(len, both)) > _MAX_TEST_STEPS:
        return False
    one, two = (matrix_of(steps, a.num_qubits) for steps in both)
    return bool(abs(abs(np.vdot(one, two)) - len(one)) < 1e-12)


def _call(custom: CustomInstruction, angles: Sequence[float]) -> str:
    values = ",".join(str(a) for a in angles[: custom.num_params])
    qubits = ",".join(f"bellwire_q[{i}]" for i in range(custom.num_qubits))
    size = custom.num_qubits
    return f"qreg bellwire_q[{size}];\n{custom.name}({values}) {qubits};"
