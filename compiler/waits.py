"""What each operation must wait for: its qubits, the bits that it reads, its link.

A bit that another module wrote arrives one message later; an `ebit` needs one of the
`capacity` slots of its link. All times are whole nanoseconds.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import cast

import numpy as np

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program, Ragged
from bellwire.errors import MachineError, ProgramError
from bellwire.targets.machine import Machine

NO_WAY = -1

_EBIT = KIND["ebit"]
_FENCES = ("break_loop", "continue_loop")


@dataclass(frozen=True, eq=False, slots=True)
class Waits:
    """What each operation waits for, as rows: operation i waits for `before[first[i]:first[i+1]]`,
    each until its end plus `lag_ns`. `link[i]` is the link that operation i makes a pair on, or -1;
    `links[i]` are the links that a control-flow row keeps for itself while it runs."""

    first: Ints
    before: Ints
    lag_ns: Ints
    link: Ints
    links: dict[int, tuple[int, ...]]


def int_rows(column: Ragged) -> list[tuple[int, ...]]:
    """The rows of a column of qubits or bits."""
    return cast(list[tuple[int, ...]], column.lists())


def qubit_modules(program: Program, machine: Machine) -> Ints:
    """Place of each qubit's module in `machine.modules`. Raises ProgramError where it has none."""
    index = machine.index
    for qubit in program.qubits:
        if qubit.module not in index:
            raise ProgramError(
                f"qubit {qubit.name}: module {qubit.module!r} is not in machine {machine.name}; "
                "place the program on this machine first"
            )
    return np.array([index[q.module] for q in program.qubits if q.module], dtype=np.int64)


def message_delays_ns(machine: Machine) -> Ints:
    """One-way latency from module to module along the fastest way, shape (modules, modules).

    Messages may hop over modules in between; `NO_WAY` where no links lead there.
    """
    import networkx as nx

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(machine.modules)))
    for link in machine.links:
        a, b = (machine.index[end] for end in link.between)
        graph.add_edge(a, b, ns=int(np.ceil(link.message_ns)))
    out = np.full((len(machine.modules),) * 2, NO_WAY, dtype=np.int64)
    for a, lengths in nx.all_pairs_dijkstra_path_length(graph, weight="ns"):
        for b, length in lengths.items():
            out[a, b] = length
    return out


def link_table(machine: Machine) -> Ints:
    """The link (place in `machine.links`) from module to module, -1 where there is none, shape
    (modules, modules)."""
    out = np.full((len(machine.modules),) * 2, -1, dtype=np.int64)
    for i, link in enumerate(machine.links):
        a, b = (machine.index[end] for end in link.between)
        out[a, b] = out[b, a] = i
    return out


def ebit_links(program: Program, machine: Machine) -> Ints:
    """The link (place in `machine.links`) of each `ebit`, -1 for other operations.

    Raises ProgramError for an `ebit` where there is no link.
    """
    out = np.full(len(program), -1, dtype=np.int64)
    rows = np.flatnonzero(program.kind == _EBIT)
    if not len(rows):
        return out
    module = qubit_modules(program, machine)
    a, b = (module[program.operands.values[program.operands.starts[rows] + k]] for k in (0, 1))
    out[rows] = link_table(machine)[a, b]
    lost = np.flatnonzero(out[rows] < 0)
    if len(lost):
        names = [machine.modules[int(end[lost[0]])].name for end in (a, b)]
        raise ProgramError(
            f"operation {rows[lost[0]]} (ebit): no link joins {names[0]} and {names[1]}"
        )
    return out


def waits(program: Program, machine: Machine) -> Waits:
    """Find what each operation has to wait for, one level (nested blocks have their own).

    A control-flow row waits for all bits that it or its blocks read, brought to all its modules,
    and keeps the links that it uses. A bit is written anew only after its readers are done.
    """
    return _WaitFinder(program, machine).find()


class _WaitFinder:
    def __init__(self, program: Program, machine: Machine) -> None:
        self.program = program
        self.module = qubit_modules(program, machine).tolist()
        self.delay = message_delays_ns(machine).tolist()
        self.names = [m.name for m in machine.modules]
        self.link = ebit_links(program, machine)
        self.links = {
            i: _links_inside(blocks, machine) for i, blocks in program.blocks.items() if blocks
        }
        self.reads = [bits_of(c) for c in program.conditions]
        self.last = [-1] * len(program.qubits)
        # For each bit: module -> the operation that last wrote it there; and its readers since.
        self.writers: list[dict[int, int]] = [{} for _ in program.bit_names]
        self.readers: list[list[int]] = [[] for _ in program.bit_names]

    def find(self) -> Waits:
        program = self.program
        first, before, lag = array("q", [0]), array("q"), array("q")
        rows = zip(
            program.kind.tolist(),
            int_rows(program.operands),
            int_rows(program.bits),
            program.condition.tolist(),
        )
        for i, (kind, qubits, bits, condition) in enumerate(rows):
            read: tuple[int, ...] = self.reads[condition] if condition >= 0 else ()
            write = {b: {self.module[qubits[0]]} for b in bits} if bits else {}
            if ROWS[kind].family is Family.FLOW:
                qubits, read, write = self._whole_row(i, qubits, read)
            found = self._row(i, qubits, read, write, condition >= 0 or i in program.blocks)
            before.extend(found.keys())
            lag.extend(found.values())
            first.append(len(before))
        columns = [np.array(column, dtype=np.int64) for column in (first, before, lag)]
        return Waits(columns[0], columns[1], columns[2], self.link, self.links)

    def _whole_row(
        self, row: int, qubits: tuple[int, ...], read: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[int, ...], dict[int, set[int]]]:
        """Qubits, bits read and bits written (with their modules) of a control-flow row."""
        blocks = [b for block in self.program.blocks.get(row, ()) for b in block.walk()]
        inner = (b for block in blocks for c in block.conditions for b in bits_of(c))
        write: dict[int, set[int]] = {}
        for block in blocks:
            for operands, bits in zip(int_rows(block.operands), int_rows(block.bits)):
                if len(operands) == 1:  # a measurement; control-flow rows repeat their blocks
                    for b in bits:
                        write.setdefault(b, set()).add(self.module[operands[0]])
        if not blocks or any(block.count(*_FENCES) for block in blocks):
            qubits = tuple(range(len(self.program.qubits)))  # nothing may pass a way out
        return qubits, tuple(dict.fromkeys((*read, *inner))), write

    def _row(
        self,
        row: int,
        qubits: tuple[int, ...],
        read: tuple[int, ...],
        write: dict[int, set[int]],
        perhaps: bool,
    ) -> dict[int, int]:
        """What this row waits for, as {operation: lag}; notes what later rows will wait for."""
        last, found = self.last, {}
        for q in qubits:
            if last[q] >= 0:
                found[last[q]] = 0
            last[q] = row
        if read:
            modules = {self.module[q] for q in qubits}
            for b in read:
                self.readers[b].append(row)
                for home, writer in self.writers[b].items():
                    lag = max((self._message(row, home, m) for m in modules), default=0)
                    found[writer] = max(lag, found.get(writer, 0))
        for b, homes in write.items():
            for earlier in (*self.writers[b].values(), *self.readers[b]):
                if earlier != row:
                    found.setdefault(earlier, 0)
            kept = self.writers[b] if perhaps else {}
            self.writers[b] = {**kept, **dict.fromkeys(sorted(homes), row)}
            self.readers[b] = []
        return found

    def _message(self, row: int, home: int, module: int) -> int:
        delay: int = self.delay[home][module]
        if delay == NO_WAY:
            raise MachineError(
                f"operation {row} in module {self.names[module]} needs a bit from module "
                f"{self.names[home]}, but no links lead there; add a link"
            )
        return delay


def _links_inside(blocks: tuple[Program, ...], machine: Machine) -> tuple[int, ...]:
    used = {
        int(link)
        for block in blocks
        for part in block.walk()
        for link in np.unique(ebit_links(part, machine))
    }
    return tuple(sorted(used - {-1}))
