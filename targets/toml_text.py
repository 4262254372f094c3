"""Write plain tables as TOML, and find the line of a key in a TOML text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Keys = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)((?:\s*\.\s*[^\]\s]+)*)\s*\]")


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
    name, rest = str(keys[0]), keys[1:]
    number = rest[0] if rest and isinstance(rest[0], int) else 0
    field = next((str(k) for k in rest if isinstance(k, str)), "")
    seen, inside, found = -1, "", 0
    for at, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            inside = header[2]
            if inside == name and not header[3]:
                seen += 1
                found = at if seen == number else found
            elif inside == name and seen == number and field and field in header[3]:
                return at
        elif not inside and _starts(line, name):
            return at
        elif inside == name and seen == number and field and _starts(line, field):
            return at
    return found


def _starts(line: str, key: str) -> bool:
    return re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line) is not None


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
