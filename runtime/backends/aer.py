"""The aer backend: any program, folded, or explicitly in Qiskit Aer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bellwire.compiler.noise_events import NOISELESS, NoiseEvents
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Program, Stage
from bellwire.errors import BackendError
from bellwire.runtime.backends.aer_circuit import AerWriter
from bellwire.runtime.backends.folded import FoldedSampler, prepare_folded
from bellwire.runtime.backends.slots import Slots, assign_slots
from bellwire.runtime.counts import user_registers, user_width

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


def prepare_aer(program: Program, noise: NoiseEvents = NOISELESS) -> AerSampler | FoldedSampler:
    """Fold the protocols of a compiled program away where that can be done (see folded.py), and
    simulate what is left; else everything that it says, in Aer. Raises BackendError when that is
    too large."""
    if program.stage is Stage.LOGICAL:
        return prepare_explicit(program, noise)
    try:
        return prepare_folded(program, noise)
    except BackendError as error:
        explicit = prepare_explicit(program, noise)
        return replace(explicit, method=f"{explicit.method}, not {error}")


def prepare_explicit(program: Program, noise: NoiseEvents = NOISELESS) -> AerSampler:
    """Write a program and its noise as a circuit for Aer and choose how to simulate it.

    Shared slots need resets, and with resets every shot is run anew: programs that measure last go
    without, where they fit. With noise these run as a density matrix when there are few qubits
    (one run serves all shots); all others as a statevector, with noise trajectories, or as a
    matrix product state beyond MOST_STATEVECTOR qubits at once. Raises BackendError when that is
    too many as well.
    """
    readout = _readout_errors(program, noise)
    last = _measures_last(program)
    slots = assign_slots(program, readout, share=not last)
    if last and len(slots.pools) > MOST_STATEVECTOR:
        slots = assign_slots(program, readout)
    method = _method(noise, len(slots.pools), last)
    circuit = AerWriter(program, slots).whole(noise)
    registers = user_registers(program)
    return AerSampler(
        circuit=circuit,
        simulator=_simulator(method, slots),
        own_bits=len(registers) < len(program.registers),
        user_bits=user_width(program),
        method=f"aer ({method})",
    )


def _readout_errors(program: Program, noise: NoiseEvents) -> list[float]:
    """The flip chance of each qubit's readout; all measurements of a qubit have the same."""
    out = [0.0] * len(program.qubits)

    def note(part: Program, events: NoiseEvents) -> None:
        starts, values = part.operands.starts, part.operands.values
        for row, flip in events.flips.items():
            out[int(values[starts[row]])] = flip
        for row, inner in events.blocks.items():
            for block, more in zip(part.blocks[row], inner):
                note(block, more)

    note(program, noise)
    return out


def _simulator(method: str, slots: Slots) -> Any:
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel, ReadoutError

    model = NoiseModel()
    for slot, flip in enumerate(slots.pools):
        if isinstance(flip, float) and flip > 0:
            model.add_readout_error(ReadoutError([[1 - flip, flip], [flip, 1 - flip]]), [slot])
    noisy = model if model.noise_qubits else None
    return AerSimulator(method=method, noise_model=noisy)


def _method(noise: NoiseEvents, qubits: int, measures_last: bool) -> str:
    noisy = bool(noise.before or noise.after or noise.flips)
    if noisy and qubits <= MOST_DENSITY and measures_last:
        return "density_matrix"
    if qubits <= MOST_STATEVECTOR:
        return "statevector"
    if qubits <= MOST_MPS:
        return "matrix_product_state"
    raise BackendError(
        f"aer: the program holds {qubits} qubits at once; a statevector takes {MOST_STATEVECTOR}, "
        f"a matrix product state {MOST_MPS}; backend timing takes any number, stabilizer too "
        "when all gates are Clifford"
    )


def _measures_last(program: Program) -> bool:
    """Whether no operation depends on a measurement, nor follows one on its qubit."""
    measured: set[int] = set()
    for op in program.ops:
        if op.row.family is Family.MARK:
            continue
        if op.condition is not None or op.blocks or op.name in ("reset", "ebit"):
            return False
        if not measured.isdisjoint(op.qubits):
            return False
        if op.name == "measure":
            measured.update(op.qubits)
    return True
