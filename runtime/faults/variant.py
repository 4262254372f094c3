"""What was executed in some shots of a scenario: a Program, to be run like any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bellwire.compiler.idle import idle_gaps
from bellwire.compiler.noise_events import NOISELESS, noise_events
from bellwire.compiler.outcome_fidelity import OutcomeFidelity
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.runtime.counts import add_counts
from bellwire.runtime.execute import pick
from bellwire.runtime.faults.detour import Detour
from bellwire.targets.machine import Machine


@dataclass(frozen=True, eq=False)
class Variant:
    """A LOWERED program as it was executed in `shots` shots, on the part of the machine that it was
    made for, with the mean Bell states of these shots; `starts_ns`: start times of some of them."""

    program: Program
    machine: Machine
    shots: int
    detours: tuple[Detour, ...]
    starts_ns: tuple[Ints, ...]

    def timed(self) -> Iterator[tuple[Program, int]]:
        """The program with the start times of each noted shot, and its share of all shots."""
        count = len(self.starts_ns)
        for k, starts in enumerate(self.starts_ns):
            timed = replace(self.program.with_stage(Stage.SCHEDULED), start_ns=starts)
            yield timed, len(range(k, self.shots, count))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a variant gave: counts, the chance that nothing that can be seen went wrong, how."""

    counts: dict[str, int]
    fidelity: float
    method: str


def run_variant(variant: Variant, seed: Sequence[int], backend: str, noise: bool) -> Ran:
    """Run all shots of a variant on a backend, with the noise of their waits.

    Raises BackendError when the backend cannot.
    """
    counts: dict[str, int] = {}
    worth, method = 0.0, backend
    value = OutcomeFidelity(variant.program, variant.machine) if noise else None
    seeds = np.random.default_rng(seed).integers(1 << 31, size=len(variant.starts_ns)).tolist()
    for (program, shots), own in zip(variant.timed(), seeds):
        events = noise_events(program, variant.machine) if noise else NOISELESS
        _, sampler = pick(program, events, backend)
        counts, method = add_counts(counts, sampler.sample(shots, own)), sampler.method
        idle = idle_gaps(program, variant.machine)
        worth += shots * (1.0 if value is None else value(idle))
    return Ran(counts, worth / variant.shots, method)
