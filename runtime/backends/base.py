"""What a backend is: something that makes a sampler for a program, or says why it cannot.

Others add theirs through the entry point group `bellwire.backends`: a name and a `Backend`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Protocol

from bellwire.compiler.noise_events import NoiseEvents
from bellwire.compiler.program import Program
from bellwire.errors import BackendError


class Sampler(Protocol):
    """A program made ready to run; `method` says how, for the result."""

    @property
    def method(self) -> str:
        """How it is simulated, such as "aer (statevector)"."""
        ...

    def sample(self, shots: int, seed: int) -> dict[str, int]:
        """Run; the same seed gives the same counts of the user's bits."""
        ...


Backend = Callable[[Program, NoiseEvents], Sampler]
"""Makes a Sampler. Raises BackendError with the reason when it cannot run the program."""

BUILT_IN = ("stabilizer", "aer", "timing")


def find_backend(name: str, *, explicit: bool = False) -> Backend:
    """The backend of that name; `explicit`: one that leaves protocols as they are. Raises
    BackendError for an unknown one."""
    from bellwire.runtime.backends import aer, stabilizer, timing

    own: dict[str, Backend] = {
        "stabilizer": stabilizer.prepare_stabilizer,
        "aer": aer.prepare_explicit if explicit else aer.prepare_aer,
        "timing": timing.prepare_timing,
    }
    if name in own:
        return own[name]
    others = {e.name: e for e in entry_points(group="bellwire.backends")}
    if name in others:
        backend: Backend = others[name].load()
        return backend
    known = ", ".join(("auto", *own, *sorted(others)))
    raise BackendError(f"backend {name!r} is unknown; choose one of {known}")
