"""From the rows that a walk has written to a Program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.operations import ROWS as OPERATIONS
from bellwire.compiler.program import Program, Qubit, Ragged, Register, Stage
from bellwire.compiler.ragged import Column
from bellwire.passes.carrying.whereabouts import BIT, COPIED, END, OURS, OWN, ROW, WHAT
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

_NEW_BITS = np.array([operation.bits for operation in OPERATIONS])


@dataclass
class Written:
    """One list of operations: `table` and `operands` as in Scene, the input that it is made of, and
    for each row of control flow its blocks and the bits that they write."""

    source: Program
    table: Column = field(default_factory=lambda: np.zeros((0, 5), dtype=np.int32))
    operands: Column = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    blocks: dict[int, tuple[Written, ...]] = field(default_factory=dict)
    flow_bits: dict[int, Ints] = field(default_factory=dict)

    def bits(self) -> Ragged:
        """The bits of every row: the input's rows keep theirs in order, ours have new ones."""
        own = self.table[:, OWN]
        width = np.where(own == OURS, _NEW_BITS[self.table[:, WHAT]], 0)
        width[own == COPIED] = np.diff(self.source.bits.starts)
        width[list(self.flow_bits)] = [len(b) for b in self.flow_bits.values()]
        starts = _starts(width)
        values = np.repeat(self.table[:, BIT] - starts[:-1], width) + np.arange(starts[-1])
        kept = (own == COPIED).copy()
        kept[list(self.flow_bits)] = False
        values[np.repeat(kept, width)] = self._own_bits()
        for row, bits in self.flow_bits.items():
            values[starts[row] : starts[row + 1]] = bits
        return Ragged(starts, values.astype(np.int32))

    def _own_bits(self) -> Column:
        """The input's bits without those of control flow."""
        width = np.diff(self.source.bits.starts)
        plain = np.ones(len(width), dtype=bool)
        plain[self.table[list(self.flow_bits), ROW]] = False
        own: Column = self.source.bits.values[np.repeat(plain, width)]
        return own

    def angles(self) -> Ragged:
        """The input's rows are all here in order, so their angles are too."""
        width = np.zeros(len(self.table), dtype=np.int64)
        width[self.table[:, OWN] == COPIED] = np.diff(self.source.angles.starts)
        return Ragged(_starts(width), self.source.angles.values)

    def finish(
        self,
        qubits: tuple[Qubit, ...],
        registers: tuple[Register, ...],
        outputs: Sequence[int] | None = None,
    ) -> Program:
        """Make the Program, nested ones too; `outputs` as the inputs when not given."""
        row, own, source = self.table[:, ROW], self.table[:, OWN], self.source
        ends = np.concatenate([[0], self.table[:, END]]).astype(np.int64)
        return Program(
            stage=Stage.DISTRIBUTED,
            qubits=qubits,
            registers=registers,
            logical=source.logical,
            inputs=source.inputs,
            outputs=source.inputs if outputs is None else tuple(outputs),
            kind=self.table[:, WHAT].astype(np.uint8),
            operands=Ragged(ends, self.operands),
            angles=self.angles(),
            bits=self.bits(),
            condition=np.where(own == OURS, np.int32(-1), source.condition[row]),
            source=source.source[row],
            conditions=source.conditions,
            blocks={
                i: tuple(b.finish(qubits, registers) for b in bs) for i, bs in self.blocks.items()
            },
            name=source.name,
        )


def _starts(width: Ints) -> Ints:
    starts = np.zeros(len(width) + 1, dtype=np.int64)
    np.cumsum(width, out=starts[1:])
    return starts


def wire_names(program: Program, machine: Machine, wires: Column) -> tuple[Qubit, ...]:
    """The program's qubits and those made since, as in Scene.wires: the two halves of a pair share
    its number; a state or copy that has arrived on a data qubit has its qubit's name."""
    modules = [m.name for m in machine.modules]
    titles = [q.name for q in program.qubits]
    return program.qubits + tuple(
        Qubit(f"{modules[m]}.half{number}", modules[m], "comm")
        if comm
        else Qubit(f"{titles[title]}@{modules[m]}{number}", modules[m])
        for m, comm, title, number in wires.tolist()
    )
