"""Machines that come with bellwire: one TOML file each, every number with its source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bellwire.errors import MachineError


@cache
def preset_names() -> tuple[str, ...]:
    """The names that `load_machine` knows, in alphabetical order."""
    entries = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name[: -len(".toml")] for name in entries if name.endswith(".toml")))


def preset_text(name: str) -> str:
    """Read the TOML text of a preset. Raises MachineError for an unknown name."""
    if name not in preset_names():
        known = ", ".join(preset_names())
        raise MachineError(f"preset: found {name!r}; it must be one of {known}")
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
