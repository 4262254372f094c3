"""Checks of single values: each gives the value back in its plain type, or names the field."""

from __future__ import annotations

import reprlib
from numbers import Integral, Real

from bellwire.errors import MachineError

LONGEST_NS = 1e15  # 11 days: sums of times stay exact
MOST_QUBITS = 1_000_000  # of a machine

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxtuple = _SHORT.maxlist = _SHORT.maxdict = 8


def set_fields(owner: object, **values: object) -> None:
    """Keep checked values, in their plain types, in a frozen instance."""
    for name, value in values.items():
        object.__setattr__(owner, name, value)


def shown(value: object) -> str:
    """Show a value in an error message, shortened."""
    if isinstance(value, int) and abs(value) >= 10**100:
        return f"an integer of {value.bit_length()} bits"
    return _SHORT.repr(value)


def need(condition: bool, place: str, found: object, wanted: str) -> None:
    """Raise MachineError with the place, what was found and what is wanted, unless it holds."""
    if not condition:
        raise MachineError(f"{place}: found {shown(found)}; it must be {wanted}")


def number(place: str, value: object, low: float, high: float) -> float:
    """Take a number from `low` to `high`; booleans and NaN are none."""
    wanted = f"a number from {low:g} to {high:g}"
    if not isinstance(value, Real) or isinstance(value, bool):
        raise MachineError(f"{place}: found {shown(value)}; it must be {wanted}")
    # a large integer is compared as it is: it may be too large for a float
    out = value if isinstance(value, int) else float(value)
    need(low <= out <= high, place, value, wanted)
    return float(out)


def nanoseconds(place: str, value: object) -> float:
    """Take a duration, 0 included."""
    return number(place, value, 0, LONGEST_NS)


def probability(place: str, value: object) -> float:
    """Take a number from 0 to 1."""
    return number(place, value, 0, 1)


def positive_ns(place: str, value: object, *, infinite: bool = False) -> float:
    """Take a time above 0; `inf` (or the text "inf") only if it may be infinite."""
    if infinite and value in (float("inf"), "inf"):
        return float("inf")
    out = nanoseconds(place, value)
    need(out > 0, place, value, "above 0")
    return out


def whole(place: str, value: object, low: int, high: int) -> int:
    """Take an integer from `low` to `high`; 4.0 and true are none."""
    wanted = f"a whole number from {low} to {high}"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise MachineError(f"{place}: found {shown(value)}; it must be {wanted}")
    need(low <= int(value) <= high, place, value, wanted)
    return int(value)


def text(place: str, value: object) -> str:
    """Take a string."""
    if not isinstance(value, str):
        raise MachineError(f"{place}: found {shown(value)}; it must be a text")
    return value
