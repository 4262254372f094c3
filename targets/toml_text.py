"""Write plain tables as TOML; find the line of a key, or of a mistake, in a TOML text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Keys = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_HEADER = re.compile(r"\s*\[\[?\s*([\w-]+)(?:\s*\.\s*\"?([\w-]+))?[^\[\]=,]*\]")
_ENTRY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]")


def toml_text(data: Mapping[str, Any]) -> str:
    """Write a table: plain values first, then its tables, then its lists of tables.

    Takes strings, booleans, numbers, lists and tables; inner tables are written on one line.
    """
    tables = {k: v for k, v in data.items() if isinstance(v, Mapping)}
    lists = {k: v for k, v in data.items() if _is_list_of_tables(v)}
    plain = {k: v for k, v in data.items() if k not in tables and k not in lists}
    parts = [_lines(plain)] if plain else []
    parts += [f"[{_key(k)}]\n{_lines(v)}" for k, v in tables.items()]
    parts += [f"[[{_key(k)}]]\n{_lines(row)}" for k, rows in lists.items() for row in rows]
    return "\n".join(parts)


def line_of(text: str, keys: Keys) -> int:
    """Find the line, counted from 1, of a key like ("module", 1, "gates"); 0 when not found.

    Falls back to the line of the table that the key would be in. It reads headers and `key =` at
    the start of a line, which is how these files are written; a value is never looked into.
    """
    if not keys:
        return 0
    number = next((k for k in keys if isinstance(k, int)), 0)
    name, field = (*(k for k in keys if isinstance(k, str)), "", "")[:2]
    places: dict[tuple[str, int, str], int] = {}
    for line, place in enumerate(_places(text), 1):
        places.setdefault(place, line)
    nearest = ((name, number, field), (name, number, ""), (name, 0, ""))  # last: all in one list
    return next((places[place] for place in nearest if place in places), 0)


def _places(text: str) -> Iterator[tuple[str, int, str]]:
    """For each line: the table it is in, the how-manieth of its name, the key that it sets."""
    table, inner, count = "", "", Counter[str]()
    for line in text.split("\n"):
        header, entry = _HEADER.match(line), _ENTRY.match(line)
        if header:
            table, inner = header[1], header[2] or ""
            count[table] += not inner
        key = entry[1] if entry else ""
        if table:
            yield table, max(count[table] - 1, 0), inner or key
        else:
            yield key, 0, ""


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(k)} = {_value(v)}\n" for k, v in table.items())


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _value(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return repr(value)


def _string(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but TOML wants DEL escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
