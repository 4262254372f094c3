"""Expressions over classical bits as formulas, one per bit of the value."""

from __future__ import annotations

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
from bellwire.compiler.frontends.qasm3.values import AtRunTime, Bits, Word

MAX_ORDERED = 64  # bits of a number that is compared by size: the formula nests once per bit
MAX_BITS = 10_000  # bits that one condition may read

ORDERS = {"<": (False, False), ">": (True, False), "<=": (True, True), ">=": (False, True)}


def word_of(value: Bits | Word | int) -> Word:
    """See bits of the program, or a number, as a word."""
    if isinstance(value, Word):
        return value
    if isinstance(value, Bits):
        if len(value.at) > MAX_BITS:
            raise AtRunTime(
                f"a condition on {len(value.at):,} bits; {MAX_BITS:,} are the most; compare fewer"
            )
        return Word(tuple(bit(b) for b in value.at), "bit" if value.single else "bits")
    if isinstance(value, bool):
        return Word((TRUE if value else FALSE,), "bool")
    return Word(_binary(value, max(1, value.bit_length())))


def _binary(value: int, width: int) -> tuple[Condition, ...]:
    return tuple(TRUE if value >> i & 1 else FALSE for i in range(width))


def truth(word: Word) -> Condition:
    """True when any bit of the word is 1."""
    return any_of(*word.bits)


def join(sign: str, words: list[Word]) -> Word:
    """Combine words bit by bit with &, | or ^; the widest gives the width."""
    make = {"&": all_of, "|": any_of, "^": parity}[sign]
    width = max(len(w.bits) for w in words)
    columns = [[w.bits[i] for w in words if i < len(w.bits)] for i in range(width)]
    if sign == "&":
        columns = [c if len(c) == len(words) else [FALSE] for c in columns]
    kinds = {w.kind for w in words}
    kind = "bits" if "bits" in kinds else "bool" if "bool" in kinds else "bit"
    return Word(tuple(make(*c) for c in columns), kind)


def invert(word: Word) -> Word:
    """Flip every bit."""
    return Word(tuple(negate(b) for b in word.bits), word.kind)


def compare(sign: str, left: Bits | Word | int, right: Bits | Word | int) -> Word:
    """Compare two values, one of them known at run time alone, as numbers without sign."""
    for value, other in ((left, _mirrored(sign)), (right, sign)):
        if isinstance(value, int) and value < 0:  # bits read as 0 or more
            return word_of(other in ("!=", ">", ">="))
    a, b = word_of(left), word_of(right)
    if sign in ("==", "!="):
        same = _equal(a.bits, b.bits)
        return Word((same if sign == "==" else negate(same),), "bool")
    swap, flip = ORDERS[sign]
    less = _less(b.bits, a.bits) if swap else _less(a.bits, b.bits)
    return Word((negate(less) if flip else less,), "bool")


def _mirrored(sign: str) -> str:
    return {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)


def _equal(a: tuple[Condition, ...], b: tuple[Condition, ...]) -> Condition:
    wide = max(len(a), len(b))
    a, b = a + (FALSE,) * (wide - len(a)), b + (FALSE,) * (wide - len(b))
    return all_of(*(negate(parity(x, y)) for x, y in zip(a, b)))


def _less(a: tuple[Condition, ...], b: tuple[Condition, ...]) -> Condition:
    """The borrow of a - b, bit by bit, then whatever is left over of the wider one."""
    both = min(len(a), len(b))
    if both > MAX_ORDERED:
        raise AtRunTime(
            f"values of {both} bits compared by size; {MAX_ORDERED} are the most; compare fewer"
        )
    borrow = FALSE
    for x, y in zip(a, b):
        no = negate(x)
        borrow = any_of(all_of(no, y), all_of(any_of(no, y), borrow))
    if len(a) > both:
        return all_of(borrow, *(negate(x) for x in a[both:]))
    return any_of(borrow, *b[both:])
