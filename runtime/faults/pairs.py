"""Make the pair of a row whatever happens to its link: wait, ask again, go another way."""

from __future__ import annotations

from math import ceil

from bellwire.compiler.program import Op
from bellwire.runtime.faults.attempt import Attempt, Found, Pairs
from bellwire.runtime.faults.course import Wire
from bellwire.runtime.faults.detour import Detour, find_detour
from bellwire.runtime.faults.notes import Lost


def make_pair(attempt: Attempt, row: int, ns: int, *, anew: bool = False) -> None:
    """Make the pair of an `ebit` row from `ns` on: on its link, or another way.

    `anew`: in the place of a pair that was lost, when later rows may have the qubits that another
    way needs. Raises Lost when there is no way, or too many requests failed.
    """
    wire, trouble, asked = attempt.plan.wire[row], -1, ns
    assert wire is not None
    for _ in range(attempt.policy.requests):
        made, ns = attempt.generate(wire, ns, asked_ns=asked)
        if made:
            attempt.detours.pop(row, None)
            found: Found = ([ns - expected_ns(attempt, wire)], [(wire, ns)])
        else:
            trouble = ns if trouble < 0 else trouble
            outage = attempt.course.link_outage(wire, ns)
            assert outage is not None
            back, ns = attempt.patient(outage, ns)
            if back is not None:
                ns = back
                continue
            made, ns, found = _around(attempt, row, ns, anew)
        if made:
            attempt.ends[row], attempt.found[row] = ns, found
            if trouble >= 0:
                attempt.notes.recoveries_ns.append(ns - trouble)
            return
        attempt.notes.actions["rerequested"] += 1
    raise Lost("LINK_LOST", ns)


def expected_ns(attempt: Attempt, wire: Wire) -> int:
    """How long a pair is taken to last in start times, which are those of a scheduled program."""
    return ceil(attempt.course.links[wire].wait_ns)


def _around(attempt: Attempt, row: int, ns: int, anew: bool) -> tuple[bool, int, Found]:
    """Make the pair of a row over another path; raise Lost where there is none."""
    op, course, policy = attempt.plan.ops[row], attempt.course, attempt.policy
    if not all(course.module_up(attempt.plan.module[q], ns) for q in op.qubits):
        raise Lost("MODULE_LOST", ns)
    if anew or op.condition is not None or not policy.allows("reroute"):
        raise Lost("LINK_LOST", ns)
    up = frozenset(wire for wire in course.links if course.link_up(wire, ns))
    detour = find_detour(attempt.plan, row, up, spare=policy.allows("spare"))
    if detour is None:
        raise Lost("NO_ROUTE", ns)
    made, end, found = _carry_out(attempt, detour, ns)
    if made:
        attempt.detours[row] = detour
        attempt.notes.actions["rerouted"] += 1
        attempt.notes.actions["spared"] += detour.spares
    return made, end, found


def _carry_out(attempt: Attempt, detour: Detour, ns: int) -> tuple[bool, int, Found]:
    """Do the operations of a detour: (True, when its pair is there, what was done), or (False, when
    a link or a module on the way failed, nothing)."""
    plan, row = attempt.plan, detour.row
    own = plan.ops[row].qubits
    used = {q for op in detour.ops for q in op.qubits}
    free = {q: ns if q in own else attempt.free(q, row, ns) for q in used}
    written: dict[int, tuple[int, str]] = {}
    starts: list[int] = []
    pairs: Pairs = []
    made = True
    for op in detour.ops:
        start = max(free[q] for q in op.qubits)
        if op.condition is not None:
            start = max(start, _arrives(attempt, *written[op.condition.index], op))
        if op.name == "ebit":
            wire = frozenset(plan.module[q] for q in op.qubits)
            made, end = attempt.generate(wire, start, asked_ns=start)
            pairs.append((wire, end))
            start = end - expected_ns(attempt, wire)
        else:
            end = start + plan.gate_ns(op)
            made = _works(attempt, op, start, end)
        free.update(dict.fromkeys(op.qubits, end))
        written.update(dict.fromkeys(op.bits, (end, plan.module[op.qubits[0]])))
        starts.append(start)
        if not made:
            break
    attempt.busy.update({q: ns for q, ns in free.items() if q not in own})
    if not made:
        return False, end, ([], [])
    return True, max(free[q] for q in own), (starts, pairs)


def _arrives(attempt: Attempt, ns: int, here: str, reader: Op) -> int:
    """When a bit that was written at `ns` in module `here` is where it is read."""
    there = attempt.plan.module[reader.qubits[0]]
    if here == there:
        return ns
    sent = attempt.sent(here, there, ns) if attempt.course.losses else ns
    return sent + attempt.plan.message_ns(here, there)


def _works(attempt: Attempt, op: Op, start: int, end: int) -> bool:
    """Whether the modules of an operation work all the time."""
    hits = (attempt.course.module_outage(attempt.plan.module[q], start) for q in op.qubits)
    return not any(window is not None and window[0] < end for window in hits)
