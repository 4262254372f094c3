"""Turn h, cz, h back into cx: Hadamards that frame only CZ, X and Z are absorbed by them."""

from __future__ import annotations

from dataclasses import replace

from bellwire.compiler.program import Op, Program, Stage
from bellwire.passes.rewrite import rewrite
from bellwire.targets.machine import Machine

_FLIPPED = {"x": "z", "z": "x"}


def merge_hadamards(program: Program, machine: Machine) -> Program:
    """Absorb pairs of Hadamards on one qubit into the CZ, X and Z gates between them (exact)."""
    return rewrite(program, Stage.DISTRIBUTED, _merged)


def _merged(ops: list[Op]) -> list[Op]:
    """Find frames (h ... h on one qubit) and rewrite what they hold."""
    kept: list[Op | None] = list(ops)
    frame: dict[int, list[int]] = {}  # qubit -> [its opening h, the gates since]
    for i, op in enumerate(ops):
        if op.name == "h" and op.condition is None:
            q = op.qubits[0]
            inside = frame.pop(q, None)
            if inside is not None and len(inside) > 1 and _absorb(kept, q, inside[1:]):
                kept[inside[0]] = kept[i] = None
            else:
                frame[q] = [i]
            continue
        for q in op.qubits:
            if q in frame:
                if op.name in ("cz", "x", "z"):
                    frame[q].append(i)
                else:
                    del frame[q]
    return [op for op in kept if op is not None]


def _absorb(kept: list[Op | None], q: int, inside: list[int]) -> bool:
    """Rewrite the gates inside a frame on q; not possible where a CZ already became a CX."""
    if not all((op := kept[i]) is not None and op.name in ("cz", "x", "z") for i in inside):
        return False
    for i in inside:
        op = kept[i]
        assert op is not None
        if op.name == "cz":
            other = op.qubits[0] if op.qubits[1] == q else op.qubits[1]
            kept[i] = replace(op, name="cx", qubits=(other, q))
        else:
            kept[i] = replace(op, name=_FLIPPED[op.name])
    return True
