"""The symbols of operations in a circuit: boxes, dots, crosses, Bell pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bellwire.pictures.shapes import Arc, Disc, Line, Rect, Shape, Text

BOX = 24.0
_DOT, _RING, _CROSS = 3.6, 9.0, 5.0


class Spot(NamedTuple):
    """Where an operation meets a wire."""

    x: float
    y: float


def symbol(name: str, spots: Sequence[Spot]) -> list[Shape]:
    """Draw an operation on one or two wires."""
    if len(spots) == 1:
        return _start(spots[0]) if name == "reset" else _box(name, spots[0])
    first, second = spots
    line = Line(first.x, first.y, second.x, second.y, "ink", 1.2, name)
    if name == "swap":
        return [line, *_cross(first), *_cross(second)]
    if name == "cx":
        return [line, _dot(first), *_target(second)]
    if name == "cz":
        return [line, _dot(first), _dot(second)]
    return [line, _dot(first), *_box(name, second)]


def bell_pair(first: Spot, second: Spot) -> list[Shape]:
    """Draw a Bell pair: two ends and what holds them together."""
    pull = first.x - BOX
    return [
        Arc(*first, pull, (first.y + second.y) / 2, *second, "pair", 2, "a Bell pair"),
        *(Disc(*spot, 5, "pair", "half of a Bell pair") for spot in (first, second)),
    ]


def _box(name: str, at: Spot) -> list[Shape]:
    look = "measure" if name == "measure" else "gate"
    text = "M" if name == "measure" else name.upper()
    size = 12.0 if len(text) == 1 else 9.0
    x, y = at.x - BOX / 2, at.y - BOX / 2
    box = Rect(x, y, BOX, BOX, "paper", name, round=3, stroke=look)
    return [box, Text(at.x, at.y + size * 0.36, text, look, size, "middle", bold=True)]


def _start(at: Spot) -> list[Shape]:
    return [Text(at.x, at.y + 4, "|0⟩", "ink", 11, "middle")]


def _dot(at: Spot) -> Shape:
    return Disc(*at, _DOT, "ink")


def _target(at: Spot) -> list[Shape]:
    ring = Disc(*at, _RING, "paper", "cx", "ink")
    across = Line(at.x - _RING, at.y, at.x + _RING, at.y, "ink", 1.2)
    return [ring, across, Line(at.x, at.y - _RING, at.x, at.y + _RING, "ink", 1.2)]


def _cross(at: Spot) -> list[Shape]:
    x, y, r = at.x, at.y, _CROSS
    return [
        Line(x - r, y - r, x + r, y + r, "ink", 1.6),
        Line(x - r, y + r, x + r, y - r, "ink", 1.6),
    ]
