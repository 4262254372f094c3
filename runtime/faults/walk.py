"""One try of one shot: its operations in the order of the program, each as soon as it may.

Times are the longest path through what the operations wait for (compiler/waits.py), as in sampled
timelines; on the way each pair meets what the scenario does to its link. Because every row comes
after all that it waits for, a try never hangs: each row ends, or the try is lost or given up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, inf, log1p

import numpy as np

from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op
from bellwire.runtime.faults.course import Course, Window, Wire
from bellwire.runtime.faults.detour import Detour, find_detour
from bellwire.runtime.faults.notes import GaveUp, Lost, Notes
from bellwire.runtime.faults.plan import Plan
from bellwire.runtime.faults.scenario import Policy
from bellwire.targets.machine import BellState
from bellwire.targets.noise import store_pair, swap_pairs


@dataclass(slots=True)
class Done:
    """A try that came to its end: when, which rows went another way, when each operation that was
    done started (in the order of the executed program), the pairs in it."""

    end_ns: int
    detours: tuple[Detour, ...]
    starts_ns: list[int]
    pairs: list[tuple[Wire, int]] = field(default_factory=list)


Found = tuple[list[int], list[tuple[Wire, int]]]  # starts of the operations of a row, its pairs


class Walk:
    """One try of a shot; `run` gives Done, or raises Lost or GaveUp."""

    def __init__(
        self,
        plan: Plan,
        course: Course,
        policy: Policy,
        notes: Notes,
        random: np.random.Generator,
        begin_ns: int = 0,
    ) -> None:
        self.plan, self.course, self.policy, self.notes = plan, course, policy, notes
        self.random, self.begin = random, begin_ns
        self.ends = [begin_ns] * len(plan.ops)
        self.done: list[Found] = [([], [])] * len(plan.ops)
        self.detours: dict[int, Detour] = {}
        self.busy: dict[int, int] = {}  # qubits that detours used, until when
        self.heard: dict[tuple[int, str], int] = {}  # messages: from which row, where to
        self.slots = {
            frozenset(link.between): [begin_ns] * link.capacity for link in plan.machine.links
        }
        self.no_error = 1.0
        self.patience = self._patience()

    def _patience(self) -> float:
        if not self.policy.allows("retry"):
            return 0.0
        if self.policy.patience_ns is not None:
            return self.policy.patience_ns
        return 10 * max((link.mean_ns for link in self.course.machine.links), default=0.0)

    def run(self) -> Done:
        """Go through all rows."""
        span = self.begin
        for i in range(len(self.plan.ops)):
            self._row(i)
            span = max(span, self.ends[i])
        starts = [ns for found in self.done for ns in found[0]]
        pairs = [pair for found in self.done for pair in found[1]]
        ways = tuple(self.detours[i] for i in sorted(self.detours))
        return Done(span, ways, starts, pairs)

    def _row(self, i: int) -> None:
        start = self._ready(i)
        for pair in self.plan.first_uses.get(i, ()):
            start = self._fresh(pair, i, start)
        if self.plan.wire[i] is not None:
            self._pair(i, start)
            start = self.ends[i]
        else:
            start = self._works(i, start)
            self.done[i] = ([start], [])
            self.ends[i] = start + self.plan.durations[i]
            for wire in self.plan.inner.get(i, ()):
                self.slots[wire] = [self.ends[i]] * len(self.slots[wire])
        for pair in self.plan.first_uses.get(i, ()):
            self._charge(pair, self.done[i][0][0])
        if self.ends[i] > self.policy.deadline_ns:
            raise GaveUp("TIMEOUT", self.ends[i])

    def _ready(self, i: int) -> int:
        """When everything that a row waits for is there."""
        plan, start = self.plan, self.begin
        for row, lag in plan.before[i]:
            lossy = lag and self.course.losses
            start = max(start, self._message(row, i, lag) if lossy else self.ends[row] + lag)
        if self.busy:
            start = max([start, *(self.busy.get(q, start) for q in plan.ops[i].qubits)])
        return start

    def _message(self, row: int, reader: int, lag: int) -> int:
        """When a message that row `row` sends is there; sent once to each module."""
        here, there = self.plan.home[row], self.plan.home[reader]
        if (row, there) not in self.heard:
            self.heard[row, there] = self._sent(here, there, self.ends[row])
        return self.heard[row, there] + lag

    def _sent(self, here: str, there: str, ns: int) -> int:
        """When a message is sent for the last time: lost ones are sent again after a time-out."""
        first = ns
        for _ in range(self.policy.message_tries):
            if self.random.random() >= self.course.loss(here, there, ns):
                if ns > first:
                    self.notes.recoveries_ns.append(ns - first)
                return ns
            self.notes.actions["resent"] += 1
            ns += ceil(self.policy.message_timeout_ns)
        raise GaveUp("MESSAGES_LOST", ns)

    def _works(self, i: int, start: int) -> int:
        """When a row can run: its modules work, and those of its links that its blocks use."""
        if not self.course.outages and not self.plan.inner.get(i):
            return start
        op, ns = self.plan.ops[i], self.plan.durations[i]
        modules = {self.plan.module[q] for q in op.qubits}
        if op.row.family is Family.MARK:
            return start
        while True:
            self._holds(i, start + ns)
            hits = [("MODULE_LOST", self.course.module_outage(m, start)) for m in modules]
            hits += [
                ("LINK_LOST", self.course.link_outage(w, start)) for w in self.plan.inner.get(i, ())
            ]
            late = [(code, w) for code, w in hits if w is not None and w[0] < start + max(ns, 1)]
            if not late:
                return start
            for code, window in late:
                start = max(start, self._waited(code, window, start))

    def _holds(self, i: int, until: int) -> None:
        """Raise Lost when an outage took a state that a row needs."""
        for held in self.plan.held[i]:
            module = self.plan.module[held.qubit]
            window = self.course.module_outage(module, self.ends[held.since])
            if window is not None and window[0] < until:
                raise Lost("MODULE_LOST", int(window[0]))

    def _waited(self, code: str, window: Window, ns: int) -> int:
        """When an outage is over, if the patience lasts so long; else raise Lost."""
        from_ns = max(ns, int(window[0]))
        if window[1] - from_ns > self.patience:
            raise Lost(code, from_ns + ceil(self.patience))
        self.notes.actions["retried"] += 1
        self.notes.recoveries_ns.append(int(window[1]) - from_ns)
        return int(window[1])

    def _fresh(self, pair: int, i: int, start: int) -> int:
        """Make a pair again until it is whole and young enough when row i first uses it."""
        until = start + max(1, self.plan.durations[i])
        for _ in range(self.policy.requests):
            if not self._spoilt(pair, start, until):
                return start
            self.notes.actions["rerequested"] += 1
            self._pair(pair, start, anew=True)
            start = max(start, self.ends[pair])
            until = start + max(1, self.plan.durations[i])
        raise GaveUp("EXPIRED", start)

    def _spoilt(self, pair: int, start: int, until: int) -> bool:
        """Whether an outage took half of a pair."""
        modules = (self.plan.module[q] for q in self.plan.ops[pair].qubits)
        hits = (self.course.module_outage(m, self.ends[pair]) for m in modules)
        return any(window is not None and window[0] < until for window in hits)

    def _pair(self, i: int, start: int, *, anew: bool = False) -> None:
        """Make the pair of an `ebit` row: over its link, after waiting for it, or another way.

        `anew`: in the place of a pair that was lost, when later rows may have the qubits that
        another way needs.
        """
        wire = self.plan.wire[i]
        assert wire is not None
        ns, trouble = start, -1
        for _ in range(self.policy.requests):
            made, ns = self._generate(wire, ns)
            if made:
                self.detours.pop(i, None)
                self._finish(i, ns, ([ns - ceil(self._link_ns(wire))], [(wire, ns)]), trouble)
                return
            trouble = ns if trouble < 0 else trouble
            outage = self.course.link_outage(wire, ns)
            assert outage is not None
            if outage[1] - ns <= self.patience and self.policy.allows("retry"):
                self.notes.actions["retried"] += 1
                ns = int(outage[1])
                continue
            ns += ceil(self.patience)
            if anew:
                raise Lost("LINK_LOST", ns)
            there, ns = self._around(i, ns)
            if there:
                self._finish(i, ns, self.done[i], trouble)
                return
            self.notes.actions["rerequested"] += 1
        raise Lost("LINK_LOST", ns)

    def _link_ns(self, wire: Wire) -> float:
        return self.course.links[wire].mean_ns

    def _finish(self, i: int, ns: int, found: Found, trouble: int) -> None:
        self.ends[i], self.done[i] = ns, found
        if trouble >= 0:
            self.notes.recoveries_ns.append(ns - trouble)

    def _generate(self, wire: Wire, ns: int) -> tuple[bool, int]:
        """Try for a pair on a link from `ns` on: (True, herald), or (False, when it went down)."""
        slots, link = self.slots[wire], self.course.links[wire]
        slot = slots.index(min(slots))
        ns = max(ns, slots[slot])
        outage = self.course.link_outage(wire, ns)
        goes_down = inf if outage is None else outage[0]
        if goes_down <= ns:
            return False, ns
        end = ns + ceil(self._attempts(self.course.success(wire, ns)) * link.attempt_ns)
        slots[slot] = int(min(end, goes_down))
        if end > goes_down:
            return False, int(goes_down)
        self.notes.made += 1
        return True, end

    def _attempts(self, success: float) -> int:
        if success >= 1:
            return 1
        return max(1, ceil(log1p(-self.random.random()) / log1p(-success)))

    def _around(self, i: int, ns: int) -> tuple[bool, int]:
        """Make the pair of a row over another path; raise Lost where there is none."""
        op, course = self.plan.ops[i], self.course
        if not all(course.module_up(self.plan.module[q], ns) for q in op.qubits):
            raise Lost("MODULE_LOST", ns)
        if not self.policy.allows("reroute") or op.condition is not None:
            raise Lost("LINK_LOST", ns)
        up = frozenset(wire for wire in course.links if course.link_up(wire, ns))
        detour = find_detour(self.plan, i, up, spare=self.policy.allows("spare"))
        if detour is None:
            raise Lost("NO_ROUTE", ns)
        there, end = self._carry_out(detour, ns)
        if there:
            self.detours[i] = detour
            self.notes.actions["rerouted"] += 1
            self.notes.actions["spared"] += detour.spares
        return there, end

    def _carry_out(self, detour: Detour, ns: int) -> tuple[bool, int]:
        """Do the operations of a detour: (True, when its pair is there), or (False, when a link or
        a module on the way failed)."""
        plan = self.plan
        own = plan.ops[detour.row].qubits
        free = {
            q: ns if q in own else self._free(q, detour.row, ns)
            for o in detour.ops
            for q in o.qubits
        }
        heard: dict[int, tuple[int, str]] = {}
        starts: list[int] = []
        pairs: list[tuple[Wire, int]] = []
        for op in detour.ops:
            start = max(free[q] for q in op.qubits)
            if op.condition is not None:
                start = max(start, self._arrives(heard[op.condition.index], op))
            if op.name == "ebit":
                wire = frozenset(plan.module[q] for q in op.qubits)
                made, end = self._generate(wire, start)
                pairs.append((wire, end))
                start = max(ns, end - ceil(self._link_ns(wire)))
            else:
                end = start + plan.gate_ns(op)
                made = self._all_up(op, start, end)
            free.update(dict.fromkeys(op.qubits, end))
            if not made:
                self.busy.update({q: end for q in free if q not in own})
                return False, end
            for b in op.bits:
                heard[b] = (end, plan.module[op.qubits[0]])
            starts.append(start)
        self.busy.update({q: end for q, end in free.items() if q not in own})
        self.done[detour.row] = (starts, pairs)
        return True, max(free[q] for q in own)

    def _free(self, q: int, row: int, ns: int) -> int:
        """When a qubit that a detour borrows is free."""
        last = self.plan.touched(q, row)
        return max(ns, self.busy.get(q, ns), ns if last is None else self.ends[last])

    def _arrives(self, written: tuple[int, str], reader: Op) -> int:
        ns, here = written
        there = self.plan.module[reader.qubits[0]]
        if here == there:
            return ns
        sent = self._sent(here, there, ns) if self.course.losses else ns
        return sent + self.plan.message_ns(here, there)

    def _all_up(self, op: Op, start: int, end: int) -> bool:
        hits = (self.course.module_outage(self.plan.module[q], start) for q in op.qubits)
        return not any(window is not None and window[0] < end for window in hits)

    def _charge(self, pair: int, ns: int) -> None:
        """Raise GaveUp when the pairs used so far are likelier wrong than the budget allows."""
        if self.policy.error_budget >= 1:
            return
        state: BellState = (1.0, 0.0, 0.0, 0.0)
        for wire, herald in self.done[pair][1]:
            state = swap_pairs(state, self.course.state(wire, herald))
        memories = [
            self.plan.machine.module(self.plan.module[q]) for q in self.plan.ops[pair].qubits
        ]
        first, second = ((m.t1_ns, m.t2_ns) for m in memories)
        age = max(0, ns - self.ends[pair])
        self.no_error *= store_pair(state, age, first=first, second=second)[0]
        if 1 - self.no_error > self.policy.error_budget:
            raise GaveUp("ERROR_BUDGET", ns)
