"""When Bell pairs are asked for: extra waits of each `ebit`, by the program's policy.

A pair is *needed* by the first row after it that holds more than pairs: what else that row waits
for are its other inputs. An `ebit` that must not start earlier than some time before they are ready
waits for an operation on the way to them (an event, so that a late one puts off the request too).
A wait for another pair is memoryless: while it lasts, its end is equally far off; an event in the
middle of one is therefore its end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.purified import pair_of
from bellwire.compiler.ragged import widths
from bellwire.compiler.start_times import start_early
from bellwire.compiler.waits import Waits
from bellwire.targets.machine import Machine
from bellwire.targets.waiting import exponential_quantile, wait_quantile_ns

SMALL = 30_000  # rows; plain Python takes about 0.1 s for them
NONE = -1
IN_TIME = 0.9  # share of the pairs that `deadline` wants heralded when they are needed


class Extra(NamedTuple):
    """Row `row[k]` also waits for row `before[k]`, until its end plus `lag[k]`."""

    row: Ints
    before: Ints
    lag: Ints


class Needs(NamedTuple):
    """Of each `ebit` the row that uses it first and the row that needs it, the number of rows where
    there is none; and which rows hold nothing but pairs."""

    use: Ints
    need: Ints
    pure: NDArray[np.bool_]


class Way(NamedTuple):
    """The way to each row: the row that decided its start, a far one before it; and the time from
    which on it may stand for an event: its end, or a moment after the wait for a pair began."""

    parent: Ints
    jump: Ints
    event: Ints
    end: Ints


def needs(program: Program, wait: Waits) -> Needs:
    """Find who uses and who needs each pair."""
    n = len(program)
    comm = np.array([q.role == "comm" for q in program.qubits] or [False])
    data = np.add.reduceat(
        np.append(~comm[program.operands.values.astype(np.int64)], False).astype(np.int64),
        program.operands.starts,
    )
    only_comm = (widths(program.operands) > 0) & (data[:n] == 0)
    only_comm[list(program.blocks)] = False
    out = Needs(np.full(n, n), np.full(n, n), np.zeros(n, dtype=np.bool_))
    _find_needs.sized(n, small=SMALL)(wait.first, wait.before, wait.link >= 0, only_comm, out)
    return out


def requests(
    program: Program, machine: Machine, wait: Waits, durations: Ints, *, anywhere: bool = False
) -> Extra:
    """The extra waits that the policy and the buffer of a program ask for.

    They are found in the schedule in which all pairs are asked for at once. `anywhere`: events may
    also be rows after the `ebit`, for a pass that is about to change the order.
    """
    none = Extra(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    generation = program.generation
    if not generation.waits or not (wait.link >= 0).any():
        return none
    found = needs(program, wait)
    extra = [none]
    if generation.policy != "asap":
        extra.append(_events(program, machine, wait, durations, found, anywhere))
    if generation.buffer and not anywhere:
        extra.append(_buffered(wait, found, generation.buffer))
    return Extra(*map(np.concatenate, zip(*extra)))


def windows_ns(program: Program, machine: Machine) -> Ints:
    """How long before its need a pair of each link is asked for, in ns. The wait for a purified
    pair is taken to be exponential."""
    ahead = [program.generation.window_ns] * len(machine.links)
    if program.generation.policy == "deadline":
        pairs = [pair_of(program, machine, link) for link in machine.links]
        ahead = [
            wait_quantile_ns(link, IN_TIME)
            if pair.kept == 1
            else exponential_quantile(pair.wait_ns, IN_TIME)
            for link, pair in zip(machine.links, pairs)
        ]
    return np.ceil(np.array(ahead, dtype=np.float64)).astype(np.int64)


def _events(
    program: Program,
    machine: Machine,
    wait: Waits,
    durations: Ints,
    found: Needs,
    anywhere: bool,
) -> Extra:
    never = np.full(len(machine.links), np.inf)
    start, cause = start_early(wait, durations, machine, never)
    end = start + durations
    event = np.where(wait.link >= 0, start + 1, end)
    window = np.append(windows_ns(program, machine), 0)[wait.link]
    most = int(np.diff(wait.first)[found.need[(wait.link >= 0) & (found.need < len(end))]].sum())
    out = Extra(*(np.zeros(most, dtype=np.int64) for _ in range(3)))
    way = Way(cause, np.full(len(end), NONE), event, end)
    count = _find_events.sized(len(end), small=SMALL)(
        (wait.first, wait.before, wait.lag_ns), wait.link, found, way, window, anywhere, out
    )
    return Extra(*(column[:count] for column in out))


def _buffered(wait: Waits, found: Needs, buffer: int) -> Extra:
    """Pair i + buffer of a link waits until pair i has been used, where that comes before it."""
    pairs = np.flatnonzero(wait.link >= 0)
    pairs = pairs[np.argsort(wait.link[pairs], kind="stable")]
    earlier, later = pairs[:-buffer], pairs[buffer:]
    use = found.use[earlier]
    kept = (wait.link[earlier] == wait.link[later]) & (use < later)
    return Extra(later[kept], use[kept], np.zeros(int(kept.sum()), dtype=np.int64))


@kernel
def _find_needs(
    first: Ints,
    before: Ints,
    ebit: NDArray[np.bool_],
    only_comm: NDArray[np.bool_],
    out: Needs,
) -> None:
    pure, use, need = out.pure, out.use, out.need
    for i in range(len(ebit)):
        pure[i] = ebit[i] or (only_comm[i] and first[i] < first[i + 1])
        if pure[i] and not ebit[i]:
            for k in range(first[i], first[i + 1]):
                pure[i] = pure[i] and pure[before[k]]
    for i in range(len(ebit) - 1, -1, -1):
        for k in range(first[i], first[i + 1]):
            b = before[k]
            if pure[b]:
                use[b] = i
                if not ebit[i]:
                    need[b] = min(need[b], need[i] if pure[i] else i)


@kernel
def _find_events(
    wait: tuple[Ints, Ints, Ints],
    link: Ints,
    found: Needs,
    way: Way,
    window: Ints,
    anywhere: bool,
    out: Extra,
) -> int:
    """Write the event that each `ebit` waits for on the way to each other input of its need."""
    first, before, lag = wait
    _look_far(way)
    count = 0
    for e in range(len(link)):
        if link[e] < 0 or found.need[e] == len(link):
            continue
        u = found.need[e]
        for k in range(first[u], first[u + 1]):
            b = before[k]
            if found.pure[b]:
                continue
            at = way.end[b] + lag[k] - window[e]
            v = _event(way, b, at, len(link) if anywhere else e)
            if v >= 0:
                out.row[count], out.before[count] = e, v
                out.lag[count] = max(0, at - way.end[v])
                count += 1
    return count


@kernel
def _look_far(way: Way) -> None:
    """Let every row see a row far before it on its way, so that a search takes few steps.

    Myers, Inf. Process. Lett. 17, 241 (1983): a jump is twice as long where two equally long ones
    come together.
    """
    depth = np.zeros(len(way.parent) + 1, dtype=np.int64)  # the last one is the beginning
    for i in range(len(way.parent)):
        p = way.parent[i]
        depth[i] = depth[p] + 1
        far = way.jump[p] if p >= 0 else NONE
        further = way.jump[far] if far >= 0 else NONE
        way.jump[i] = further if depth[p] - depth[far] == depth[far] - depth[further] else p


@kernel
def _event(way: Way, v: int, at: int, below: int) -> int:
    """The nearest row on the way to v, v included, that comes before row `below` and happens by
    `at`; -1 where there is none."""
    while v >= 0 and (v >= below or way.event[v] > at):
        far = way.jump[v]
        v = far if far >= 0 and (far >= below or way.event[far] > at) else way.parent[v]
    return v
