"""Cirq circuits, odd ones among them: qudits, symbols, channels, nested circuits, controls."""

from __future__ import annotations

from random import Random
from typing import Any

import cirq
import numpy as np
import sympy
from driver import Format

from bellwire.compiler.frontends.cirq import from_cirq

QUBITS = (*cirq.LineQubit.range(2), cirq.GridQubit(0, -1), cirq.NamedQubit("odd name"))
EXPONENTS = (1, 0.5, -1.5, 0, 1e300, sympy.Symbol("s"), np.float32(0.25))
GATES = (
    *(cirq.X, cirq.Y, cirq.Z, cirq.H, cirq.S, cirq.T, cirq.CX, cirq.CZ, cirq.SWAP, cirq.ISWAP),
    *(cirq.CCX, cirq.CCZ, cirq.CSWAP, cirq.XX, cirq.YY, cirq.ZZ, cirq.I, cirq.SQRT_ISWAP),
    *(cirq.rx(0.3), cirq.ry(sympy.Symbol("s")), cirq.rz(1), cirq.QubitPermutationGate([1, 0])),
    *(cirq.FSimGate(0.3, 0.1), cirq.IdentityGate(2), cirq.QuantumFourierTransformGate(3)),
    *(cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=1)), cirq.ResetChannel()),
    *(cirq.depolarize(0.1), cirq.amplitude_damp(0.2), cirq.GlobalPhaseGate(1j)),
    *(cirq.WaitGate(cirq.Duration(nanos=5)), cirq.PhasedXPowGate(phase_exponent=0.2)),
    *(cirq.DensePauliString("XYZ"), cirq.BooleanHamiltonianGate(["a", "b"], ["a ^ b"], 0.2)),
    *(cirq.ParallelGate(cirq.H, 2), cirq.ControlledGate(cirq.Y, control_values=[0])),
    *(cirq.IdentityGate(qid_shape=(3,)), cirq.PauliMeasurementGate([cirq.X, cirq.Z], key="p")),
    *(cirq.KrausChannel([np.eye(2)]), cirq.DiagonalGate([0.1, 0.2, 0.3, 0.4])),
)
KEYS = ("m", "n", "c[0]", "c[1]", "c[99999999999]", "odd key", "", "if", "m:n", "qubits")
TESTS = ("m", "n", sympy.Symbol("m") > 0, sympy.Eq(sympy.Symbol("n"), 1), "(m & n)")


def _operation(rng: Random, depth: int) -> Any:
    kind = rng.randrange(12)
    if kind == 0:
        return cirq.measure(*rng.sample(QUBITS, rng.randrange(1, 3)), key=rng.choice(KEYS))
    if kind == 1 and depth:
        return _nested(rng, depth - 1)
    gate = rng.choice(GATES)
    if cirq.qid_shape(gate) != (2,) * cirq.num_qubits(gate):
        return gate.on(*cirq.LineQid.for_gate(gate))
    made = gate.on(*rng.sample(QUBITS, cirq.num_qubits(gate)))
    if kind == 2:
        made = made ** rng.choice(EXPONENTS)
    elif kind == 3:
        free = [q for q in QUBITS if q not in made.qubits]
        made = made.controlled_by(*free[:1], control_values=[rng.randrange(2)])
    elif kind == 4:
        made = made.with_classical_controls(rng.choice(TESTS))
    elif kind == 5:
        made = made.with_tags(rng.choice(("note", 5, cirq.VirtualTag())))
    return made


def _nested(rng: Random, depth: int) -> cirq.CircuitOperation:
    inside = cirq.CircuitOperation(_circuit(rng, depth).freeze())
    if rng.random() < 0.5:
        inside = inside.repeat(rng.choice((0, 1, 3, -1, 10**12)), use_repetition_ids=False)
    if rng.random() < 0.2:
        inside = inside.with_measurement_key_mapping({"m": rng.choice(KEYS)})
    if rng.random() < 0.2:
        inside = inside.replace(repeat_until=cirq.KeyCondition(cirq.MeasurementKey("m")))
    return inside


def _circuit(rng: Random, depth: int) -> cirq.Circuit:
    return cirq.Circuit(_operation(rng, depth) for _ in range(rng.randrange(6)))


def write(rng: Random) -> cirq.Circuit:
    """The next circuit that Cirq lets us build."""
    while True:
        try:
            return _circuit(rng, 2)
        except (ValueError, TypeError, ArithmeticError):
            continue


_READY = cirq.Circuit(cirq.H(QUBITS[0]), cirq.CX(*QUBITS[:2]), cirq.measure(QUBITS[0], key="m"))

FORMAT = Format("cirq", write, from_cirq, 20_000, (_READY,))
