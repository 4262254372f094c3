"""Places to start from on chips with a coupling: exchanges that make swaps fewer are kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.compiler.waits import qubit_modules
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

ROWS = 40_000  # operations that are routed in all, at most


def fewest_swaps(
    program: Program,
    machine: Machine,
    seed: int,
    route: Callable[[list[int] | None], Program],
    tries: int,
) -> Program:
    """The best of some routings; `route(positions)` makes one, with its own places for None."""
    best = route(None)
    size = sum(len(part) for part in program.walk())
    rng, module = np.random.default_rng(seed), qubit_modules(program, machine)[list(program.inputs)]
    offset = np.array([machine.offsets[m.name] for m in machine.modules], dtype=np.int64)
    places = np.array(best.inputs, dtype=np.int64) - offset[module]
    for _ in range(min(tries, ROWS // max(1, size)) if len(places) else 0):
        other = _exchanged(places, module, machine, rng)
        found = route(other.tolist())
        if found.count("swap") <= best.count("swap"):
            best, places = found, other
    return best


def _exchanged(places: Ints, module: Ints, machine: Machine, rng: np.random.Generator) -> Ints:
    """One state put on another data qubit of its module, in exchange with who is there."""
    out = places.copy()
    i = int(rng.integers(len(places)))
    to = int(rng.integers(machine.modules[module[i]].data_qubits))
    out[(module == module[i]) & (places == to)] = places[i]
    out[i] = to
    return out
