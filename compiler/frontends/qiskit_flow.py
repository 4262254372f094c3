"""Control flow of Qiskit: how each of its operations is read into rows with nested blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import FALSE, TRUE, Condition, any_of, bits_of, negate
from bellwire.compiler.frontends.qiskit_conditions import ConditionReader
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Stage
from bellwire.errors import NotSupported

if TYPE_CHECKING:
    from bellwire.compiler.frontends.qiskit import CircuitReader


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an instruction stands: what its qubits and bits are, and what is around it."""

    builder: ProgramBuilder
    qubits: Mapping[Any, int]
    bits: Mapping[Any, int]
    variables: Mapping[Any, int]  # loop variables that are being unrolled
    source: int = -1
    depth: int = 0


def flow_readers() -> dict[type, Callable[[CircuitReader, Any, Scope], None]]:
    """Operation class -> the function that reads it."""
    from qiskit.circuit import (
        BoxOp,
        BreakLoopOp,
        ContinueLoopOp,
        ForLoopOp,
        IfElseOp,
        Store,
        SwitchCaseOp,
        WhileLoopOp,
    )

    return {
        IfElseOp: _read_if_else,
        SwitchCaseOp: _read_switch,
        WhileLoopOp: _read_while_loop,
        ForLoopOp: _read_for_loop,
        BreakLoopOp: _read_jump,
        ContinueLoopOp: _read_jump,
        BoxOp: _read_box,
        Store: _refuse_store,
    }


def _condition(condition: Any, scope: Scope) -> Condition:
    return ConditionReader(scope.bits, scope.variables).read(condition)


def _read_if_else(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    condition = _condition(instruction.operation.condition, scope)
    blocks = instruction.operation.blocks
    if condition.head == "const":
        for taken in blocks[:1] if condition == TRUE else blocks[1:]:
            reader.inline(taken, instruction, scope)
    else:
        append_if(scope, condition, [reader.block(b, instruction, scope) for b in blocks])


def append_if(scope: Scope, condition: Condition, blocks: Sequence[ProgramBuilder]) -> None:
    """Add an if/else in its simplest form: empty blocks go, one lone row carries the condition."""
    then, *other = blocks
    other = [b for b in other if len(b)]
    if not len(then):
        if not other:
            return
        condition, then, other = negate(condition), other[0], []
    if len(then) == 1 and not other:
        op = next(then.finish(Stage.LOGICAL).ops)
        if op.condition is None and op.row.family in (Family.GATE, Family.MEASURE):
            scope.builder.append_op(replace(op, condition=condition))
            return
    row = Op("if_else", (), condition=condition, source=scope.source)
    scope.builder.append_flow(row, [then, *other])


def _read_switch(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    operation = instruction.operation
    conditions = ConditionReader(scope.bits, scope.variables)
    cases = [
        (_case(conditions, operation.target, labels), body)
        for labels, body in operation.cases_specifier()
    ]
    read = {b for c, _ in cases for b in bits_of(c)}
    if any(_touches(body, instruction, scope, read) for _, body in cases):
        _read_chain(reader, cases, instruction, scope)
        return
    before: list[Condition] = []
    for condition, body in cases:  # no case changes the target, so each may look at it anew
        alone = negate(any_of(*before)) if condition == TRUE else condition
        append_if(scope, alone, [reader.block(body, instruction, scope)])
        before.append(condition)


def _read_chain(
    reader: CircuitReader, cases: Sequence[tuple[Condition, Any]], instruction: Any, scope: Scope
) -> None:
    """Read nested if/else: the target is looked at before any case runs."""
    if not cases:
        return
    (condition, body), *rest = cases
    if condition == TRUE:
        reader.inline(body, instruction, scope)
        return
    then, other = reader.block(body, instruction, scope), scope.builder.child()
    _read_chain(reader, rest, instruction, reader.deeper(replace(scope, builder=other)))
    append_if(scope, condition, [then, other])


def _case(conditions: ConditionReader, target: Any, labels: Sequence[Any]) -> Condition:
    from qiskit.circuit import CASE_DEFAULT

    if any(label is CASE_DEFAULT for label in labels):
        return TRUE
    return any_of(*(conditions.matches(target, label) for label in labels))


def _touches(body: Any, instruction: Any, scope: Scope, bits: set[int]) -> bool:
    number = {b: scope.bits[outer] for b, outer in zip(body.clbits, instruction.clbits)}
    return any(number[b] in bits for inner in body.data for b in inner.clbits)


def _read_while_loop(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    condition = _condition(instruction.operation.condition, scope)
    if condition != FALSE:
        body = reader.block(instruction.operation.blocks[0], instruction, scope)
        row = Op("while_loop", (), condition=condition, source=scope.source)
        scope.builder.append_flow(row, [body])


def _read_for_loop(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    from qiskit.circuit import Parameter

    values, variable, body = instruction.operation.params
    if isinstance(variable, Parameter) and variable not in body.parameters:
        variable = None
    if variable is not None:
        _unroll_loop(reader, instruction, scope)
    elif len(values):
        row = Op("for_loop", (), (float(len(values)),), source=scope.source)
        scope.builder.append_flow(row, [reader.block(body, instruction, scope)])


def _unroll_loop(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    from qiskit.circuit import Parameter

    values, variable, body = instruction.operation.params
    if _jumps(body):
        raise NotSupported(
            f"a for loop that uses its variable {variable.name} and also breaks or continues; "
            "write its turns out"
        )
    for value in values:
        reader.count(len(body.data))
        if isinstance(variable, Parameter):
            reader.inline(body.assign_parameters({variable: value}), instruction, scope)
        else:
            variables = {**scope.variables, variable: int(value)}
            reader.inline(body, instruction, replace(scope, variables=variables))


def _jumps(body: Any) -> bool:
    """Whether a break or continue in it leaves this body."""
    from qiskit.circuit import BoxOp, BreakLoopOp, ContinueLoopOp, IfElseOp, SwitchCaseOp

    for instruction in body.data:
        operation = instruction.operation
        if isinstance(operation, (BreakLoopOp, ContinueLoopOp)):
            return True
        if isinstance(operation, (BoxOp, IfElseOp, SwitchCaseOp)) and any(
            _jumps(b) for b in operation.blocks
        ):
            return True
    return False


def _read_jump(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    scope.builder.append(instruction.name, (), source=scope.source)


def _read_box(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    reader.inline(instruction.operation.blocks[0], instruction, scope)


def _refuse_store(reader: CircuitReader, instruction: Any, scope: Scope) -> None:
    raise NotSupported(
        f"a store into {instruction.operation.lvalue}; bits are written by measuring only"
    )
