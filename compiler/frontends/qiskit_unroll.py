"""Gates of Qiskit as rows of the operations table: by name, or unrolled through definitions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from bellwire.compiler.frontends.synthesis import unitary_steps
from bellwire.compiler.operations import TABLE, Family
from bellwire.errors import NotSupported

Step = tuple[str, tuple[int, ...], tuple[float, ...]]  # row, places of its qubits, angles
Steps = tuple[Step, ...]

MAX_LEVELS = 100
MAX_STEPS = 250_000  # of one gate; a chain of doubling definitions is longer than any machine

# Standard gates that are rows, some under another name.
ROW_OF = {name: name for name, row in TABLE.items() if row.family is Family.GATE}
ROW_OF |= {"u1": "p", "cu1": "cp", "u3": "u"}

_HALF = math.pi / 2


def _around(before: str, after: str, places: Sequence[int], middle: Step) -> Steps:
    return (
        *((before, (p,), ()) for p in places),
        middle,
        *((after, (p,), ()) for p in places),
    )


def _rzz(angle: float) -> Step:
    return ("rzz", (0, 1), (angle,))


# Standard gates with a shorter spelling than Qiskit's definition: one two-qubit gate each.
# All of them are equal up to a global phase, which no control can see once they are written out.
REWRITES: dict[str, Callable[..., Steps]] = {
    "u2": lambda phi, lam: (("u", (0,), (_HALF, phi, lam)),),
    "r": lambda theta, phi: (("u", (0,), (theta, phi - _HALF, _HALF - phi)),),
    "cs": lambda: (("cp", (0, 1), (_HALF,)),),
    "csdg": lambda: (("cp", (0, 1), (-_HALF,)),),
    "csx": lambda: _around("h", "h", (1,), ("cp", (0, 1), (_HALF,))),
    "rxx": lambda angle: _around("h", "h", (0, 1), _rzz(angle)),
    "ryy": lambda angle: _around("sx", "sxdg", (0, 1), _rzz(angle)),
    "rzx": lambda angle: _around("h", "h", (1,), _rzz(angle)),
    "ecr": lambda: (("s", (0,), ()), ("sx", (1,), ()), ("cx", (0, 1), ()), ("x", (0,), ())),
    "global_phase": lambda _: (),
}


class Unroller:
    """Turns an instruction without classical bits into steps, and remembers what it has seen.

    Two standard gates, or two gates defined in one OpenQASM 2 file, are the same when their names
    and angles are. Nothing of the sort holds for other gates.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], Steps] = {}

    def steps(self, instruction: Any, level: int = 0) -> Steps:
        """Write a gate as rows. Raises NotSupported, naming the gate, where there is no way."""
        standard = instruction.is_standard_gate()
        if not (standard or _is_from_file(instruction.operation)):
            return self._fresh_steps(instruction, level)
        key = (standard, instruction.name, *instruction.params)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._fresh_steps(instruction, level)
        return found

    def _fresh_steps(self, instruction: Any, level: int) -> Steps:
        name, places = instruction.name, tuple(range(len(instruction.qubits)))
        if instruction.is_standard_gate():
            if name in ROW_OF:
                return ((ROW_OF[name], places, angles_of(instruction)),)
            if name in REWRITES:
                return REWRITES[name](*angles_of(instruction))
        return self._defined_steps(instruction.operation, places, level)

    def _defined_steps(self, operation: Any, places: tuple[int, ...], level: int) -> Steps:
        from qiskit.circuit import Barrier, Reset
        from qiskit.circuit.library import UnitaryGate

        if isinstance(operation, Barrier):
            return (("barrier", places, ()),)
        if isinstance(operation, Reset):
            return (("reset", places, ()),)
        if isinstance(operation, UnitaryGate):
            return unitary_steps(operation.to_matrix())
        if operation.num_clbits:
            raise NotSupported(
                f"{operation.name} stands inside the definition of a gate; "
                "append it to the circuit itself"
            )
        if level >= MAX_LEVELS:
            raise NotSupported(
                f"gate {operation.name} is defined through more than {MAX_LEVELS} levels of gates; "
                "decompose it first"
            )
        return self._joined(definition_of(operation), operation.name, level)

    def _joined(self, definition: Any, name: str, level: int) -> Steps:
        index = {q: i for i, q in enumerate(definition.qubits)}
        out: list[Step] = []
        for inner in definition.data:
            steps = self.steps(inner, level + 1)
            if len(out) + len(steps) > MAX_STEPS:
                raise NotSupported(
                    f"gate {name} unrolls to more than {MAX_STEPS:,} operations; split the circuit"
                )
            at = [index[q] for q in inner.qubits]
            out.extend((row, tuple([at[q] for q in qs]), angles) for row, qs, angles in steps)
        return tuple(out)


def _is_from_file(operation: Any) -> bool:
    kind = type(operation)
    return kind.__module__ == "qiskit.qasm2.parse" and kind.__name__ == "_DefinedGate"


def angles_of(instruction: Any) -> tuple[float, ...]:
    """The angles of a gate as plain numbers. Raises NotSupported for an unbound parameter."""
    try:
        return tuple([float(p) for p in instruction.params])
    except TypeError:
        found = ", ".join(str(p) for p in instruction.params)
        raise NotSupported(
            f"{instruction.name}({found}) has an angle that is not a real number; "
            "bind its parameters with assign_parameters"
        ) from None


def definition_of(operation: Any) -> Any:
    """The circuit that defines an operation. Raises NotSupported where there is none."""
    from qiskit.circuit import AnnotatedOperation
    from qiskit.exceptions import QiskitError

    if isinstance(operation, AnnotatedOperation):
        return _one_gate(_plain(operation))
    try:
        definition = getattr(operation, "definition", None)
    except QiskitError as error:  # an angle outside the domain of its formula, say
        raise NotSupported(
            f"the definition of {operation.name} fails ({error.message}); correct it"
        ) from None
    if definition is None and hasattr(operation, "to_circuit"):  # Clifford, for one
        definition = operation.to_circuit()
    return _synthesised(operation) if definition is None else definition


def _synthesised(operation: Any) -> Any:
    """What Qiskit's synthesis makes of an operation without definition (PermutationGate)."""
    from qiskit import QuantumCircuit
    from qiskit.transpiler import TranspilerError
    from qiskit.transpiler.passes import HighLevelSynthesis

    circuit = QuantumCircuit(operation.num_qubits, operation.num_clbits)
    circuit.append(operation, circuit.qubits, circuit.clbits)
    try:
        out = HighLevelSynthesis()(circuit)
    except TranspilerError:
        out = circuit
    if any(i.name == operation.name for i in out.data):
        raise NotSupported(
            f"{operation.name} has no definition that bellwire could unroll; "
            "give it one, or take it out of the circuit"
        )
    return out


def _one_gate(gate: Any) -> Any:
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(gate.num_qubits)
    circuit.append(gate, range(gate.num_qubits))
    return circuit


def _plain(operation: Any) -> Any:
    """An annotated operation with its modifiers worked in, one after the other."""
    from qiskit.circuit import AnnotatedOperation, Gate
    from qiskit.circuit.annotated_operation import ControlModifier, InverseModifier, PowerModifier

    if not isinstance(operation, AnnotatedOperation):
        return operation if isinstance(operation, Gate) else definition_of(operation).to_gate()
    gate = _plain(operation.base_op)
    for modifier in operation.modifiers:
        if isinstance(modifier, InverseModifier):
            gate = gate.inverse(annotated=False)
        elif isinstance(modifier, PowerModifier):
            gate = gate.power(modifier.power, annotated=False)
        elif isinstance(modifier, ControlModifier):
            controls, state = modifier.num_ctrl_qubits, modifier.ctrl_state
            gate = gate.control(controls, ctrl_state=state, annotated=False)
        else:
            raise NotSupported(f"{operation.name}: modifier {modifier!r} is unknown; decompose it")
    return gate
