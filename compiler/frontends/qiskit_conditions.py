"""Conditions of Qiskit (tuples and classical expressions) as formulas over bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bellwire.compiler.conditions import (
    FALSE,
    TRUE,
    Condition,
    all_of,
    any_of,
    bit,
    equals,
    negate,
    parity,
)
from bellwire.errors import NotSupported

Word = list[Condition]  # least significant bit first; a truth value is a word of one bit

MAX_ORDERED = 64  # bits of a number that is compared by size: the formula nests once per bit


class ConditionReader:
    """Reads conditions. `bits`: Clbit -> its number; `variables`: loop variables that are known."""

    def __init__(self, bits: Mapping[Any, int], variables: Mapping[Any, int]) -> None:
        self.bits, self.variables = bits, variables

    def read(self, condition: Any) -> Condition:
        """Turn (bit, value), (register, value) or an expression into a formula."""
        if not isinstance(condition, tuple):
            return any_of(*self.word(condition))
        target, value = condition
        numbers = self.bits_of(target)
        return equals(numbers, int(value))

    def matches(self, target: Any, label: Any) -> Condition:
        """True when the target of a switch has this value."""
        word = [bit(b) for b in self.bits_of(target)] if _is_plain(target) else self.word(target)
        return _equal(word, _constant(int(label), len(word))) if _fits(label, word) else FALSE

    def bits_of(self, target: Any) -> list[int]:
        """The numbers of one bit, or of the bits of a register."""
        from qiskit.circuit import Clbit

        return [self.bits[b] for b in ([target] if isinstance(target, Clbit) else target)]

    def word(self, node: Any) -> Word:
        """The value of an expression, bit by bit. Raises NotSupported, naming what it cannot."""
        from qiskit.circuit.classical import expr

        if isinstance(node, expr.Var):
            return self._variable(node)
        if isinstance(node, expr.Value):
            return _constant(int(node.value), _width(node))
        if isinstance(node, expr.Cast):
            return self._cast(node)
        if isinstance(node, expr.Unary):
            return self._unary(node)
        if isinstance(node, expr.Binary):
            return self._binary(node)
        if isinstance(node, expr.Index):
            return [self._index(self.word(node.target), self.word(node.index))]
        raise NotSupported(f"a condition with {type(node).__name__}; use bits and registers alone")

    def _variable(self, node: Any) -> Word:
        if node in self.variables:
            return _constant(self.variables[node], _width(node))
        if node.standalone:
            raise NotSupported(
                f"run-time variable {node.name!r}; keep the value in a classical register instead"
            )
        return [bit(b) for b in self.bits_of(node.var)]

    def _cast(self, node: Any) -> Word:
        word, width = self.word(node.operand), _width(node)
        if type(node.type).__name__ == "Bool":
            return [any_of(*word)]
        return [*word, *[FALSE] * width][:width]

    def _unary(self, node: Any) -> Word:
        word = self.word(node.operand)
        if node.op.name in ("BIT_NOT", "LOGIC_NOT"):
            return [negate(b) for b in word]
        raise NotSupported(f"{node.op.name} in a condition; compare bits and registers only")

    def _binary(self, node: Any) -> Word:
        a, b, name = self.word(node.left), self.word(node.right), node.op.name
        if name in _BITWISE:
            return [_BITWISE[name](x, y) for x, y in zip(a, b)]
        if name in _ORDER:
            swap, flip = _ORDER[name]
            less = _less(b, a) if swap else _less(a, b)
            return [negate(less) if flip else less]
        if name in ("EQUAL", "NOT_EQUAL"):
            same = _equal(a, b)
            return [same if name == "EQUAL" else negate(same)]
        if name in ("SHIFT_LEFT", "SHIFT_RIGHT") and _known(b) is not None:
            by, none = min(_known(b) or 0, len(a)), [FALSE] * len(a)
            shifted = [*none[:by], *a] if name == "SHIFT_LEFT" else [*a[by:], *none]
            return shifted[: len(a)]
        raise NotSupported(f"{name} in a condition; compare bits and registers only")

    @staticmethod
    def _index(word: Word, index: Word) -> Condition:
        picks = (all_of(_equal(index, _constant(i, len(index))), b) for i, b in enumerate(word))
        return any_of(*picks)


_BITWISE = {
    "BIT_AND": all_of,
    "BIT_OR": any_of,
    "BIT_XOR": parity,
    "LOGIC_AND": all_of,
    "LOGIC_OR": any_of,
}

# name: (exchange the sides, then negate) of "less"
_ORDER = {
    "LESS": (False, False),
    "GREATER": (True, False),
    "LESS_EQUAL": (True, True),
    "GREATER_EQUAL": (False, True),
}


def _is_plain(target: Any) -> bool:
    from qiskit.circuit import Clbit, Register

    return isinstance(target, (Clbit, Register))


def _width(node: Any) -> int:
    kind = type(node.type).__name__
    if kind == "Bool":
        return 1
    if kind == "Uint":
        return int(node.type.width)
    raise NotSupported(f"a {kind} in a condition; use bits and registers alone")


def _constant(value: int, width: int) -> Word:
    return [TRUE if value >> i & 1 else FALSE for i in range(width)]


def _fits(label: Any, word: Word) -> bool:
    return 0 <= int(label) < 1 << len(word)


def _known(word: Word) -> int | None:
    if any(b.head != "const" for b in word):
        return None
    return sum(b.index << i for i, b in enumerate(word))


def _equal(a: Word, b: Word) -> Condition:
    wide = max(len(a), len(b))
    a, b = [*a, *[FALSE] * (wide - len(a))], [*b, *[FALSE] * (wide - len(b))]
    return all_of(*(negate(parity(x, y)) for x, y in zip(a, b)))


def _less(a: Word, b: Word) -> Condition:
    """The borrow of a - b, bit by bit."""
    if len(a) > MAX_ORDERED:
        raise NotSupported(
            f"registers of {len(a)} bits compared by size; {MAX_ORDERED} bits are the most"
        )
    borrow = FALSE
    for x, y in zip(a, b):
        no = negate(x)
        borrow = any_of(all_of(no, y), all_of(any_of(no, y), borrow))
    return borrow
