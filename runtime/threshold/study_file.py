"""Threshold studies as TOML files, with what is wrong said by place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from bellwire.errors import NotSupported, ParseError
from bellwire.runtime.threshold.study import NOISE, Study
from bellwire.targets.fields import shown
from bellwire.targets.files import file_text, read_toml

_LISTS = {"distances": int, "bases": str, "decoders": str}
_NUMBERS = ("modules", "max_shots", "max_errors", "workers", "seed")
_TEXTS = ("code", "pairs", "output")


def load_study(path: str | Path) -> Study:
    """Read a study file: the fields of `Study`, `noise` as a table.

    Raises ParseError with the place and what is wrong.
    """
    data = read_toml(file_text(path), str(path))
    try:
        return Study(**_checked(data))
    except NotSupported as error:
        raise ParseError(str(error), str(path)) from None


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    """The values in the types of Study. Raises NotSupported."""
    _known(data, [f.name for f in fields(Study)], "")
    for name in ("code", "distances", "noise"):
        if name not in data:
            raise NotSupported(f"found no {name}; give it")
    return {key: _value(key, value) for key, value in data.items()}


def _value(key: str, value: Any) -> Any:
    if key in _LISTS:
        kind = _LISTS[key]
        _need(_is_list(value, kind), key, value, f"a list of {kind.__name__}")
        return tuple(value)
    if key in _NUMBERS:
        _need(type(value) is int and 0 <= value < 2**62, key, value, "a whole number")
    elif key in _TEXTS:
        _need(isinstance(value, str), key, value, "a text")
    elif key == "rounds":
        _need(type(value) in (int, str), key, value, "a number or such as 'd'")
    elif key == "layout":
        _need(isinstance(value, str) or _is_list(value, str), key, value, "a text or list of cuts")
        return value if isinstance(value, str) else tuple(value)
    else:
        return _noise(value)
    return value


def _noise(table: Any) -> dict[str, Any]:
    _need(isinstance(table, dict), "noise", table, "a table")
    _known(table, NOISE, "noise: ")
    for key, value in table.items():
        values = value if isinstance(value, list) else [value]
        wanted = "a number or a list of numbers"
        _need(all(type(v) in (int, float) for v in values), f"noise: {key}", value, wanted)
    return {
        key: tuple(map(float, value)) if isinstance(value, list) else float(value)
        for key, value in table.items()
    }


def _known(table: dict[str, Any], known: Iterable[str], place: str) -> None:
    names = list(known)
    for key in table:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            raise NotSupported(f"{place}found unknown key {key!r}; {hint}")


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and all(type(v) is kind for v in value)


def _need(condition: bool, place: str, found: Any, wanted: str) -> None:
    if not condition:
        raise NotSupported(f"{place}: found {shown(found)}; it must be {wanted}")
