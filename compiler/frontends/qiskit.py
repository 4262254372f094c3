"""Read a Qiskit QuantumCircuit, control flow included, as a LOGICAL Program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.frontends.qiskit_flow import Scope, flow_readers
from bellwire.compiler.frontends.qiskit_registers import classical_registers, qubit_names
from bellwire.compiler.frontends.qiskit_unroll import (
    ROW_OF,
    Unroller,
    angles_of,
    definition_of,
)
from bellwire.compiler.program import Program, Qubit, Stage
from bellwire.errors import NotSupported

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_DEPTH = 50
MAX_OPERATIONS = 10_000_000

Handler = Callable[[Any, Scope], None]

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}


def from_qiskit(
    circuit: QuantumCircuit, *, name: str | None = None, dt_s: float | None = None
) -> Program:
    """Turn a circuit into a LOGICAL Program.

    Standard gates become rows of the table; all others are unrolled through their definitions. A
    global phase is dropped. `source` is the index of the instruction in `circuit.data`; `dt_s` is
    the length of one dt, in seconds. Raises NotSupported, naming what cannot be taken: unbound
    parameters, run-time variables, delays in dt without `dt_s`, instructions without definition.
    """
    return CircuitReader(circuit, name=name, dt_s=dt_s).read()


class CircuitReader:
    """Reads one circuit. `sources[i]`: the source of instruction i; `place` words it in errors."""

    def __init__(
        self,
        circuit: QuantumCircuit,
        *,
        name: str | None = None,
        dt_s: float | None = None,
        sources: Sequence[int] | None = None,
        place: Callable[[int], str] = "instruction {}".format,
    ) -> None:
        self.circuit, self.dt_s, self.place = circuit, dt_s, place
        self.sources = range(len(circuit.data)) if sources is None else sources
        self.unroller = Unroller()
        self.unrolled = 0
        registers, self.bits = classical_registers(circuit)
        self.builder = ProgramBuilder(
            [Qubit(n) for n in qubit_names(circuit)],
            registers,
            name=str(name or circuit.name or "program"),
        )
        self.handlers = self._handlers()

    def _handlers(self) -> dict[type, Handler]:
        from qiskit.circuit import Barrier, Delay, Measure, Reset

        plain: dict[type, Handler] = {
            Measure: self._measure,
            Reset: self._reset,
            Barrier: self._barrier,
            Delay: self._delay,
        }
        return plain | {kind: partial(read, self) for kind, read in flow_readers().items()}

    def read(self) -> Program:
        """Read all of it."""
        self._refuse_unbound()
        qubits = {q: i for i, q in enumerate(self.circuit.qubits)}
        scope = Scope(self.builder, qubits, self.bits, {})
        self.read_block(self.circuit, scope, self.sources)
        program = self.builder.finish(Stage.LOGICAL)
        for part in program.walk():
            self._refuse_infinite(part)
        return program

    def _refuse_unbound(self) -> None:
        if len(self.circuit.parameters):
            names = ", ".join(p.name for p in self.circuit.parameters)
            raise NotSupported(f"unbound parameters {names}; bind them with assign_parameters")
        variables = [v.name for v in self.circuit.iter_vars()]
        if variables:
            raise NotSupported(
                f"run-time variables {', '.join(variables)}; "
                "keep such values in classical registers instead"
            )

    def _refuse_infinite(self, part: Program) -> None:
        bad = np.flatnonzero(~np.isfinite(part.angles.values.astype(np.float64)))
        if len(bad):
            row = int(np.searchsorted(part.angles.starts, bad[0], side="right")) - 1
            raise NotSupported(
                f"{self.place(int(part.source[row]))}: angle {part.angles.values[bad[0]]} "
                "is not finite; give a number"
            )

    def read_block(
        self, circuit: QuantumCircuit, scope: Scope, sources: Iterable[int] | None = None
    ) -> None:
        """Read all instructions of a circuit into the builder of `scope`."""
        append, qubits, row_of = scope.builder.append, scope.qubits, ROW_OF
        lines = [scope.source] * len(circuit.data) if sources is None else sources
        for instruction, source in zip(circuit.data, lines):
            row = row_of.get(instruction.name)
            if row is not None and instruction.is_standard_gate():
                angles = angles_of(instruction) if instruction.params else ()
                append(row, [qubits[q] for q in instruction.qubits], angles, source=source)
            else:
                self._read_other(instruction, replace(scope, source=source))

    def _read_other(self, instruction: Any, scope: Scope) -> None:
        kind = instruction.operation.__class__
        handler = next((self.handlers[c] for c in kind.__mro__ if c in self.handlers), None)
        try:
            if handler is not None:
                handler(instruction, scope)
            elif instruction.clbits or not _is_unitary(instruction.operation):
                self.inline(definition_of(instruction.operation), instruction, scope)
            else:
                self._gate(instruction, scope)
        except NotSupported as error:
            if scope.depth:  # the outermost instruction names the place
                raise
            raise NotSupported(f"{self.place(scope.source)}: {error}") from None

    def _gate(self, instruction: Any, scope: Scope) -> None:
        at = [scope.qubits[q] for q in instruction.qubits]
        steps = self.unroller.steps(instruction)
        self.count(len(steps))
        append, source = scope.builder.append, scope.source
        for row, places, angles in steps:
            append(row, [at[p] for p in places], angles, source=source)

    def count(self, operations: int) -> None:
        """Raise NotSupported once unrolling has made more operations than any machine can run."""
        self.unrolled += operations
        if self.unrolled > MAX_OPERATIONS:
            raise NotSupported(
                f"the circuit unrolls to more than {MAX_OPERATIONS:,} operations; split it"
            )

    def inline(self, circuit: Any, instruction: Any, scope: Scope) -> None:
        """Read a body in place of the instruction that holds it."""
        self.read_block(circuit, self._inside(circuit, instruction, scope))

    def deeper(self, scope: Scope) -> Scope:
        """The scope one block further in. Raises NotSupported when that is too deep."""
        if scope.depth >= MAX_DEPTH:
            raise NotSupported(f"blocks nested deeper than {MAX_DEPTH}; flatten the control flow")
        return replace(scope, depth=scope.depth + 1)

    def _inside(self, circuit: Any, instruction: Any, scope: Scope) -> Scope:
        """The scope of a body: its qubits and bits stand for those of the instruction."""
        qubits = dict(zip(circuit.qubits, (scope.qubits[q] for q in instruction.qubits)))
        inner = dict(zip(circuit.clbits, (scope.bits[b] for b in instruction.clbits)))
        known = all(scope.bits.get(b) == i for b, i in inner.items())
        bits = scope.bits if known else {**scope.bits, **inner}
        return replace(self.deeper(scope), qubits=qubits, bits=bits)

    def block(self, circuit: Any, instruction: Any, scope: Scope) -> ProgramBuilder:
        """Read a body as a nested block."""
        inside = self._inside(circuit, instruction, scope)
        child = scope.builder.child()
        self.read_block(circuit, replace(inside, builder=child))
        return child

    def _measure(self, instruction: Any, scope: Scope) -> None:
        qubit, bit = scope.qubits[instruction.qubits[0]], scope.bits[instruction.clbits[0]]
        scope.builder.append("measure", (qubit,), (), (bit,), source=scope.source)

    def _reset(self, instruction: Any, scope: Scope) -> None:
        scope.builder.append("reset", (scope.qubits[instruction.qubits[0]],), source=scope.source)

    def _barrier(self, instruction: Any, scope: Scope) -> None:
        at = [scope.qubits[q] for q in instruction.qubits]
        scope.builder.append("barrier", at, source=scope.source)

    def _delay(self, instruction: Any, scope: Scope) -> None:
        seconds = self._seconds(instruction.operation)
        qubit = scope.qubits[instruction.qubits[0]]
        scope.builder.append("delay", (qubit,), (seconds,), source=scope.source)

    def _seconds(self, delay: Any) -> float:
        duration, unit = delay.duration, delay.unit
        if unit == "expr":
            value = getattr(duration, "value", None)
            if value is None:
                raise NotSupported("a delay whose length is computed; give it in seconds")
            duration, unit = value.value(), value.unit()
        if unit == "dt" and duration == 0:
            return 0.0
        if unit == "dt" and self.dt_s is None:
            raise NotSupported(
                "a delay in dt, whose length is not known; give it in s, ms, us, ns or ps"
            )
        return float(duration) * (self.dt_s or 0.0 if unit == "dt" else _SECONDS[unit])


def _is_unitary(operation: Any) -> bool:
    from qiskit.circuit import Gate, Instruction

    return isinstance(operation, Gate) or not isinstance(operation, Instruction)
