"""Gates of Cirq as rows of the operations table, exactly up to a global phase."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from bellwire.compiler.frontends.synthesis import unitary_steps
from bellwire.errors import NotSupported

Step = tuple[str, tuple[int, ...], tuple[float, ...]]  # row, places of its qubits, angles
Steps = tuple[Step, ...]

MAX_LEVELS = 50
MAX_MATRIX_QUBITS = 8

_HALF = math.pi / 2
_X_ROOTS = {1.0: "x", 0.5: "sx", -0.5: "sxdg"}
_Z_ROOTS = {1.0: "z", 0.5: "s", -0.5: "sdg", 0.25: "t", -0.25: "tdg"}


def _turn(t: float, roots: dict[float, str], row: str) -> Steps:
    """A power of a Pauli: the row that has a name, or a rotation; powers repeat after 2."""
    if t % 2 == 0:
        return ()
    name = roots.get(t if -1 < t <= 1 else 1 - (1 - t) % 2)
    return ((name, (0,), ()),) if name else ((row, (0,), (math.pi * t,)),)


def _around(before: str, after: str, places: tuple[int, ...], *middle: Step) -> Steps:
    return (*((before, (p,), ()) for p in places), *middle, *((after, (p,), ()) for p in places))


def _rzz(angle: float) -> Step:
    return ("rzz", (0, 1), (angle,))


def _controlled_power(row: str, t: float) -> Steps:
    if t % 2 == 1:
        return ((row, (0, 1), ()),)
    power: Step = ("cp", (0, 1), (math.pi * t,))
    return {
        "cz": (power,),
        "cx": _around("h", "h", (1,), power),
        "cy": _around("sx", "sxdg", (1,), power),
    }[row]


def _exchange(angle: float) -> Steps:
    """exp(-i angle (XX + YY) / 2)."""
    part = _rzz(angle)
    return (*_around("h", "h", (0, 1), part), *_around("sx", "sxdg", (0, 1), part))


def _iswap(t: float) -> Steps:
    if t == 1:
        return (("iswap", (0, 1), ()),)
    if t == -1:
        return (("iswap", (0, 1), ()), ("z", (0,), ()), ("z", (1,), ()))
    return _exchange(-_HALF * t)


def _swap(t: float) -> Steps:
    if t % 2 == 1:
        return (("swap", (0, 1), ()),)
    return (*_exchange(_HALF * t), _rzz(_HALF * t))


def _ccz(t: float) -> Steps:
    """Five two-qubit gates: Barenco et al., PRA 52, 3457 (1995), lemma 6.1."""
    half = math.pi * t / 2
    return (
        ("cp", (1, 2), (half,)),
        ("cx", (0, 1), ()),
        ("cp", (1, 2), (-half,)),
        ("cx", (0, 1), ()),
        ("cp", (0, 2), (half,)),
    )


def _cswap() -> Steps:
    ccx = _around("h", "h", (2,), *_ccz(1.0))
    return (("cx", (2, 1), ()), *ccx, ("cx", (2, 1), ()))


def _phased_x(x: float, z: float, a: float) -> Steps:
    """Z^-a, then X^x, then Z^(a + z)."""
    return (("u", (0,), (math.pi * x, math.pi * (a + z) - _HALF, _HALF - math.pi * a)),)


@cache
def _table() -> dict[type, Callable[[Any], Steps]]:
    import cirq

    return {
        cirq.XPowGate: lambda g: _turn(g.exponent, _X_ROOTS, "rx"),
        cirq.YPowGate: lambda g: _turn(g.exponent, {1.0: "y"}, "ry"),
        cirq.ZPowGate: lambda g: _turn(g.exponent, _Z_ROOTS, "p"),
        cirq.CXPowGate: lambda g: _controlled_power("cx", g.exponent),
        cirq.CYPowGate: lambda g: _controlled_power("cy", g.exponent),
        cirq.CZPowGate: lambda g: _controlled_power("cz", g.exponent),
        cirq.ISwapPowGate: lambda g: _iswap(g.exponent),
        cirq.SwapPowGate: lambda g: _swap(g.exponent),
        cirq.ZZPowGate: lambda g: (_rzz(math.pi * g.exponent),),
        cirq.XXPowGate: lambda g: _around("h", "h", (0, 1), _rzz(math.pi * g.exponent)),
        cirq.YYPowGate: lambda g: _around("sx", "sxdg", (0, 1), _rzz(math.pi * g.exponent)),
        cirq.PhasedXPowGate: lambda g: _phased_x(g.exponent, 0.0, g.phase_exponent),
        cirq.PhasedXZGate: lambda g: _phased_x(g.x_exponent, g.z_exponent, g.axis_phase_exponent),
        cirq.CCZPowGate: lambda g: _ccz(g.exponent),
        cirq.CCXPowGate: lambda g: _around("h", "h", (2,), *_ccz(g.exponent)),
        cirq.CSwapGate: lambda g: _cswap(),
        cirq.IdentityGate: lambda g: tuple(("id", (i,), ()) for i in range(g.num_qubits())),
        cirq.ResetChannel: lambda g: (("reset", (0,), ()),),
        cirq.GlobalPhaseGate: lambda g: (),
        cirq.Rx: lambda g: (("rx", (0,), (math.pi * g.exponent,)),),
        cirq.Ry: lambda g: (("ry", (0,), (math.pi * g.exponent,)),),
        cirq.Rz: lambda g: (("rz", (0,), (math.pi * g.exponent,)),),
    }


def gate_steps(operation: Any, level: int = 0) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """Write an operation without classical bits as rows on Cirq qubits.

    Raises NotSupported, naming the operation, where there is no way to do so exactly.
    """
    import cirq

    operation = operation.untagged
    steps = known_steps(operation)
    if steps is not None:
        for row, places, angles in steps:
            yield row, tuple(operation.qubits[p] for p in places), angles
        return
    parts = None if level >= MAX_LEVELS else cirq.decompose_once(operation, default=None)
    if parts is not None and {q for p in parts for q in p.qubits} <= set(operation.qubits):
        for part in parts:
            yield from gate_steps(part, level + 1)
        return
    if not cirq.has_unitary(operation) or len(operation.qubits) > MAX_MATRIX_QUBITS:
        raise NotSupported(_why_not(operation))
    yield from _matrix_steps(operation)


def _why_not(operation: Any) -> str:
    import cirq

    if cirq.has_kraus(operation) and not cirq.has_unitary(operation):
        return f"{operation} is noise; noise belongs to the machine: take it out"
    return f"{operation} has no decomposition or matrix that bellwire can use; decompose it first"


def _matrix_steps(operation: Any) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    import cirq

    qubits = tuple(reversed(operation.qubits))  # Cirq's first qubit is the highest bit
    for row, places, angles in unitary_steps(cirq.unitary(operation)):
        yield row, tuple(qubits[p] for p in places), angles


def known_steps(operation: Any) -> Steps | None:
    """The rows of an operation that needs no decomposition; None for any other one."""
    import cirq

    gate = operation.gate
    for kind in type(gate).__mro__:
        if kind in _table():
            return _table()[kind](gate)
    if isinstance(gate, cirq.HPowGate) and gate.exponent % 2 == 1:
        return (("h", (0,), ()),)
    if isinstance(gate, cirq.MatrixGate) and set(cirq.qid_shape(gate)) == {2}:
        top = gate.num_qubits() - 1
        if top < MAX_MATRIX_QUBITS:
            steps = unitary_steps(cirq.unitary(gate))
            return tuple((row, tuple(top - p for p in at), angles) for row, at, angles in steps)
    if isinstance(operation, cirq.ControlledOperation) or isinstance(gate, cirq.ControlledGate):
        return _controlled_steps(operation)
    return None


def _controlled_steps(operation: Any) -> Steps | None:
    """A one-qubit gate under one control: a row where there is one, else one two-qubit gate."""
    import cirq

    if len(operation.qubits) != 2 or not cirq.has_unitary(operation):
        return None
    gate = operation.gate
    plain = isinstance(gate, cirq.ControlledGate) and gate.control_values == (
        cirq.ProductOfSums(((1,),))
    )
    sub = gate.sub_gate if plain else None
    for kind, row in ((cirq.Rx, "crx"), (cirq.Ry, "cry"), (cirq.Rz, "crz")):
        if isinstance(sub, kind):
            return ((row, (0, 1), (math.pi * sub.exponent,)),)
    fixed = ((cirq.X, "cx"), (cirq.Y, "cy"), (cirq.Z, "cz"), (cirq.H, "ch"))
    for found, row in fixed:
        if sub == found:
            return ((row, (0, 1), ()),)
    steps = unitary_steps(cirq.unitary(operation))
    return tuple((row, tuple(1 - p for p in at), angles) for row, at, angles in steps)
