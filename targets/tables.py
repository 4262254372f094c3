"""Plain tables, built like the TOML file -> machines; every refusal names the field."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from bellwire.errors import MachineError
from bellwire.targets.fields import MOST_QUBITS, shown, whole
from bellwire.targets.machine import Fabric, GateQuality, Link, Machine, Module
from bellwire.targets.noise import werner_state
from bellwire.targets.shapes import MOST_LINKS, MOST_MODULES, make_machine, switch_fabric
from bellwire.targets.sources import source_text

Table = dict[str, Any]
Keys = tuple[str | int, ...]
T = TypeVar("T")

_MACHINE_KEYS = ("name", "topology", "modules", "module", "link", "fabric", "calibration")
_PATTERN_KEYS = (
    "data_qubits",
    "comm_qubits",
    "coupling",
    "role",
    "gates",
    "readout",
    "t1_ns",
    "t2_ns",
    "comm_t1_ns",
    "comm_t2_ns",
    "attempt_dephasing",
    "source",
)
_MODULE_KEYS = ("name", *_PATTERN_KEYS)
_WIRE_KEYS = (
    "attempt_ns",
    "success",
    "state",
    "fidelity",
    "capacity",
    "message_ns",
    "dark",
    "herald_ns",
    "cutoff_ns",
    "source",
)
_LINK_KEYS = ("between", *_WIRE_KEYS)
_SWITCH_KEYS = ("ports", "reconfigure_ns", "source")
_FABRIC_KEYS = ("name", "modules", *_SWITCH_KEYS)
_MOST = {"module": MOST_MODULES, "link": MOST_LINKS, "fabric": MOST_MODULES}
_QUBIT = re.compile(r"(data|comm)\[(\d{1,7})\]")


class Refused(MachineError):
    """What is wrong in a table, and under which keys."""

    def __init__(self, keys: Keys, message: str) -> None:
        self.keys = keys
        super().__init__(message)


def machine_from_dict(data: Mapping[str, object], place: str = "") -> Machine:
    """Make a machine from what `machine_to_dict` gives, or from a parsed TOML file.

    Raises MachineError, with `place` in front, for unknown keys, wrong types and contradictions.
    """
    try:
        return machine_from_table(data)
    except Refused as error:
        raise MachineError(f"{place}: {error}" if place else str(error)) from None


def known_table(data: object, keys: Keys, known: tuple[str, ...], place: str) -> Table:
    """Check that `data`, at `keys` of a file, is a table without keys that are not `known`.

    Raises Refused, with `place` in front and the nearest known key.
    """
    if not isinstance(data, Mapping):
        raise Refused(keys, f"{place}: found {shown(data)}; it must be a table")
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise Refused((*keys, str(key)), f"{place}: unknown key {shown(key)}; {advice}")
    return dict(data)


def _tables(data: Table, key: str) -> list[object]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise Refused(
            (key,),
            f"{key}: found {shown(value)}; write [[{key}]] for each one (or give `topology` and "
            f"`modules`, and [{key}] once)",
        )
    if len(value) > (most := _MOST[key]):
        raise Refused((key,), f"{key}: found {len(value):,}; at most {most:,} are taken")
    return value


def _required(table: Table, key: str, keys: Keys, place: str) -> Any:
    if key not in table:
        raise Refused(keys, f"{place}: {key} is missing; add it")
    return table[key]


def machine_from_table(data: object) -> Machine:
    """Make a machine from a parsed file. Raises Refused, with the keys of what is wrong."""
    table = known_table(data, (), _MACHINE_KEYS, "machine")
    name = table.get("name")
    calibration = _calibration(table.get("calibration", {}))
    if "topology" in table or "modules" in table:
        machine = _regular(table)
    else:
        modules = [_module(m, i) for i, m in enumerate(_tables(table, "module"))]
        links = [_link(w, i) for i, w in enumerate(_tables(table, "link"))]
        fabrics = [_fabric(f, i) for i, f in enumerate(_tables(table, "fabric"))]
        parts: Table = {"modules": tuple(modules), "links": tuple(links), "fabrics": tuple(fabrics)}
        machine = _made((), "", Machine, **parts)
    named: Table = {"calibration": calibration} | ({} if name is None else {"name": name})
    out: Machine = _made(("name",), "", replace, machine, **named)
    return out


def _regular(table: Table) -> Machine:
    """The short form: equal modules in a regular shape."""
    topology = _required(table, "topology", ("modules",), "machine")
    count = _required(table, "modules", ("topology",), "machine")
    pattern = known_table(
        _required(table, "module", ("modules",), "machine"), ("module",), _PATTERN_KEYS, "module"
    )
    wire = known_table(table.get("link", {}), ("link",), _WIRE_KEYS, "link")
    module = _module(pattern | {"name": "A"}, None)
    link = _link(wire | {"between": ["A", "B"]}, None)
    return _made(
        ("topology",),
        "",
        make_machine,
        topology,
        count,
        data_qubits=module.data_qubits,
        comm_qubits=module.comm_qubits,
        coupling=module.coupling,
        module=module,
        link=link,
        fabric=_switch(table["fabric"], count) if "fabric" in table else None,
    )


def _switch(data: object, modules: int) -> Fabric:
    """Read the fabric of the short form."""
    table = known_table(data, ("fabric",), _SWITCH_KEYS, "fabric")
    if "source" in table:
        table["source"] = _source(table["source"], ("fabric", "source"), "fabric")
    return _made(("fabric",), "", switch_fabric, modules, **table)


def _module(data: object, number: int | None) -> Module:
    """Read one module: the `number`-th of the file, or the pattern of all (None)."""
    keys: Keys = ("module",) if number is None else ("module", number)
    place = "module" if number is None else f"module {number + 1}"
    table = known_table(data, keys, _MODULE_KEYS, place)
    name = _required(table, "name", keys, place)
    place = f"module {name}" if number is not None else place
    if table.get("role") != "repeater":
        _required(table, "data_qubits", keys, place)
    fields = {k: table[k] for k in _MODULE_KEYS if k in table and k not in ("gates", "readout")}
    fields.setdefault("data_qubits", 0)
    gates = known_table(table.get("gates", {}), (*keys, "gates"), ("1q", "2q"), f"{place}: gates")
    for width, quality in gates.items():
        default = Module.gate_1q if width == "1q" else Module.gate_2q
        inside = (*keys, "gates", width)
        fields[f"gate_{width}"] = _quality(quality, default, inside, f"{place}: gates.{width}")
    if "readout" in table:
        inside = (*keys, "readout")
        fields["readout"] = _quality(table["readout"], Module.readout, inside, f"{place}: readout")
    if isinstance(fields.get("coupling"), list):
        fields["coupling"] = _pairs(fields["coupling"], table, (*keys, "coupling"), place)
    if "source" in fields:
        fields["source"] = _source(fields["source"], (*keys, "source"), place)
    return _made(keys, "", Module, **fields)


def _quality(data: object, default: GateQuality, keys: Keys, place: str) -> GateQuality:
    table = known_table(data, keys, ("ns", "fidelity"), place)
    out: GateQuality = _made(keys, f"{place}.", replace, default, **table)
    return out


def _pairs(coupling: list[object], table: Table, keys: Keys, place: str) -> tuple[object, ...]:
    """Numbers or names (`data[0]`, `comm[1]`) -> numbers, data qubits first."""
    roles = {"data": table.get("data_qubits", 0), "comm": table.get("comm_qubits", 1)}
    counts = {
        role: _made(keys, "", whole, f"{place}: {role}_qubits", count, 0, MOST_QUBITS)
        for role, count in roles.items()
    }
    pairs = []
    for pair in coupling:
        if not isinstance(pair, list) or len(pair) != 2:
            wanted = "it must be a pair of qubits, like [0, 1]"
            raise Refused(keys, f"{place}: coupling: found {shown(pair)}; {wanted}")
        pairs.append(tuple(_qubit(end, counts, keys, place) for end in pair))
    return tuple(pairs)


def _qubit(end: object, counts: dict[str, int], keys: Keys, place: str) -> object:
    if not isinstance(end, str):
        return end
    found = _QUBIT.fullmatch(end)
    if not found or int(found[2]) >= counts[found[1]]:
        names = " or ".join(f"{role}[0] to [{n - 1}]" for role, n in counts.items() if n)
        wanted = f"it must be a number, or {names}"
        raise Refused(keys, f"{place}: coupling: found {shown(end)}; {wanted}")
    return int(found[2]) + (counts["data"] if found[1] == "comm" else 0)


def _link(data: object, number: int | None) -> Link:
    """Read one link: the `number`-th of the file, or the pattern of all (None)."""
    keys: Keys = ("link",) if number is None else ("link", number)
    place = "link" if number is None else f"link {number + 1}"
    table = known_table(data, keys, _LINK_KEYS, place)
    between = _required(table, "between", keys, place)
    if number is not None and isinstance(between, list):
        place = "link " + "-".join(str(end) for end in between)
    fidelity = table.pop("fidelity", None)
    if fidelity is not None:
        inside = (*keys, "fidelity")
        if "state" in table:
            raise Refused(inside, f"{place}: fidelity: found beside `state`; give one of them")
        table["state"] = _made(inside, f"{place}: ", werner_state, fidelity)
    if "source" in table:
        table["source"] = _source(table["source"], (*keys, "source"), place)
    return _made(keys, "", Link, **table)


def _fabric(data: object, number: int) -> Fabric:
    keys: Keys = ("fabric", number)
    place = f"fabric {number + 1}"
    table = known_table(data, keys, _FABRIC_KEYS, place)
    for key in ("name", "modules", "ports"):
        _required(table, key, keys, place)
    if "source" in table:
        table["source"] = _source(table["source"], (*keys, "source"), place)
    return _made(keys, "", Fabric, **table)


def _source(data: object, keys: Keys, place: str) -> str:
    text = source_text(data)
    if text is None:
        raise Refused(
            keys, f"{place}: source: found {shown(data)}; it must be a text or a table of texts"
        )
    return text


def _calibration(data: object) -> dict[str, str]:
    if not isinstance(data, Mapping):
        raise Refused(("calibration",), f"calibration: found {shown(data)}; it must be a table")
    out = {}
    for key, value in data.items():
        if not isinstance(value, str | datetime.date | datetime.time):
            raise Refused(
                ("calibration", key),
                f"calibration.{key}: found {shown(value)}; it must be a text or a date",
            )
        out[key] = value if isinstance(value, str) else value.isoformat()
    return out


def _made(keys: Keys, place: str, make: Callable[..., T], *args: Any, **fields: Any) -> T:
    """Call `make`; its error gets `place` in front and the keys under which its cause is."""
    try:
        return make(*args, **fields)
    except MachineError as error:
        named = [field for field in fields if f"{field}: found" in str(error)]
        raise Refused((*keys, *named[:1]), f"{place}{error}") from None
