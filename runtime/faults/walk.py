"""A try of a shot from its first operation to its last, each as soon as it may.

Rows are taken in the order of the program. Times are the longest path through what the operations
wait for (compiler/waits.py), as in sampled timelines; on the way each pair meets what the scenario
does to its link. Because every row comes after all that it waits for, a try never hangs: each row
ends, or the try is lost or given up.
"""

from __future__ import annotations

from dataclasses import dataclass

from bellwire.compiler.operations import Family
from bellwire.runtime.faults.attempt import Attempt, Pairs
from bellwire.runtime.faults.detour import Detour
from bellwire.runtime.faults.notes import GaveUp, Lost
from bellwire.runtime.faults.pairs import make_pair
from bellwire.targets.machine import BellState
from bellwire.targets.noise import store_pair
from bellwire.targets.remote_gates import swap_pairs


@dataclass(frozen=True, slots=True)
class Done:
    """A try that came to its end: when, which rows went another way, the pairs in it."""

    end_ns: int
    detours: tuple[Detour, ...]
    pairs: Pairs
    attempt: Attempt

    def starts_ns(self) -> list[int]:
        """When each operation that was done started, in the order of the executed program."""
        found = self.attempt.found
        rows = ((found[i][0] if i in found else [ns]) for i, ns in enumerate(self.attempt.starts))
        return [ns for starts in rows for ns in starts]


def walk(attempt: Attempt) -> Done:
    """Go through all rows. Raises Lost or GaveUp."""
    plan, policy = attempt.plan, attempt.policy
    no_error, row = 1.0, 0
    while (row := _plain_rows(attempt, row)) < len(plan.ops):
        _row(attempt, row)
        no_error *= _no_error(attempt, row)
        if 1 - no_error > policy.error_budget:
            raise GaveUp("ERROR_BUDGET", attempt.ends[row])
        if attempt.ends[row] > policy.deadline_ns:
            raise GaveUp("TIMEOUT", attempt.ends[row])
        row += 1
    end = max(attempt.ends, default=attempt.begin)
    if end > policy.deadline_ns:
        raise GaveUp("TIMEOUT", end)
    return Done(
        end,
        tuple(attempt.detours[i] for i in sorted(attempt.detours)),
        [pair for i in sorted(attempt.found) for pair in attempt.found[i][1]],
        attempt,
    )


def _plain_rows(attempt: Attempt, row: int) -> int:
    """Time the rows from `row` on to which nothing can happen; returns the first other one."""
    plan, begin, busy = attempt.plan, attempt.begin, attempt.busy
    ends, starts, quiet = attempt.ends, attempt.starts, attempt.course.first_outage_ns
    special = attempt.special
    for i in range(row, len(ends)):
        if special[i] or (busy and not busy.keys().isdisjoint(plan.ops[i].qubits)):
            return i
        start = begin
        for before, lag in plan.before[i]:
            ns = ends[before] + lag
            if ns > start:
                start = ns
        end = start + plan.durations[i]
        if end >= quiet:
            return i
        starts[i], ends[i] = start, end
    return len(ends)


def _row(attempt: Attempt, i: int) -> None:
    plan = attempt.plan
    start = _ready(attempt, i)
    for pair in plan.first_uses.get(i, ()):
        start = _fresh(attempt, pair, i, start)
    if plan.wire[i] is not None:
        make_pair(attempt, i, start)
        return
    start = _works(attempt, i, start)
    attempt.starts[i] = start
    attempt.ends[i] = start + plan.durations[i]
    for wire in plan.inner.get(i, ()):
        attempt.slots[wire] = [attempt.ends[i]] * len(attempt.slots[wire])


def _ready(attempt: Attempt, i: int) -> int:
    """When everything that a row waits for is there."""
    plan, start = attempt.plan, attempt.begin
    for row, lag in plan.before[i]:
        start = max(start, attempt.ends[row] + lag)
    if attempt.course.losses:
        for row, lag in plan.messages.get(i, ()):
            start = max(start, _message(attempt, row, i) + lag)
    if attempt.busy:
        start = max([start, *(attempt.busy.get(q, start) for q in plan.ops[i].qubits)])
    for wire in plan.inner.get(i, ()):
        start = max(start, *attempt.slots[wire])
    return start


def _message(attempt: Attempt, row: int, reader: int) -> int:
    """When the message that row `row` sends is on its way; it is sent once to each module."""
    here, there = attempt.plan.home[row], attempt.plan.home[reader]
    if (row, there) not in attempt.heard:
        attempt.heard[row, there] = attempt.sent(here, there, attempt.ends[row])
    return attempt.heard[row, there]


def _works(attempt: Attempt, i: int, start: int) -> int:
    """When a row can run: its modules work, and the links that its blocks use."""
    plan, course = attempt.plan, attempt.course
    op, ns, wires = plan.ops[i], plan.durations[i], plan.inner.get(i, ())
    if op.row.family is Family.MARK or not (course.outages or wires):
        return start
    modules = {plan.module[q] for q in op.qubits}
    while True:
        _check_states(attempt, i, start + ns)
        hits = [("MODULE_LOST", course.module_outage(m, start)) for m in sorted(modules)]
        hits += [("LINK_LOST", course.link_outage(w, start)) for w in wires]
        late = [(code, w) for code, w in hits if w is not None and w[0] < start + max(ns, 1)]
        if not late:
            return start
        for code, window in late:
            start = max(start, attempt.waited(code, window, start))


def _check_states(attempt: Attempt, i: int, until: int) -> None:
    """Raise Lost when an outage took a state that a row needs."""
    for held in attempt.plan.held[i]:
        module = attempt.plan.module[held.qubit]
        window = attempt.course.module_outage(module, attempt.ends[held.since])
        if window is not None and window[0] < until:
            raise Lost("MODULE_LOST", int(window[0]))


def _fresh(attempt: Attempt, pair: int, i: int, start: int) -> int:
    """Make a pair again until it is whole and young enough when row i first uses it."""
    for _ in range(attempt.policy.requests):
        if not _spoilt(attempt, pair, start, start + max(1, attempt.plan.durations[i])):
            return start
        attempt.notes.actions["rerequested"] += 1
        make_pair(attempt, pair, start, anew=True)
        start = max(start, attempt.ends[pair])
    raise GaveUp("EXPIRED", start)


def _spoilt(attempt: Attempt, pair: int, start: int, until: int) -> bool:
    """Whether a pair is too old, or an outage took half of it."""
    plan, made = attempt.plan, attempt.ends[pair]
    if start - made > min(plan.cutoff_ns[wire] for wire, _ in attempt.found[pair][1]):
        return True
    modules = (plan.module[q] for q in plan.ops[pair].qubits)
    hits = (attempt.course.module_outage(m, made) for m in modules)
    return any(window is not None and window[0] < until for window in hits)


def _no_error(attempt: Attempt, i: int) -> float:
    """The fidelity of the pairs that row i is the first to use, as old as they are then; 1 where
    the policy does not ask."""
    out, plan = 1.0, attempt.plan
    if attempt.policy.error_budget >= 1:
        return out
    for pair in plan.first_uses.get(i, ()):
        state: BellState = (1.0, 0.0, 0.0, 0.0)
        for wire, herald in attempt.found[pair][1]:
            state = swap_pairs(state, attempt.course.state(wire, herald))
        homes = [plan.machine.module(plan.module[q]) for q in plan.ops[pair].qubits]
        first, second = (module.coherence_ns("comm") for module in homes)
        age = max(0, attempt.starts[i] - attempt.ends[pair])
        out *= store_pair(state, age, first=first, second=second)[0]
    return out
