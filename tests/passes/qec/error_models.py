"""Circuits to compare, and their exact comparison by errors (that of the benchmark)."""

from __future__ import annotations

import numpy as np
import stim
from qec_points import difference, errors_of

__all__ = ["difference", "errors_of", "memory", "random_homes"]


def memory(basis: str, distance: int, rounds: int | None = None, **noise: float) -> stim.Circuit:
    """A rotated memory experiment."""
    task = f"surface_code:rotated_memory_{basis}"
    return stim.Circuit.generated(task, distance=distance, rounds=rounds or distance, **noise)


def random_homes(circuit: stim.Circuit, modules: int, seed: int) -> dict[int, int]:
    """Any module for each qubit."""
    drawn = np.random.default_rng(seed).integers(modules, size=circuit.num_qubits)
    return {q: int(m) for q, m in enumerate(drawn)} | {q: q for q in range(modules)}
