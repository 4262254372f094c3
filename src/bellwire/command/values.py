"""Values of options: numbers with their range, refused in our words."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite

import typer


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A parser of whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            raise _refused(text, "a whole number", least, most)
        return number

    return parse


def number(least: float = -inf, most: float = inf) -> Callable[[str], float]:
    """A parser of finite numbers from `least` to `most`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = inf
        if not isfinite(value) or not least <= value <= most:
            bounds = (b if isfinite(b) else None for b in (least, most))
            raise _refused(text, "a number", *bounds)
        return value

    return parse


def _refused(text: str, kind: str, least: float | None, most: float | None) -> typer.BadParameter:
    low = "" if least is None else f" from {least:g}"
    high = "" if most is None else f" to {most:g}" if low else f" up to {most:g}"
    low = low if high or not low else f"{low} up"
    return typer.BadParameter(f"found {text!r}; it must be {kind}{low}{high}")
