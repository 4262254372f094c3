"""Shots of a wide circuit with errors, each different pattern as a matrix product state in Aer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.error_effects import Landing
from bellwire.compiler.program import Program, Stage
from bellwire.errors import BackendError
from bellwire.runtime.backends.aer_circuit import AerWriter
from bellwire.runtime.backends.slots import assign_slots
from bellwire.runtime.counts import Bits

Place = tuple[int, int]  # a wire, and how many operations stand before it on the wire


class MatrixProductTrajectories:
    """A circuit on wires, ready to run with errors that land on it."""

    def __init__(self, circuit: Program, landings: Sequence[Landing]) -> None:
        self.circuit, self.landings = circuit, landings
        self.width = sum(r.width for r in circuit.registers)

    def sample(self, effects: Sequence[int], random: np.random.Generator) -> Bits:
        """What each shot measures, (shots, bits of all registers), in another order."""
        from qiskit_aer import AerSimulator

        simulator = AerSimulator(method="matrix_product_state")
        parts = []
        for effect, shots in sorted(Counter(effects).items()):
            program = with_errors(self.circuit, self.landings, effect)
            slots = assign_slots(program, [0] * len(program.qubits))
            circuit = AerWriter(program, slots).whole()
            seed = int(random.integers(1 << 31))
            result = simulator.run(circuit, shots=shots, seed_simulator=seed).result()
            if not result.success:
                raise BackendError(f"matrix product state: {result.status}")
            for key, count in result.get_counts().items():
                bits = np.array([c == "1" for c in reversed(key.replace(" ", ""))])
                parts.append(np.tile(bits, (count, 1)))
        return np.concatenate(parts)


def with_errors(circuit: Program, landings: Sequence[Landing], effect: int) -> Program:
    """The circuit with the errors of an effect written into it."""
    errors: dict[Place, list[str]] = {}
    flips: set[int] = set()
    for k, (what, wire, place) in enumerate(landings):
        if effect >> k & 1 and what == "flip":
            flips.add(place)
        elif effect >> k & 1:
            errors.setdefault((wire, place), []).append(what.lower())
    builder = ProgramBuilder.like(circuit)
    done = [0] * len(circuit.qubits)
    measured = 0
    for op in circuit.ops:
        for w in op.qubits:
            for name in errors.get((w, done[w]), ()):
                builder.append(name, [w])
            done[w] += 1
        wrong = op.name == "measure" and measured in flips
        measured += op.name == "measure"
        for part in ("x", None, "x") if wrong else (None,):
            if part is None:
                builder.append_op(op)
            else:
                builder.append(part, op.qubits)
    return builder.finish(Stage.LOGICAL)
