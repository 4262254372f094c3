"""What a picture is made of: a few kinds of shapes, in pixels from the top left corner.

A colour is a name of colours.THEME, which differs in the dark, or #rrggbb. `title` shows on hover.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

MOST_SHAPES = 4_000  # more are put together
_NARROW, _USUAL, _WIDE = 0.36, 0.62, 0.92  # widths of letters, in font sizes


@dataclass(frozen=True, slots=True)
class Rect:
    """A box; `round` is the radius of its corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    title: str = ""
    opacity: float = 1.0
    round: float = 0.0
    stroke: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line, dashed where wanted."""

    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str
    width: float = 1.0
    title: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Arc:
    """A quadratic Bezier curve from the first point to the last; the middle one pulls it."""

    x1: float
    y1: float
    pull_x: float
    pull_y: float
    x2: float
    y2: float
    stroke: str
    width: float = 1.0
    title: str = ""
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str
    title: str = ""
    stroke: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `anchor`: start, middle or end of it is at (x, y), the baseline."""

    x: float
    y: float
    text: str
    fill: str = "ink"
    size: float = 11.0
    anchor: str = "start"
    bold: bool = False


Shape = Rect | Line | Arc | Disc | Text


def text_width(text: str, size: float = 11.0) -> float:
    """About how wide a text is in a sans-serif font, in pixels."""
    return size * fsum(map(_letter, text))  # sum() differs between Python 3.11 and 3.12


def _letter(letter: str) -> float:
    if letter in "iljtfrI.,:;|'()[] ":
        return _NARROW
    return _WIDE if letter in "mwMW@%" else _USUAL


def shortened(text: str, most: float, size: float = 11.0) -> str:
    """The text, cut with an ellipsis where it is wider than `most` pixels."""
    if text_width(text, size) <= most:
        return text
    while text and text_width(text + "…", size) > most:
        text = text[:-1]
    return text + "…"
