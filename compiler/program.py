"""The Program: one flat list of operations for the whole machine, stored as columns.

Every pass takes a Program and returns a new one; nobody edits one in place. Nested Programs (the
blocks of control flow) share the qubits and registers of the Program that holds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import Condition
from bellwire.compiler.generation import ASAP, Generation
from bellwire.compiler.operations import KIND, ROWS, Family, Operation
from bellwire.compiler.plan import Plan
from bellwire.errors import ProgramError

Ints = NDArray[np.int64]


class Stage(IntEnum):
    """What a Program promises (see verify.py); each stage promises more than the one before."""

    LOGICAL = 0
    PLACED = 1
    DISTRIBUTED = 2
    LOWERED = 3
    SCHEDULED = 4


@dataclass(frozen=True, slots=True)
class Qubit:
    """A place for a state: a qubit of the input, later one of a module."""

    name: str
    module: str | None = None
    role: str = "data"  # or "comm"


@dataclass(frozen=True, slots=True)
class Register:
    """Classical bits that belong together; `size` None is one bit outside any register."""

    name: str
    size: int | None

    @property
    def width(self) -> int:
        """How many bits it has."""
        return 1 if self.size is None else self.size

    def bit_names(self) -> tuple[str, ...]:
        """c[0], c[1], ...; for a bit outside a register its bare name."""
        if self.size is None:
            return (self.name,)
        return tuple(f"{self.name}[{i}]" for i in range(self.size))


@dataclass(frozen=True, eq=False, slots=True)
class Ragged:
    """Rows of different length: row i is `values[starts[i]:starts[i + 1]]`."""

    starts: Ints
    values: NDArray[np.generic]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def lists(self) -> list[tuple[Any, ...]]:
        """All rows as tuples of Python numbers."""
        values, starts = self.values.tolist(), self.starts.tolist()
        return [tuple(values[a:b]) for a, b in zip(starts, starts[1:])]

    def same(self, other: Ragged) -> bool:
        """Whether both hold the same rows."""
        return np.array_equal(self.starts, other.starts) and np.array_equal(
            self.values, other.values
        )


@dataclass(frozen=True, slots=True)
class Op:
    """A view of one row, for everything that is not hot. `source` is the line (or number) of the
    input statement that it serves, -1 where there is none; `start_ns` is set once scheduled."""

    name: str
    qubits: tuple[int, ...]
    angles: tuple[float, ...] = ()
    bits: tuple[int, ...] = ()
    condition: Condition | None = None
    blocks: tuple[Program, ...] = ()
    source: int = -1
    start_ns: int = -1

    @property
    def row(self) -> Operation:
        """Its row in the table of operations."""
        return ROWS[KIND[self.name]]


@dataclass(frozen=True, eq=False)
class Program:
    """A circuit on its way to the machine.

    Columns, one entry per operation: `kind` (row of the operations table), `operands` (qubits),
    `angles` (radians; seconds for delay, turns for for_loop), `bits` (written), `condition` (place
    in `conditions`, -1 for none), `source` (input line) and, once SCHEDULED, `start_ns`. A PLACED
    program may have a `plan` for its e-bits, which is no part of what it says. `generation` says
    when pairs are asked for.
    `logical[i]` is the name of an input qubit, `inputs[i]` the qubit that holds it at the start,
    `outputs[i]` the one that holds it at the end.
    """

    stage: Stage
    qubits: tuple[Qubit, ...]
    registers: tuple[Register, ...]
    logical: tuple[str, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    kind: NDArray[np.uint8]
    operands: Ragged
    angles: Ragged
    bits: Ragged
    condition: NDArray[np.int32]
    source: NDArray[np.int32]
    conditions: tuple[Condition, ...] = ()
    blocks: Mapping[int, tuple[Program, ...]] = field(default_factory=dict)
    start_ns: Ints | None = None
    name: str = "program"
    plan: Plan | None = None
    generation: Generation = ASAP

    def __len__(self) -> int:
        return len(self.kind)

    @cached_property
    def bit_names(self) -> tuple[str, ...]:
        """All classical bits in order, as c[0], c[1], ..."""
        return tuple(n for r in self.registers for n in r.bit_names())

    @property
    def ops(self) -> Iterator[Op]:
        """The operations, one by one."""
        starts = [-1] * len(self) if self.start_ns is None else self.start_ns.tolist()
        columns = zip(
            self.kind.tolist(),
            self.operands.lists(),
            self.angles.lists(),
            self.bits.lists(),
            self.condition.tolist(),
            self.source.tolist(),
            starts,
        )
        for i, (kind, qubits, angles, bits, condition, source, start) in enumerate(columns):
            yield Op(
                ROWS[kind].name,
                qubits,
                angles,
                bits,
                self.conditions[condition] if condition >= 0 else None,
                self.blocks.get(i, ()),
                source,
                start,
            )

    def count(self, *names: str) -> int:
        """How many operations have one of these names, nested blocks counted once each."""
        kinds = [KIND[n] for n in names]
        here = int(np.isin(self.kind, kinds).sum())
        return here + sum(b.count(*names) for bs in self.blocks.values() for b in bs)

    def walk(self) -> Iterator[Program]:
        """This Program and all nested ones."""
        yield self
        for blocks in self.blocks.values():
            for block in blocks:
                yield from block.walk()

    def with_stage(self, stage: Stage) -> Program:
        """The same operations under another promise, nested blocks too."""
        blocks = {i: tuple(b.with_stage(stage) for b in bs) for i, bs in self.blocks.items()}
        return replace(self, stage=stage, blocks=blocks)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Program):
            return NotImplemented
        heads = ("stage", "qubits", "registers", "logical", "inputs", "outputs", "generation")
        return (
            all(getattr(self, h) == getattr(other, h) for h in heads)
            and np.array_equal(self.kind, other.kind)
            and self.operands.same(other.operands)
            and self.angles.same(other.angles)
            and self.bits.same(other.bits)
            and (self.start_ns is None) == (other.start_ns is None)
            and np.array_equal(_or_empty(self.start_ns), _or_empty(other.start_ns))
            and self._condition_list() == other._condition_list()
            and dict(self.blocks) == dict(other.blocks)
        )

    __hash__ = object.__hash__

    def _condition_list(self) -> list[tuple[int, Condition]]:
        rows = np.flatnonzero(self.condition >= 0).tolist()
        return [(i, self.conditions[self.condition[i]]) for i in rows]

    def __repr__(self) -> str:
        return (
            f"<Program {self.name!r}: {self.stage.name}, {len(self.logical)} qubits, "
            f"{len(self)} operations, {self.count('ebit')} e-bits>"
        )

    def draw(self, kind: str = "timeline", **options: Any) -> Any:
        """A Picture of a LOWERED or SCHEDULED program; kinds and options as in `bellwire.draw`,
        of which `machine` gives times in ns."""
        # By name: the pictures belong to the front door, which the compiler must not know.
        return import_module("bellwire.pictures").draw(self, kind, **options)

    def _repr_svg_(self) -> str | None:
        return str(self.draw().svg) if self.stage >= Stage.LOWERED else None

    def _repr_html_(self) -> str:
        from bellwire.compiler.describe import program_html

        return program_html(self)


def _or_empty(column: Ints | None) -> Ints:
    return np.zeros(0, dtype=np.int64) if column is None else column


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


def is_flow(op: Op) -> bool:
    """Whether an operation is control flow."""
    return op.row.family is Family.FLOW
