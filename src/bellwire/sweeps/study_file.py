"""Studies of sweeps: TOML files, or dictionaries built like them, with what is wrong said by place.

    circuits = ["circuits/*.qasm", {family = "ghz", qubits = [4, 6]}]
    machines = ["ring4-demo", {topology = "grid", modules = [4, 6]}]
    seeds = 3
    [compile]
    recipe = ["fast", "default"]
    [links]
    fidelity = [0.9, 0.99]
    [run]
    shots = 1000

Wherever a value may stand, a list of values is an axis. docs/sweeps.md has all keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import prod
from os import PathLike
from pathlib import Path
from typing import Any

from bellwire.errors import BackendError, MachineError
from bellwire.passes.choose_schedule import OBJECTIVES
from bellwire.passes.link_prices import LINK_PRICES
from bellwire.passes.recipes import RECIPES
from bellwire.runtime.backends.base import find_backend
from bellwire.sweeps.circuits import circuits_of
from bellwire.sweeps.machines import machines_of
from bellwire.sweeps.study import MOST_POINTS, Study
from bellwire.targets.fields import need, number, probability, shown, text, whole
from bellwire.targets.link import Link
from bellwire.targets.load import read_table_file
from bellwire.targets.tables import Keys, Refused, Table, known_table

Check = Callable[[str, Any], Any]

MOST_SEED = 2**31 - 1
MOST_SHOTS = 10**9
MOST_SECONDS = 10**6
_KEYS = ("name", "circuits", "machines", "seeds", "compile", "links", "run")


def load_study(path: str | PathLike[str], *, most_points: int = MOST_POINTS) -> Study:
    """Read a study file; its paths are relative to its folder.

    Raises MachineError with file, line and what is wrong, also of a circuit or machine that the
    study names, and for more than `most_points`.
    """
    place = Path(path)
    make = partial(_study, folder=place.parent, name=place.stem, most=most_points)
    return read_table_file(place, make)


def read_study(data: Mapping[str, Any], *, most_points: int = MOST_POINTS) -> Study:
    """Read a dictionary built like a study file; circuits and machines may be objects as well, and
    paths are relative to the working folder. Raises MachineError as `load_study` does."""
    try:
        return _study(data, Path(), "sweep", most_points)
    except Refused as error:
        raise MachineError(str(error)) from None


def _study(data: Any, folder: Path, name: str, most: int) -> Study:
    table = known_table(data, (), _KEYS, "study")
    machines = [
        machine
        for keys, place, found in _entries(table, "machines")
        for machine in machines_of(found, keys, place, folder, most)
    ]
    unread = [
        named
        for keys, place, found in _entries(table, "circuits")
        for named in circuits_of(found, keys, place, folder)
    ]
    axes = _axes(table)
    counts = {"circuits": len(unread), "machines": len(machines)}
    _check_size(counts | {k: len(v) for k, v in axes.items() if len(v) > 1}, most)
    _once("machines", [machine.name for machine in machines])
    _once("circuits", [circuit for circuit, _ in unread])
    circuits = tuple(read() for _, read in unread)
    said = _checked(("name",), text, "name", table.get("name", name))
    return Study(said, circuits, tuple(machines), axes)


def _check_size(counts: Mapping[str, int], most: int) -> None:
    if (points := prod(counts.values())) > most:
        factors = " x ".join(f"{count:,} {name}" for name, count in counts.items())
        raise Refused(
            (),
            f"found {points:,} points ({factors}); give fewer, or let --max-points be more",
        )


def _entries(table: Table, key: str) -> list[tuple[Keys, str, Any]]:
    """Each entry of a list, with where it stands."""
    if key not in table:
        raise Refused((), f"{key} is missing; give a list")
    found = table[key]
    if not isinstance(found, list | tuple) or not found:
        raise Refused((key,), f"{key}: found {shown(found)}; it must be a list of at least one")
    return [((key, i), f"{key} {i + 1}", each) for i, each in enumerate(found)]


def _once(key: str, names: Sequence[Any]) -> None:
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise Refused((key,), f"{key}: found {shown(twice[0])} twice; give each once")


def _axes(table: Table) -> dict[str, Sequence[Any]]:
    """The values of every axis but circuits and machines, by column; seeds come last."""
    axes: dict[str, Sequence[Any]] = {}
    for group, known in _GROUPS.items():
        found = known_table(table.get(group, {}), (group,), tuple(known), group)
        for key, (column, check, default) in known.items():
            if key in found:
                axes[column] = _values((group, key), f"{group}: {key}", found[key], check)
            elif group == "compile" or (group == "run" and group in table):
                axes[column] = (default,)
    if "run" in table and axes["shots"] == (None,):
        raise Refused(("run",), "run: shots is missing; add it")
    return axes | {"seed": _seeds(table.get("seeds", 1))}


def _values(keys: Keys, place: str, found: Any, check: Check) -> tuple[Any, ...]:
    values = found if isinstance(found, list | tuple) else [found]
    if not values:
        raise Refused(keys, f"{place}: found an empty list; give a value, or leave it out")
    checked = [_checked(keys, check, place, value) for value in values]
    if len(set(checked)) < len(checked):
        raise Refused(keys, f"{place}: found a value twice; give each once")
    return tuple(checked)


def _seeds(found: Any) -> Sequence[int]:
    if isinstance(found, list | tuple):
        seed = partial(whole, low=0, high=MOST_SEED)
        return _values(("seeds",), "seeds", found, seed)
    return range(_checked(("seeds",), partial(whole, low=1, high=MOST_SEED), "seeds", found))


def _checked(keys: Keys, check: Check, place: str, value: Any) -> Any:
    try:
        return check(place, value)
    except (MachineError, BackendError) as error:
        raise Refused(keys, str(error)) from None


def _one_of(known: Sequence[str]) -> Check:
    def check(place: str, value: Any) -> str:
        need(isinstance(value, str) and value in known, place, value, f"one of {', '.join(known)}")
        return str(value)

    return check


def _backend(place: str, value: Any) -> str:
    name = text(place, value)
    if name != "auto":
        find_backend(name)
    return name


def _flag(place: str, value: Any) -> bool:
    need(isinstance(value, bool), place, value, "true or false")
    return bool(value)


def _link_field(field: str) -> Check:
    """The check that links themselves make."""

    def check(place: str, value: Any) -> Any:
        if field == "fidelity":
            return probability(place, value)
        try:
            made = getattr(Link(("A", "B"), **{field: value}), field)
        except MachineError as error:
            raise MachineError(str(error).replace("link A-B", "links", 1)) from None
        return "inf" if made == float("inf") else made

    return check


LINK_FIELDS = (
    "fidelity", "success", "attempt_ns", "capacity", "message_ns", "dark", "herald_ns", "cutoff_ns",
)  # fmt: skip
_seconds: Check = partial(number, low=0, high=MOST_SECONDS)
_shots: Check = partial(whole, low=1, high=MOST_SHOTS)
_timelines: Check = partial(whole, low=0, high=MOST_SHOTS)
_GROUPS: dict[str, dict[str, tuple[str, Check, Any]]] = {  # key: column, check, default
    "compile": {
        "recipe": ("recipe", _one_of(tuple(RECIPES)), "default"),
        "optimise": ("optimise", _one_of(OBJECTIVES), "ebits"),
        "link_price": ("link_price", _one_of(LINK_PRICES), "pairs"),
        "seconds": ("seconds", _seconds, None),
    },
    "links": {field: (f"link_{field}", _link_field(field), None) for field in LINK_FIELDS},
    "run": {
        "shots": ("shots", _shots, None),
        "backend": ("backend", _backend, "auto"),
        "noise": ("noise", _flag, True),
        "timelines": ("timelines", _timelines, None),
    },
}
