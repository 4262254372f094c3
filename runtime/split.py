"""One list of steps per module: what each does by itself, and what it sends and receives.

Every list keeps the order of the one Program, and sending never blocks, so the first unfinished
operation is always at the head of every list that it is in: no deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Program
from bellwire.compiler.waits import int_rows, qubit_modules
from bellwire.targets.machine import Machine

Doing = Literal["act", "bell_pair", "send", "receive", "flow"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a module. `row` is the operation of the Program that it comes from.

    "act": do the operation. "bell_pair": make one with module `peer` on `qubits[0]`, the own half.
    "send", "receive": bit `bit`, to or from `peer`. "flow": run `blocks`, steps again.
    """

    doing: Doing
    row: int
    qubits: tuple[int, ...] = ()
    bit: int = -1
    peer: str = ""
    blocks: tuple[tuple[Step, ...], ...] = ()


Lists = dict[str, list[Step]]


def split(program: Program, machine: Machine) -> Lists:
    """Split a LOWERED or SCHEDULED program into one list of steps for each module.

    A bit is sent to each module that reads it, once for each time it is written, right after the
    operation that wrote it, and received right before it is first read. A row of control flow is
    in the lists of all modules that it touches, with the bits that its blocks read brought there
    before; after it, a bit written inside is with the first module that writes it there.
    """
    module = [machine.modules[i].name for i in qubit_modules(program, machine).tolist()]
    level = _Level(program, [m.name for m in machine.modules], module)
    return level.split()


@dataclass(slots=True)
class _Value:
    """A bit as last written: by which module, who has it by now, and the steps that send it."""

    home: str
    known: set[str]
    sends: list[Step]


class _Level:
    """Splits one level of a program; nested blocks are levels of their own."""

    def __init__(self, program: Program, names: list[str], module: list[str]) -> None:
        self.program, self.names, self.module = program, names, module
        # Steps in small lists, so that a send can still be put behind the operation that wrote.
        self.cells: dict[str, list[list[Step]]] = {name: [] for name in names}
        self.values: dict[int, _Value] = {}

    def split(self) -> Lists:
        """Go through all operations in order."""
        program = self.program
        rows = zip(
            program.kind.tolist(),
            int_rows(program.operands),
            int_rows(program.bits),
            program.condition.tolist(),
        )
        for i, (kind, qubits, written, condition) in enumerate(rows):
            here = list(dict.fromkeys(self.module[q] for q in qubits))
            read = bits_of(program.conditions[condition]) if condition >= 0 else ()
            homes = dict.fromkeys(written, self.module[qubits[0]]) if written else {}
            if ROWS[kind].family is Family.FLOW:
                here = here if i in program.blocks else self.names
                read = (*read, *_reads(program.blocks.get(i, ())))
                homes = self.homes(program.blocks.get(i, ()))
            self.bring(i, read, here)
            if condition >= 0 or i in program.blocks:  # it may leave what was there before
                for b, home in homes.items():
                    self.bring(i, (b,), [home])
            self._do(i, kind, qubits, here)
            for b, home in homes.items():
                self.values[b] = _Value(home, {home}, [])
                self.cells[home].append(self.values[b].sends)
        return self.lists()

    def lists(self) -> Lists:
        """All steps so far."""
        return {name: [s for cell in cells for s in cell] for name, cells in self.cells.items()}

    def bring(self, row: int, bits: Iterable[int], modules: Iterable[str]) -> None:
        """Send bits to the modules that miss them; bits from before this level are there."""
        for b in bits:
            value = self.values.get(b)
            for name in modules if value else ():
                if value and name not in value.known:
                    value.known.add(name)
                    value.sends.append(Step("send", row, bit=b, peer=name))
                    self.cells[name].append([Step("receive", row, bit=b, peer=value.home)])

    def homes(self, blocks: Iterable[Program]) -> dict[int, str]:
        """The bits that blocks write, each with the first module that writes it."""
        out: dict[int, str] = {}
        for part in (p for block in blocks for p in block.walk()):
            for kind, qubits, bits in zip(
                part.kind.tolist(), int_rows(part.operands), int_rows(part.bits)
            ):
                for b in bits if ROWS[kind].family is not Family.FLOW else ():
                    out.setdefault(b, self.module[qubits[0]])
        return out

    def _do(self, row: int, kind: int, qubits: tuple[int, ...], here: list[str]) -> None:
        if kind == KIND["ebit"]:
            for name, q, peer in zip(here, qubits, reversed(here)):
                self.cells[name].append([Step("bell_pair", row, (q,), peer=peer)])
            return
        blocks = self.program.blocks.get(row, ())
        inner = [self._inside(row, block, here) for block in blocks]
        for name in here:
            own = tuple(q for q in qubits if self.module[q] == name)
            steps = tuple(tuple(lists[name]) for lists in inner)
            doing: Doing = "flow" if ROWS[kind].family is Family.FLOW else "act"
            self.cells[name].append([Step(doing, row, own, blocks=steps)])

    def _inside(self, row: int, block: Program, here: list[str]) -> Lists:
        """The steps in a block; at its end each bit is where it is wanted next."""
        level = _Level(block, self.names, self.module)
        level.split()
        for b, home in self.homes(self.program.blocks[row]).items():
            level.bring(len(block), (b,), [home])
        if ROWS[self.program.kind[row]].name == "while_loop":
            again = bits_of(self.program.conditions[self.program.condition[row]])
            level.bring(len(block), again, here)
        return level.lists()


def _reads(blocks: Iterable[Program]) -> tuple[int, ...]:
    """The bits that blocks read."""
    parts = (p for block in blocks for p in block.walk())
    return tuple(dict.fromkeys(b for p in parts for c in p.conditions for b in bits_of(c)))
