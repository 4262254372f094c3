"""Wrong versions of a program, one small fault each: every one of them must be found."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bits_of
from bellwire.compiler.operations import Family
from bellwire.compiler.ports import OURS
from bellwire.compiler.program import Op, Program

OTHER = {"x": "z", "z": "x", "y": "x"}


def mutants(program: Program, *, at: Container[int] | None = None) -> Iterator[tuple[str, Program]]:
    """Yield (what was done, program): corrections dropped, doubled, changed, moved; gates dropped;
    one Z or X too many at the end. Flat programs only; `at` keeps to some operations."""
    names = program.bit_names
    internal = {i for i, name in enumerate(names) if name.startswith(f"{OURS}[")}
    ops = list(program.ops)
    for i, op in enumerate(ops):
        if at is not None and i not in at:
            continue
        if op.condition is not None and internal & set(bits_of(op.condition)):
            for what, new in _wrong_corrections(ops, i, len(program.qubits)):
                yield f"operation {i} ({op.name}): {what}", _with(program, new)
        elif op.row.family is Family.GATE and op.name != "id":
            yield f"operation {i} ({op.name}): dropped", _with(program, ops[:i] + ops[i + 1 :])
    for q in program.outputs[: 1 if at is not None else None]:
        for name in ("z", "x"):
            where = program.qubits[q].name
            yield f"{name} on {where} at the end", _with(program, [*ops, Op(name, (q,))])


def _wrong_corrections(ops: list[Op], i: int, qubits: int) -> Iterator[tuple[str, list[Op]]]:
    op = ops[i]
    assert op.condition is not None
    rest = ops[:i] + ops[i + 1 :]
    yield "dropped", rest
    yield "doubled", [*ops[:i], op, *ops[i:]]
    yield "made unconditional", [*ops[:i], replace(op, condition=None), *ops[i + 1 :]]
    yield "negated", [*ops[:i], replace(op, condition=~op.condition), *ops[i + 1 :]]
    other = replace(op, name=OTHER[op.name])
    yield f"turned into {other.name}", [*ops[:i], other, *ops[i + 1 :]]
    for q in (op.qubits[0] + 1, op.qubits[0] - 1):
        moved = replace(op, qubits=(q % qubits,))
        yield f"put on qubit {q % qubits}", [*ops[:i], moved, *ops[i + 1 :]]
    read = set(bits_of(op.condition))
    measured = max(k for k in range(i) if read & set(ops[k].bits))
    yield "before its measurement", [*rest[:measured], op, *rest[measured:]]
    k = _next_clash(ops, i)
    if k is not None:
        yield f"after operation {k}", [*rest[:k], op, *rest[k:]]


def _next_clash(ops: list[Op], i: int) -> int | None:
    """The next gate that a Pauli does not commute with, if the qubit still matters then."""
    q, pauli = ops[i].qubits[0], ops[i].name
    for k in range(i + 1, len(ops)):
        op = ops[k]
        if q not in op.qubits:
            continue
        if op.row.matrix is None:
            # Past a measurement, a reset or a new pair the Pauli would act on another state;
            # an X that comes after its measurement is the same as a dropped one.
            return None
        if op.condition is not None:
            continue  # two Paulis commute up to a sign of a whole branch
        diagonal = op.row.diagonal[op.qubits.index(q)]
        if op.name in ("x", "y", "z", "id") or (diagonal and pauli == "z"):
            continue
        if not diagonal and op.name == "cx" and pauli == "x":
            continue  # X on the target of cx
        if op.name in ("sx", "sxdg", "rx") and pauli == "x":
            continue
        return k
    return None


def damaged(rng: np.random.Generator, program: Program) -> Program:
    """A version with one random fault at each level of nesting, or none: an operation dropped,
    doubled, moved, put on another qubit, turned into another one."""
    out = ProgramBuilder.like(program)
    _damage(rng, program, out)
    return out.finish(program.stage, program.outputs)


def _damage(rng: np.random.Generator, program: Program, out: ProgramBuilder) -> None:
    ops = list(program.ops)
    if ops:
        _one_fault(rng, ops, len(program.qubits))
    for op in ops:
        if op.blocks:
            inner = [out.child() for _ in op.blocks]
            for block, child in zip(op.blocks, inner):
                _damage(rng, block, child)
            out.append_flow(op, inner)
        else:
            out.append_op(op)


def _one_fault(rng: np.random.Generator, ops: list[Op], qubits: int) -> None:
    i, j, q = (int(rng.integers(n)) for n in (len(ops), len(ops), qubits))
    op, fault = ops[i], int(rng.integers(6))
    if fault == 0:
        del ops[i]
    elif fault == 1:
        ops.insert(j, op)
    elif fault == 2:
        ops.insert(j, ops.pop(i))
    elif fault == 3:
        ops.insert(i, Op(str(rng.choice(["x", "y", "h"])), (q,)))
    elif fault == 4 and op.qubits and q not in op.qubits and not op.blocks:
        place = int(rng.integers(len(op.qubits)))
        ops[i] = replace(op, qubits=(*op.qubits[:place], q, *op.qubits[place + 1 :]))


def _with(program: Program, ops: list[Op]) -> Program:
    out = ProgramBuilder.like(program)
    for op in ops:
        out.append_op(op)
    return out.finish(program.stage, program.outputs)
