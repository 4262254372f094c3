"""Fuse cx, phase, cx into rzz, and drop pairs of cx that cancel: fewer gates to span modules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import pi

from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.passes.rewrite import rewrite
from bellwire.targets.machine import Machine

# The angle of rz that each diagonal one-qubit gate is, up to global phase. Exact: no tolerance.
_PHASES = {"z": pi, "s": pi / 2, "sdg": -pi / 2, "t": pi / 4, "tdg": -pi / 4}
MOST_PHASES = 2  # two cx become at most as many rzz


def fuse_gates(program: Program, machine: Machine | None = None) -> Program:
    """Turn `cx a b; rz(t) b; cx a b` into `rzz(t) a b` wherever nothing in between forbids it.

    On a only diagonal operations may lie between the two cx, on b only phases. Angles are carried
    over as they are, never added or dropped.
    """
    return rewrite(program, Stage.LOGICAL, _fused)


@dataclass
class _Sandwich:
    """An open cx, by its place, its control, and the phases on its target since."""

    at: int
    control: int
    phases: list[int] = field(default_factory=list)


def _fused(ops: list[Op]) -> list[Op]:
    kept: list[Op | None] = list(ops)
    on: dict[int, _Sandwich] = {}  # target -> its open sandwich
    for i, op in enumerate(ops):
        if op.condition is None and op.name == "cx":
            control, target = op.qubits
            _break(on, target)  # as a control the sandwich of its own is over
            open_ = on.get(target)
            if open_ is not None and open_.control == control:
                _close(kept, ops, open_, i)
                del on[target]
            else:
                on[target] = _Sandwich(i, control)
            on.pop(control, None)
        elif op.condition is None and phase_of(op) is not None:
            if op.qubits[0] in on:
                on[op.qubits[0]].phases.append(i)
        else:
            for place, q in enumerate(op.qubits):
                on.pop(q, None)
                if op.row.family is not Family.GATE or not op.row.diagonal[place]:
                    _break(on, q)
    return [op for op in kept if op is not None]


def phase_of(op: Op) -> float | None:
    """The angle of the rz that an operation is up to global phase; None if it is none."""
    return op.angles[0] if op.name in ("rz", "p") else _PHASES.get(op.name)


def _break(on: dict[int, _Sandwich], control: int) -> None:
    """Give up the sandwiches of a control that sees an operation that is not diagonal."""
    for target in [t for t, s in on.items() if s.control == control]:
        del on[target]


def _close(kept: list[Op | None], ops: list[Op], open_: _Sandwich, at: int) -> None:
    if len(open_.phases) > MOST_PHASES:
        return
    kept[open_.at] = kept[at] = None
    for i in open_.phases:
        angle = phase_of(ops[i])
        assert angle is not None
        pair = (open_.control, ops[i].qubits[0])
        kept[i] = replace(ops[i], name="rzz", qubits=pair, angles=(angle,))
