"""What an expression can stand for, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bellwire.compiler.conditions import Condition


@dataclass(frozen=True, slots=True)
class Qubits:
    """A qubit, or a register or alias of several, by index in the Program."""

    at: Sequence[int]
    single: bool = False


@dataclass(frozen=True, slots=True)
class Bits:
    """A classical bit, or a register or alias of several, by index in the Program."""

    at: Sequence[int]
    single: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A value known at run time alone, bit by bit, least significant first.

    `kind` is "bit" (one of them), "bits" or "bool".
    """

    bits: tuple[Condition, ...]
    kind: str = "bits"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time; `seconds` is None for a number of dt, whose length nobody knows."""

    seconds: float | None


Number = int | float
Value = Number | Word | Duration | Qubits | Bits


class Misfit(ValueError):
    """A value of the wrong kind."""


class NoNumber(ValueError):
    """There is no such number: a division by zero, say, or a number that is too large."""


class AtRunTime(ValueError):
    """A value that only a machine could work out while it runs, or that is too large for it."""


def described(value: object) -> str:
    """A few words that say what a value is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"the number {value}" if value.bit_length() < 64 else "a long number"
    if isinstance(value, float):
        return f"the number {value:.12g}"
    if isinstance(value, Duration):
        return "a duration"
    if isinstance(value, Qubits):
        return "a qubit" if value.single else "qubits"
    if isinstance(value, Bits):
        return "a bit" if value.single else "bits"
    return "a value known at run time alone"
