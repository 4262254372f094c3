"""What a run is expected to take and to be worth: means over sampled timelines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bellwire.compiler.outcome_fidelity import OutcomeFidelity
from bellwire.compiler.program import Program
from bellwire.compiler.timelines import TimelineSampler, mean_makespan_ns, sampled_idle
from bellwire.targets.machine import Machine

ERROR = 0.01  # standard error of the makespan, as a share of it
NOISES = 8, 128  # timelines for the fidelity: the fewest, the most
WORK = 2_000_000  # operation-samples for them


@dataclass(frozen=True, slots=True)
class Prediction:
    """Mean makespan in seconds, and the mean chance that nothing that can be seen goes wrong
    (compiler/outcome_fidelity.py) with its standard error."""

    makespan_s: float
    fidelity: float
    fidelity_error: float


def predict(program: Program, machine: Machine, *, seed: int = 0) -> Prediction:
    """Sample timelines of a SCHEDULED program: fewer for large ones, whose chance evens out."""
    count = int(np.clip(WORK // max(1, len(program)), *NOISES))
    waits = sampled_idle(program, machine, TimelineSampler(program, machine), count, seed)
    worth = np.array(list(map(OutcomeFidelity(program, machine), waits)))
    span = mean_makespan_ns(program, machine, error=ERROR)
    return Prediction(span * 1e-9, float(worth.mean()), float(worth.std() / count**0.5))
