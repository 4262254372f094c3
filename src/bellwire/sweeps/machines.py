"""The machines of a sweep: files, presets, shapes that may fit the circuit, Machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import product
from math import prod
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from bellwire.errors import MachineError
from bellwire.targets.fields import whole
from bellwire.targets.load import load_machine, machine_to_dict
from bellwire.targets.machine import Machine
from bellwire.targets.presets import preset_names
from bellwire.targets.shapes import MOST_MODULES, make_machine
from bellwire.targets.tables import Keys, Refused, known_table

SHAPE_KEYS = ("topology", "modules", "data_qubits", "comm_qubits", "coupling")
_SHAPE_DEFAULTS = {"modules": 4, "data_qubits": None, "comm_qubits": 2, "coupling": "all"}


@dataclass(frozen=True)
class SweptMachine:
    """A machine, or the shape of one: with `data_qubits` None it just fits its circuit."""

    name: str
    digest: str
    what: Machine | Mapping[str, Any]

    def machine(self, qubits: int, link: Mapping[str, Any]) -> Machine:
        """Make the machine for so many qubits, with these fields of all links changed.

        Raises MachineError where they contradict each other.
        """
        found = self.what if isinstance(self.what, Machine) else _made(self.what, qubits)
        links = tuple(replace(each, **link) for each in found.links)
        return replace(found, links=links)


def machines_of(found: Any, keys: Keys, place: str, folder: Path, most: int) -> list[SweptMachine]:
    """The machines of one entry: a preset, a file, a table of a shape, or a Machine.

    Lists in the table are multiplied, up to `most` machines. Raises Refused.
    """
    if isinstance(found, Machine):
        return [_known(found.name, found)]
    if isinstance(found, str | PathLike):
        name = fspath(found)
        try:
            known = name if name in preset_names() else folder / name
            return [_known(name, load_machine(known))]
        except MachineError as error:
            raise Refused(keys, f"{place}: {error}") from None
    table = known_table(found, keys, SHAPE_KEYS, place)
    if "topology" not in table:
        raise Refused(keys, f"{place}: topology is missing; add it")
    try:
        return list(_shapes(table, most))
    except MachineError as error:
        raise Refused(keys, f"{place}: {error}") from None


def _known(name: str, machine: Machine) -> SweptMachine:
    text = json.dumps(machine_to_dict(machine), sort_keys=True)
    return SweptMachine(name, sha256(text.encode()).hexdigest(), machine)


def _shapes(table: Mapping[str, Any], most: int) -> Iterator[SweptMachine]:
    lists = {key: value if isinstance(value, list) else [value] for key, value in table.items()}
    if not 0 < (count := prod(map(len, lists.values()))) <= most:
        raise MachineError(f"found {count:,} shapes; give 1 to {most:,}")
    for values in product(*lists.values()):
        shape = _SHAPE_DEFAULTS | dict(zip(lists, values))
        whole("modules", shape["modules"], 1, MOST_MODULES)
        _made(shape | {"modules": min(2, shape["modules"])}, 2)  # it complains now, not later
        said = ", ".join(f"{key} {shape[key]}" for key in table if key not in SHAPE_KEYS[:2])
        name = f"{shape['topology']}{shape['modules']}" + (f" ({said})" if said else "")
        yield SweptMachine(name, json.dumps(shape, sort_keys=True), shape)


def _made(shape: Mapping[str, Any], qubits: int) -> Machine:
    make = partial(make_machine, shape["topology"], shape["modules"], coupling=shape["coupling"])
    fits = -(-max(1, qubits) // shape["modules"])
    data = fits if shape["data_qubits"] is None else shape["data_qubits"]
    return make(data_qubits=data, comm_qubits=shape["comm_qubits"])
