"""Operators, indices and casts over all kinds of values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce

from bellwire.compiler.conditions import FALSE, negate
from bellwire.compiler.frontends.qasm3 import bits as words
from bellwire.compiler.frontends.qasm3.numbers import OPERATORS, apply, convert
from bellwire.compiler.frontends.qasm3.values import (
    AtRunTime,
    Bits,
    Duration,
    Misfit,
    Number,
    Qubits,
    Value,
    Word,
    described,
)

MAX_SIZE = 4096  # bits of an integer type

_BITWISE: dict[str, Callable[[int, int], int]] = {
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}


def binary(sign: str, left: Value, right: Value) -> Value:
    """Work out `left sign right` for arithmetic and comparisons."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return apply(sign, OPERATORS[sign], left, right)
    if isinstance(left, Duration) or isinstance(right, Duration):
        return _with_duration(sign, left, right)
    if isinstance(left, (Bits, Word, int)) and isinstance(right, (Bits, Word, int)):
        if sign in ("==", "!=", *words.ORDERS):
            return words.compare(sign, left, right)
        raise AtRunTime(f"{sign} on bits, at run time; compare them, or join them with & | ^")
    raise _mismatch(sign, left, right)


def _mismatch(sign: str, left: Value, right: Value) -> Misfit:
    return Misfit(f"found {described(left)} {sign} {described(right)}; write numbers of one kind")


def _with_duration(sign: str, left: Value, right: Value) -> Value:
    a = left.seconds if isinstance(left, Duration) else left
    b = right.seconds if isinstance(right, Duration) else right
    if a is None or b is None:
        raise AtRunTime("arithmetic with dt; write times in ns, us, ms or s")
    both = isinstance(left, Duration) and isinstance(right, Duration)
    if not (isinstance(a, (int, float)) and isinstance(b, (int, float))):
        raise _mismatch(sign, left, right)
    if both and sign not in ("*", "**", "%", "<<", ">>"):
        result = apply(sign, OPERATORS[sign], a, b)
        return Duration(float(result)) if sign in ("+", "-") else result
    if not both and (sign == "*" or (sign == "/" and isinstance(left, Duration))):
        return Duration(float(apply(sign, OPERATORS[sign], float(a), b)))
    raise _mismatch(sign, left, right)


def signed(sign: str, value: Value) -> Value:
    """Work out -value, !value or ~value."""
    if isinstance(value, (Bits, Word)):
        word = words.word_of(value)
        if sign == "!":
            return Word((negate(words.truth(word)),), "bool")
        if sign == "~":
            return words.invert(word)
        raise AtRunTime("a minus before bits, at run time; compare them only")
    if isinstance(value, Duration) and sign == "-" and value.seconds is not None:
        return Duration(-value.seconds)
    if isinstance(value, (int, float)) and (sign != "~" or isinstance(value, bool)):
        return -value if sign == "-" else not value
    raise Misfit(f"found {sign} before {described(value)}; take it out")


def bitwise(sign: str, values: Sequence[Value]) -> Value:
    """Join values with &, | or ^."""
    if all(isinstance(v, int) for v in values):
        return reduce(_BITWISE[sign], values)  # type: ignore[arg-type]
    out = []
    for value in values:
        if not isinstance(value, (Bits, Word, int)) or (isinstance(value, int) and value < 0):
            raise Misfit(f"found {described(value)} beside {sign}; write bits there")
        out.append(words.word_of(value))
    return words.join(sign, out)


def cast(kind: str, size: int | None, value: Value) -> Value:
    """See a value as one of another type."""
    if isinstance(value, (Bits, Word)):
        return _cast_bits(kind, size, words.word_of(value))
    if kind == "bit" and isinstance(value, int) and value >= 0:
        return _cast_bits(kind, size, words.word_of(value))
    if isinstance(value, (int, float)) and kind in ("int", "uint", "float", "angle", "bool"):
        return convert(kind, size, value)
    raise Misfit(f"found {described(value)} as {kind}; leave the cast out")


def _cast_bits(kind: str, size: int | None, word: Word) -> Word:
    if kind == "bool" or (kind == "bit" and size is None):
        return Word((words.truth(word),), kind)
    width = len(word.bits) if size is None else size
    if kind in ("uint", "bit") or (kind == "int" and (size is None or width > len(word.bits))):
        return Word((*word.bits, *[FALSE] * (width - len(word.bits)))[:width])
    raise AtRunTime(f"bits as {kind}, at run time; compare them as uint")


def pick(value: Value, chosen: int | Sequence[int]) -> Value:
    """Take the element, or elements, of a register at checked places."""
    if isinstance(value, Word):
        if isinstance(chosen, int):
            return Word((value.bits[chosen],), "bit")
        return Word(tuple(value.bits[i] for i in chosen))
    assert isinstance(value, (Qubits, Bits)), "callers have looked at its length"
    if isinstance(chosen, int):
        return type(value)((value.at[chosen],), True)
    if isinstance(chosen, range) and chosen.step == 1:
        return type(value)(value.at[chosen.start : chosen.stop])
    return type(value)(tuple(value.at[i] for i in chosen))


def length(value: Value) -> int | None:
    """How many elements a register or word has; None where a value has no elements."""
    if isinstance(value, Word):
        return len(value.bits)
    return len(value.at) if isinstance(value, (Qubits, Bits)) and not value.single else None


def place(index: Number, size: int) -> int:
    """Check an index, which counts from the end when it is below 0."""
    if not isinstance(index, int):
        raise Misfit(f"found index {index}; write an integer")
    if -size <= index < size:
        return index % size
    held = f"0 to {size - 1}" if size else "none, for the register is empty"
    raise Misfit(f"found index {index}; the indices are {held}")


def span(start: int, end: int, step: int) -> range:
    """The numbers from start to end, both included."""
    if step == 0:
        raise Misfit("found a range with step 0; write another step")
    if max(abs(start), abs(end), abs(step)) >= 1 << 62:
        raise Misfit("found a range with a huge number; write a smaller one")
    return range(start, end + (1 if step > 0 else -1), step)
