"""Objectives as a TOML file: an `[[objective]]` for each, with what is wrong said by place.

`sli` names the indicator (runtime/slo.py has them all), `target` is what it should be; `name`,
`link` and `budget` may be given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bellwire.errors import ParseError
from bellwire.runtime.slo import RATIOS, Objective, indicators, is_indicator
from bellwire.targets.fields import shown
from bellwire.targets.files import file_text, read_toml

_MOST = 1e12
_FIELDS = ("name", "sli", "target", "budget", "link")


def load_objectives(path: Path) -> tuple[Objective, ...]:
    """Read a file of objectives. Raises ParseError with the place and what is wrong."""
    data = read_toml(file_text(path), str(path))
    tables = data.get("objective")
    listed = isinstance(tables, list) and all(isinstance(table, dict) for table in tables)
    if not listed or not tables or data.keys() != {"objective"}:
        found = ", ".join(data) or "nothing"
        raise ParseError(f"found {found}; give [[objective]] tables and nothing else", str(path))
    return tuple(_objective(table, f"objective {i}", path) for i, table in enumerate(tables, 1))


def _objective(table: dict[str, Any], place: str, path: Path) -> Objective:
    def need(condition: bool, what: str, found: object, wanted: str) -> None:
        if not condition:
            shown_ = f"{place}: {what}: found {shown(found)}; it must be {wanted}"
            raise ParseError(shown_, str(path))

    for key in table:
        need(key in _FIELDS, "field", key, f"one of {', '.join(_FIELDS)}")
    sli, target, budget = (table.get(field) for field in ("sli", "target", "budget"))
    known = f"one of {', '.join(indicators())}, with any percentage NN from 01 to 99"
    need(isinstance(sli, str) and is_indicator(sli), "sli", sli, known)
    need(_is_number(target, _MOST), "target", target, f"a number from 0 to {_MOST:g}")
    if budget is not None:
        need(sli not in RATIOS, "budget", budget, "left out: the target is it")
        need(_is_number(budget, 1) and budget > 0, "budget", budget, "above 0 and at most 1")
    name, link = table.get("name", sli), table.get("link", "")
    for field, value in (("name", name), ("link", link)):
        need(isinstance(value, str), field, value, "a text")
    return Objective(str(sli), float(table["target"]), str(name), budget, str(link))


def _is_number(value: object, most: float) -> bool:
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return real and 0 <= value <= most  # type: ignore[operator]
