"""Unbound parameters pass through our passes as numbers that stand for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from qiskit.circuit import ControlFlowOp, ForLoopOp, ParameterExpression

from bellwire.compiler.program import Program, Ragged
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
                number.setdefault(p, _FIRST + len(number))
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
        elif any(isinstance(p, float) and abs(p) >= _FIRST / 4 for p in instruction.params):
            instruction = instruction.replace(operation=_thawed(operation, angles))
        out._append(instruction)
    return out


def _thawed(operation: Any, angles: Angles) -> Any:
    params = [-angles[-p] if -p in angles else angles.get(p, p) for p in operation.params]
    if any(isinstance(p, float) and abs(p) >= _FIRST / 4 for p in params):
        raise _reckoned(operation.name)
    return operation.__class__(*params)


def _reckoned(name: str) -> ProgramError:
    return ProgramError(
        f"{name}: a pass changed the angle of an unbound parameter; bind the parameters with "
        "assign_parameters first"
    )


def values_of(
    angles: Angles, parameters: Sequence[Any]
) -> Callable[[Sequence[float]], list[float]]:
    """A function from values of the parameters, in their order, to values of the angles."""
    place = {p: i for i, p in enumerate(parameters)}
    wanted = [(e, [(p, place[p]) for p in e.parameters]) for e in angles.values()]

    def values(given: Sequence[float]) -> list[float]:
        return [float(e.bind({p: given[i] for p, i in needed})) for e, needed in wanted]

    return values


def bind_program(program: Program, values: Sequence[float]) -> Program:
    """Put values in the place of the numbers of a frozen circuit; nothing else changes.

    `values[i]` is that of the i-th angle. Raises ProgramError when a pass has reckoned with the
    numbers.
    """
    table = np.asarray(values, dtype=np.float64)
    return _bound(program, table) if len(table) else program


def _bound(program: Program, table: np.ndarray[Any, np.dtype[np.float64]]) -> Program:
    found = program.angles.values.astype(np.float64)
    rows = np.flatnonzero(np.abs(found) >= _FIRST / 4)
    which = np.abs(found[rows]) - _FIRST
    if np.any((which < 0) | (which >= len(table)) | (which != np.floor(which))):
        raise _reckoned(program.name)
    found[rows] = np.sign(found[rows]) * table[which.astype(np.int64)]
    blocks: Mapping[int, tuple[Program, ...]] = {
        i: tuple(_bound(b, table) for b in bs) for i, bs in program.blocks.items()
    }
    return replace(program, angles=Ragged(program.angles.starts, found), blocks=blocks)
