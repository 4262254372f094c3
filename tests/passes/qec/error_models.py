"""Exact comparison of circuits by their errors, and circuits to compare."""

from __future__ import annotations

import numpy as np
import stim


def errors_of(circuit: stim.Circuit) -> dict[frozenset[str], float]:
    """The chance of each set of detectors and observables that an error flips."""
    model = circuit.detector_error_model(flatten_loops=True, approximate_disjoint_errors=True)
    found: dict[frozenset[str], float] = {}
    for error in model.flattened():
        if error.type == "error":
            flips = frozenset(str(target) for target in error.targets_copy())
            p, q = error.args_copy()[0], found.get(flips, 0.0)
            found[flips] = p + q - 2 * p * q
    return {flips: p for flips, p in found.items() if flips}


def difference(one: stim.Circuit, other: stim.Circuit) -> float:
    """The largest difference of any chance."""
    a, b = errors_of(one), errors_of(other)
    assert a
    return max(abs(a.get(flips, 0.0) - b.get(flips, 0.0)) for flips in a.keys() | b.keys())


def memory(basis: str, distance: int, rounds: int | None = None, **noise: float) -> stim.Circuit:
    """A rotated memory experiment."""
    task = f"surface_code:rotated_memory_{basis}"
    return stim.Circuit.generated(task, distance=distance, rounds=rounds or distance, **noise)


def random_homes(circuit: stim.Circuit, modules: int, seed: int) -> dict[int, int]:
    """Any module for each qubit."""
    drawn = np.random.default_rng(seed).integers(modules, size=circuit.num_qubits)
    return {q: int(m) for q, m in enumerate(drawn)} | {q: q for q in range(modules)}
