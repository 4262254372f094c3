"""Expressions of OpenQASM 3: numbers worked out at once, formulas over bits kept as formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bellwire.compiler.conditions import FALSE, TRUE, Condition, all_of, any_of
from bellwire.compiler.frontends.qasm3 import bits as words
from bellwire.compiler.frontends.qasm3 import operators
from bellwire.compiler.frontends.qasm3.numbers import (
    CONSTANTS,
    FUNCTIONS,
    apply,
    duration_literal,
    float_literal,
    integer_literal,
)
from bellwire.compiler.frontends.qasm3.parse import Source
from bellwire.compiler.frontends.qasm3.scopes import Gate, Scopes, Standard, Variable
from bellwire.compiler.frontends.qasm3.values import (
    AtRunTime,
    Bits,
    Duration,
    Misfit,
    NoNumber,
    Number,
    Qubits,
    Value,
    Word,
    described,
)
from bellwire.errors import ParseError

if TYPE_CHECKING:
    from lark import Token, Tree

    Node = Tree[Token] | Token

MAX_DEPTH = 100  # of parentheses, brackets and signs inside each other


class NoValue(ParseError):
    """An expression whose number does not exist."""


_LITERALS: dict[str, Callable[[str], Value]] = {
    "INT": integer_literal,
    "FLOAT": float_literal,
    "BITS": lambda text: integer_literal("0b" + text.strip('"')),
    "TIME": duration_literal,
    "TRUE": lambda _: True,
    "FALSE": lambda _: False,
}


class Expressions:
    """Works out expressions in the scopes of the moment. `hardware` finds the qubit of $0."""

    def __init__(
        self, source: Source, scopes: Scopes, hardware: Callable[[Token], Qubits] | None = None
    ) -> None:
        self.source, self.scopes, self.hardware = source, scopes, hardware
        self.depth = 0
        self._nodes: dict[str, Callable[[list[Any]], Value]] = {
            "nested": lambda parts: self.value(parts[1]),
            "chain": self._chain,
            "raised": self._chain,
            "signed": self._signed,
            "bit_and": lambda parts: self._bitwise("&", parts),
            "bit_or": lambda parts: self._bitwise("|", parts),
            "bit_xor": lambda parts: self._bitwise("^", parts),
            "all_of": lambda parts: self._logical(all_of, parts),
            "any_of": lambda parts: self._logical(any_of, parts),
            "indexed": self._indexed,
            "operand": self._indexed,
            "function": self._function,
            "cast": lambda parts: operators.cast(*self.scalar(parts[0]), self.value(parts[1])),
        }

    def value(self, node: Node) -> Value:
        """Work out an expression or operand. Raises ParseError or NotSupported at its place."""
        if self.depth >= MAX_DEPTH:
            raise self.source.wrong(node, f"nested more than {MAX_DEPTH} deep; write it flatter")
        self.depth += 1
        try:
            with self.located(node):
                return self._value(node)
        finally:
            self.depth -= 1

    def _value(self, node: Any) -> Value:
        data = getattr(node, "data", None)
        if data is not None:
            return self._nodes[data](node.children)
        if node.type == "NAME":
            return self._name(node)
        if node.type == "HARDWARE":
            if self.hardware is None:
                raise Misfit(f"found {node} in a gate; use the qubits that it is given")
            return self.hardware(node)
        return _LITERALS[node.type](str(node))

    @contextmanager
    def located(self, node: Node) -> Iterator[None]:
        """Give whatever is wrong with values the place of a node."""
        try:
            yield
        except Misfit as error:
            raise self.source.wrong(node, str(error)) from None
        except AtRunTime as error:
            raise self.source.cannot(node, str(error)) from None
        except NoNumber as error:
            at = self.source.wrong(node, f"found {error}")
            raise NoValue(at.message, at.path, at.line, at.column) from None

    def number(self, node: Node, what: str = "a number") -> Number:
        """Work out a number that is known while reading."""
        value = self.value(node)
        if isinstance(value, (int, float)):
            return value
        raise self.source.wrong(node, f"found {described(value)}; write {what}")

    def integer(self, node: Node, what: str = "an integer") -> int:
        """Work out an integer that is known while reading."""
        value = self.number(node, what)
        if isinstance(value, int):
            return int(value)
        raise self.source.wrong(node, f"found {described(value)}; write {what}")

    def angle(self, node: Node) -> float:
        """Work out an angle, in radians."""
        value = self.number(node, "an angle")
        with self.located(node):
            return float(apply("angle", float, value))

    def duration(self, node: Node) -> float:
        """Work out a length of time in seconds."""
        value = self.value(node)
        if not isinstance(value, Duration):
            raise self.source.wrong(
                node, f"found {described(value)}; write a duration, for example 10ns"
            )
        if value.seconds is None:
            raise self.source.cannot(
                node, "a time in dt, whose length is not known; give it in ns, us, ms or s"
            )
        if value.seconds < 0:
            raise self.source.wrong(node, "found a time below 0; write 0ns or more")
        return value.seconds

    def condition(self, node: Node) -> Condition:
        """Work out the condition of an if or while."""
        value = self.value(node)
        if isinstance(value, (Word, Bits)):
            with self.located(node):
                return words.truth(words.word_of(value))
        if isinstance(value, (int, float)):
            return TRUE if value else FALSE
        raise self.source.wrong(node, f"found {described(value)}; write a condition on bits")

    def qubits(self, node: Node) -> Qubits:
        """The qubits that an operand names."""
        value = self.value(node)
        if isinstance(value, Qubits):
            return value
        raise self.source.wrong(node, f"found {described(value)}; write a qubit")

    def bits(self, node: Node) -> Bits:
        """The bits that an operand names."""
        value = self.value(node)
        if isinstance(value, Bits):
            return value
        raise self.source.wrong(node, f"found {described(value)}; write a bit")

    def scalar(self, node: Tree[Token]) -> tuple[str, int | None]:
        """A scalar type: its name and its size in bits, None where it has none."""
        kind, size = node.children
        if size is None:
            return str(kind), None
        number = self.integer(size, "a size")
        if not 0 < number <= operators.MAX_SIZE:
            raise self.source.wrong(
                size, f"found a size of {number:.6g}; write 1 to {operators.MAX_SIZE}"
            )
        return str(kind), number

    def numbers(self, node: Tree[Token]) -> Sequence[int]:
        """The numbers of a loop: a range with both ends, or a set."""
        if node.data == "set":
            return [self.integer(n) for n in node.children]
        first, middle, last = node.children
        end, step = (middle, None) if last is None else (last, middle)
        if first is None or end is None:
            raise self.source.wrong(node, "found a range without both ends; write [0:3]")
        by = 1 if step is None else self.integer(step)
        with self.located(node):
            return operators.span(self.integer(first), self.integer(end), by)

    def _name(self, token: Token) -> Value:
        name = str(token)
        symbol = self.scopes.find(name)
        if symbol is None:
            if name in CONSTANTS:
                return CONSTANTS[name]
            raise Misfit(f"{name} is not defined; declare it first")
        if isinstance(symbol, Variable):
            raise AtRunTime(
                f"{symbol.kind} variable {name}, which changes at run time; "
                "use a const, or keep the value in classical bits"
            )
        if isinstance(symbol, (Gate, Standard)):
            raise Misfit(f"{name} is a gate; write a value")
        return symbol

    def _chain(self, parts: list[Any]) -> Value:
        left = self.value(parts[0])
        for sign, node in zip(parts[1::2], parts[2::2]):
            left = operators.binary(str(sign), left, self.value(node))
        return left

    def _signed(self, parts: list[Any]) -> Value:
        *signs, node = parts
        value = self.value(node)
        for sign in reversed(signs):
            value = operators.signed(str(sign), value)
        return value

    def _bitwise(self, sign: str, parts: list[Any]) -> Value:
        return operators.bitwise(sign, [self.value(p) for p in parts])

    def _logical(self, make: Callable[..., Condition], parts: list[Any]) -> Value:
        joined = make(*(self.condition(p) for p in parts))
        return bool(joined.index) if joined.head == "const" else Word((joined,), "bool")

    def _indexed(self, parts: list[Any]) -> Value:
        value = self.value(parts[0])
        for index in parts[1:]:
            size = operators.length(value)
            _, *items = index.children
            if size is None or len(items) != 1:
                held = described(value) if size is None else "a register, which has one dimension"
                raise self.source.wrong(index, f"found [...] after {held}; correct the index")
            with self.located(index):
                value = operators.pick(value, self._chosen(items[0], size))
        return value

    def _chosen(self, item: Any, size: int) -> int | Sequence[int]:
        data = getattr(item, "data", None)
        if data == "set":
            return [operators.place(self.integer(n), size) for n in item.children]
        if data != "range":
            return operators.place(self.number(item, "an index"), size)
        first, middle, last = item.children
        end, by = (middle, None) if last is None else (last, middle)
        step = 1 if by is None else self.integer(by)
        low, high = (0, size - 1) if step > 0 else (size - 1, 0)
        if size == 0:
            return range(0)
        start = low if first is None else operators.place(self.integer(first), size)
        stop = high if end is None else operators.place(self.integer(end), size)
        return operators.span(start, stop, step)

    def _function(self, parts: list[Any]) -> Value:
        name, given = str(parts[0]), [n for n in parts[1].children[1:] if n is not None]
        if name not in FUNCTIONS or self.scopes.find(name) is not None:
            known = ", ".join(FUNCTIONS)
            raise Misfit(f"{name} is no function that is known; the known ones: {known}")
        wanted = 2 if name in ("mod", "pow") else 1
        if len(given) != wanted:
            raise Misfit(f"found {len(given)} values for {name}; it takes {wanted}")
        return apply(name, FUNCTIONS[name], *(self.number(n) for n in given))
