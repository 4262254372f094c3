"""Build a Program operation by operation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bellwire.compiler.conditions import Condition
from bellwire.compiler.operations import KIND, ROWS
from bellwire.compiler.program import Op, Program, Qubit, Ragged, Register, Stage
from bellwire.errors import ProgramError


class ProgramBuilder:
    """Collects operations, then makes a Program. `child()` builds a nested block."""

    def __init__(
        self,
        qubits: Sequence[Qubit] = (),
        registers: Sequence[Register] = (),
        *,
        logical: Sequence[str] | None = None,
        inputs: Sequence[int] | None = None,
        name: str = "program",
        parent: ProgramBuilder | None = None,
    ) -> None:
        self.parent = parent
        self.qubits: list[Qubit] = list(qubits) if parent is None else parent.qubits
        self.registers: list[Register] = list(registers) if parent is None else parent.registers
        self.logical = tuple(q.name for q in qubits) if logical is None else tuple(logical)
        self.inputs = tuple(range(len(self.logical))) if inputs is None else tuple(inputs)
        self.name = name
        self._kind: list[int] = []
        self._qubits: list[int] = []
        self._qubit_ends: list[int] = [0]
        self._angles: list[float] = []
        self._angle_ends: list[int] = [0]
        self._bits: list[int] = []
        self._bit_ends: list[int] = [0]
        self._condition: list[int] = []
        self._source: list[int] = []
        self._start: list[int] = []
        self._conditions: dict[Condition, int] = {}
        self._blocks: dict[int, tuple[ProgramBuilder, ...]] = {}

    @classmethod
    def like(cls, program: Program, **changes: Sequence[int]) -> ProgramBuilder:
        """Start an empty Program with the same qubits, registers and names."""
        return cls(
            program.qubits,
            program.registers,
            logical=program.logical,
            inputs=changes.get("inputs", program.inputs),
            name=program.name,
        )

    def __len__(self) -> int:
        return len(self._kind)

    def add_qubit(self, qubit: Qubit) -> int:
        """Add one more qubit; returns its index."""
        self.qubits.append(qubit)
        return len(self.qubits) - 1

    def add_register(self, register: Register) -> range:
        """Add classical bits; returns their indices."""
        first = sum(r.width for r in self.registers)
        self.registers.append(register)
        return range(first, first + register.width)

    def child(self) -> ProgramBuilder:
        """A builder for a nested block: it shares the qubits and registers of this one."""
        return ProgramBuilder(parent=self, logical=self.logical, inputs=self.inputs, name=self.name)

    def append(
        self,
        name: str,
        qubits: Sequence[int],
        angles: Sequence[float] = (),
        bits: Sequence[int] = (),
        condition: Condition | None = None,
        blocks: Sequence[ProgramBuilder] = (),
        source: int = -1,
        start_ns: int = -1,
    ) -> None:
        """Add one operation. Raises KeyError for a name that is not in the table."""
        if blocks:
            self._blocks[len(self._kind)] = tuple(blocks)
        self._kind.append(KIND[name])
        self._qubits.extend(qubits)
        self._qubit_ends.append(len(self._qubits))
        self._angles.extend(angles)
        self._angle_ends.append(len(self._angles))
        self._bits.extend(bits)
        self._bit_ends.append(len(self._bits))
        if condition is None:
            self._condition.append(-1)
        else:
            self._condition.append(self._conditions.setdefault(condition, len(self._conditions)))
        self._source.append(source)
        self._start.append(start_ns)

    def append_op(self, op: Op) -> None:
        """Add a copy of an operation that has no blocks."""
        if op.blocks:
            raise ProgramError(f"{op.name}: its blocks must be built anew")
        self.append(op.name, op.qubits, op.angles, op.bits, op.condition, (), op.source)

    def append_flow(
        self, op: Op, blocks: Sequence[ProgramBuilder], qubits: Sequence[int] | None = None
    ) -> None:
        """Add a control-flow row like `op` with new blocks; its qubits and bits are theirs, and
        `qubits` (those of `op` when not given)."""
        own = op.qubits if qubits is None else qubits
        used = sorted({q for b in blocks for q in b.used_qubits} | set(own))
        bits = sorted({x for b in blocks for x in b.used_bits})
        self.append(op.name, used, op.angles, bits, op.condition, blocks, op.source)

    @property
    def used_qubits(self) -> set[int]:
        """The qubits that its operations name so far."""
        return set(self._qubits)

    @property
    def used_bits(self) -> set[int]:
        """The bits that its operations write so far."""
        return set(self._bits)

    def lone_op(self) -> Op | None:
        """Its one operation; None where there are none or several, or it has blocks."""
        if len(self._kind) != 1 or self._blocks:
            return None
        condition = next(iter(self._conditions), None)
        return Op(
            ROWS[self._kind[0]].name,
            tuple(self._qubits),
            tuple(self._angles),
            tuple(self._bits),
            condition,
            (),
            self._source[0],
            self._start[0],
        )

    def finish(self, stage: Stage, outputs: Sequence[int] | None = None) -> Program:
        """Make the Program. `outputs` defaults to the inputs: nothing has moved."""
        return self._finish(
            stage,
            tuple(self.qubits),
            tuple(self.registers),
            self.inputs if outputs is None else tuple(outputs),
        )

    def _finish(
        self,
        stage: Stage,
        qubits: tuple[Qubit, ...],
        registers: tuple[Register, ...],
        outputs: tuple[int, ...],
    ) -> Program:
        blocks = {
            i: tuple(b._finish(stage, qubits, registers, b.inputs) for b in bs)
            for i, bs in self._blocks.items()
        }
        return Program(
            stage=stage,
            qubits=qubits,
            registers=registers,
            logical=self.logical,
            inputs=self.inputs,
            outputs=outputs,
            kind=np.array(self._kind, dtype=np.uint8),
            operands=_ragged(self._qubit_ends, self._qubits, np.int32),
            angles=_ragged(self._angle_ends, self._angles, np.float64),
            bits=_ragged(self._bit_ends, self._bits, np.int32),
            condition=np.array(self._condition, dtype=np.int32),
            source=np.array(self._source, dtype=np.int32),
            conditions=tuple(self._conditions),
            blocks=blocks,
            start_ns=np.array(self._start, dtype=np.int64) if stage is Stage.SCHEDULED else None,
            name=self.name,
        )


def _ragged(ends: list[int], values: list[int] | list[float], dtype: type) -> Ragged:
    return Ragged(np.array(ends, dtype=np.int64), np.array(values, dtype=dtype))
