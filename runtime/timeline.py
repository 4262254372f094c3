"""Sampled timelines of many shots at once: when things happen if each link tries its luck.

A timeline is the longest path through what the operations wait for (compiler/waits.py), with a
sampled number of attempts for each Bell pair instead of the expected one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bellwire.compiler.operations import KIND, ROWS
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.timing import durations_ns, turn_message_ns, turns
from bellwire.compiler.waits import Waits, int_rows, waits
from bellwire.targets.machine import Link, Machine

MOST_TURNS = 256  # beyond it, that many turns of a for loop are sampled and scaled up

_MAKES = (KIND["ebit"], KIND["reset"])
_MARKS = (KIND["barrier"], KIND["delay"])


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """Times in ns. `makespan_ns`: (shots,). `pair_age_ns`: (pairs, shots), from herald to first
    use, for the pairs of rows `pairs` that are used at all. `idle_ns`: (qubits, shots), how long
    each qubit waited with a state in it. Blocks of control flow count in the makespan alone."""

    makespan_ns: Ints
    pairs: Ints
    pair_age_ns: Ints
    idle_ns: Ints


def sample_attempts(link: Link, shots: int, random: np.random.Generator) -> Ints:
    """How many attempts one pair takes, (shots,): geometric, by inverse distribution function."""
    if link.success >= 1:
        return np.ones(shots, dtype=np.int64)
    draws = np.log1p(-random.random(shots)) / np.log1p(-link.success)
    attempts: Ints = np.maximum(1, np.ceil(draws)).astype(np.int64)
    return attempts


def sample_timelines(program: Program, machine: Machine, shots: int, seed: int) -> Timeline:
    """Sample when everything happens in a LOWERED or SCHEDULED program, for many shots.

    Operations start as soon as they may; conditions hold their longer branch, `while_loop` one
    turn. The same seed gives the same times.
    """
    return prepare_timelines(program, machine)(shots, np.random.default_rng(seed))


Draw = Callable[[int, np.random.Generator], Timeline]


def prepare_timelines(program: Program, machine: Machine) -> Draw:
    """Do the work that all shots share; returns a function of (shots, random numbers)."""
    blocks = {
        i: tuple(prepare_timelines(b, machine) for b in bs) for i, bs in program.blocks.items()
    }
    sweep = _Sweep(program, machine, waits(program, machine), blocks)
    return sweep.run


class _Sweep:
    def __init__(
        self, program: Program, machine: Machine, wait: Waits, blocks: dict[int, tuple[Draw, ...]]
    ) -> None:
        self.program, self.machine, self.wait, self.blocks = program, machine, wait, blocks
        self.kinds = program.kind.tolist()
        self.qubits = int_rows(program.operands)
        self.durations: list[int] = durations_ns(program, machine).tolist()
        first, before, lag = wait.first.tolist(), wait.before.tolist(), wait.lag_ns.tolist()
        self.before = [
            list(zip(before[a:b], lag[a:b], strict=True)) for a, b in zip(first, first[1:])
        ]
        self.last_use = list(range(len(program)))  # row -> the last row that waits for it
        for i, rows in enumerate(self.before):
            for earlier, _ in rows:
                self.last_use[earlier] = i

    def run(self, shots: int, random: np.random.Generator) -> Timeline:
        """Sweep over the operations once, all shots side by side."""
        slots = [np.zeros((link.capacity, shots), dtype=np.int64) for link in self.machine.links]
        ends: dict[int, Ints] = {}
        span = np.zeros(shots, dtype=np.int64)
        log = _Log(len(self.program.qubits), shots)
        for i, kind in enumerate(self.kinds):
            start = np.zeros(shots, dtype=np.int64)
            for earlier, lag in self.before[i]:
                np.maximum(start, ends[earlier] + lag, out=start)
            end = self._end(i, start, slots, random)
            np.maximum(span, end, out=span)
            if kind not in _MARKS:
                log.add(i, kind, self.qubits[i], start, end)
            ends[i] = end
            for earlier, _ in self.before[i]:
                if self.last_use[earlier] == i:
                    ends.pop(earlier, None)
        return log.timeline(span)

    def _end(self, row: int, start: Ints, slots: list[Ints], random: np.random.Generator) -> Ints:
        """When a row ends; may put off `start` (in place) until its link has a slot."""
        link = int(self.wait.link[row])
        if link >= 0:
            free = slots[link].argmin(axis=0)
            shot = np.arange(len(start))
            np.maximum(start, slots[link][free, shot], out=start)
            wire = self.machine.links[link]
            attempts = sample_attempts(wire, len(start), random)
            waited = np.ceil(attempts * wire.attempt_ns + wire.herald_ns)
            end: Ints = start + waited.astype(np.int64)
            slots[link][free, shot] = end
            return end
        if row not in self.blocks:
            return start + self.durations[row]
        kept = self.wait.links.get(row, ())
        for k in kept:
            np.maximum(start, slots[k].max(axis=0), out=start)
        end = start + self._flow(row, len(start), random)
        for k in kept:
            slots[k][:] = end
        return end

    def _flow(self, row: int, shots: int, random: np.random.Generator) -> Ints:
        draws = self.blocks[row]
        name = ROWS[self.kinds[row]].name
        if name != "for_loop":
            spans = [draw(shots, random).makespan_ns for draw in draws]
            longest: Ints = np.max(np.array(spans), axis=0)
            if name == "while_loop":
                return longest + turn_message_ns(self.program, row, self.machine)
            return longest
        wanted = turns(self.program, row)
        sampled = min(wanted, MOST_TURNS)
        total = np.zeros(shots, dtype=np.int64)
        for _ in range(sampled):
            total += draws[0](shots, random).makespan_ns
        if wanted > sampled:
            total = np.rint(total * (wanted / sampled)).astype(np.int64)
        return total


class _Log:
    """Notes the ages of pairs and the waits of qubits along a sweep."""

    def __init__(self, qubits: int, shots: int) -> None:
        self.idle = np.zeros((qubits, shots), dtype=np.int64)
        self.last_end: dict[int, Ints] = {}
        self.fresh: dict[int, int] = {}  # half of a pair that was not used yet -> its row
        self.made: dict[int, Ints] = {}
        self.age: dict[int, Ints] = {}

    def add(self, row: int, kind: int, qubits: tuple[int, ...], start: Ints, end: Ints) -> None:
        for q in qubits:
            if kind in _MAKES:
                self.last_end.pop(q, None)
                self.fresh.pop(q, None)
            elif q in self.last_end:
                self.idle[q] += start - self.last_end[q]
            if q in self.fresh:
                pair = self.fresh.pop(q)
                age = start - self.made[pair]
                self.age[pair] = np.minimum(self.age[pair], age) if pair in self.age else age
            if kind != KIND["reset"]:
                self.last_end[q] = end
        if kind == KIND["ebit"]:
            self.fresh.update(dict.fromkeys(qubits, row))
            self.made[row] = end

    def timeline(self, span: Ints) -> Timeline:
        rows = sorted(self.age)
        ages = np.array([self.age[r] for r in rows], dtype=np.int64).reshape(len(rows), len(span))
        return Timeline(span, np.array(rows, dtype=np.int64), ages, self.idle)
