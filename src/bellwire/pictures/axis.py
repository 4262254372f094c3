"""The axis of time, legends and headings that several pictures share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, log10

from bellwire.pictures.shapes import Line, Rect, Shape, Text, text_width
from bellwire.pictures.times import time_unit


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `start` to `end` on pixels from `left` to `right`."""

    start: float
    end: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (value - self.start) / ((self.end - self.start) or 1)
        return self.left + share * (self.right - self.left)

    def ticks(self, most: int = 8) -> list[float]:
        """Round values, `most` or fewer."""
        span = (self.end - self.start) or 1
        raw = span / most
        size = 10 ** floor(log10(raw))
        step = next(size * k for k in (1, 2, 5, 10) if size * k >= raw)
        first = ceil(self.start / step)
        count = floor((self.end - first * step) / step + 1e-9) + 1
        return [(first + i) * step for i in range(count)]


def time_axis(axis: Axis, top: float, bottom: float, *, steps: bool) -> list[Shape]:
    """Lines through the picture with the times below them."""
    out: list[Shape] = []
    for value, text in tick_texts(axis, steps=steps):
        x = axis.at(value)
        anchor = "end" if x > axis.right - text_width(text) / 2 else "middle"
        out.append(Line(x, top, x, bottom, "grid"))
        out.append(Text(x, bottom + 14, text, "muted", 10, anchor))
    return out


def tick_texts(axis: Axis, *, steps: bool) -> list[tuple[float, str]]:
    """Round times and how they are written: all in one unit, with as many digits as they need."""
    ticks = axis.ticks()
    if steps:
        return [(value, f"{value:,.0f}") for value in ticks]
    size, unit = time_unit(max(map(abs, ticks), default=1))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else size
    digits = max(0, -floor(log10(step / size) + 1e-9))
    return [(value, f"{value / size:,.{digits}f} {unit}") for value in ticks]


def heading(title: str, remark: str = "") -> list[Shape]:
    """The title and, below it, what should be known."""
    out: list[Shape] = [Text(12, 20, title, "ink", 13, bold=True)]
    return [*out, Text(12, 36, remark, "muted", 10.5)] if remark else out


def legend(
    entries: Mapping[str, str], x: float, y: float, width: float
) -> tuple[list[Shape], float]:
    """Colours and what they mean, in lines that are `width` wide; and the height of it."""
    out: list[Shape] = []
    left, line = x, 0
    for text, colour in entries.items():
        wide = text_width(text, 10.5) + 30
        if left > x and left + wide > x + width:
            left, line = x, line + 1
        out.append(Rect(left, y + line * 17 - 9, 10, 10, colour, round=2))
        out.append(Text(left + 15, y + line * 17, text, "muted", 10.5))
        left += wide
    return out, (line + 1) * 17 if entries else 0
