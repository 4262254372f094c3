"""Gates under ctrl, negctrl, inv and pow, built exactly as Qiskit gates, then written as rows."""

from __future__ import annotations

import math
from typing import Any

from bellwire.compiler.frontends.qasm3.standard import QISKIT_NAME, Modifier
from bellwire.compiler.frontends.qiskit_unroll import Steps, Unroller
from bellwire.compiler.frontends.synthesis import Step
from bellwire.errors import NotSupported

MAX_CONTROLS = 32
MAX_REPEATS = 1000
MAX_MATRIX_QUBITS = 6  # a power that is no integer is taken of the matrix


def standard_gate(name: str, angles: tuple[float, ...]) -> Any:
    """A gate of stdgates.inc, or one of the table."""
    from qiskit.circuit.library import get_standard_gate_name_mapping

    known = get_standard_gate_name_mapping()
    return known[QISKIT_NAME.get(name, name)].base_class(*angles)


def empty_circuit(qubits: int) -> Any:
    """A circuit to put the parts of a gate in."""
    from qiskit import QuantumCircuit

    return QuantumCircuit(qubits)


def modified(gate: Any, modifiers: tuple[Modifier, ...]) -> Any:
    """Apply modifiers to a Qiskit gate, the last one first, global phases included."""
    for kind, value in reversed(modifiers):
        if kind == "inv":
            gate = gate.inverse(annotated=False)
        elif kind == "pow":
            gate = _power(gate, value)
        else:
            count = int(value)
            if gate.num_qubits + count > MAX_CONTROLS:
                raise NotSupported(
                    f"a gate of {gate.num_qubits + count} qubits made by ctrl; "
                    f"{MAX_CONTROLS} are the most: decompose it first"
                )
            state = None if kind == "ctrl" else 0
            gate = gate.control(count, ctrl_state=state, annotated=False)
    return gate


def _power(gate: Any, exponent: float) -> Any:
    if exponent != math.floor(exponent):
        if gate.num_qubits > MAX_MATRIX_QUBITS:
            raise NotSupported(
                f"pow({exponent}) of a gate on {gate.num_qubits} qubits; {MAX_MATRIX_QUBITS} are "
                "the most for a power that is no integer: decompose it first"
            )
        return gate.power(exponent, annotated=False)
    if abs(exponent) > MAX_REPEATS:
        raise NotSupported(
            f"pow({exponent:.0f}); {MAX_REPEATS} is the most: decompose the gate first"
        )
    base = gate.inverse(annotated=False) if exponent < 0 else gate
    circuit = empty_circuit(gate.num_qubits)
    for _ in range(abs(int(exponent))):
        circuit.append(base, range(gate.num_qubits))
    return circuit.to_gate()


def phase_gate(angle: float, modifiers: tuple[Modifier, ...]) -> tuple[float, Any]:
    """A global phase under modifiers: what is left of it as a phase, or as a gate."""
    left = list(modifiers)
    while left and left[-1][0] not in ("ctrl", "negctrl"):
        kind, value = left.pop()
        if kind == "pow" and value != math.floor(value):
            angle = math.remainder(angle, math.tau)  # the principal power
        angle = -angle if kind == "inv" else angle * value
    if not left:
        return angle, None
    kind, count = left.pop()
    circuit = empty_circuit(1)
    if kind == "negctrl":
        circuit.x(0)
    circuit.p(angle, 0)
    if kind == "negctrl":
        circuit.x(0)
    more = ((kind, count - 1),) if count > 1 else ()
    return 0.0, modified(circuit.to_gate(), (*left, *more))


def steps_of(gate: Any) -> Steps:
    """Write a Qiskit gate as rows, up to a global phase."""
    circuit = empty_circuit(gate.num_qubits)
    circuit.append(gate, range(gate.num_qubits))
    out: list[Step] = list(Unroller().steps(circuit.data[0]))
    return tuple(out)
