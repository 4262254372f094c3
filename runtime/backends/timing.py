"""The backend that keeps no state: link attempts, waits and messages, no counts."""

from __future__ import annotations

from dataclasses import dataclass

from bellwire.compiler.noise_events import NoiseEvents
from bellwire.compiler.program import Program


@dataclass(frozen=True, slots=True)
class TimingSampler:
    """Gives no counts; the sampled timelines are in every result anyway."""

    method: str = "timing"

    def sample(self, shots: int, seed: int) -> dict[str, int]:
        """No states, no counts."""
        return {}


def prepare_timing(program: Program, noise: NoiseEvents) -> TimingSampler:
    """Take any program."""
    return TimingSampler()
