"""The stabilizer backend: Clifford programs of any size in Stim, feed-forward in the circuit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bellwire.compiler.clifford import clifford_steps
from bellwire.compiler.conditions import Condition, bits_of, negate, parity_bits
from bellwire.compiler.noise_events import NOISELESS, Channel, NoiseEvents
from bellwire.compiler.operations import PAULIS, Family
from bellwire.compiler.program import Op, Program, Register
from bellwire.compiler.timing import turns
from bellwire.errors import BackendError
from bellwire.runtime.counts import Bits, add_counts, count_bits, user_registers, user_width

if TYPE_CHECKING:
    import stim

CHUNK = 1 << 27  # measured bits kept at once

Parity = tuple[tuple[int, ...], bool]  # measurement records, flipped or not


@dataclass(frozen=True)
class StabilizerSampler:
    """A Stim circuit, and for each user bit the record that it holds at the end (-1: never
    written)."""

    circuit: stim.Circuit
    records: tuple[int, ...]
    registers: tuple[Register, ...]
    method: str = "stabilizer"

    def sample(self, shots: int, seed: int) -> dict[str, int]:
        """Sample in chunks that fit the memory."""
        if not self.records:
            return {}
        sampler = self.circuit.compile_sampler(seed=seed)
        chunk = max(1, CHUNK // max(1, self.circuit.num_measurements))
        counts: dict[str, int] = {}
        for first in range(0, shots, chunk):
            measured = sampler.sample(min(chunk, shots - first))
            counts = add_counts(counts, count_bits(self._user_bits(measured), self.registers))
        return counts

    def _user_bits(self, measured: Bits) -> Bits:
        never = np.zeros((len(measured), 1), dtype=np.bool_)
        return np.hstack((measured, never))[:, np.array(self.records)]


def prepare_stabilizer(program: Program, noise: NoiseEvents = NOISELESS) -> StabilizerSampler:
    """Write a program and its noise as a Stim circuit.

    Takes Clifford gates, measurements and resets without a condition, Paulis under parities of
    bits (in `if_else` blocks too: their noise is charged taken or not), and `for_loop`.
    Raises BackendError with the first operation that is none of these.
    """
    builder = StimBuilder()
    builder.add(program, noise)
    registers = user_registers(program)
    records = tuple(builder.record.get(b, -1) for b in range(user_width(program)))
    return StabilizerSampler(builder.circuit(), records, registers)


class StimBuilder:
    """Collects the lines of a Stim circuit (text is read many times faster than operations are
    appended); `record` is the latest measurement of each bit."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.record: dict[int, int] = {}
        self.measured = 0

    def circuit(self) -> stim.Circuit:
        """The circuit so far."""
        import stim

        return stim.Circuit("\n".join(self.lines))

    def add(self, program: Program, noise: NoiseEvents, when: Parity | None = None) -> None:
        """Add all operations of a block, under a condition if `when` is given."""
        for i, op in enumerate(program.ops):
            place = f"operation {i} ({op.name})"
            self._channels(noise.before.get(i, ()))
            if op.blocks:
                self._flow(place, program, i, op, noise, when)
            elif op.condition is not None or when is not None:
                self._conditioned(place, op, when)
            else:
                self._plain(place, op, noise.flips.get(i, 0.0))
            self._channels(noise.after.get(i, ()))
        self._channels(noise.at_end)

    def _channels(self, channels: tuple[Channel, ...]) -> None:
        for channel in channels:
            weights = channel.weights
            if len(set(weights)) == 1:
                name, chances = "DEPOLARIZE", repr(channel.error)
            else:
                name, chances = "PAULI_CHANNEL_", ", ".join(map(repr, weights))
            self._append(f"{name}{len(channel.qubits)}({chances})", channel.qubits)

    def _append(self, name: str, qubits: Iterable[int]) -> None:
        self.lines.append(f"{name} {' '.join(map(str, qubits))}")

    def _plain(self, place: str, op: Op, flip: float) -> None:
        if op.name == "measure":
            self.record[op.bits[0]] = self.measured
            self.measured += 1
            self._append(f"M({flip!r})" if flip else "M", op.qubits)
        elif op.name == "reset":
            self._append("R", op.qubits)
        elif op.name == "ebit":
            self._append("R", op.qubits)
            self._append("H", op.qubits[:1])
            self._append("CX", op.qubits)
        elif op.row.family is not Family.MARK:
            for name, positions in self._steps(place, op):
                self._append(name, [op.qubits[p] for p in positions])

    def _steps(self, place: str, op: Op) -> tuple[tuple[str, tuple[int, ...]], ...]:
        steps = clifford_steps(op.name, op.angles) if op.row.family is Family.GATE else None
        if steps is None:
            raise BackendError(
                f"stabilizer: {place} is not a Clifford gate, measurement or reset; use backend aer"
            )
        return steps

    def _conditioned(self, place: str, op: Op, when: Parity | None) -> None:
        if op.row.family is Family.MARK:
            return
        if op.name not in PAULIS or (op.condition is not None and when is not None):
            raise BackendError(
                f"stabilizer: {place} stands under a condition; only Paulis under one parity of "
                "bits may; use backend aer"
            )
        records, flip = when or self._parity(place, op.condition)
        if op.name == "id":
            return
        if flip:
            self._append(op.name.upper(), op.qubits)
        for record in records:
            self.lines.append(f"C{op.name.upper()} rec[{record - self.measured}] {op.qubits[0]}")

    def _parity(self, place: str, condition: Condition | None) -> Parity:
        assert condition is not None
        if condition.head == "const":
            return (), bool(condition.index)
        terms = parity_bits(condition)
        if terms is None:
            raise BackendError(
                f"stabilizer: {place} has a condition on {len(bits_of(condition))} bits that is "
                "not a parity; use backend aer"
            )
        return tuple(self.record[b] for b in terms[0] if b in self.record), terms[1]

    def _flow(
        self,
        place: str,
        program: Program,
        row: int,
        op: Op,
        noise: NoiseEvents,
        when: Parity | None,
    ) -> None:
        inner = noise.blocks.get(row, (NOISELESS,) * len(op.blocks))
        jumps = any(b.count("break_loop", "continue_loop") for b in op.blocks)
        if op.name == "for_loop" and not jumps and when is None:
            for _ in range(turns(program, row)):
                self.add(op.blocks[0], inner[0])
        elif op.name == "if_else" and not jumps and when is None and op.condition is not None:
            tests = (op.condition, negate(op.condition))
            parities = [self._parity(place, test) for test in tests]
            for block, events, parity in zip(op.blocks, inner, parities):
                self.add(block, events, parity)
        else:
            raise BackendError(f"stabilizer: {place} is control flow; use backend aer")
