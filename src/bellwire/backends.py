"""The machines that come with bellwire as Qiskit backends, one function each.

>>> from bellwire import backends
>>> "ring4_demo" in backends.available()
True
>>> backends.ring4_demo().num_qubits
12
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import TYPE_CHECKING

from bellwire.targets.presets import preset_names, preset_text

if TYPE_CHECKING:
    from bellwire.qiskit_backend import ModularBackend

    def __getattr__(name: str) -> Callable[[], ModularBackend]: ...


__all__ = ["available"]


def available() -> tuple[str, ...]:
    """The names of these functions, in alphabetical order."""
    return tuple(name.replace("-", "_") for name in preset_names())


def _maker(preset: str) -> Callable[[], ModularBackend]:
    def make() -> ModularBackend:
        from bellwire.qiskit_backend import ModularBackend
        from bellwire.targets.load import load_machine

        return ModularBackend(load_machine(preset))

    make.__name__ = make.__qualname__ = preset.replace("-", "_")
    make.__module__ = __name__
    head = takewhile(lambda line: line.startswith("#"), preset_text(preset).splitlines())
    make.__doc__ = "\n".join(line.removeprefix("#").strip() for line in head)
    return make


def __dir__() -> list[str]:
    return ["available", *available()]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Callable[[], ModularBackend]:
        for preset in preset_names():
            if preset.replace("-", "_") == name:
                return _maker(preset)
        known = ", ".join(available())
        raise AttributeError(f"module {__name__!r} has no backend {name!r}; there are {known}")
