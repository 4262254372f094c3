"""Read the text form: one line per operation, by hand or from `to_text`.

    qubits q[2]
    bits c[2]
    h q[0]
    cx q[0] q[1]
    measure q[0] -> c[0]
    x q[1] if c[0]
    if c[0] {
      rz(pi/4) q[1]
    } else {
      reset q[1]
    }
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NoReturn

from bellwire.compiler.conditions import Condition
from bellwire.compiler.conditions import from_text as read_condition
from bellwire.compiler.emitters.text import OPENS, SHORT, VERSION, qubit_word, register_word
from bellwire.compiler.operations import TABLE, Family
from bellwire.compiler.program import Program, ProgramBuilder, Qubit, Register, Stage
from bellwire.targets.machine import Machine

from bellwire.errors import MachineError, ParseError, ProgramError

MAX_PLACES = 10_000_000  # bits, or qubits, in one file
MAX_DEPTH = 50

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ITEM = re.compile(r"([A-Za-z_]\w*|\$\d+)(?:\[(\d{1,8})(?:\.\.(\d{1,8}))?\])?\Z", re.ASCII)
_HEAD = re.compile(r"([a-z_][a-z_0-9]*)\s*(?:\(([^()]*)\))?(?=\s|\Z)")
_START = re.compile(r"@(-?\d{1,18})\s+")
_PI = re.compile(r"([+-]?)(?:(\d+(?:\.\d*)?)\s*\*\s*)?pi(?:\s*/\s*(\d+(?:\.\d*)?))?\Z")
_DECLARATIONS = ("bellwire", "machine", "qubits", "bits", "logical")
_LONG = {short: name for name, short in SHORT.items()}
_FLOW = {word: name for name, word in OPENS.items()}
_WRITABLE = {n for n, row in TABLE.items() if row.family is not Family.FLOW} | set(SHORT)


def read_text(text: str, path: str = "") -> tuple[Program, Machine | None]:
    """Read a Program, and the machine that it is for where the text has one.

    Without a header the Program is LOGICAL. `source` of an operation is its line. Raises
    ParseError with line and column.
    """
    return _Reader(path).read(text)


class _Wrong(Exception):
    """What is wrong with one word of the line; the reader turns it into a ParseError."""

    def __init__(self, message: str, word: str = "") -> None:
        self.message, self.word = message, word
        super().__init__(message)


@dataclass(slots=True)
class _Frame:
    """A block that is still open."""

    name: str
    parent: ProgramBuilder
    line: int
    start_ns: int
    condition: Condition | None
    angles: tuple[float, ...] = ()
    qubits: list[int] | None = None
    bits: list[int] | None = None
    blocks: list[ProgramBuilder] = field(default_factory=list)


class _Reader:
    def __init__(self, path: str) -> None:
        self.path, self.number = path, 0
        self.stage, self.name = Stage.LOGICAL, "program"
        self.machine: Machine | None = None
        self.qubits: list[Qubit] = []
        self.registers: list[Register] = []
        self.logical: list[tuple[str, int, int]] | None = None
        self.qubit_at: dict[str, int] = {}
        self.bit_at: dict[str, int] = {}
        self.quoted: list[str] = []  # the strings of this line, in the line as $0, $1, ...
        self.angle_of: dict[str, float] = {}
        self.frames: list[_Frame] = []
        self.root: ProgramBuilder | None = None
        self.block: ProgramBuilder | None = None

    def read(self, text: str) -> tuple[Program, Machine | None]:
        """Read all lines."""
        for self.number, raw in enumerate(text.split("\n"), 1):
            line = raw.strip()
            try:
                if '"' in line or "#" in line:
                    line = self._without_strings(line)
                if line:
                    self._statement(line)
            except (_Wrong, ProgramError, MachineError) as error:
                self._fail(error, raw)
        if self.frames:
            self.number = self.frames[-1].line
            self._fail(_Wrong("this block is never closed; close it with }"), "")
        outputs = None if self.logical is None else [end for _, _, end in self.logical]
        return self._builder().finish(self.stage, outputs), self.machine

    def _fail(self, error: Exception, raw: str) -> NoReturn:
        word = error.word if isinstance(error, _Wrong) else ""
        word = re.sub(r"\$(\d+)", lambda m: json.dumps(self.quoted[int(m[1])]), word)
        column = raw.find(word) + 1 or 1 if raw else 0
        raise ParseError(str(error), self.path, self.number, column) from None

    def _without_strings(self, line: str) -> str:
        """Put each string aside and cut the comment off."""
        self.quoted = []
        if line.startswith("machine "):
            return line

        def aside(match: re.Match[str]) -> str:
            if "#" in line[: match.start()].replace(" ", "")[:0]:
                return ""
            try:
                self.quoted.append(str(json.loads(match[0])))
            except ValueError:
                raise _Wrong(f"{match[0]} is not a string; write it as in JSON", match[0]) from None
            return f"${len(self.quoted) - 1}"

        return _QUOTED.sub(aside, line).partition("#")[0].rstrip()
