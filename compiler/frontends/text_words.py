"""Words of the text form: declared places, numbers, strings, and what is wrong with one."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence

from bellwire.compiler.emitters.text import RESERVED, qubit_word, register_word
from bellwire.compiler.program import Qubit, Register

MAX_PLACES = 1_000_000  # bits, or qubits, in one file

_ASIDE = re.compile(r'"(?:[^"\\]|\\.)*"|#.*|\$')
_ITEM = re.compile(
    r"([A-Za-z_]\w*(?:\(\d+\))?|\$\d+\$)(?:\[(\d{1,18})(?:\.\.(\d{1,18}))?\])?\Z", re.ASCII
)
_ASIDE_WORD = re.compile(r"\$(\d+)\$", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z_]\w*(\[\d+\]|\(\d+\))?\Z", re.ASCII)
_PI = re.compile(r"([+-]?)(?:(\d+)\s*\*\s*)?pi(?:\s*/\s*(\d+))?\Z", re.ASCII)


class Wrong(Exception):
    """What is wrong with one word of a line; the reader turns it into a ParseError."""

    def __init__(self, message: str, word: str = "") -> None:
        self.message, self.word = message, word
        super().__init__(message)


class Strings:
    """The quoted strings of one line, which stand in it as $0$, $1$, ... while it is read."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._written: list[str] = []

    def set_aside(self, line: str) -> str:
        """Put $0$, $1$, ... in the place of strings, and cut the comment off."""
        self._found, self._written = [], []
        return _ASIDE.sub(self._aside, line).rstrip()

    def _aside(self, match: re.Match[str]) -> str:
        text = match[0]
        if text[0] == "#":
            return ""
        try:
            self._found.append(str(json.loads(text)))
        except ValueError:
            raise Wrong(
                f"found {text}; write names as they are, or as JSON strings", text
            ) from None
        self._written.append(text)
        return f"${len(self._found) - 1}$"

    def plain(self, word: str) -> str:
        """The string that a word stands for, or the word."""
        match = _ASIDE_WORD.fullmatch(word)
        return self._found[int(match[1])] if match else word

    def written(self, word: str) -> str:
        """The word as it stands in the file."""
        return _ASIDE_WORD.sub(lambda m: self._written[int(m[1])], word)


class Places:
    """The declared qubits and bits."""

    def __init__(self, strings: Strings) -> None:
        self.qubits: list[Qubit] = []
        self.registers: list[Register] = []
        self.qubit_at: dict[str, int] = {}
        self.bit_at: dict[str, int] = {}
        self._declared: set[tuple[str, bool]] = set()  # registers; whether it is a lone bit
        self._strings = strings

    def add_qubits(self, words: Sequence[str], module: str | None, role: str) -> None:
        """Declare `name`, `name[n]`, `name[a..b]`. Raises Wrong for a name that is taken."""
        for word in words:
            for name in self._qubit_names(word):
                if (key := qubit_word(name)) in self.qubit_at:
                    raise Wrong(f"qubit {name} is declared twice; rename one", word)
                self.qubit_at[key] = len(self.qubits)
                self.qubits.append(Qubit(name, module, role))

    def _qubit_names(self, word: str) -> Iterable[str]:
        stem, low, high = self._item(word)
        if low is None:
            return (stem,)
        first, end = (0, low) if high is None else (low, high + 1)
        if end <= first:
            raise Wrong(f"{self._strings.written(word)} is no qubit at all; write how many", word)
        self._need_room(len(self.qubits) + end - first, word)
        return [f"{stem}[{i}]" for i in range(first, end)]

    def add_bits(self, words: Sequence[str]) -> None:
        """Declare `name` or `name[n]`. Raises Wrong for a name that is taken."""
        for word in words:
            name, size, high = self._item(word)
            if high is not None:
                raise Wrong(f"found {self._strings.written(word)}; write name[how many]", word)
            at, register = len(self.bit_at), Register(name, size)
            self._need_room(at + register.width, word)
            if (name, size is None) in self._declared:
                raise Wrong(f"{name} is declared twice; rename one", word)
            self._declared.add((name, size is None))
            self.registers.append(register)
            stem = register_word(name)
            names = [stem] if size is None else [f"{stem}[{i}]" for i in range(size)]
            self.bit_at.update(zip(names, range(at, at + len(names))))

    def _item(self, word: str) -> tuple[str, int | None, int | None]:
        match = _ITEM.match(word)
        if match is None:
            raise Wrong(f"found {self._strings.written(word)}; write name or name[how many]", word)
        low, high = (None if g is None else int(g) for g in match.groups()[1:])
        return self._strings.plain(match[1]), low, high

    def _need_room(self, count: int, word: str) -> None:
        if count > MAX_PLACES:
            raise Wrong(f"found {count:,} places; at most {MAX_PLACES:,} fit in a file", word)

    def qubit(self, word: str) -> int:
        """Which qubit a word names. Raises Wrong for an unknown one."""
        found = self.qubit_at.get(word)
        if found is None and word.startswith("$"):
            found = self.qubit_at.get(qubit_word(self._strings.plain(word)))
        if found is None:
            raise Wrong(self._unknown("qubit", word), word)
        return found

    def bit(self, word: str) -> int:
        """Which bit a word names. Raises Wrong for an unknown one."""
        found = self.bit_at.get(word)
        if found is None and word.startswith("$"):
            stem, bracket, rest = word.partition("[")
            found = self.bit_at.get(register_word(self._strings.plain(stem)) + bracket + rest)
        if found is None:
            raise Wrong(self._unknown("bit", word), word)
        return found

    def _unknown(self, what: str, word: str) -> str:
        name = self._strings.written(word)
        if word in RESERVED or not (word.startswith("$") or _PLAIN.match(word)):
            return f"found {name!r} where a {what} belongs, for example q[0] or c[0]"
        return f"{what} {name} is unknown; declare it with `{what}s`"


def read_angle(text: str) -> float:
    """A number, or a multiple of pi such as -3*pi/4. Raises Wrong for anything else."""
    text = text.strip()
    match = _PI.match(text)
    try:
        if match:
            value = int(match[2] or 1) * math.pi / int(match[3] or 1)
            return -value if match[1] == "-" else value
        value = float(text)
    except (ValueError, ZeroDivisionError, OverflowError):
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        raise Wrong(f"found {text!r}; write a number, or a multiple of pi such as -3*pi/4", text)
    return value
