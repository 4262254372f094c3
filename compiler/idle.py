"""Where qubits that hold a state have to wait, according to the start times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.timing import durations_ns, makespan_ns, start_times_ns
from bellwire.targets.machine import Machine

SMALL = 60_000  # rows; plain Python takes about 0.1 s for them
# What a row does to a state: use it, nothing, make a new one, end it, perhaps end it.
USE, SKIP, FLOW, MAKE, CLEAR, MAYBE = 0, 1, 2, 3, 4, 5
NOTHING = -1  # the qubit holds no state

_CODE = np.full(len(ROWS), USE, dtype=np.uint8)
_CODE[[row.kind for row in ROWS if row.family is Family.FLOW]] = FLOW
_CODE[[row.kind for row in ROWS if row.family is Family.MARK]] = SKIP


@dataclass(frozen=True, slots=True)
class Gap:
    """A qubit waits for `ns` before operation `row`; row -1 is the end of a block."""

    row: int
    qubit: int
    ns: int


@dataclass(frozen=True, slots=True)
class Idle:
    """The gaps of one level as columns (see Gap) and, by row, those of its blocks; `holding` are
    the qubits that hold a state at the end."""

    rows: Ints
    qubits: Ints
    ns: Ints
    blocks: dict[int, tuple[Idle, ...]]
    holding: frozenset[int]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps one by one."""
        columns = (self.rows.tolist(), self.qubits.tolist(), self.ns.tolist())
        return tuple(map(Gap, *columns))


def idle_gaps(
    program: Program,
    machine: Machine,
    *,
    holding: Iterable[int] = (),
    until_ns: int | None = None,
) -> Idle:
    """Find the time that each state spends waiting between two operations.

    A qubit holds a state from its first gate or its Bell pair on, until it is reset or made into a
    Bell pair again; in |0> it has nothing to lose. A block of control flow starts with the states
    that are held outside (`holding`) and ends at `until_ns`.
    """
    finder = _Finder(program, machine, holding)
    inside = finder.walk()
    if until_ns is not None:
        finder.wait_until(until_ns)
    held = np.flatnonzero(finder.last_end != NOTHING).tolist()
    rows, qubits, ns = finder.gaps[:, : finder.count].copy()
    return Idle(rows, qubits, ns, inside, frozenset(held))


class _Finder:
    """One level: until when each qubit was busy, and the gaps so far."""

    def __init__(self, program: Program, machine: Machine, holding: Iterable[int]) -> None:
        self.program, self.machine = program, machine
        self.starts = start_times_ns(program, machine)
        self.durations = durations_ns(program, machine)
        self.code = _CODE[program.kind]
        always = program.condition < 0
        self.code[(program.kind == KIND["ebit"]) & always] = MAKE
        self.code[program.kind == KIND["reset"]] = MAYBE
        self.code[(program.kind == KIND["reset"]) & always] = CLEAR
        self.last_end = np.full(len(program.qubits), NOTHING, dtype=np.int64)
        self.last_end[list(holding)] = 0
        most = len(program.operands.values) + len(program.qubits)
        self.gaps = np.empty((3, most), dtype=np.int64)
        self.count = 0

    def walk(self) -> dict[int, tuple[Idle, ...]]:
        """Find the gaps of all rows; returns those of the blocks."""
        inside: dict[int, tuple[Idle, ...]] = {}
        done = 0
        for i in [*np.flatnonzero(self.code == FLOW).tolist(), len(self.program)]:
            self._rows(done, min(i + 1, len(self.program)))
            done = i + 1
            if i < len(self.program):
                inside[i] = self._flow(i)
        return inside

    def _rows(self, start: int, end: int) -> None:
        operands = self.program.operands
        self.count = _find_gaps.sized(len(self.program), small=SMALL)(
            self.code,
            operands.starts,
            operands.values,
            self.starts,
            self.durations,
            self.last_end,
            self.gaps,
            self.count,
            start,
            end,
        )

    def _flow(self, row: int) -> tuple[Idle, ...]:
        """The gaps in the blocks of a control-flow row."""
        operands, ns = self.program.operands, int(self.durations[row])
        qubits = operands.values[operands.starts[row] : operands.starts[row + 1]]
        held = [q for q in qubits.tolist() if self.last_end[q] != NOTHING]
        blocks = self.program.blocks.get(row, ())
        turn = ROWS[self.program.kind[row]].name == "for_loop"
        found = tuple(
            idle_gaps(
                block,
                self.machine,
                holding=held,
                until_ns=makespan_ns(block, self.machine) if turn else ns,
            )
            for block in blocks
        )
        after = {*held, *(q for idle in found for q in idle.holding)} & {*qubits.tolist()}
        self.last_end[list(after)] = self.starts[row] + ns
        return found

    def wait_until(self, ns: int) -> None:
        """Every state that is held waits for the end of the block."""
        waiting = np.flatnonzero((self.last_end != NOTHING) & (self.last_end < ns))
        more = slice(self.count, self.count + len(waiting))
        self.gaps[0, more], self.gaps[1, more] = -1, waiting
        self.gaps[2, more] = ns - self.last_end[waiting]
        self.count += len(waiting)


@kernel
def _find_gaps(
    code: NDArray[np.uint8],
    first: Ints,
    qubits: NDArray[Any],
    starts: Ints,
    durations: Ints,
    last_end: Ints,
    gaps: Ints,
    count: int,
    start: int,
    end: int,
) -> int:
    """Write (row, qubit, ns) of each gap before the rows `start` to `end` into `gaps`, after the
    `count` that are there; returns how many there are now."""
    for i in range(start, end):
        if code[i] == SKIP:
            continue
        busy = starts[i] + durations[i]
        for k in range(first[i], first[i + 1]):
            q = qubits[k]
            held = last_end[q] != NOTHING
            if held and (code[i] <= FLOW or code[i] == MAYBE) and starts[i] > last_end[q]:
                gaps[0, count], gaps[1, count] = i, q
                gaps[2, count] = starts[i] - last_end[q]
                count += 1
            if code[i] == USE or code[i] == MAKE or (code[i] == MAYBE and held):
                last_end[q] = busy
            elif code[i] == CLEAR:
                last_end[q] = NOTHING
    return count
