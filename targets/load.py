"""Machines as TOML files: read them, say by file and line what is wrong, write them back.

The format is in machine.schema.json. A file has a `[[module]]` for each module and a `[[link]]` for
each link; or, in the short form, `topology = "ring"`, `modules = 4`, one `[module]`, one `[link]`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bellwire.errors import MachineError, ParseError
from bellwire.targets.files import file_text, read_toml
from bellwire.targets.machine import Machine
from bellwire.targets.memq_network import read_memq_network
from bellwire.targets.presets import preset_names, preset_text
from bellwire.targets.tables import Refused, Table, machine_from_dict, machine_from_table
from bellwire.targets.to_tables import machine_to_dict
from bellwire.targets.toml_text import line_of, toml_text

__all__ = [
    "load_machine",
    "machine_from_dict",
    "machine_to_dict",
    "read_machine_toml",
    "read_table",
    "read_table_file",
    "write_machine_toml",
]

T = TypeVar("T")


def load_machine(path_or_preset: str | Path) -> Machine:
    """Read a machine file, or the preset of that name (see `presets.preset_names`).

    A file that ends in .json is a network of memq-dqc (see memq_network.py).

    Raises MachineError when there is neither, or when the file is wrong.
    """
    if isinstance(path_or_preset, str) and path_or_preset in preset_names():
        return read_machine_toml(preset_text(path_or_preset), f"preset {path_or_preset}")
    path = Path(path_or_preset)
    if not _exists(path):
        raise MachineError(
            f"machine {str(path)!r}: found neither a file nor a preset of that name; "
            f"{_advice(str(path))}"
        )
    text = _text(path)
    if path.suffix == ".json":
        return read_memq_network(text, str(path))
    return read_machine_toml(text, str(path))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have, or a folder that is closed
        return False


def read_machine_toml(text: str, path: str = "") -> Machine:
    """Read a machine from TOML.

    Raises MachineError with `path`, the line (and the column of a syntax error), the field, what
    was found and what is wanted.
    """
    return read_table(text, path, machine_from_table)


def read_table(text: str, path: str, make: Callable[[Table], T]) -> T:
    """Parse TOML and hand it to `make`, whose Refused becomes a MachineError with file and line."""
    try:
        data = read_toml(text, path)
    except ParseError as error:
        place = _place(path, error.line, error.column)
        raise MachineError(f"{place}{error.message}") from None
    try:
        return make(data)
    except Refused as error:
        raise MachineError(_place(path, line_of(text, error.keys)) + str(error)) from None


def read_table_file(path: str | Path, make: Callable[[Table], T]) -> T:
    """Read a TOML file as `read_table` does; one that cannot be read is a MachineError too."""
    return read_table(_text(path), str(path), make)


def write_machine_toml(machine: Machine) -> str:
    """Write a machine as TOML that `read_machine_toml` reads back to an equal machine."""
    return toml_text(machine_to_dict(machine))


def _text(path: str | Path) -> str:
    try:
        return file_text(path)
    except ParseError as error:
        raise MachineError(str(error)) from None


def _advice(name: str) -> str:
    near = difflib.get_close_matches(name, preset_names(), n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"give a TOML file, or one of {', '.join(preset_names())}"


def _place(path: str, line: int, column: int = 0) -> str:
    if not path and line:
        return f"line {line}, column {column}: " if column else f"line {line}: "
    parts = [str(part) for part in (path, line, column) if part]
    return ":".join(parts) + ": " if parts else ""
