"""Cuts through a circuit's coordinates, such as "x<=5" or "x+y<12 and x>2"."""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from bellwire.errors import ParseError

AXES = ("x", "y", "z")
MOST_LETTERS = 200

_TWO: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def parse_cut(cut: str) -> Callable[[Sequence[float]], bool]:
    """The test of a cut on a qubit's coordinates x, y, z. Raises ParseError for other words."""
    try:
        with warnings.catch_warnings(action="error"):
            tree = ast.parse(cut.strip(), mode="eval").body if len(cut) <= MOST_LETTERS else None
    except (SyntaxError, SyntaxWarning, ValueError):
        tree = None
    if tree is None or not isinstance(tree, ast.Compare | ast.BoolOp | ast.UnaryOp):
        raise _wrong(cut)
    test = tree

    def holds(place: Sequence[float]) -> bool:
        try:
            return bool(_value(test, dict(zip(AXES, place)), cut))
        except ZeroDivisionError:
            raise _wrong(cut) from None

    return holds


def _value(node: ast.expr, place: dict[str, float], cut: str) -> Any:
    match node:
        case ast.Constant(value=bool()):
            raise _wrong(cut)
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=axis) if axis in place:
            return place[axis]
        case ast.Name(id=axis) if axis in AXES:
            raise ParseError(f"cut {cut!r}: a qubit has no coordinate {axis}; cut along others")
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, place, cut)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _value(inner, place, cut)
        case ast.BoolOp(op=op, values=values):
            found = [bool(_value(v, place, cut)) for v in values]
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _TWO:
            return _TWO[type(op)](_value(left, place, cut), _value(right, place, cut))
        case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(o) in _TWO for o in ops):
            values = [_value(v, place, cut) for v in (left, *rest)]
            return all(_TWO[type(o)](a, b) for o, a, b in zip(ops, values, values[1:]))
    raise _wrong(cut)


def _wrong(cut: str) -> ParseError:
    return ParseError(
        f"cut {cut!r}: it must compare x, y, z and numbers, such as 'x<=5' or 'x+y<12 and x>2'"
    )
