"""Read Cirq circuits: gates, measurement keys, classical controls and circuit operations."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import TRUE, Condition, all_of
from bellwire.compiler.frontends.cirq_conditions import condition_of
from bellwire.compiler.frontends.cirq_gates import gate_steps
from bellwire.compiler.program import Op, Program, Qubit, Register, Stage
from bellwire.errors import NotSupported

if TYPE_CHECKING:
    import cirq

MAX_UNROLLED = 1_000_000  # operations of a CircuitOperation that measures
MAX_INDEX = 1 << 16  # of a key such as c[12] that is read as a bit of a register

RESERVED = frozenset(("bellwire",))  # the register of our own bits, once compiled

_MEMBER = re.compile(r"([A-Za-z_]\w*)\[(0|[1-9]\d*)\]\Z", re.ASCII)


def from_cirq(circuit: cirq.AbstractCircuit) -> Program:
    """Turn a Cirq circuit into a LOGICAL Program.

    Its qubits are the circuit's, sorted, under `str(qubit)`; `source` is the number of the
    operation. Each measurement key becomes a register of its name, first qubit first; keys c[0],
    c[1], ... become one register c. A key that is measured again gets a register of its own each
    time (m, m_1, m_2). Names that are no identifiers are mended, with a warning. Raises
    NotSupported, by name, for noise, symbols without a value, qudits and `repeat_until`.
    """
    return _Reader(circuit).read()


def from_cirq_with_keys(
    circuit: cirq.AbstractCircuit,
) -> tuple[Program, dict[str, list[tuple[int, ...]]]]:
    """The Program of `from_cirq`, and for each measurement key the bits that it is in, each time
    that it is measured, first qubit first."""
    reader = _Reader(circuit)
    return reader.read(), reader.written


class _Reader:
    def __init__(self, circuit: cirq.AbstractCircuit) -> None:
        self.circuit = circuit
        self.source = -1
        self.at: dict[Any, int] = {}
        self.builder = ProgramBuilder()
        self.written: dict[str, list[tuple[int, ...]]] = {}  # the bits of each time by key
        self.sizes = _register_sizes(circuit)
        self.groups: dict[str, range] = {}
        self.taken = set(RESERVED)
        self.renamed: dict[str, str] = {}
        self.branches = 0  # that are open, and may not run

    def read(self) -> Program:
        """Read all operations."""
        self._check()
        qubits = sorted(self.circuit.all_qubits())
        self.at = {q: i for i, q in enumerate(qubits)}
        self.builder = ProgramBuilder([Qubit(n) for n in _unique(map(str, qubits))])
        for number, operation in enumerate(self.circuit.all_operations()):
            self.source = number
            try:
                self._operation(self.builder, operation, TRUE)
            except NotSupported as error:
                raise NotSupported(f"operation {number}: {error}") from None
        if self.renamed:
            pairs = ", ".join(f"{old!r} is {new}" for old, new in self.renamed.items())
            warnings.warn(f"measurement keys under another name: {pairs}", stacklevel=3)
        return self.builder.finish(Stage.LOGICAL)

    def _check(self) -> None:
        import cirq

        symbols = sorted(cirq.parameter_names(self.circuit))
        if symbols:
            raise NotSupported(
                f"{', '.join(symbols)}: symbols without a value; use cirq.resolve_parameters"
            )
        for q in sorted(self.circuit.all_qubits()):
            if q.dimension != 2:
                raise NotSupported(f"{q} has {q.dimension} levels; bellwire takes qubits alone")

    def _operation(self, builder: ProgramBuilder, operation: Any, outer: Condition) -> None:
        import cirq

        operation = operation.untagged
        if isinstance(operation, cirq.ClassicallyControlledOperation):
            here = condition_of(operation.classical_controls, self._bits_of_key)
            inner = operation.without_classical_controls()
            if isinstance(inner.untagged, cirq.CircuitOperation):
                self._branch(builder, inner, all_of(outer, here))
            else:
                self._operation(builder, inner, all_of(outer, here))
        elif isinstance(operation, cirq.CircuitOperation):
            self._circuit(builder, operation, outer)
        elif isinstance(operation.gate, cirq.MeasurementGate):
            self._measure(builder, operation, outer)
        elif isinstance(operation.gate, cirq.WaitGate):
            seconds = operation.gate.duration.total_nanos() * 1e-9
            for q in operation.qubits:
                self._append(builder, "delay", (q,), (float(seconds),), TRUE)
        elif cirq.is_measurement(operation) or cirq.control_keys(operation):
            self._parts(builder, operation, outer)
        else:
            for row, qubits, angles in gate_steps(operation):
                self._append(builder, row, qubits, angles, outer)

    def _append(
        self,
        builder: ProgramBuilder,
        row: str,
        qubits: Iterable[Any],
        angles: Sequence[float],
        condition: Condition,
        bits: Sequence[int] = (),
    ) -> None:
        places, test = [self.at[q] for q in qubits], None if condition == TRUE else condition
        builder.append(row, places, angles, bits, test, source=self.source)

    def _parts(self, builder: ProgramBuilder, operation: Any, outer: Condition) -> None:
        import cirq

        parts = cirq.decompose_once(operation, default=None)
        if parts is None:
            raise NotSupported(f"{operation} measures in a way that is unknown; decompose it first")
        for part in parts:
            self._operation(builder, part, outer)

    def _branch(self, builder: ProgramBuilder, operation: Any, condition: Condition) -> None:
        child = builder.child()
        self.branches += 1
        self._operation(child, operation, TRUE)
        self.branches -= 1
        row = Op("if_else", (), condition=condition, source=self.source)
        builder.append_flow(row, [child])

    def _circuit(self, builder: ProgramBuilder, operation: Any, outer: Condition) -> None:
        import cirq

        turns = operation.repetitions
        if operation.repeat_until is not None:
            raise NotSupported("CircuitOperation with repeat_until; give a number of repetitions")
        if outer != TRUE:
            self._branch(builder, operation, outer)
        elif abs(turns) > 1 and not cirq.is_measurement(operation):
            once = operation.replace(
                repetitions=1 if turns > 0 else -1, repetition_ids=None, use_repetition_ids=False
            )
            child = builder.child()
            self._circuit(child, once, TRUE)
            row = Op("for_loop", (), (float(abs(turns)),), source=self.source)
            builder.append_flow(row, [child])
        else:
            size = abs(turns) * sum(1 for _ in operation.circuit.all_operations())
            if size > MAX_UNROLLED:
                raise NotSupported(
                    f"a CircuitOperation that measures unrolls to {size:,} operations; at most "
                    f"{MAX_UNROLLED:,} can be kept, so repeat less"
                )
            for inner in operation.mapped_circuit().all_operations():
                self._operation(builder, inner, TRUE)

    def _measure(self, builder: ProgramBuilder, operation: Any, outer: Condition) -> None:
        import cirq

        gate = operation.gate
        if gate.confusion_map:
            raise NotSupported(
                f"{operation} has a confusion map; noise belongs to the machine: take it out"
            )
        key = str(cirq.measurement_key_obj(operation))
        if key in self.written and (self.branches or outer != TRUE):
            raise NotSupported(f"key {key!r} is measured again under a condition; use another key")
        bits = self._new_bits(key, len(operation.qubits))
        for q, b, flip in zip(operation.qubits, bits, gate.full_invert_mask()):
            rows = ("x", "measure", "x") if flip else ("measure",)
            for row in rows:
                self._append(builder, row, (q,), (), outer, (b,) if row == "measure" else ())

    def _new_bits(self, key: str, width: int) -> tuple[int, ...]:
        """The bits for one more measurement of a key."""
        times = self.written.setdefault(key, [])
        member = _MEMBER.match(key)
        if member and member[1] in self.sizes and width == 1 and not times:
            index = int(member[2])
            bits = self._group(member[1])[index : index + 1]
        else:
            name = self._name(key if not times else f"{key}_{len(times)}")
            bits = self.builder.add_register(Register(name, width))
        times.append(tuple(bits))
        return times[-1]

    def _group(self, name: str) -> range:
        if name not in self.groups:
            self.taken.add(name)
            self.groups[name] = self.builder.add_register(Register(name, self.sizes[name]))
        return self.groups[name]

    def _name(self, key: str) -> str:
        """An identifier for a key that no other register has."""
        name = re.sub(r"[^A-Za-z0-9_]+", "_", key).strip("_") or "key"
        name = name if not name[0].isdigit() else f"key_{name}"
        taken = self.taken | set(self.sizes)
        if name in taken:
            name = next(n for i in range(1, len(taken) + 2) if (n := f"{name}_{i}") not in taken)
        self.taken.add(name)
        if name != key:
            self.renamed[key] = name
        return name

    def _bits_of_key(self, key: Any, index: int) -> tuple[int, ...]:
        times = self.written.get(str(key), [])
        if not -len(times) <= index < len(times):
            raise NotSupported(f"key {str(key)!r} is read before it is measured; measure earlier")
        return times[index]


def _register_sizes(circuit: cirq.AbstractCircuit) -> dict[str, int]:
    """The registers that keys such as c[0], c[1] make up, and how many bits each has."""
    sizes: dict[str, int] = {}
    keys = circuit.all_measurement_key_names()
    for match in filter(None, map(_MEMBER.match, keys)):
        index = int(match[2][:9])
        if match[1] not in keys and match[1] not in RESERVED and index < MAX_INDEX:
            sizes[match[1]] = max(sizes.get(match[1], 0), index + 1)
    return sizes


def _unique(names: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        free, count = name, 1
        while free in found:
            free, count = f"{name}_{count}", count + 1
        found[free] = None
    return list(found)
