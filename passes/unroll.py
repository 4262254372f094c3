"""Lower every two-qubit gate to cz, cp or rzz, which are diagonal and may be shared by copies."""

from __future__ import annotations

from dataclasses import replace

from bellwire.compiler.canonical import canonical
from bellwire.compiler.program import Op, Program, Stage
from bellwire.passes.rewrite import rewrite
from bellwire.targets.machine import Machine


def unroll(program: Program, machine: Machine | None = None) -> Program:
    """Expand gates exactly; write cx as h, cz, h; cancel the Hadamards that meet (LOGICAL)."""
    return rewrite(program, Stage.LOGICAL, _unrolled)


def _unrolled(ops: list[Op]) -> list[Op]:
    return _cancelled([small for op in ops for small in _lowered(op)])


def _lowered(op: Op) -> list[Op]:
    parts = canonical(op)
    if all(p.name != "cx" for p in parts):
        return parts
    out = []
    for p in parts:
        if p.name == "cx":
            frame = replace(p, name="h", qubits=p.qubits[1:])
            out += [frame, replace(p, name="cz"), frame]
        else:
            out.append(p)
    return out


def _cancelled(ops: list[Op]) -> list[Op]:
    """Drop pairs of unconditional Hadamards with nothing between them on their qubit."""
    kept: list[Op | None] = list(ops)
    open_h: dict[int, int] = {}  # qubit -> an h that is its latest operation
    for i, op in enumerate(ops):
        if op.name == "h" and op.condition is None:
            before = open_h.pop(op.qubits[0], None)
            if before is None:
                open_h[op.qubits[0]] = i
            else:
                kept[before] = kept[i] = None
            continue
        for q in op.qubits:
            open_h.pop(q, None)
    return [op for op in kept if op is not None]
