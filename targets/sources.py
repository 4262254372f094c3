"""Where each number of a machine file came from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

GATE_FIELDS = tuple(
    f"{operation}.{field}"
    for operation in ("gates.1q", "gates.2q", "readout")
    for field in ("ns", "fidelity")
)
MODULE_FIELDS = (
    *("data_qubits", "comm_qubits", "coupling", *GATE_FIELDS),
    *("t1_ns", "t2_ns", "comm_t1_ns", "comm_t2_ns", "attempt_dephasing"),
)
LINK_FIELDS = (
    *("attempt_ns", "success", "state", "capacity", "message_ns"),
    *("dark", "herald_ns", "cutoff_ns"),
)
FABRIC_FIELDS = ("ports", "reconfigure_ns")


def source_text(data: object) -> str | None:
    """Fold a `source` entry into one text; None when it is not one.

    A text stays as it is. A table (inner tables too) becomes "field: text", one to a line.
    """
    if isinstance(data, str):
        return data
    if not isinstance(data, Mapping):
        return None
    flat = dict(_flat(data))
    if not all(isinstance(text, str) for text in flat.values()):
        return None
    return "\n".join(f"{field}: {text}" for field, text in flat.items())


def field_sources(source: str, fields: tuple[str, ...]) -> dict[str, str]:
    """Find the source of each field in a folded text; fields without one are left out.

    A line "gates: text" speaks for all fields inside `gates`; a text without field names for all.
    """
    lines = [line.partition(": ") for line in source.splitlines()]
    named = {field: text for field, _, text in lines if _covers(field, fields)}
    if not named:
        return dict.fromkeys(fields, source) if source.strip() else {}
    found = {field: _nearest(field, named) for field in fields}
    return {field: text for field, text in found.items() if text.strip()}


def unsourced(text: str) -> list[str]:
    """List the fields of a machine file (TOML) whose value has no source or is left to a default.

    Each as "module 1: t2_ns". Infinite times have to be written (`t1_ns = inf`), too.
    """
    data = tomllib.loads(text)
    missing = []
    kinds = (("module", MODULE_FIELDS), ("link", LINK_FIELDS), ("fabric", FABRIC_FIELDS))
    for kind, fields in kinds:
        tables = data.get(kind, [])
        for i, table in enumerate(tables if isinstance(tables, list) else [tables], 1):
            sources = field_sources(source_text(table.get("source", "")) or "", fields)
            given = {*dict(_flat(table)), *(["state"] if "fidelity" in table else [])}
            missing += [f"{kind} {i}: {f}" for f in fields if f not in sources or f not in given]
    return missing


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key, value in table.items():
        inner = isinstance(value, Mapping)
        out += _flat(value, f"{prefix}{key}.") if inner else [(prefix + key, value)]
    return out


def _covers(name: str, fields: tuple[str, ...]) -> bool:
    return any(field == name or field.startswith(f"{name}.") for field in fields)


def _nearest(field: str, named: Mapping[str, str]) -> str:
    """The text for the field itself, else for the nearest part that holds it."""
    while field not in named and "." in field:
        field = field.rpartition(".")[0]
    return named.get(field, "")
