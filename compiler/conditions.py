"""Conditions on classical bits: Boolean formulas, small and immutable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from bellwire.errors import ProgramError

Head = Literal["bit", "not", "and", "or", "xor", "const"]

MAX_DEPTH = 200  # of parentheses and negations in each other


@dataclass(frozen=True, slots=True)
class Condition:
    """A formula: a bit (`index`), a constant (`index` 0 or 1), or a head over `args`."""

    head: Head
    index: int = 0
    args: tuple[Condition, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        return all_of(self, other)

    def __or__(self, other: Condition) -> Condition:
        return any_of(self, other)

    def __xor__(self, other: Condition) -> Condition:
        return parity(self, other)

    def __invert__(self) -> Condition:
        return negate(self)


TRUE, FALSE = Condition("const", 1), Condition("const", 0)


def bit(index: int) -> Condition:
    """True when the bit is 1."""
    return Condition("bit", index)


def negate(a: Condition) -> Condition:
    """The opposite, without double negations."""
    if a.head == "const":
        return FALSE if a.index else TRUE
    return a.args[0] if a.head == "not" else Condition("not", args=(a,))


def _flat(head: Head, terms: Sequence[Condition]) -> Iterator[Condition]:
    for term in terms:
        yield from (term.args if term.head == head else (term,))


def all_of(*terms: Condition) -> Condition:
    """True when every term is."""
    left = [t for t in dict.fromkeys(_flat("and", terms)) if t != TRUE]
    if FALSE in left:
        return FALSE
    return left[0] if len(left) == 1 else Condition("and", args=tuple(left)) if left else TRUE


def any_of(*terms: Condition) -> Condition:
    """True when at least one term is."""
    left = [t for t in dict.fromkeys(_flat("or", terms)) if t != FALSE]
    if TRUE in left:
        return TRUE
    return left[0] if len(left) == 1 else Condition("or", args=tuple(left)) if left else FALSE


def parity(*terms: Condition) -> Condition:
    """True when an odd number of terms is; negations are pulled to the front."""
    flip, left = False, dict[Condition, None]()
    todo = list(reversed(terms))
    while todo:
        term = todo.pop()
        if term.head == "not":
            flip = not flip
            todo.append(term.args[0])
        elif term.head == "xor":
            todo.extend(reversed(term.args))
        elif term.head == "const":
            flip ^= bool(term.index)
        elif term in left:
            del left[term]
        else:
            left[term] = None
    rest = tuple(left)
    whole = FALSE if not rest else rest[0] if len(rest) == 1 else Condition("xor", args=rest)
    return negate(whole) if flip else whole


def equals(bits: Sequence[int], value: int) -> Condition:
    """True when the bits, least significant first, read as `value`."""
    if value < 0 or value >> len(bits):
        return FALSE
    return all_of(*(bit(b) if value >> i & 1 else negate(bit(b)) for i, b in enumerate(bits)))


def less(bits: Sequence[int], value: int) -> Condition:
    """True when the bits, least significant first, read as a number below `value`."""
    if value <= 0:
        return FALSE
    if value >> len(bits):
        return TRUE
    out = FALSE
    for i, b in enumerate(bits):
        low = negate(bit(b))
        out = any_of(low, out) if value >> i & 1 else all_of(low, out)
    return out


def bits_of(condition: Condition) -> tuple[int, ...]:
    """The bits that the formula reads, each once, in order of appearance."""
    if condition.head == "bit":
        return (condition.index,)
    return tuple(dict.fromkeys(b for a in condition.args for b in bits_of(a)))


def evaluate(condition: Condition, value: Callable[[int], bool]) -> bool:
    """The truth of the formula when bit b has the truth `value(b)`."""
    head, args = condition.head, condition.args
    if head == "bit":
        return value(condition.index)
    if head == "const":
        return bool(condition.index)
    if head == "not":
        return not evaluate(args[0], value)
    if head == "xor":
        return reduce(lambda x, a: x ^ evaluate(a, value), args, False)
    test = all if head == "and" else any
    return test(evaluate(a, value) for a in args)


def parity_bits(condition: Condition) -> tuple[tuple[int, ...], bool] | None:
    """(bits, flip) when the formula is the parity of bits, flipped or not; else None."""
    flip = condition.head == "not"
    inner = condition.args[0] if flip else condition
    terms = inner.args if inner.head == "xor" else (inner,)
    if all(t.head == "bit" for t in terms):
        return tuple(t.index for t in terms), flip
    return None


def literals(condition: Condition) -> dict[int, bool] | None:
    """{bit: wanted value} when the formula is a conjunction of bits and negated bits."""
    out: dict[int, bool] = {}
    for term in condition.args if condition.head == "and" else (condition,):
        flip = term.head == "not"
        inner = term.args[0] if flip else term
        if inner.head != "bit" or out.get(inner.index, not flip) == flip:
            return None
        out[inner.index] = not flip
    return out


def rename(condition: Condition, new: Callable[[int], int]) -> Condition:
    """The same formula over other bits."""
    if condition.head == "bit":
        return bit(new(condition.index))
    return Condition(condition.head, condition.index, tuple(rename(a, new) for a in condition.args))


def substitute(condition: Condition, known: int, value: bool) -> Condition:
    """The formula once one bit is known."""
    if condition.head == "bit":
        return (TRUE if value else FALSE) if condition.index == known else condition
    args = [substitute(a, known, value) for a in condition.args]
    if condition.head == "not":
        return negate(args[0])
    make = {"and": all_of, "or": any_of, "xor": parity}.get(condition.head)
    return condition if make is None else make(*args)


_SIGN = {"and": " & ", "or": " | ", "xor": " ^ "}


def to_text(condition: Condition, name: Callable[[int], str]) -> str:
    """Write the formula, every compound in parentheses but the outermost."""

    def inner(c: Condition) -> str:
        if c.head == "bit":
            return name(c.index)
        if c.head == "const":
            return str(c.index)
        if c.head == "not":
            return "!" + inner(c.args[0])
        return "(" + _SIGN[c.head].join(inner(a) for a in c.args) + ")"

    text = inner(condition)
    return text[1:-1] if text.startswith("(") else text


def from_text(text: str, index: Callable[[str], int]) -> Condition:
    """Read what `to_text` writes. Raises ProgramError on anything else."""
    tokens = _tokens(text)
    out, rest = _read_chain(tokens, index, MAX_DEPTH)
    if rest:
        raise ProgramError(f"condition {text!r}: {rest[0]!r} is not expected there")
    return out


def _tokens(text: str) -> list[str]:
    for sign in "()!&|^":
        text = text.replace(sign, f" {sign} ")
    return text.split()


def _read_chain(
    tokens: list[str], index: Callable[[str], int], depth: int
) -> tuple[Condition, list[str]]:
    first, tokens = _read_atom(tokens, index, depth)
    terms, sign = [first], ""
    while tokens and tokens[0] in "&|^":
        if sign and tokens[0] != sign:
            raise ProgramError(f"condition: {sign} and {tokens[0]} mixed without parentheses")
        sign = tokens[0]
        term, tokens = _read_atom(tokens[1:], index, depth)
        terms.append(term)
    make = {"&": all_of, "|": any_of, "^": parity}
    return (make[sign](*terms) if sign else first), tokens


def _read_atom(
    tokens: list[str], index: Callable[[str], int], depth: int
) -> tuple[Condition, list[str]]:
    if depth == 0:
        raise ProgramError(f"condition: it nests more than {MAX_DEPTH} deep; write it flatter")
    if not tokens or tokens[0] in ")&|^":
        raise ProgramError("condition: a bit is missing; write for example c[0] & !c[1]")
    head, rest = tokens[0], tokens[1:]
    if head == "!":
        inner, rest = _read_atom(rest, index, depth - 1)
        return negate(inner), rest
    if head == "(":
        inner, rest = _read_chain(rest, index, depth - 1)
        if not rest or rest[0] != ")":
            raise ProgramError("condition: a closing parenthesis is missing")
        return inner, rest[1:]
    if head in ("0", "1"):
        return (TRUE if head == "1" else FALSE), rest
    return bit(index(head)), rest
