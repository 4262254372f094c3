"""The aer backend: any program, in Qiskit Aer, by statevector, density matrix or tensor network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from bellwire.compiler.noise_events import NOISELESS, NoiseEvents
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Program, Stage
from bellwire.runtime.backends.aer_circuit import AerWriter
from bellwire.runtime.backends.slots import Slots, assign_slots
from bellwire.runtime.counts import add_counts, user_registers, user_width

from bellwire.errors import BackendError

MOST_DENSITY = 10  # qubits at once; 4^n numbers
MOST_STATEVECTOR = 22  # 2^n numbers, and every shot anew when outcomes steer the circuit
MOST_MPS = 64


@dataclass(frozen=True)
class AerSampler:
    """A circuit for Aer with the noise in it; readout errors are the simulator's."""

    circuit: Any
    simulator: Any
    own_bits: bool
    user_bits: int
    method: str

    def sample(self, shots: int, seed: int) -> dict[str, int]:
        """Run and keep the user's bits. Raises BackendError when Aer gives up."""
        if not self.user_bits:
            return {}
        result = self.simulator.run(self.circuit, shots=shots, seed_simulator=seed).result()
        if not result.success:
            raise BackendError(f"{self.method}: {result.status}")
        counts: dict[str, int] = {}
        for key, times in result.get_counts().items():
            user = key.split(" ", 1)[1] if self.own_bits else key
            counts[user] = counts.get(user, 0) + times
        return dict(sorted(counts.items()))
