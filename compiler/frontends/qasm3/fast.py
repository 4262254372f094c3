"""Plain statements that came as one token: read by looking their words up, without a tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bellwire.compiler.conditions import Condition, bit, negate
from bellwire.compiler.frontends.qasm3.parse import parse, parse_again
from bellwire.compiler.frontends.qasm3.scopes import Gate
from bellwire.compiler.frontends.qasm3.standard import ARITY, ROW_OF
from bellwire.compiler.frontends.qasm3.values import Bits, Misfit, Qubits
from bellwire.compiler.frontends.qasm3.words import CHECKED, COMMA, FIXED, MEASURED, NUMBER, PLAIN
from bellwire.errors import BellwireError

if TYPE_CHECKING:
    from lark import Token

    from bellwire.compiler.frontends.qasm3.reader import Reader


class Fast:
    """Reads statements of one token; whatever is not plain after all goes by the grammar.

    `rows`, `qubits`, `bits` and `angles` remember what words mean, until a name changes.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.handlers: dict[str, Callable[[Token], None]] = {
            "PLAIN": self._plain,
            "CHECKED": self._checked,
            "MEASURED": self._measured,
            "CLEARED": self._cleared,
        }
        self.forget()
        self.fixed: dict[str, tuple[float, ...] | None] = {}

    def forget(self) -> None:
        """Look all names up anew: one may have got another meaning."""
        self.rows: dict[str, tuple[str, int, int] | None] = {}
        self.qubits: dict[str, int | None] = {}
        self.bits: dict[str, int | None] = {}

    def _plain(self, token: Token) -> None:
        if not self._gate(token, str(token), None):
            self._by_grammar(token)

    def _checked(self, token: Token) -> None:
        match = CHECKED.match(token)
        place = self._bit(match[2]) if match else None
        if match is None or place is None:
            self._by_grammar(token)
            return
        condition = negate(bit(place)) if match[1] else bit(place)
        if not self._gate(token, match[3], condition):
            self._by_grammar(token)

    def _gate(self, token: Token, text: str, condition: Condition | None) -> bool:
        """Add one gate of the table; False, and nothing added, when it is not as plain as that."""
        match = PLAIN.match(text)
        if match is None:
            return False
        name, given, operands = match.groups()
        row = self.rows.get(name) or self._row(name)
        angles = () if given is None else self._angles(given)
        if row is None or angles is None:
            return False
        known, places = self.qubits, []
        for operand in COMMA.split(operands):
            place = known.get(operand)
            if place is None:
                place = self._qubit(operand)
                if place is None:
                    return False
            places.append(place)
        if len(places) != row[1] or len(angles) != row[2]:
            return False
        if len(places) == 2 and places[0] == places[1]:
            return False
        reader = self.reader
        reader.charge(token, len(places))
        reader.builder.append(
            row[0], places, angles, (), condition, (), token.line or -1, reader.start_ns
        )
        return True

    def _measured(self, token: Token) -> None:
        match = MEASURED.match(token)
        if match:
            qubit = self._qubit(match[1] or match[4])
            place = self._bit(match[2] or match[3])
            if qubit is not None and place is not None:
                self.reader.add(token, "measure", (qubit,), (), (place,))
                return
        self._by_grammar(token)

    def _cleared(self, token: Token) -> None:
        qubit = self._qubit(str(token)[5:-1].strip())
        if qubit is None:
            self._by_grammar(token)
        else:
            self.reader.add(token, "reset", (qubit,))

    def _by_grammar(self, token: Token) -> None:
        self.reader.statement(parse_again(token, self.reader.source))

    def _row(self, name: str) -> tuple[str, int, int] | None:
        symbol = self.reader.scopes.find(name)
        row = symbol.row if isinstance(symbol, Gate) else ROW_OF.get(name)
        if row is None or (symbol is not None and isinstance(symbol, (Qubits, Bits, int, float))):
            return None
        angles, qubits = ARITY[name]
        self.rows[name] = (row, qubits, angles)
        return self.rows[name]

    def _angles(self, text: str) -> tuple[float, ...] | None:
        if text in self.fixed:
            return self.fixed[text]
        if NUMBER.match(text):
            found: tuple[float, ...] | None = (float(text),)
        elif FIXED.match(text) and "pi" not in self.rows and not self._hides_pi():
            found = self._worked_out(text)
        else:
            return None
        if len(self.fixed) < 1 << 16:
            self.fixed[text] = found
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
            self.qubits[text] = self._place(text, Qubits)
        return self.qubits[text]

    def _bit(self, text: str) -> int | None:
        if text not in self.bits:
            self.bits[text] = self._place(text, Bits)
        return self.bits[text]

    def _place(self, text: str, kind: type[Qubits] | type[Bits]) -> int | None:
        """The index of q[3], or of a single q; None for whatever else that may be."""
        name, bracket, rest = text.partition("[")
        symbol = self.reader.scopes.find(name)
        if not isinstance(symbol, kind) or symbol.single == bool(bracket) or len(rest) > 9:
            return None
        at = int(rest[:-1]) if bracket else 0
        return symbol.at[at] if at < len(symbol.at) else None
