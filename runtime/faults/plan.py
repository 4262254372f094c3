"""A program as the shots of a scenario see it: what each row waits for, uses, keeps and holds."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf

from bellwire.compiler.generation import cutoffs_ns
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Op, Program
from bellwire.compiler.states import EMPTY, follow_states
from bellwire.compiler.timing import durations_ns
from bellwire.compiler.waits import (
    Waits,
    first_homes,
    message_delays_ns,
    order_waits,
    qubit_modules,
    waits,
)
from bellwire.errors import NotSupported
from bellwire.runtime.faults.course import Wire
from bellwire.targets.machine import Machine

_EBIT = KIND["ebit"]
_MAKES = (_EBIT, KIND["reset"])


@dataclass(frozen=True, slots=True)
class Held:
    """A state that a row finds in `qubit`, there since row `since` ended."""

    qubit: int
    since: int


class Plan:
    """A LOWERED or SCHEDULED program on its machine, one level; blocks are single rows."""

    def __init__(self, program: Program, machine: Machine) -> None:
        if program.generation.purify:
            raise NotSupported(
                f"{program.name}: faults know nothing of purified pairs; compile without them"
            )
        self.program, self.machine = program, machine
        self.ops: list[Op] = list(program.ops)
        self.module = [machine.modules[i].name for i in qubit_modules(program, machine).tolist()]
        self.durations: list[int] = durations_ns(program, machine).tolist()
        wait = waits(program, machine)
        self.before = _rows(wait)
        # Lags of switches and policies are no messages: those are in the plain order alone.
        plain = enumerate(_rows(order_waits(program, machine)))
        self.messages = {
            i: sent for i, rows in plain if (sent := [(row, lag) for row, lag in rows if lag > 0])
        }
        wires = [frozenset(link.between) for link in machine.links]
        self.wire: list[Wire | None] = [wires[k] if k >= 0 else None for k in wait.link.tolist()]
        self.inner: dict[int, tuple[Wire, ...]] = {
            i: tuple(wires[k] for k in kept) for i, kept in wait.links.items()
        }
        homes = first_homes(program, qubit_modules(program, machine)).tolist()
        self.home = [machine.modules[m].name for m in homes]
        self._special: dict[tuple[bool, bool], list[bool]] = {}
        self._delays = message_delays_ns(machine)
        self.cutoff_ns = dict(zip(wires, cutoffs_ns(program, machine).tolist()))

    def message_ns(self, here: str, there: str) -> int:
        """How long a message takes from module to module."""
        index = self.machine.index
        return int(self._delays[index[here], index[there]])

    def gate_ns(self, op: Op) -> int:
        """How long a gate, a measurement or a reset takes."""
        module = self.machine.module(self.module[op.qubits[0]])
        if op.row.family is not Family.GATE:
            return ceil(module.readout.ns)
        return ceil((module.gate_1q if len(op.qubits) == 1 else module.gate_2q).ns)

    @cached_property
    def first_uses(self) -> dict[int, list[int]]:
        """For each row the pairs (rows of their `ebit`) that it is the first to use."""
        out: dict[int, list[int]] = {}
        fresh: dict[int, int] = {}
        for i, op in enumerate(self.ops):
            if op.row.family is Family.MARK:
                continue
            for q in op.qubits:
                pair = fresh.pop(q, None)
                if pair is not None and op.name != "ebit":
                    out.setdefault(i, []).append(pair)
                    for half in self.ops[pair].qubits:
                        fresh.pop(half, None)
            if op.name == "ebit":
                fresh.update(dict.fromkeys(op.qubits, i))
        return out

    def special(self, *, uses: bool, messages: bool) -> list[bool]:
        """The rows that make pairs or have blocks with links; where `uses` matter, also those that
        are the first to use a pair, and where `messages` do, those that wait for one."""
        if (uses, messages) not in self._special:
            aging = uses or any(ns < inf for ns in self.cutoff_ns.values())
            rows = {*self.inner, *(self.first_uses if aging else ())}
            rows |= self.messages.keys() if messages else set()
            self._special[uses, messages] = [
                wire is not None or i in rows for i, wire in enumerate(self.wire)
            ]
        return self._special[uses, messages]

    @cached_property
    def held(self) -> list[list[Held]]:
        """For each row the states that it needs whole, apart from pairs that nobody used yet."""
        last: dict[int, int] = {}
        out: list[list[Held]] = []
        for i, (holds, _) in enumerate(follow_states(self.program, self.machine)):
            op, pairs = self.ops[i], self.first_uses.get(i, ())
            rows: list[Held] = []
            if op.row.family is not Family.MARK:
                if ROWS[self.program.kind[i]].kind not in _MAKES or op.condition is not None:
                    known = [q for q in op.qubits if q in last and holds[q] != EMPTY]
                    rows = [Held(q, last[q]) for q in known if last[q] not in pairs]
                last.update(dict.fromkeys(op.qubits, i))
            out.append(rows)
        return out

    @cached_property
    def _holds(self) -> dict[int, tuple[list[str], Counter[str]]]:
        """For each `ebit` row what all qubits hold before it, and the halves of each module."""
        return {
            i: (list(holds), halves.copy())
            for i, (holds, halves) in enumerate(follow_states(self.program, self.machine))
            if self.ops[i].name == "ebit"
        }

    def holds(self, row: int) -> tuple[list[str], Counter[str]]:
        """What every qubit holds before an `ebit` row, and how many halves each module has."""
        return self._holds[row]

    @cached_property
    def _touches(self) -> dict[int, list[int]]:
        out: dict[int, list[int]] = {}
        for i, op in enumerate(self.ops):
            if op.row.family is not Family.MARK:
                for q in op.qubits:
                    out.setdefault(q, []).append(i)
        return out

    def touched(self, qubit: int, row: int) -> int | None:
        """The last row before `row` that touches a qubit."""
        rows = self._touches.get(qubit, [])
        place = bisect_left(rows, row)
        return rows[place - 1] if place else None

    @cached_property
    def _edges(self) -> dict[str, set[frozenset[int]]]:
        """The coupled pairs of the modules in which not every pair is."""
        first = self.machine.offsets
        return {
            m.name: {frozenset(first[m.name] + p for p in edge) for edge in m.edges}
            for m in self.machine.modules
            if m.edges is not None
        }

    def coupled(self, a: int, b: int) -> bool:
        """Whether a gate may join two qubits of one module."""
        module = self.module[a]
        return module not in self._edges or frozenset((a, b)) in self._edges[module]

    def qubits_of(self, module: str) -> tuple[range, range]:
        """The data and the communication qubits of a module."""
        m, first = self.machine.module(module), self.machine.offsets[module]
        return (
            range(first, first + m.data_qubits),
            range(first + m.data_qubits, first + m.size),
        )

    @cached_property
    def quickest_ns(self) -> int:
        """The shortest time that a shot can take: every pair at the first attempt."""
        ends: list[int] = []
        for i, waiting in enumerate(self.before):
            wire = self.wire[i]
            link = None if wire is None else self.machine.link(*wire)
            ns = self.durations[i] if link is None else ceil(link.attempt_ns + link.herald_ns)
            ends.append(max((ends[row] + lag for row, lag in waiting), default=0) + ns)
        return max(ends, default=0)


def _rows(wait: Waits) -> list[list[tuple[int, int]]]:
    """For each row the rows that it waits for, and how long after their end."""
    first, before, lag = wait.first.tolist(), wait.before.tolist(), wait.lag_ns.tolist()
    return [list(zip(before[a:b], lag[a:b])) for a, b in zip(first, first[1:])]
