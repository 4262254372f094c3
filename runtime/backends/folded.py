"""Programs whose protocols are folded away: no communication qubits, no feed-forward.

Errors are drawn for all shots first, as effects on the folded circuit (compiler/error_table.py);
then each different pattern of errors is run once, with as many shots as have it (trajectories.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bellwire.compiler.error_effects import Effects, Landing, error_effects
from bellwire.compiler.error_table import (
    ErrorTable,
    Floats,
    error_table,
    wait_table,
)
from bellwire.compiler.folding import Folded, fold, own_bits
from bellwire.compiler.idle import Gaps
from bellwire.compiler.noise_events import NoiseEvents
from bellwire.compiler.program import Program, Stage
from bellwire.errors import BackendError, NotSupported
from bellwire.runtime.backends.mps import MatrixProductTrajectories
from bellwire.runtime.backends.trajectories import Trajectories
from bellwire.runtime.counts import Bits, count_bits, user_registers, user_width

MOST_STATEVECTOR = 20  # wires
MOST_MPS = 64
_LEVELS = 8  # states of one path of errors, kept for the next one
MPS = "matrix_product_state, Aer"


class Runner(Protocol):
    """Runs a circuit with errors; see Trajectories."""

    def sample(self, effects: Sequence[int], random: np.random.Generator) -> Bits:
        """What each shot measures, (shots, bits of all registers); `effects`: its errors."""
        ...


@dataclass(frozen=True, eq=False)
class FoldedSampler:
    """A folded program, how each error acts on it, and its noise."""

    folded: Folded
    effects: Effects
    table: ErrorTable
    runner: Runner
    method: str

    @property
    def state_bytes(self) -> int:
        """About how much memory the states take that are kept at a time."""
        wires = len(self.folded.circuit.qubits)
        return _LEVELS * 16 << wires if wires <= MOST_STATEVECTOR else 0

    @property
    def shot_bytes(self) -> int:
        """About how much memory is kept for each shot: its errors and its bits."""
        width = sum(r.width for r in self.folded.program.registers)
        return 100 + len(self.effects.landings) // 8 + 2 * width

    def sample(self, shots: int, seed: int) -> dict[str, int]:
        """Draw the errors of all shots and run them."""
        random = np.random.default_rng([seed, 2])
        return self._counts(self.table.draw(shots, random), random)

    def sample_waiting(
        self, shots: int, seed: int, events: NoiseEvents, gaps: Gaps, waits: Floats
    ) -> dict[str, int]:
        """The same with other noise: `events` without any waits, and `waits`, the chances of X, Y
        and Z in all gaps of some timelines, (timelines, gaps, 3), which the shots take in turn."""
        random, program = np.random.default_rng([seed, 2]), self.folded.program
        errors = error_table(program, self.effects, events).draw(shots, random)
        wait_table(program, self.effects, gaps).draw(errors, waits, random)
        return self._counts(errors, random)

    def _counts(self, errors: list[int], random: np.random.Generator) -> dict[str, int]:
        program = self.folded.program
        width = user_width(program)
        if not width:
            return {}
        bits = self.runner.sample(errors, random)
        return count_bits(bits[:, :width], user_registers(program))


def prepare_folded(program: Program, noise: NoiseEvents) -> FoldedSampler:
    """Fold a LOWERED or SCHEDULED program and choose how to simulate what is left: a statevector,
    a matrix product state beyond MOST_STATEVECTOR wires. Raises BackendError when the program
    cannot be folded, or is too large when it is."""
    if program.stage < Stage.LOWERED:
        raise BackendError(f"folded: {program.name} is {program.stage.name}, nothing to fold")
    try:
        folded = fold(program, own_bits(program))
    except NotSupported as error:
        raise BackendError(f"folded: {error}") from None
    effects = error_effects(folded)
    wires = len(folded.circuit.qubits)
    return FoldedSampler(
        folded=folded,
        effects=effects,
        table=error_table(program, effects, noise),
        runner=_runner(wires)(folded.circuit, effects.landings),
        method=f"folded ({'statevector' if wires <= MOST_STATEVECTOR else MPS})",
    )


def _runner(wires: int) -> Callable[[Program, Sequence[Landing]], Runner]:
    if wires <= MOST_STATEVECTOR:
        return Trajectories
    if wires <= MOST_MPS:
        return MatrixProductTrajectories
    raise BackendError(
        f"folded: {wires} qubits are left; a statevector takes {MOST_STATEVECTOR}, a matrix "
        f"product state {MOST_MPS}; backend timing takes any number, stabilizer too when all gates "
        "are Clifford"
    )
