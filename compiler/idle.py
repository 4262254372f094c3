"""Where qubits that hold a state have to wait: found once, timed by any start times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.generation import cutoffs_ns
from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.purified import pair_of
from bellwire.compiler.timing import durations_ns, makespan_ns, start_times_ns
from bellwire.compiler.waits import ebit_links, qubit_modules
from bellwire.targets.machine import Machine

Floats = NDArray[np.float64]

SMALL = 60_000  # rows; plain Python takes about 0.1 s for them
# What a row does to a state: use it, nothing, make a new one, end it, perhaps end it.
USE, SKIP, FLOW, MAKE, CLEAR, MAYBE = 0, 1, 2, 3, 4, 5
NOTHING = -2  # the qubit holds no state
BEFORE = -1  # it held one before the block began

_CODE = np.full(len(ROWS), USE, dtype=np.uint8)
_CODE[[row.kind for row in ROWS if row.family is Family.FLOW]] = FLOW
_CODE[[row.kind for row in ROWS if row.family is Family.MARK]] = SKIP


@dataclass(frozen=True, eq=False, slots=True)
class Gaps:
    """Qubit `qubits[g]` holds a state from the end of row `after[g]` (-1: the start of the block)
    to the start of row `rows[g]` (-1: the end of the block). `blocks`: by row, those of its blocks;
    `holding`: the qubits that hold a state at the end."""

    rows: Ints
    after: Ints
    qubits: Ints
    blocks: dict[int, tuple[Gaps, ...]]
    holding: frozenset[int]


@dataclass(frozen=True, slots=True)
class Gap:
    """A qubit waits for `ns` before operation `row`; row -1 is the end of a block. `attempts`: how
    many the links of its module make in the meantime, where they disturb it."""

    row: int
    qubit: int
    ns: int
    attempts: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Idle:
    """Of each gap of one level: how long it lasts in ns, how many attempts the links of the qubit's
    module make in it (0 where they do no harm); and, by row, those of its blocks."""

    where: Gaps
    ns: Ints
    attempts: Floats
    blocks: dict[int, tuple[Idle, ...]]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps in which a qubit really waits, one by one."""
        waiting = (self.ns > 0) | (self.attempts > 0)
        columns = (self.where.rows, self.where.qubits, self.ns, self.attempts)
        return tuple(map(Gap, *(column[waiting].tolist() for column in columns)))


def idle_gaps(program: Program, machine: Machine) -> Idle:
    """Time the gaps of a program by its own start times once SCHEDULED, else by the earliest."""
    return timed_gaps(program, machine, find_gaps(program))


def no_idle(where: Gaps) -> Idle:
    """Gaps that last no time at all, those of blocks too."""
    inside = {row: tuple(map(no_idle, blocks)) for row, blocks in where.blocks.items()}
    return Idle(where, np.zeros_like(where.rows), np.zeros(len(where.rows)), inside)


def timed_gaps(program: Program, machine: Machine, where: Gaps, until_ns: int = 0) -> Idle:
    """Time gaps that are known; the block ends at `until_ns`."""
    durations = durations_ns(program, machine)
    start = np.append(start_times_ns(program, machine), until_ns)
    end = np.append(start[:-1] + durations, 0)
    inside = {}
    for row, gaps in where.blocks.items():
        turn = ROWS[program.kind[row]].name == "for_loop"
        inside[row] = tuple(
            timed_gaps(b, machine, g, makespan_ns(b, machine) if turn else int(durations[row]))
            for b, g in zip(program.blocks.get(row, ()), gaps)
        )
    ns = np.maximum(start[where.rows] - end[where.after], 0)
    ns = np.minimum(ns, _most_ns(program, machine, where, start)).astype(np.int64)
    return Idle(where, ns, gap_attempts(program, machine, where), inside)


def _most_ns(program: Program, machine: Machine, where: Gaps, start: Ints) -> Floats:
    """How long each gap can be: a pair is no older than its cut-off when it is first used."""
    limits = np.append(cutoffs_ns(program, machine), np.inf)
    if np.isinf(limits).all():
        return np.full(len(where.rows), np.inf)
    first = np.full(len(program) + 1, len(program))
    np.minimum.at(first, where.after, np.where(where.rows < 0, len(program), where.rows))
    link = np.append(ebit_links(program, machine), -1)[where.after]
    most: Floats = np.floor(limits[link]) + start[where.rows] - start[first[where.after]]
    return most


def gap_attempts(
    program: Program, machine: Machine, where: Gaps, tries: Floats | None = None
) -> Floats:
    """How many attempts the links of each waiting qubit's module make during a gap, in the order of
    the program; `tries`: of each pair in turn, else the expected ones. Only data qubits are
    disturbed, and only where `attempt_dephasing` says so."""
    out = np.zeros(len(where.rows))
    harmful = [m.attempt_dephasing > 0 for m in machine.modules]
    if not any(harmful):
        return out
    link = ebit_links(program, machine)
    pairs = np.flatnonzero(link >= 0)
    if tries is None:
        raw = [pair_of(program, machine, k).raw_pairs / k.success for k in machine.links]
        tries = np.array(raw)[link[pairs]]
    home = qubit_modules(program, machine)[where.qubits]
    data = np.array([q.role == "data" for q in program.qubits])[where.qubits]
    for m in np.flatnonzero(harmful).tolist():
        name = machine.modules[m].name
        near = np.array([name in k.between for k in machine.links])[link[pairs]]
        made = np.zeros(len(program) + 1)  # before each row
        made[pairs + 1] = np.where(near, tries, 0.0)
        made = np.cumsum(made)
        between = made[where.rows] - np.append(made[1:], 0.0)[where.after]
        out = np.where((home == m) & data, between, out)
    return out


def find_gaps(program: Program, holding: Iterable[int] | None = None) -> Gaps:
    """Find what each state waits between: all pairs of operations that follow each other on it.

    A qubit holds a state from its first gate or its Bell pair on, until it is reset or made into a
    Bell pair again; in |0> it has nothing to lose. A block of control flow starts with the states
    that are held outside (`holding`), and all states wait for its end.
    """
    finder = _Finder(program, holding or ())
    inside = finder.walk()
    if holding is not None:
        finder.wait_for_the_end()
    held = np.flatnonzero(finder.last != NOTHING).tolist()
    rows, after, qubits = finder.gaps[:, : finder.count].copy()
    return Gaps(rows, after, qubits, inside, frozenset(held))


class _Finder:
    """One level: the last row that used each qubit's state, and the gaps so far."""

    def __init__(self, program: Program, holding: Iterable[int]) -> None:
        self.program = program
        self.code = _CODE[program.kind]
        always = program.condition < 0
        self.code[(program.kind == KIND["ebit"]) & always] = MAKE
        self.code[program.kind == KIND["reset"]] = MAYBE
        self.code[(program.kind == KIND["reset"]) & always] = CLEAR
        self.last = np.full(len(program.qubits), NOTHING, dtype=np.int64)
        self.last[list(holding)] = BEFORE
        most = len(program.operands.values) + len(program.qubits)
        self.gaps = np.empty((3, most), dtype=np.int64)
        self.count = 0

    def walk(self) -> dict[int, tuple[Gaps, ...]]:
        """Find the gaps of all rows; returns those of the blocks."""
        inside: dict[int, tuple[Gaps, ...]] = {}
        done = 0
        for i in [*np.flatnonzero(self.code == FLOW).tolist(), len(self.program)]:
            self._rows(done, min(i + 1, len(self.program)))
            done = i + 1
            if i < len(self.program):
                inside[i] = self._flow(i)
        return inside

    def _rows(self, start: int, end: int) -> None:
        operands = self.program.operands
        find = _find_gaps.sized(len(self.program), small=SMALL)
        on = operands.starts, operands.values
        self.count = find(self.code, *on, self.last, self.gaps, self.count, start, end)

    def _flow(self, row: int) -> tuple[Gaps, ...]:
        """The gaps in the blocks of a control-flow row."""
        operands = self.program.operands
        qubits = operands.values[operands.starts[row] : operands.starts[row + 1]].tolist()
        held = [q for q in qubits if self.last[q] != NOTHING]
        found = tuple(find_gaps(block, held) for block in self.program.blocks.get(row, ()))
        after = {*held, *(q for gaps in found for q in gaps.holding)} & {*qubits}
        self.last[list(after)] = row
        return found

    def wait_for_the_end(self) -> None:
        """Every state that is held waits for the end of the block."""
        waiting = np.flatnonzero(self.last != NOTHING)
        more = slice(self.count, self.count + len(waiting))
        self.gaps[:, more] = np.full(len(waiting), -1), self.last[waiting], waiting
        self.count += len(waiting)


@kernel
def _find_gaps(
    code: NDArray[np.uint8],
    first: Ints,
    qubits: NDArray[Any],
    last: Ints,
    gaps: Ints,
    count: int,
    start: int,
    end: int,
) -> int:
    """Write (row, row before, qubit) of each gap before the rows `start` to `end` into `gaps`,
    after the `count` that are there; returns how many there are now."""
    for i in range(start, end):
        if code[i] == SKIP:
            continue
        for k in range(first[i], first[i + 1]):
            q = qubits[k]
            held = last[q] != NOTHING
            if held and (code[i] <= FLOW or code[i] == MAYBE):
                gaps[0, count], gaps[1, count], gaps[2, count] = i, last[q], q
                count += 1
            if code[i] == USE or code[i] == MAKE or (code[i] == MAYBE and held):
                last[q] = i
            elif code[i] == CLEAR:
                last[q] = NOTHING
    return count
