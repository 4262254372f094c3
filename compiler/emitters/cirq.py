"""Write Programs as Cirq circuits, corrections as classical controls."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from bellwire.compiler.bodies import body_ops
from bellwire.compiler.conditions import (
    FALSE,
    TRUE,
    Condition,
    bits_of,
    literals,
    parity_bits,
    substitute,
)
from bellwire.compiler.emitters.straight import place_of, straight_ops
from bellwire.compiler.operations import PAULIS, Family
from bellwire.compiler.program import Op, Program
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    import cirq


def to_cirq(
    program: Program,
    machine: Machine | None = None,
    *,
    symbols: Mapping[float, Any] | None = None,
) -> cirq.Circuit:
    """Write a Program at any stage as a Cirq circuit.

    Qubits are NamedQubits of the same names. The bit c[0] is the measurement key "c[0]"; where it
    is written several times, that is its last value, and the earlier ones are "c[0].0", "c[0].1",
    ... A Bell pair is reset, reset, H, CNOT, the CNOT tagged "bellwire.link A B". A parity on a
    Pauli is one control for each bit. Loops are unrolled, if/else becomes controls; barriers have
    no counterpart and are left out. An angle, or its negative, that is a key of `symbols` is
    written as that sympy expression. Raises NotSupported, by name, for all other control flow.
    """
    import cirq

    return cirq.Circuit(_Writer(program, symbols or {}).operations())


class _Writer:
    def __init__(self, program: Program, symbols: Mapping[float, Any]) -> None:
        import cirq

        self.program, self.symbols = program, symbols
        self.qubits = [cirq.NamedQubit(q.name) for q in program.qubits]
        self.ops = [step for op in straight_ops(program) for step in _bodies(op)]
        self.writes = Counter(b for op in self.ops if op.name == "measure" for b in op.bits)
        self.done: Counter[int] = Counter()

    def operations(self) -> Iterator[cirq.Operation]:
        """All operations in order."""
        for op in self.ops:
            condition = TRUE if op.condition is None else self._known(op.condition)
            if condition == FALSE or op.name == "barrier":
                continue
            if op.name == "measure":
                yield self._measure(op, condition)
                continue
            if op.name == "ebit":
                yield from self._bell_pair(op)
                continue
            made = self._made(op)
            for controls in self._controls(op, condition):
                yield made.with_classical_controls(*controls) if controls else made

    def _measure(self, op: Op, condition: Condition) -> cirq.Operation:
        import cirq

        if condition != TRUE:
            raise NotSupported(
                f"{place_of(self.program, op)}: a measurement under a condition would leave its "
                "key without a value in Cirq; write OpenQASM 3 or text instead"
            )
        bit = op.bits[0]
        key = self._key(bit, self.done[bit])
        self.done[bit] += 1
        return cirq.measure(self.qubits[op.qubits[0]], key=key)

    def _key(self, bit: int, time: int) -> cirq.MeasurementKey:
        import cirq

        name = self.program.bit_names[bit].replace(":", "_")
        return cirq.MeasurementKey(name if time == self.writes[bit] - 1 else f"{name}.{time}")

    def _latest(self, bit: int) -> cirq.MeasurementKey:
        return self._key(bit, self.done[bit] - 1)

    def _known(self, condition: Condition) -> Condition:
        """The condition once bits that nothing has written are 0."""
        for b in bits_of(condition):
            if not self.done[b]:
                condition = substitute(condition, b, False)
        return condition

    def _bell_pair(self, op: Op) -> Iterator[cirq.Operation]:
        import cirq

        a, b = (self.qubits[q] for q in op.qubits)
        ends = " ".join(str(self.program.qubits[q].module) for q in op.qubits)
        yield from (cirq.reset(a), cirq.reset(b), cirq.H(a))
        yield cirq.CNOT(a, b).with_tags(f"bellwire.link {ends}")

    def _made(self, op: Op) -> cirq.Operation:
        import cirq

        qubits = [self.qubits[q] for q in op.qubits]
        if op.name == "delay":
            return cirq.WaitGate(cirq.Duration(nanos=op.angles[0] * 1e9)).on(*qubits)
        return _gates()[op.name](*map(self._angle, op.angles)).on(*qubits)

    def _angle(self, angle: float) -> Any:
        if -angle in self.symbols:
            return -self.symbols[-angle]
        return self.symbols.get(angle, angle)

    def _controls(self, op: Op, condition: Condition) -> Iterator[list[Any]]:
        """The controls of each copy of an operation that together do what the condition says."""
        import cirq

        parity = parity_bits(condition) if op.name in PAULIS else None
        wanted = literals(condition)
        if condition == TRUE:
            yield []
        elif parity is not None:
            bits, flip = parity
            yield from ([] for _ in range(flip))
            yield from ([cirq.KeyCondition(self._latest(b))] for b in bits)
        elif wanted is not None:
            yield [self._literal(b, value) for b, value in wanted.items()]
        else:
            yield [cirq.SympyCondition(self._formula(condition))]

    def _literal(self, bit: int, value: bool) -> cirq.Condition:
        import cirq

        key = self._latest(bit)
        return cirq.KeyCondition(key) if value else cirq.BitMaskKeyCondition(key, equal_target=True)

    def _formula(self, condition: Condition) -> Any:
        import sympy

        if condition.head == "bit":
            return sympy.Symbol(str(self._latest(condition.index)))
        make = {"and": sympy.And, "or": sympy.Or, "xor": sympy.Xor, "not": sympy.Not}
        return make[condition.head](*map(self._formula, condition.args))


def _bodies(op: Op) -> Iterator[Op]:
    """A protocol as its body; Bell pairs stay, to be tagged."""
    if op.row.family is not Family.PROTOCOL:
        yield op
    elif op.condition is not None:
        raise NotSupported(f"{op.name} under a condition; make it unconditional")
    else:
        yield from (op,) if op.name == "ebit" else body_ops(op)


@cache
def _gates() -> dict[str, Callable[..., cirq.Gate]]:
    import cirq

    fixed = {
        "id": cirq.I,
        "x": cirq.X,
        "y": cirq.Y,
        "z": cirq.Z,
        "h": cirq.H,
        "s": cirq.S,
        "sdg": cirq.S**-1,
        "t": cirq.T,
        "tdg": cirq.T**-1,
        "sx": cirq.X**0.5,
        "sxdg": cirq.X**-0.5,
        "cx": cirq.CNOT,
        "cy": cirq.ControlledGate(cirq.Y),
        "cz": cirq.CZ,
        "ch": cirq.ControlledGate(cirq.H),
        "swap": cirq.SWAP,
        "iswap": cirq.ISWAP,
        "reset": cirq.ResetChannel(),
    }
    made: dict[str, Callable[..., cirq.Gate]] = {
        "rx": cirq.rx,
        "ry": cirq.ry,
        "rz": cirq.rz,
        "p": lambda a: cirq.ZPowGate(exponent=a / math.pi),
        "u": _u,
        "cp": lambda a: cirq.CZPowGate(exponent=a / math.pi),
        "crx": lambda a: cirq.ControlledGate(cirq.rx(a)),
        "cry": lambda a: cirq.ControlledGate(cirq.ry(a)),
        "crz": lambda a: cirq.ControlledGate(cirq.rz(a)),
        "rzz": lambda a: cirq.ZZPowGate(exponent=a / math.pi, global_shift=-0.5),
    }
    return {**{name: lambda g=gate: g for name, gate in fixed.items()}, **made}


def _u(theta: float, phi: float, lam: float) -> cirq.Gate:
    import cirq

    return cirq.PhasedXZGate(
        x_exponent=theta / math.pi,
        z_exponent=(phi + lam) / math.pi,
        axis_phase_exponent=0.5 - lam / math.pi,
    )
