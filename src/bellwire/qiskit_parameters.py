"""Unbound parameters pass through our passes as numbers that stand for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qiskit.circuit import ControlFlowOp, ForLoopOp, ParameterExpression

from bellwire.errors import NotSupported
from bellwire.open_angles import FIRST, OPEN, reckoned

Angles = dict[float, Any]  # a number that stands for an angle -> the expression

# Gates whose angles our passes hand on as they are; others are written out by Qiskit first.
_KEPT = frozenset(("rx", "ry", "rz", "p", "u", "u1", "u3", "cp", "cu1", "rzz"))


def _open(instruction: Any) -> bool:
    return any(isinstance(p, ParameterExpression) and p.parameters for p in instruction.params)


def freeze(circuit: Any) -> tuple[Any, Angles]:
    """Replace the unbound angles of a circuit by numbers, and drop its global phase.

    Raises NotSupported for a gate with parameters that cannot be written out.
    """
    if not circuit.parameters:
        return circuit, {}
    number: dict[Any, float] = {}
    out = _frozen(circuit, number)
    return out, {value: p for p, value in number.items()}


def _frozen(circuit: Any, number: dict[Any, float]) -> Any:
    circuit = _written_out(circuit)
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        operation = instruction.operation
        if isinstance(operation, ControlFlowOp):
            if not (isinstance(operation, ForLoopOp) and operation.params[1] is not None):
                blocks = [_frozen(block, number) for block in operation.blocks]
                instruction = instruction.replace(operation=operation.replace_blocks(blocks))
        elif _open(instruction):
            params = [
                number.setdefault(p, FIRST + len(number))
                if isinstance(p, ParameterExpression) and p.parameters
                else p
                for p in instruction.params
            ]
            instruction = instruction.replace(operation=operation.__class__(*params))
        out._append(instruction)
    return out


def _written_out(circuit: Any) -> Any:
    """Write out gates with unbound parameters until only those of `_KEPT` have any."""
    layout = circuit.layout
    circuit = circuit.copy()
    circuit.global_phase = 0
    while names := sorted(
        {i.name for i in circuit.data if not isinstance(i.operation, ControlFlowOp) and _open(i)}
        - _KEPT
    ):
        before = [i.name for i in circuit.data]
        circuit = circuit.decompose(names)
        circuit.global_phase = 0
        if [i.name for i in circuit.data] == before:
            raise NotSupported(
                f"{', '.join(names)} with unbound parameters; bind them with assign_parameters"
            )
    circuit._layout = layout
    return circuit


def thaw(circuit: Any, angles: Angles) -> Any:
    """Put the expressions back. Raises ProgramError when a pass has reckoned with the numbers."""
    if not angles:
        return circuit
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        operation = instruction.operation
        if isinstance(operation, ControlFlowOp):
            blocks = [thaw(block, angles) for block in operation.blocks]
            instruction = instruction.replace(operation=operation.replace_blocks(blocks))
        elif any(isinstance(p, float) and abs(p) >= OPEN for p in instruction.params):
            instruction = instruction.replace(operation=_thawed(operation, angles))
        out._append(instruction)
    return out


def _thawed(operation: Any, angles: Angles) -> Any:
    params = [-angles[-p] if -p in angles else angles.get(p, p) for p in operation.params]
    if any(isinstance(p, float) and abs(p) >= OPEN for p in params):
        raise reckoned(operation.name)
    return operation.__class__(*params)


def values_of(
    angles: Angles, parameters: Sequence[Any]
) -> Callable[[Sequence[float]], list[float]]:
    """A function from values of the parameters, in their order, to values of the angles."""
    place = {p: i for i, p in enumerate(parameters)}
    wanted = [(e, [(p, place[p]) for p in e.parameters]) for e in angles.values()]

    def values(given: Sequence[float]) -> list[float]:
        return [float(e.bind({p: given[i] for p, i in needed})) for e, needed in wanted]

    return values
