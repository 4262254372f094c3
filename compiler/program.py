"""The Program: one flat list of operations for the whole machine, stored as columns.

Every pass takes a Program and returns a new one; nobody edits one in place. Nested Programs (the
blocks of control flow) share the qubits and registers of the Program that holds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def is_flow(op: Op) -> bool:
    """Whether an operation is control flow."""
    return op.row.family is Family.FLOW
