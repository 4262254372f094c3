"""Classical controls of Cirq as conditions on bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

from bellwire.compiler.conditions import (
    FALSE,
    TRUE,
    Condition,
    all_of,
    any_of,
    bit,
    negate,
    parity,
)
from bellwire.errors import NotSupported

MAX_BITS = 8  # of one formula that has to be tabulated

# The bits that measuring a key wrote, the first qubit's (the most significant one) first.
BitsOfKey = Callable[[Any, int], Sequence[int]]


def condition_of(controls: Iterable[Any], bits_of_key: BitsOfKey) -> Condition:
    """True when all of Cirq's controls are. Raises NotSupported for a kind that is unknown."""
    return all_of(*(_one(control, bits_of_key) for control in sorted(controls, key=str)))


def _one(control: Any, bits_of_key: BitsOfKey) -> Condition:
    import cirq

    if isinstance(control, cirq.KeyCondition):
        return any_of(*map(bit, bits_of_key(control.key, control.index)))
    if isinstance(control, cirq.BitMaskKeyCondition):
        return _masked(control, bits_of_key(control.key, control.index))
    if isinstance(control, cirq.SympyCondition):
        return _formula(control.expr, bits_of_key)
    raise NotSupported(f"the classical control {control!r} is unknown; write it with sympy")


def _masked(control: Any, bits: Sequence[int]) -> Condition:
    """(value & mask) == target, or != target."""
    mask = (1 << len(bits)) - 1 if control.bitmask is None else control.bitmask
    mask &= (1 << len(bits)) - 1
    target, wanted = control.target_value, bool(control.equal_target)
    if target & ~mask or target < 0:
        return FALSE if wanted else TRUE
    terms = [
        bit(b) if target >> i & 1 else negate(bit(b))
        for i, b in enumerate(reversed(bits))
        if mask >> i & 1
    ]
    return all_of(*terms) if wanted else any_of(*map(negate, terms))


def _formula(formula: Any, bits_of_key: BitsOfKey) -> Condition:
    import sympy

    make: dict[Any, Callable[..., Condition]]
    make = {sympy.And: all_of, sympy.Or: any_of, sympy.Xor: parity, sympy.Not: negate}
    found = make.get(formula.func)
    if found is not None and all(_is_truth(a, bits_of_key) for a in formula.args):
        return found(*(_formula(a, bits_of_key) for a in formula.args))
    return _tabulated(formula, bits_of_key)


def _is_truth(part: Any, bits_of_key: BitsOfKey) -> bool:
    """Whether a part is 0 or 1, and not a number of several bits."""
    import cirq
    import sympy

    if isinstance(part, sympy.Symbol):
        return len(bits_of_key(cirq.MeasurementKey.parse_serialized(part.name), -1)) == 1
    return bool(part.is_Boolean)


def _tabulated(formula: Any, bits_of_key: BitsOfKey) -> Condition:
    """Ask Cirq for the value at every setting of the bits."""
    import cirq

    control = cirq.SympyCondition(formula)
    bits_of = {key: list(bits_of_key(key, -1)) for key in sorted(set(control.keys), key=str)}
    bits = [b for found in bits_of.values() for b in found]
    if len(bits) > MAX_BITS:
        raise NotSupported(
            f"the classical control {formula} reads {len(bits)} bits; at most {MAX_BITS} can be "
            "tabulated, so split it with And, Or, Xor, Not"
        )
    truth: dict[tuple[int, ...], bool] = {}
    for values in product((0, 1), repeat=len(bits)):
        value_of = dict(zip(bits, values))
        store = cirq.ClassicalDataDictionaryStore()
        for key, found in bits_of.items():
            digits = [value_of[b] for b in found]
            store.record_measurement(key, digits, cirq.LineQubit.range(len(digits)))
        try:
            truth[values] = control.resolve(store)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise NotSupported(f"the classical control {formula}: {error}; rewrite it") from None
    return _from_table(bits, truth)


def _from_table(bits: list[int], truth: dict[tuple[int, ...], bool]) -> Condition:
    """A parity where the table is one, else a sum of products."""
    zero = truth[(0,) * len(bits)]
    units = [tuple(int(i == k) for i in range(len(bits))) for k in range(len(bits))]
    odd = [i for i, unit in enumerate(units) if truth[unit] != zero]
    if all(value == (zero ^ sum(row[i] for i in odd) % 2) for row, value in truth.items()):
        return parity(TRUE if zero else FALSE, *(bit(bits[i]) for i in odd))
    return any_of(
        *(
            all_of(*(bit(b) if v else negate(bit(b)) for b, v in zip(bits, row)))
            for row, value in truth.items()
            if value
        )
    )
