"""Read a circuit of any kind: pick the front-end that takes it."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from typing import Any

from bellwire.compiler.program import Program
from bellwire.errors import NotSupported, ParseError
from bellwire.targets.files import MOST_CIRCUIT_BYTES, file_text
from bellwire.targets.machine import Machine

ENDINGS = (".qasm", ".stim", ".txt")

_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_VERSION = re.compile(r"\s*OPENQASM\s+(\d+)")
_OLD = re.compile(r"\b[qc]reg\b")
_OURS = re.compile(r"^\s*(bellwire\s+\d|qubits\b)", re.MULTILINE)
_STATEMENT = re.compile(r"^[^#\n]*;", re.MULTILINE)

Found = tuple[Program, Machine | None]


def read(source: object, *, path: str = "") -> Program:
    """Turn a circuit into a Program: a file, a text, or an object of Qiskit, Cirq or Stim.

    A string that ends in .qasm, .stim or .txt is the path of a file, any other one is the text
    itself (`path` is then its name in messages). A Program comes back as it is. Raises ParseError
    for text that is wrong, NotSupported for what bellwire cannot take.
    """
    if isinstance(source, Program):
        return source
    if isinstance(source, PathLike) or (isinstance(source, str) and _is_path(source)):
        return read_file(source)[0]
    if isinstance(source, str):
        return read_text_of(source, path=path)[0]
    return _read_object(source)


def read_file(path: str | PathLike[str]) -> Found:
    """Read a circuit, or a program that bellwire wrote together with its machine.

    The ending says what the file holds: .qasm OpenQASM 2 or 3, .stim Stim, .txt our text form; for
    others the content does. Raises ParseError for files that cannot be read.
    """
    return read_text_of(circuit_text(path), path=str(path))


def read_text_of(text: str, *, path: str = "") -> Found:
    """Read the text of a file; `path` gives its ending and its name in messages."""
    if not text.strip():
        raise ParseError("there is nothing in it; give a circuit", path)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise ParseError("half a character; save it as UTF-8", path, line) from None
    try:
        return _read_text(text, path)
    except RecursionError:
        raise ParseError("nested too deeply; flatten its blocks and brackets", path) from None


def qasm_version(text: str) -> int:
    """The major version in the header; without one 2 where `qreg` or `creg` appears, else 3."""
    clean = _COMMENT.sub(" ", text)
    match = _VERSION.match(clean)
    if match:
        return int(match[1][:9])
    return 2 if _OLD.search(clean) else 3


def _is_path(text: str) -> bool:
    return text.endswith(ENDINGS) and "\n" not in text


def circuit_text(path: str | PathLike[str]) -> str:
    """The text of a circuit's file. Raises ParseError for files that cannot be read."""
    return file_text(path, MOST_CIRCUIT_BYTES)


def _read_text(text: str, path: str) -> Found:
    kind = kind_of(text, path)
    if kind == "qasm2":
        from bellwire.compiler.frontends.openqasm2 import read_qasm2

        return read_qasm2(text, path), None
    if kind == "qasm3":
        from bellwire.compiler.frontends.openqasm import read_program_qasm3

        return read_program_qasm3(text, path)
    if kind == "stim":
        from bellwire.compiler.frontends.stim import from_stim

        return from_stim(text, path), None
    from bellwire.compiler.frontends.text import read_text

    return read_text(text, path)


def kind_of(text: str, path: str = "") -> str:
    """What a text is by its path's ending or by itself: qasm2, qasm3, stim or text."""
    known = {".stim": "stim", ".txt": "text", ".qasm": "qasm"}
    kind = known.get(Path(path).suffix) or _kind_of_content(_COMMENT.sub(" ", text))
    if kind == "qasm":
        return "qasm2" if qasm_version(text) < 3 else "qasm3"
    return kind


def _kind_of_content(clean: str) -> str:
    if not _VERSION.match(clean):
        if _OURS.search(clean):
            return "text"
        if not _STATEMENT.search(clean):
            return "stim"
    return "qasm"


def _read_object(source: Any) -> Program:
    """Read an object by the names of its classes, so that no package is loaded to look at it."""
    names = {f"{c.__module__.partition('.')[0]}.{c.__name__}" for c in type(source).__mro__}
    if "qiskit.QuantumCircuit" in names:
        from bellwire.compiler.frontends.qiskit import from_qiskit

        return from_qiskit(source)
    if names & {"cirq.Circuit", "cirq.FrozenCircuit"}:
        from bellwire.compiler.frontends.cirq import from_cirq

        return from_cirq(source)
    if "stim.Circuit" in names:
        from bellwire.compiler.frontends.stim import from_stim

        return from_stim(source)
    raise NotSupported(
        f"a {type(source).__module__}.{type(source).__name__} is no circuit that bellwire knows; "
        "give a path, text, or a circuit of Qiskit, Cirq or Stim"
    )
