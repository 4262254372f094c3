"""Unbound parameters pass through our passes as numbers that stand for them."""

from __future__ import annotations

from typing import Any

from qiskit.circuit import ParameterExpression

from bellwire.errors import NotSupported, ProgramError

Angles = dict[float, Any]  # a number that stands for an angle -> the expression

# Gates whose angles our passes hand on as they are; others are written out by Qiskit first.
_KEPT = frozenset(("rx", "ry", "rz", "p", "u", "u1", "u3", "cp", "cu1", "rzz"))
_FIRST = 2.0**40  # no angle in use is so large; all numbers up to 2^53 are exact


def _open(instruction: Any) -> bool:
    return any(isinstance(p, ParameterExpression) and p.parameters for p in instruction.params)


def freeze(circuit: Any) -> tuple[Any, Angles]:
    """Replace the unbound angles of a circuit by numbers, and drop its global phase.

    Raises NotSupported for a gate with parameters that cannot be written out.
    """
    if not circuit.parameters:
        return circuit, {}
    circuit = circuit.copy()
    circuit.global_phase = 0
    while names := sorted({i.name for i in circuit.data if _open(i)} - _KEPT):
        before = [i.name for i in circuit.data]
        circuit = circuit.decompose(names)
        circuit.global_phase = 0
        if [i.name for i in circuit.data] == before:
            raise NotSupported(
                f"{', '.join(names)} with unbound parameters; bind them with assign_parameters"
            )
    number: dict[Any, float] = {}
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        if _open(instruction):
            params = [
                number.setdefault(p, _FIRST + len(number))
                if isinstance(p, ParameterExpression) and p.parameters
                else p
                for p in instruction.params
            ]
            operation = instruction.operation.__class__(*params)
            instruction = instruction.replace(operation=operation)
        out._append(instruction)
    return out, {value: p for p, value in number.items()}


def thaw(circuit: Any, angles: Angles) -> Any:
    """Put the expressions back. Raises ProgramError when a pass has reckoned with the numbers."""
    if not angles:
        return circuit
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        if any(isinstance(p, float) and abs(p) >= _FIRST / 4 for p in instruction.params):
            instruction = instruction.replace(operation=_thawed(instruction.operation, angles))
        out._append(instruction)
    return out


def _thawed(operation: Any, angles: Angles) -> Any:
    params = [-angles[-p] if -p in angles else angles.get(p, p) for p in operation.params]
    if any(isinstance(p, float) and abs(p) >= _FIRST / 4 for p in params):
        raise ProgramError(
            f"{operation.name}: a pass changed the angle of an unbound parameter; bind the "
            "parameters with assign_parameters first"
        )
    return operation.__class__(*params)
