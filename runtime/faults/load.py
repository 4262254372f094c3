"""Scenarios as TOML files: an [[event]] for each event, one [policy]."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from bellwire.errors import MachineError
from bellwire.runtime.faults.scenario import KINDS, Event, Policy, Scenario, keys_of
from bellwire.targets.fields import shown, text
from bellwire.targets.load import read_table, read_table_file
from bellwire.targets.machine import Machine
from bellwire.targets.tables import Keys, Refused, Table, known_table
from bellwire.targets.toml_text import toml_text

_KEYS = ("name", "policy", "event")


def load_scenario(path: str | Path, machine: Machine | None = None) -> Scenario:
    """Read a scenario file, for a machine if one is given.

    Raises MachineError with the file, the line and what is wrong.
    """
    return read_table_file(path, partial(_scenario, machine))


def read_scenario_toml(source: str, path: str = "", machine: Machine | None = None) -> Scenario:
    """Read a scenario from TOML, for a machine if one is given.

    Raises MachineError with `path`, the line and what is wrong, a link or module that the machine
    does not have included.
    """
    return read_table(source, path, partial(_scenario, machine))


def write_scenario_toml(scenario: Scenario) -> str:
    """Write a scenario as TOML that `read_scenario_toml` reads back to an equal one."""
    return toml_text(scenario_to_dict(scenario))


def scenario_to_dict(scenario: Scenario) -> Table:
    """Give a scenario as it is in a file; what has its default value is left out."""
    out: Table = {"name": scenario.name}
    policy = _told(scenario.policy)
    if policy:
        out["policy"] = policy
    out["event"] = [event_to_dict(event) for event in scenario.events]
    return out


def event_to_dict(event: Event) -> Table:
    """Give one event as it is in a file."""
    return {"kind": event.kind} | _told(event)


def _told(part: Any) -> Table:
    """The fields that are not what they are without saying."""
    values = {f.name: getattr(part, f.name) for f in fields(part)}
    defaults = {f.name: f.default for f in fields(part) if f.default is not MISSING}
    told = {k: v for k, v in values.items() if k not in defaults or v != defaults[k]}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in told.items() if v != inf}


def _scenario(machine: Machine | None, data: Table) -> Scenario:
    known_table(data, (), _KEYS, "scenario")
    name = _made(("name",), "", text, "name", data.get("name", "scenario"))
    policy = known_table(data.get("policy", {}), ("policy",), keys_of(Policy), "policy")
    rows = data.get("event", [])
    if not isinstance(rows, list):
        raise Refused(("event",), f"event: found {shown(rows)}; write [[event]] for each one")
    events = tuple(_event(machine, row, i) for i, row in enumerate(rows))
    return Scenario(events, _made(("policy",), "policy: ", Policy, **policy), name)


def _event(machine: Machine | None, data: object, number: int) -> Event:
    keys: Keys = ("event", number)
    place = f"event {number + 1}"
    if not isinstance(data, Mapping):
        raise Refused(keys, f"{place}: found {shown(data)}; it must be a table")
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        near = difflib.get_close_matches(str(kind), KINDS, n=1)
        advice = f"did you mean {near[0]!r}?" if near else f"it must be one of {', '.join(KINDS)}"
        raise Refused((*keys, "kind"), f"{place}: kind: found {shown(kind)}; {advice}")
    place = f"{place} ({kind})"
    others = {key: value for key, value in data.items() if key != "kind"}
    table = known_table(others, keys, keys_of(KINDS[kind]), place)
    needed = {f.name for f in fields(KINDS[kind]) if f.default is MISSING}
    needed |= {"link"} if kind == "link_down" else set()
    for key in sorted(needed - table.keys()):
        raise Refused(keys, f"{place}: {key} is missing; add it")
    event: Event = _made(keys, f"{place}: ", KINDS[kind], **table)
    if machine is not None:
        where = (*keys, "module" if "module" in table else "link")
        _made(where, f"{place}: ", event.check, machine)
    return event


def _made(keys: Keys, place: str, make: Any, *args: Any, **values: Any) -> Any:
    """Call `make`; its error gets `place` in front and the keys under which its cause is."""
    try:
        return make(*args, **values)
    except MachineError as error:
        named = [key for key in values if str(error).startswith(f"{key}: ")]
        raise Refused((*keys, *named[:1]), f"{place}{error}") from None
