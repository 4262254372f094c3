"""Numbers of OpenQASM 3 that are known while reading: literals, operators, functions, types."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from bellwire.compiler.frontends.qasm3.values import (
    Duration,
    Misfit,
    NoNumber,
    Number,
    described,
)

MAX_DIGITS = 1000
_MAX_INTEGER_BITS = 4096

CONSTANTS: dict[str, float] = {
    **dict.fromkeys(("pi", "π"), math.pi),
    **dict.fromkeys(("tau", "τ"), math.tau),
    **dict.fromkeys(("euler", "ℇ"), math.e),
}

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}


def integer_literal(text: str) -> int:
    """Read 12, 1_000, 0x1f, 0o17 or 0b101."""
    if len(text) > MAX_DIGITS:
        raise NoNumber(f"a number of {len(text)} digits; {MAX_DIGITS} are the most")
    digits = text.replace("_", "")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2].lower(), 10)
    return int(digits, base)


def float_literal(text: str) -> float:
    """Read 1.5, .5, 1e-3."""
    return _finite(float(text.replace("_", "")))


def duration_literal(text: str) -> Duration:
    """Read 10ns, 1.5us, 2ms, 1s or 4dt."""
    number = text.rstrip("dtnsumµμ")
    unit, value = text[len(number) :], float_literal(number)
    if unit == "dt":
        return Duration(None if value else 0.0)
    return Duration(value * _SECONDS[unit])


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise NoNumber(f"the number {value}; write a finite one")
    return value


def _divide(a: Number, b: Number) -> Number:
    if b == 0:
        raise NoNumber("a division by zero; write another divisor")
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    if a % b and (a < 0) != (b < 0):  # rounded down by some readers, towards zero by others
        raise NoNumber(f"{a}/{b}, which rounds to an integer; write {a}.0/{b} or the integer")
    return a // b


def _modulo(a: Number, b: Number) -> Number:
    if b == 0:
        raise NoNumber("a remainder of a division by zero; write another divisor")
    if isinstance(a, float) or isinstance(b, float):
        return math.fmod(a, b)
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def _power(a: Number, b: Number) -> Number:
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        if a.bit_length() * b > _MAX_INTEGER_BITS and abs(a) > 1:
            raise NoNumber(f"an integer of more than {_MAX_INTEGER_BITS} bits; use a float")
        exponent = b if abs(a) > 1 else b % 2 if a < 0 else min(b, 1)
        return int(pow(int(a), exponent))
    if a == 0 and b < 0:
        raise NoNumber("a division by zero; write another base")
    return float(math.pow(a, b))  # a ValueError where the result is not real


def _shift(a: Number, b: Number, make: Callable[[int, int], int]) -> int:
    if isinstance(a, float) or isinstance(b, float) or not 0 <= b <= _MAX_INTEGER_BITS:
        raise NoNumber("a shift by something that is no small integer; write the number itself")
    return make(int(a), int(b))


OPERATORS: dict[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": _modulo,
    "**": _power,
    "<<": lambda a, b: _shift(a, b, operator.lshift),
    ">>": lambda a, b: _shift(a, b, operator.rshift),
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

FUNCTIONS: dict[str, Callable[..., Number]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "exp": math.exp,
    "ln": math.log,
    "log": math.log,
    "sqrt": math.sqrt,
    "floor": math.floor,
    "ceiling": math.ceil,
    "mod": _modulo,
    "pow": _power,
    "popcount": lambda a: int(a).bit_count(),
}


def apply(name: str, function: Callable[..., Number], *values: Number) -> Number:
    """Work out an operator or function. Raises NoNumber where that has no finite real value."""
    try:
        result = function(*values)
    except (ValueError, OverflowError) as error:
        if isinstance(error, NoNumber):
            raise
        shown = ", ".join(f"{v:.6g}" if isinstance(v, float) else str(v)[:20] for v in values)
        raise NoNumber(f"{name} of {shown} has no value; write another number") from None
    if isinstance(result, int) and result.bit_length() > _MAX_INTEGER_BITS:
        raise NoNumber(f"an integer of more than {_MAX_INTEGER_BITS} bits; use a float")
    return _finite(result) if isinstance(result, float) else result


def convert(kind: str, size: int | None, value: Number) -> Number:
    """See a number as a value of a scalar type. Raises NoNumber where it does not fit."""
    if kind == "bool":
        return bool(value)
    if kind == "float":
        return apply("float", float, value)
    if kind == "angle":
        if size is not None:
            raise NoNumber("an angle of limited precision; write angle or float without a size")
        return apply("angle", float, value)
    whole = int(value)
    if kind == "uint" and whole < 0:
        raise NoNumber(f"{whole} as a uint; write a number of 0 or more")
    if kind not in ("int", "uint"):
        raise Misfit(f"found {described(value)} as {kind}; take another type")
    if size is not None:
        bits = size if kind == "uint" else size - 1
        if not -(1 << bits) * (kind == "int") <= whole < 1 << bits:
            raise NoNumber(f"{whole} does not fit into {kind}[{size}]; make it wider")
    return whole
