"""Sampled timelines of many shots at once: when things happen if each link tries its luck.

A timeline is the longest path through what the operations wait for (compiler/waits.py), with a
sampled number of attempts for each Bell pair instead of the expected one. A pair that is older than
its link's cut-off when it is first used is thrown away then and asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import ceil

import numpy as np

from bellwire.compiler.generation import cutoffs_ns
from bellwire.compiler.idle import Gaps, Idle, find_gaps, gap_attempts, timed_gaps
from bellwire.compiler.operations import ROWS
from bellwire.compiler.program import Ints, Program, Ragged
from bellwire.compiler.purified import pair_of
from bellwire.compiler.ragged import with_rows
from bellwire.compiler.timelines_kernel import (
    Floats,
    Links,
    Log,
    Rows,
    State,
    assign_ends,
    mix,
    sweep,
)
from bellwire.compiler.timing import durations_ns, turn_message_ns, turns
from bellwire.compiler.waits import Waits, waits
from bellwire.errors import MachineError
from bellwire.targets.machine import Machine

MOST_TURNS = 256  # beyond it, that many turns of a for loop are sampled and scaled up
SMALL = 100_000  # operation-samples; plain Python takes about 0.3 s for them
_CELLS = 1 << 17  # ends of operations kept at once: they fit the cache
_LOG_CELLS = 1 << 25  # numbers noted at once
_SEEDS = (1 << 62) - 1
_FIRST_SHOTS = 64  # of a mean, then twice as many until it is known well
_MOST_SAMPLES = 1 << 26


@dataclass(frozen=True, eq=False, slots=True)
class Timelines:
    """Times in ns. `makespan_ns`: (shots,). `attempts`, `made`, `expired` and `checks` by link, of
    all shots together: Bell pairs made (handed over) are those consumed and those expired; each
    check of a purification has taken two raw pairs.

    In detail (else of no rows), by shot: `age_ns`, `latency_ns` and `tries` of the pair that row
    `pairs[k]` makes: from its herald to its first use, from its request to its herald, attempts;
    `gap_ns`: the gaps of compiler/idle.py. Blocks of control flow count in the others alone.
    """

    makespan_ns: Ints
    attempts: Ints
    made: Ints
    expired: Ints
    checks: Ints
    pairs: Ints
    age_ns: Ints
    latency_ns: Ints
    tries: Ints
    gap_ns: Ints


class TimelineSampler:
    """A program whose timelines can be drawn as often as wanted; all that shots share is ready."""

    def __init__(self, program: Program, machine: Machine) -> None:
        self.program, self.machine = program, machine
        self.blocks = {
            i: tuple(TimelineSampler(b, machine) for b in bs) for i, bs in program.blocks.items()
        }
        self.gaps = find_gaps(program)
        wait = waits(program, machine)
        self.pairs = np.flatnonzero(wait.link >= 0)
        self.rows, self.slots = _rows(program, machine, wait, self.gaps, self.pairs)
        self.links = _links(program, machine)

    def sample(
        self, shots: int, seed: int = 0, *, first: int = 0, detail: bool = False
    ) -> Timelines:
        """Draw the timelines of the shots `first`, `first` + 1, ...; a shot has the same timeline
        whichever others are drawn with it. Raises MachineError for a cut-off that no pairs meet."""
        cells = max(1, self.slots + (self.cells(detail) if detail else 0))
        most = _LOG_CELLS if detail else _CELLS
        width = max(1, min(shots, max(16, most // cells)))
        parts = [
            self._chunk(min(width, shots - at), seed, first + at, detail)
            for at in range(0, shots, width)
        ]
        return parts[0] if len(parts) == 1 else reduce(_joined, parts)

    def cells(self, detail: bool) -> int:
        """How many numbers are kept for each shot."""
        return 1 + (3 * len(self.pairs) + len(self.gaps.rows) if detail else 0)

    def _chunk(self, shots: int, seed: int, first: int, detail: bool) -> Timelines:
        state = State(
            np.zeros((self.slots, shots), dtype=np.int64),
            np.zeros((max(1, int(self.links.slot[-1])), shots), dtype=np.int64),
            *(np.zeros(shots, dtype=np.int64) for _ in range(3)),
        )
        log = self._log(shots if detail else 0)
        key, done = mix(seed & _SEEDS), 0
        rows = self.rows if detail else self.rows._replace(gap_first=_none_of(self.program))
        walk = sweep.sized(len(self.program) * shots, small=SMALL)
        for i in [*self.blocks, len(self.program)]:
            stuck = walk(rows, self.links, state, log, key, first, done, i)
            if i < len(self.program):
                self._flow(i, state, log, key, first)
                stuck = max(stuck, walk(rows, self.links, state, log, key, first, i, i + 1))
            self._refuse(stuck)
            done = i + 1
        return Timelines(
            state.span,
            log.attempts,
            log.made,
            log.expired,
            log.checks,
            self.pairs,
            log.age,
            log.latency,
            log.tries,
            log.gap,
        )

    def _log(self, shots: int) -> Log:
        """Empty notes; of no rows for no shots."""
        links = len(self.machine.links)
        pairs, gaps = (len(column) if shots else 0 for column in (self.pairs, self.gaps.rows))
        by_shot = ((pairs, shots),) * 3 + ((gaps, shots),)
        return Log(*(np.zeros(shape, dtype=np.int64) for shape in ((links,),) * 4 + by_shot))

    def _flow(self, row: int, state: State, log: Log, key: int, first: int) -> None:
        """Draw how long a control-flow row takes in each shot."""
        name = ROWS[self.program.kind[row]].name
        wanted = turns(self.program, row) if name == "for_loop" else 1
        sampled = min(wanted, MOST_TURNS)
        state.flow[:] = 0
        for turn in range(sampled):
            seed = mix(key ^ mix(row * MOST_TURNS + turn + 1))
            drawn = [b.sample(len(state.flow), seed, first=first) for b in self.blocks[row]]
            state.flow[:] += np.max([d.makespan_ns for d in drawn], axis=0)
            worst = max(drawn, key=lambda d: int(d.made.sum()))
            by_link = (worst.attempts, worst.made, worst.expired, worst.checks)
            for total, more in zip(log[:4], by_link):
                total += more
        if name == "while_loop":
            state.flow[:] += turn_message_ns(self.program, row, self.machine)
        if wanted > sampled:
            state.flow[:] = np.rint(state.flow * (wanted / sampled)).astype(np.int64)

    def _refuse(self, row: int) -> None:
        if row >= 0:
            raise MachineError(
                f"operation {row} ({ROWS[self.program.kind[row]].name}): the pairs that it needs "
                "are never all younger than their links' cut-off; use a longer cut-off"
            )


def sample_timelines(
    program: Program, machine: Machine, shots: int, seed: int = 0, *, detail: bool = False
) -> Timelines:
    """Sample when everything happens in a LOWERED or SCHEDULED program, for many shots.

    Operations start as soon as they may; conditions hold their longer branch, `while_loop` one
    turn. The same seed gives the same times.
    """
    return TimelineSampler(program, machine).sample(shots, seed, detail=detail)


def mean_makespan_ns(program: Program, machine: Machine, *, error: float = 0.01) -> float:
    """The mean makespan of sampled timelines, to a standard error of that share; fewer are sampled
    for large programs, whose makespans hardly differ. The same program, the same number."""
    if not len(program):
        return 0.0
    sampler = TimelineSampler(program, machine)
    certain = all(link.success >= 1 for link in machine.links)
    spans = sampler.sample(1 if certain else _FIRST_SHOTS).makespan_ns
    while not certain and len(spans) * len(program) < _MOST_SAMPLES:
        if spans.std() <= error * spans.mean() * np.sqrt(len(spans)):
            break
        more = sampler.sample(len(spans), first=len(spans)).makespan_ns
        spans = np.concatenate([spans, more])
    return float(spans.mean())


def sampled_idle(
    program: Program, machine: Machine, sampler: TimelineSampler, count: int, seed: int
) -> Iterator[Idle]:
    """How long qubits wait in that many sampled timelines, one after the other; inside control flow
    as long as the start times say."""
    drawn = sampler.sample(count, seed, detail=True)
    attempts = disturbances(program, machine, sampler.gaps, drawn)
    blocks = timed_gaps(program, machine, sampler.gaps).blocks
    for k in range(count):
        yield Idle(sampler.gaps, drawn.gap_ns[:, k], attempts[:, k], blocks)


def disturbances(program: Program, machine: Machine, gaps: Gaps, drawn: Timelines) -> Floats:
    """The attempts that disturb waiting qubits, by gap and shot of timelines in detail."""
    shots = drawn.gap_ns.shape[1]
    if not any(m.attempt_dephasing for m in machine.modules):
        return np.zeros((len(gaps.rows), shots))
    tries = drawn.tries.astype(np.float64)
    columns = [gap_attempts(program, machine, gaps, tries[:, k]) for k in range(shots)]
    return np.stack(columns, axis=1)


def _none_of(program: Program) -> Ints:
    return np.zeros(len(program) + 1, dtype=np.int64)


def _links(program: Program, machine: Machine) -> Links:
    capacity = [link.capacity for link in machine.links]
    pairs = [pair_of(program, machine, link) for link in machine.links]
    return Links(
        np.cumsum([0, *capacity], dtype=np.int64),
        np.array([link.attempt_ns for link in machine.links], dtype=np.float64),
        np.array([_scale(link.success) for link in machine.links], dtype=np.float64),
        np.array([link.herald_ns for link in machine.links], dtype=np.float64),
        cutoffs_ns(program, machine),
        np.array([pair.kept for pair in pairs], dtype=np.float64),
        np.array([ceil(pair.check_ns) for pair in pairs], dtype=np.int64),
    )


def _scale(success: float) -> float:
    return 0.0 if success >= 1 else float(1 / np.log1p(-success))


def _rows(
    program: Program, machine: Machine, wait: Waits, gaps: Gaps, pairs: Ints
) -> tuple[Rows, int]:
    """The program as the kernel reads it, and how many ends it keeps at a time."""
    n = len(program)
    users, used = _first_uses(n, pairs, gaps)
    last = np.arange(n, dtype=np.int64)
    np.maximum.at(last, wait.before, np.repeat(np.arange(n), np.diff(wait.first)))
    np.maximum.at(last, gaps.after, gaps.rows)
    own = np.zeros(n, dtype=np.int64)
    order = np.argsort(last, kind="stable")
    slots = assign_ends.sized(n, small=SMALL)(last, order, own)
    number = np.full(n, -1, dtype=np.int64)
    number[pairs] = np.arange(len(pairs))
    duration = durations_ns(program, machine)
    duration[list(program.blocks)] = -1
    empty = Ragged(np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64))
    kept = with_rows(empty, wait.links)
    return Rows(
        wait.first,
        own[wait.before],
        wait.lag_ns,
        own,
        duration,
        number,
        *_by_row(n, users, used),
        _starts(n, gaps.rows),
        own[gaps.after],
        kept.starts,
        kept.values.astype(np.int64),
        wait.link[pairs],
        own[pairs],
    ), max(1, slots)


def _first_uses(rows: int, pairs: Ints, gaps: Gaps) -> tuple[Ints, Ints]:
    """Row and number of each pair that is used at all, when it is first used."""
    first = np.full(rows + 1, rows, dtype=np.int64)
    np.minimum.at(first, gaps.after, gaps.rows)
    used = np.flatnonzero(first[pairs] < rows)
    return first[pairs[used]], used


def _by_row(rows: int, where: Ints, values: Ints) -> tuple[Ints, Ints]:
    """A column with each value in its row, as starts and values."""
    order = np.argsort(where, kind="stable")
    return _starts(rows, where), values[order]


def _starts(rows: int, where: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(where, minlength=rows))]).astype(np.int64)


def _joined(one: Timelines, other: Timelines) -> Timelines:
    """Two draws of the same program, one after the other."""

    def beside(name: str) -> Ints:
        parts: Sequence[Ints] = getattr(one, name), getattr(other, name)
        return np.concatenate(parts, axis=-1)

    return Timelines(
        beside("makespan_ns"),
        one.attempts + other.attempts,
        one.made + other.made,
        one.expired + other.expired,
        one.checks + other.checks,
        one.pairs,
        *(beside(name) for name in ("age_ns", "latency_ns", "tries", "gap_ns")),
    )
