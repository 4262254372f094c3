"""A quick look over OpenQASM 2 text: lines of statements, names of gates, sizes, limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bellwire.errors import ParseError

MAX_BITS = 1_000_000
MAX_INSTRUCTIONS = 10_000_000

_COMMENT = re.compile(r'"[^"\n]*"|//[^\n]*')
_STATEMENT = re.compile(r"\s*(gate\b[^{;]*\{[^}]*\}|[^;]*;)")
_NUMBER = re.compile(r"(==\s*)?(?<![\w.])\d{19,}(?![\w.])")
_REGISTER = re.compile(r"([qc])reg\s+(\w+)\s*\[\s*(\d+)\s*\]")
_GATE = re.compile(r"gate\s+(\w+)\s*(?:\(([^)]*)\))?([^{;]*)")
_INCLUDE = re.compile(r'include\s*"([^"\n]*)"')
_IF = re.compile(r"if\s*\([^)]*\)\s*")
_WORD = re.compile(r"\w*")


@dataclass(slots=True)
class Scan:
    """What the look has found. `lines[i]`: the line of instruction i; `definitions`: name of a gate
    -> (angles, qubits); `preamble`: the header, the includes and all definitions."""

    lines: list[int] = field(default_factory=list)
    definitions: dict[str, tuple[int, int]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)
    preamble: str = "OPENQASM 2.0;\n"

    def defined_names(self, folders: Sequence[str]) -> set[str]:
        """Names of all gates defined here and in included files."""
        return set(self.definitions) | _names_in(self.includes, folders, set())


def scan_qasm2(text: str, path: str = "") -> Scan:
    """Look over a program without judging its grammar.

    Raises ParseError for what Qiskit's parser cannot be given: sizes and numbers beyond all bounds.
    """
    clean = _COMMENT.sub(_blank, text)
    _refuse_numbers(clean, path)
    scan, line, at = Scan(), 1, 0
    for match in _STATEMENT.finditer(clean):
        start = match.start(1)
        line += clean.count("\n", at, start)
        at = start
        count = _look(match[1], scan)
        if count == 0 and sum(scan.sizes.values()) > MAX_BITS:
            raise ParseError(f"more than {MAX_BITS:,} bits; declare fewer", path, line)
        if len(scan.lines) + count > MAX_INSTRUCTIONS:
            raise ParseError(
                f"more than {MAX_INSTRUCTIONS:,} instructions; split the file", path, line
            )
        scan.lines.extend([line] * count)
    return scan


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    return " " * len(found) if found.startswith("//") else found


def _refuse_numbers(clean: str, path: str) -> None:
    for match in _NUMBER.finditer(clean):
        if not match[1]:  # a register may well be compared with a long number
            line = clean.count("\n", 0, match.start()) + 1
            column = match.start() - clean.rfind("\n", 0, match.start())
            raise ParseError(
                f"the integer {match[0][:12]}... is too large; write 1.0e20, with a dot",
                path,
                line,
                column,
            )


def _look(statement: str, scan: Scan) -> int:
    """Take in one statement; returns how many instructions it makes."""
    word = _WORD.match(statement)
    head = word[0] if word else ""
    if head in ("qreg", "creg"):
        if match := _REGISTER.match(statement):
            scan.sizes[match[2]] = int(match[3])
        return 0
    if head in ("gate", "opaque", "include"):
        scan.preamble += statement + "\n"
        if match := _INCLUDE.match(statement):
            scan.includes.append(match[1])
        elif head == "gate" and (match := _GATE.match(statement)):
            angles = len([a for a in (match[2] or "").split(",") if a.strip()])
            scan.definitions[match[1]] = (angles, match[3].count(",") + 1)
        return 0
    if head == "OPENQASM" or not statement.strip("; \t\r\n"):
        return 0
    if head == "if" and (match := _IF.match(statement)):
        return _look(statement[match.end() :], scan)
    return 1 if head == "barrier" else _width(statement, scan.sizes)


def _width(statement: str, sizes: dict[str, int]) -> int:
    """How often a gate, measurement or reset is repeated over whole registers."""
    operands = statement[statement.rfind(")") + 1 : -1]
    if "->" in operands:
        operands = operands.split("->")[0]
    if operands.count("[") > operands.count(","):
        return 1
    names = [o.split()[-1] for o in operands.split(",") if o.strip() and "[" not in o]
    return max((sizes.get(n, 1) for n in names), default=1)


def _names_in(includes: Sequence[str], folders: Sequence[str], seen: set[str]) -> set[str]:
    names: set[str] = set()
    for name in includes:
        if name == "qelib1.inc" or name in seen:
            continue
        seen.add(name)
        for file in (Path(f) / name for f in folders):
            if file.is_file():
                inner = scan_qasm2(file.read_text(encoding="utf-8", errors="replace"), str(file))
                names |= set(inner.definitions) | _names_in(inner.includes, folders, seen)
                break
    return names
