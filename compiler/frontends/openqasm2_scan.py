"""A quick look over OpenQASM 2 text: lines of statements, names of gates, sizes, limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bellwire.errors import ParseError
from bellwire.targets.files import MOST_CIRCUIT_BYTES, file_text

MAX_BITS = 1_000_000
MAX_INSTRUCTIONS = 10_000_000
MAX_INCLUDES = 20  # in one another
MAX_INCLUDED = 200  # altogether

_COMMENT = re.compile(r""" "[^"\n]*" | '[^'\n]*' | //[^\n]* """, re.VERBOSE)
_STATEMENT = re.compile(r"\s*+(gate\b[^{;]*+\{[^}]*+(?:\}|\Z)|[^;]*+(?:;|\Z))")
_NUMBER = re.compile(r"(==\s*)?(?<![\w.])\d{19,}(?![\w.])|OPENQASM\s+[\d.]*\d{9}")
_REGISTER = re.compile(r"([qc])reg\s+(\w+)\s*\[\s*(\d+)\s*\]")
_GATE = re.compile(r"gate\s+(\w+)\s*(?:\(([^)]*)\))?([^{;]*)")
_INCLUDE = re.compile(r"""include\s*(?:"([^"\n]*)"|'([^'\n]*)')""")
_IF = re.compile(r"if\s*\([^)]*\)\s*")


@dataclass(slots=True)
class Scan:
    """What the look has found. `lines[i]`: the line of instruction i; `angles`: name of a gate ->
    how many it takes; `definitions`: gates of the text and what it includes -> (angles, qubits);
    `preamble`: the header, the includes and all definitions; `bits`: how many are declared, qubits
    too; `included`: the files opened, by all looks together."""

    path: str
    folders: Sequence[str]
    angles: dict[str, int]
    depth: int = 0
    lines: list[int] = field(default_factory=list)
    definitions: dict[str, tuple[int, int]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    preamble: str = "OPENQASM 2.0;\n"
    bits: int = 0
    included: list[str] = field(default_factory=list)

    def look_over(self, text: str) -> None:
        """Take in all statements of a text.

        Raises ParseError for what Qiskit's parser stumbles over: numbers and sizes beyond all
        bounds, gates without their angles, files that include themselves.
        """
        clean = _COMMENT.sub(_blank, text)
        _refuse_numbers(clean, self.path)
        line, at = 1, 0
        for match in _STATEMENT.finditer(clean):
            start = match.start(1)
            line += clean.count("\n", at, start)
            at = start
            try:
                count = self._look(match[1])
                self._check_size(count)
            except _Wrong as error:
                column = start - clean.rfind("\n", 0, start)
                raise ParseError(str(error), self.path, line, column) from None
            self.lines.extend([line] * count)

    def _check_size(self, count: int) -> None:
        if self.bits > MAX_BITS:
            raise _Wrong(f"more than {MAX_BITS:,} bits; declare fewer")
        if len(self.lines) + count > MAX_INSTRUCTIONS:
            raise _Wrong(f"more than {MAX_INSTRUCTIONS:,} instructions; split the file")

    def _look(self, statement: str) -> int:
        """Take in one statement; returns how many instructions it makes."""
        head = _first_word(statement)
        if head in ("qreg", "creg"):
            if match := _REGISTER.match(statement):
                self.sizes[match[2]] = int(match[3])
                self.bits += int(match[3])
            return 0
        if head in ("gate", "opaque", "include"):
            return self._declare(statement)
        if head == "OPENQASM" or not statement.strip("; \t\r\n"):
            return 0
        if head == "if" and (match := _IF.match(statement)):
            return self._look(statement[match.end() :])
        if head == "barrier":
            return 1 if self.sizes else 0
        self._need_angles(head, statement)
        return _width(statement, self.sizes)

    def _declare(self, statement: str) -> int:
        self.preamble += statement + "\n"
        if match := _INCLUDE.match(statement):
            return self._include(match[1] or match[2] or "")
        if match := _GATE.match(statement):
            angles = len([a for a in (match[2] or "").split(",") if a.strip()])
            self.definitions[match[1]] = (
                angles,
                len([q for q in match[3].split(",") if q.strip()]),
            )
            self.angles[match[1]] = angles
            for inner in statement[statement.find("{") + 1 : -1].split(";"):
                self._need_angles(_first_word(inner.lstrip()), inner)
        return 0

    def _include(self, name: str) -> int:
        file = next((f for f in (Path(p) / name for p in self.folders) if _is_file(f)), None)
        if name == "qelib1.inc" or file is None:
            return 0
        if self.depth >= MAX_INCLUDES:
            raise _Wrong(f"includes nested deeper than {MAX_INCLUDES}; does a file include itself?")
        self.included.append(str(file))
        if len(self.included) > MAX_INCLUDED:
            raise _Wrong(f"more than {MAX_INCLUDED} includes; put their gates into one file")
        inner = Scan(str(file), self.folders, self.angles, self.depth + 1, included=self.included)
        inner.look_over(file_text(file, MOST_CIRCUIT_BYTES))
        self.definitions |= inner.definitions
        self.sizes |= inner.sizes
        self.bits += inner.bits
        return len(inner.lines)

    def _need_angles(self, name: str, statement: str) -> None:
        """Qiskit's parser counts the angles of a gate only where there are parentheses."""
        if self.angles.get(name) and "(" not in statement:
            raise _Wrong(f"{name} stands without its angles; write {name}(...)")


class _Wrong(Exception):
    """What is wrong with the statement at hand."""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _first_word(text: str) -> str:
    match = re.match(r"\w*", text)
    return match[0] if match else ""


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    return " " * len(found) if found.startswith("//") else found


def _refuse_numbers(clean: str, path: str) -> None:
    for match in _NUMBER.finditer(clean):
        if not match[1]:  # a register may well be compared with a long number
            line = clean.count("\n", 0, match.start()) + 1
            column = match.start() - clean.rfind("\n", 0, match.start())
            raise ParseError(
                f"{match[0][:20]}... is too large a number; write a real one with a dot",
                path,
                line,
                column,
            )


def _width(statement: str, sizes: dict[str, int]) -> int:
    """How often a gate, measurement or reset is repeated over whole registers."""
    operands = statement[statement.rfind(")") + 1 : -1]
    if "->" in operands:
        operands = operands.split("->")[0]
    if operands.count("[") > operands.count(","):
        return 1
    names = [o.split()[-1] for o in operands.split(",") if o.strip() and "[" not in o]
    return max((sizes.get(n, 1) for n in names), default=1)
