"""Plain statements that came as one token: read by looking their words up, without a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from bellwire.compiler.conditions import Condition, bit, negate
from bellwire.compiler.frontends.qasm3.calls import arity
from bellwire.compiler.frontends.qasm3.parse import (
    parse,
    parse_again,
    parts_of_item,
    start_of_item,
)
from bellwire.compiler.frontends.qasm3.scopes import Gate, Standard
from bellwire.compiler.frontends.qasm3.standard import ARITY, ROW_OF
from bellwire.compiler.frontends.qasm3.values import Bits, Qubits
from bellwire.compiler.frontends.qasm3.words import FIXED, GATE, ITEM, NUMBER
from bellwire.errors import BellwireError

if TYPE_CHECKING:
    from lark import Token

    from bellwire.compiler.frontends.qasm3.reader import Reader

_Call = tuple[str | None, Gate | Standard, tuple[int, int]]  # its row, its angles and qubits
_LONG = 40  # characters of a number that the grammar should look at
_MANY = 1 << 16
_BELL = (("h", (0,), ()), ("cx", (0, 1), ()))


class Fast:
    """Reads statements of one token; whatever is not plain after all goes by the grammar.

    `calls`, `qubits` and `bits` remember what words mean, until a name changes; `angles` what
    numbers are.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.handlers: dict[str, Callable[[Token], None]] = {
            **dict.fromkeys(("RUN", "PLAIN", "CHECKED", "MEASURED"), self._run),
            "CLEARED": self._cleared,
        }
        self.items: dict[str | None, Callable[[Token, int, re.Match[str]], bool]] = {
            "qubits": self._plain,
            "inner": self._checked,
            "into": self._measured,
            "qubit": self._measured,
            "bell": self._bell,
        }
        self.forget()
        self.angles: dict[str, tuple[float, ...] | None] = {}

    def forget(self) -> None:
        """Look all names up anew: one may have got another meaning."""
        self.calls: dict[str, _Call] = {}
        self.qubits: dict[str, int | None] = {}
        self.bits: dict[str, int | None] = {}

    def _run(self, token: Token) -> None:
        """Read one statement after the other."""
        line, at, reader, items = token.line or 1, 0, self.reader, self.items
        outer = reader.start_ns
        for match in ITEM.finditer(token):
            begin = start_of_item(match)
            line += token.count("\n", at, begin)
            at = begin
            start = match[1]
            reader.start_ns = outer if start is None else int(start)
            if not items[match.lastgroup](token, line, match):
                for part in parts_of_item(token, match, line):
                    self._by_grammar(part)
            outer = -1
        reader.start_ns = -1

    def _plain(self, token: Token, line: int, match: re.Match[str]) -> bool:
        return self._gate(token, line, match.group("name", "angles", "qubits"), None)

    def _checked(self, token: Token, line: int, match: re.Match[str]) -> bool:
        place, inner = self._bit(match["bit"]), GATE.match(match["inner"])
        if place is None or inner is None:
            return False
        condition = negate(bit(place)) if match["flip"] else bit(place)
        return self._gate(token, line, inner.groups(), condition)

    def _measured(self, token: Token, line: int, match: re.Match[str]) -> bool:
        qubit = self._qubit(match["from"] or match["qubit"])
        place = self._bit(match["into"] or match["target"])
        if qubit is None or place is None:
            return False
        reader = self.reader
        reader.charge(token, 1)
        reader.builder.append("measure", (qubit,), (), (place,), None, (), line, reader.start_ns)
        return True

    def _bell(self, token: Token, line: int, match: re.Match[str]) -> bool:
        """Add a Bell pair of one of our own files."""
        reader = self.reader
        call = self.calls.get("bell_pair") or self._call("bell_pair")
        if not reader.lowered or call is None or call[2] != (0, 2):
            return False
        a, b, c, d = (self._qubit(q) for q in match.group("a", "b", "c", "d"))
        if a is None or b is None or a == b or (a, b) != (c, d):
            return False
        if reader.gates.steps(token, call[1], ()) != _BELL:
            return False
        reader.charge(token, 2)
        reader.builder.append("ebit", (a, b), (), (), None, (), line, reader.start_ns)
        return True

    def _gate(
        self, token: Token, line: int, words: Sequence[str | Any], condition: Condition | None
    ) -> bool:
        """Add one gate; False, and nothing added, when it is not as plain as it looked."""
        name, given, operands = words
        call = self.calls.get(name) or self._call(name)
        angles = () if given is None else self._angles(given)
        if call is None or angles is None:
            return False
        places = [self.qubits.get(q) for q in operands.split(", ")]
        if None in places:
            places = [self._qubit(q.strip()) for q in operands.split(",")]
            if None in places:
                return False
        row, symbol, wanted = call
        if (len(angles), len(places)) != wanted or len(set(places)) < len(places):
            return False
        reader = self.reader
        reader.charge(token, len(places))
        append, start = reader.builder.append, reader.start_ns
        if row is not None:
            append(row, places, angles, (), condition, (), line, start)  # type: ignore[arg-type]
            return True
        if condition is not None:
            return False
        for step, at, turns in reader.gates.steps(token, symbol, angles):
            reader.charge(token, len(at))
            qubits: list[int] = [places[p] for p in at]  # type: ignore[misc]
            append(step, qubits, turns, (), None, (), line, start)
        return True

    def _cleared(self, token: Token) -> None:
        qubit = self._qubit(str(token)[5:-1].strip())
        if qubit is None:
            self._by_grammar(token)
        else:
            self.reader.add(token, "reset", (qubit,))

    def _by_grammar(self, token: Token) -> None:
        self.reader.statement(parse_again(token, self.reader.source))

    def _call(self, name: str) -> _Call | None:
        symbol = self.reader.scopes.find(name)
        if symbol is None and name in ARITY:
            symbol = Standard(name)
        if not isinstance(symbol, (Gate, Standard)):
            return None
        row = symbol.row if isinstance(symbol, Gate) else ROW_OF.get(name)
        self.calls[name] = (row, symbol, arity(symbol))
        return self.calls[name]

    def _angles(self, text: str) -> tuple[float, ...] | None:
        if "pi" in text and self._hides_pi():
            return None
        if text in self.angles:
            return self.angles[text]
        found: tuple[float, ...] | None
        if NUMBER.match(text) and len(text) < _LONG:
            number = float(text)
            found = (number,) if isfinite(number) else None
        else:
            found = self._worked_out(text) if FIXED.match(text) else None
        if len(self.angles) < _MANY:
            self.angles[text] = found
        return found

    def _hides_pi(self) -> bool:
        return self.reader.scopes.find("pi") is not None

    def _worked_out(self, text: str) -> tuple[float, ...] | None:
        try:
            tree = parse(text, self.reader.source, fast=False, start="arguments")
            return tuple(self.reader.expressions.angle(n) for n in tree.children if n is not None)
        except BellwireError:  # the grammar will say what is wrong, and where
            return None

    def _qubit(self, text: str) -> int | None:
        if text not in self.qubits:
            self.qubits[text] = self.place(text, Qubits)
        return self.qubits[text]

    def _bit(self, text: str) -> int | None:
        if text not in self.bits:
            self.bits[text] = self.place(text, Bits)
        return self.bits[text]

    def place(self, text: str, kind: type[Qubits] | type[Bits]) -> int | None:
        """The index of q[3], or of a single q; None for whatever else that may be."""
        name, bracket, rest = text.partition("[")
        symbol = self.reader.scopes.find(name)
        if not isinstance(symbol, kind) or symbol.single == bool(bracket) or len(rest) > 9:
            return None
        at = int(rest[:-1]) if bracket else 0
        return symbol.at[at] if at < len(symbol.at) else None
