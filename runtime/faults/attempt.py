"""One try of one shot so far: what has ended when, what links and messages are busy with."""

from __future__ import annotations

from math import ceil, inf, log1p

import numpy as np

from bellwire.runtime.faults.course import Course, Window, Wire
from bellwire.runtime.faults.detour import Detour
from bellwire.runtime.faults.notes import GaveUp, Herald, Lost, Notes
from bellwire.runtime.faults.plan import Plan
from bellwire.runtime.faults.scenario import Policy

Pairs = list[tuple[Wire, int]]  # on which link, when heralded
Found = tuple[list[int], Pairs]  # when the operations of a row started, its pairs


class Attempt:
    """A try that began at `begin_ns`, all its chances drawn from `random`."""

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
        self.patience = policy.patience_of(course.machine)
        self.ends = [begin_ns] * len(plan.ops)
        uses = course.outages or policy.error_budget < 1
        self.special = plan.special(uses=uses, messages=bool(course.losses))
        self.starts = [begin_ns] * len(plan.ops)
        self.found: dict[int, Found] = {}  # what was done for each `ebit` row
        self.detours: dict[int, Detour] = {}
        self.busy: dict[int, int] = {}  # qubits that detours borrowed, until when
        self.outages: dict[Window, int] = {}  # those that were met, when first
        self.heard: dict[tuple[int, str], int] = {}  # messages: from which row, where to
        self.slots = {
            frozenset(link.between): [begin_ns] * link.capacity for link in plan.machine.links
        }

    def sent(self, here: str, there: str, ns: int) -> int:
        """When a message is sent for the last time: lost ones are sent again after a time-out.

        Raises GaveUp after too many.
        """
        first = ns
        for _ in range(self.policy.message_tries):
            if self.random.random() >= self.course.loss(here, there, ns):
                if ns > first:
                    self.notes.recoveries_ns.append(ns - first)
                return ns
            self.notes.actions["resent"] += 1
            ns += ceil(self.policy.message_timeout_ns)
        raise GaveUp("MESSAGES_LOST", ns)

    def waited(self, code: str, window: Window, ns: int) -> int:
        """When an outage is over, if the patience lasts so long; else raise Lost."""
        from_ns = max(ns, int(window[0]))
        back, given_up = self.patient(window, from_ns)
        if back is None:
            raise Lost(code, given_up)
        self.notes.recoveries_ns.append(back - from_ns)
        return back

    def patient(self, window: Window, ns: int) -> tuple[int | None, int]:
        """When an outage met at `ns` is over, None if the patience ends before; and when it does.

        A shot is patient with an outage once: whoever meets it later waits no longer.
        """
        met = self.outages.setdefault(window, ns)
        ends = max(ns, met + ceil(self.patience))
        if not self.policy.allows("retry") or window[1] > ends:
            return None, ends
        self.notes.actions["retried"] += 1
        return int(window[1]), ends

    def generate(self, wire: Wire, ns: int, *, asked_ns: int) -> tuple[bool, int]:
        """Try for a pair on a link from `ns` on: (True, herald), or (False, when it went down)."""
        slots, link = self.slots[wire], self.course.links[wire]
        slot = slots.index(min(slots))
        ns = max(ns, slots[slot])
        outage = self.course.link_outage(wire, ns)
        goes_down = inf if outage is None else outage[0]
        if goes_down <= ns:
            return False, ns
        attempts = self._attempts(self.course.success(wire, ns))
        end = ns + ceil(attempts * link.attempt_ns + link.herald_ns)
        slots[slot] = int(min(end, goes_down))
        if end > goes_down:
            self.notes.tried[wire] += int((goes_down - ns) // link.attempt_ns)
            return False, int(goes_down)
        self.notes.tried[wire] += attempts
        self.notes.heralds.append(Herald(wire, asked_ns, end))
        return True, end

    def _attempts(self, success: float) -> int:
        if success >= 1:
            return 1
        return max(1, ceil(log1p(-self.random.random()) / log1p(-success)))

    def free(self, qubit: int, row: int, ns: int) -> int:
        """When a qubit that row `row` borrows is free, `ns` at the earliest."""
        last = self.plan.touched(qubit, row)
        return max(ns, self.busy.get(qubit, ns), ns if last is None else self.ends[last])
