"""What a run is expected to take and to be worth: the mean over sampled timelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.program import Program
from bellwire.compiler.timelines import TimelineSampler, sampled_idle
from bellwire.targets.machine import Machine

SHOTS = 64, 4096  # for the makespan: the fewest, the most
NOISES = 8, 256  # for the fidelity
WORK = 20_000_000, 4_000_000  # operation-samples for each of the two


@dataclass(frozen=True, slots=True)
class Prediction:
    """Mean makespan in seconds and mean chance of no error at all (compiler/fidelity.py), each with
    its standard error."""

    makespan_s: float
    makespan_error_s: float
    fidelity: float
    fidelity_error: float


def predict(program: Program, machine: Machine, *, seed: int = 0) -> Prediction:
    """Sample timelines of a SCHEDULED program: fewer for large ones."""
    sampler = TimelineSampler(program, machine)
    shots, noises = (
        int(np.clip(work // max(1, len(program)), *bounds))
        for work, bounds in zip(WORK, (SHOTS, NOISES))
    )
    spans = sampler.sample(shots, seed).makespan_ns * 1e-9
    waits = sampled_idle(program, machine, sampler, noises, seed)
    worth = np.array([expected_fidelity(program, machine, idle) for idle in waits])
    return Prediction(float(spans.mean()), _error(spans), float(worth.mean()), _error(worth))


def _error(values: NDArray[Any]) -> float:
    return float(values.std() / len(values) ** 0.5)
