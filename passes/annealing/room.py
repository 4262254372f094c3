"""Who takes up which data and communication qubits, and when."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.kernels import lean_kernel
from bellwire.passes.annealing.sheet import Marks, Sheet, held_before


@lean_kernel
def _stay(marks: Marks, home: int, start: int, stop: int, sign: int) -> None:
    for t in range(start, stop):
        marks.homes[home, t] += sign


@lean_kernel
def _count_homes(sheet: Sheet, marks: Marks, q: int, a: int, b: int, sign: int) -> None:
    """Count the homes from the end of node a - 1 to the begin of node b."""
    end = sheet.first[q + 1]
    if a > sheet.first[q]:
        _stay(marks, marks.home[a - 1], sheet.last[a - 1] + 1, marks.since[a], sign)
    for v in range(a, b):
        stop = marks.since[v + 1] if v + 1 < end else len(sheet.left)
        _stay(marks, marks.home[v], marks.since[v], stop, sign)
    if b < end:
        _stay(marks, marks.home[b], marks.since[b], sheet.when[b], sign)


@lean_kernel
def _count_copies(sheet: Sheet, marks: Marks, q: int, a: int, b: int, sign: int) -> None:
    """Count the copies of nodes a to b - 1, and those held after each and after node a - 1."""
    for v in range(max(a - 1, sheet.first[q]), b):
        begin = sheet.when[v] if v >= a else sheet.last[v] + 1
        copies = marks.label[v] & ~(1 << marks.home[v]) if v >= a else 0
        until = sheet.when[v + 1] if v + 1 < sheet.first[q + 1] else begin
        for m in range(len(sheet.data)):
            if copies >> m & 1:
                for t in range(begin, sheet.last[v] + 1):
                    marks.load[m, t] += sign
            if marks.hold[v] >> m & 1:
                for t in range(sheet.last[v] + 1, until):
                    marks.load[m, t] += sign


@lean_kernel
def roomiest(sheet: Sheet, marks: Marks, mask: int, t: int) -> int:
    """The module of a mask with the most free communication qubits at time t."""
    best, pick = -30000, 0
    for m in range(len(sheet.data)):
        if mask >> m & 1 and sheet.comm[m] - marks.load[m, t] > best:
            best, pick = sheet.comm[m] - marks.load[m, t], m
    return pick


@lean_kernel
def _source(sheet: Sheet, marks: Marks, q: int, v: int) -> tuple[int, int]:
    """Where opening node v needs communication qubits for a moment: at the sender, and, for a
    teleport, at the new home too; on the way."""
    held, home, ends, middle = held_before(sheet, marks, q, v), marks.home[v], 0, 0
    if v > sheet.first[q] and not marks.label[v - 1] >> home & 1:
        ends = 1 << marks.home[v - 1] | 1 << home
        middle = sheet.way[marks.home[v - 1], home]
    wanted = marks.label[v] & ~held
    if wanted and sheet.even:
        ends |= 1 << roomiest(sheet, marks, held, sheet.when[v])
    while wanted and not sheet.even:
        h, m = nearest(sheet, held, wanted)
        ends |= 1 << h
        middle |= sheet.way[h, m]
        held |= 1 << m
        wanted &= ~(1 << m)
    return ends, middle


@lean_kernel
def nearest(sheet: Sheet, held: int, wanted: int) -> tuple[int, int]:
    """The cheapest pair of one module of each mask."""
    best, source, pick = np.inf, 0, 0
    for m in range(len(sheet.data)):
        if wanted >> m & 1:
            for h in range(len(sheet.data)):
                if held >> h & 1 and (sheet.price[h, m] < best or best == np.inf):
                    best, source, pick = sheet.price[h, m], h, m
    return source, pick


@lean_kernel
def _private(sheet: Sheet, marks: Marks, v: int, e: int) -> tuple[int, int]:
    """Where the e-bit of an edge whose labels do not meet needs communication qubits."""
    one, other = marks.label[v], marks.label[sheet.mate[e]]
    if one & other:
        return 0, 0
    t = sheet.time[e]
    if sheet.even:
        return 1 << roomiest(sheet, marks, one, t) | 1 << roomiest(sheet, marks, other, t), 0
    a, b = nearest(sheet, one, other)
    return 1 << a | 1 << b, sheet.way[a, b]


@lean_kernel
def _set_moment(sheet: Sheet, marks: Marks, t: int) -> None:
    """Load the communication qubits that are needed for a moment at time t: two in a module on the
    way, else one."""
    for k in range(2):
        new = marks.private[t, k]
        if sheet.left[t] >= 0:
            new |= marks.source[sheet.left[t], k]
        if sheet.right[t] >= 0:
            new |= marks.source[sheet.right[t], k]
        if k == 0:
            ends = new
        else:
            middle = new
    old_ends, old_middle = marks.moment[t, 0], marks.moment[t, 1]
    if ends != old_ends or middle != old_middle:
        for m in range(len(sheet.data)):
            before = max(old_ends >> m & 1, 2 * (old_middle >> m & 1))
            marks.load[m, t] += max(ends >> m & 1, 2 * (middle >> m & 1)) - before
        marks.moment[t, 0], marks.moment[t, 1] = ends, middle


@lean_kernel
def _moments(sheet: Sheet, marks: Marks, q: int, a: int, b: int, on: bool) -> None:
    """Set or clear the moments of nodes a to b - 1 and of the opening of node b."""
    for v in range(a, min(b + 1, sheet.first[q + 1])):
        ends, middle = _source(sheet, marks, q, v) if on else (0, 0)
        marks.source[v, 0], marks.source[v, 1] = ends, middle
        _set_moment(sheet, marks, sheet.when[v])
        if v < b:
            for e in range(sheet.edge[v], sheet.edge[v + 1]):
                t = sheet.time[e]
                ends, middle = _private(sheet, marks, v, e) if on else (0, 0)
                marks.private[t, 0], marks.private[t, 1] = ends, middle
                _set_moment(sheet, marks, t)


@lean_kernel
def lift(sheet: Sheet, marks: Marks, q: int, a: int, b: int) -> None:
    """Take away what nodes a to b - 1 of a qubit take up."""
    _count_homes(sheet, marks, q, a, b, -1)
    if sheet.tight:
        _moments(sheet, marks, q, a, b, False)
        _count_copies(sheet, marks, q, a, b, -1)


@lean_kernel
def lay(sheet: Sheet, marks: Marks, q: int, a: int, b: int) -> None:
    """Add what nodes a to b - 1 of a qubit take up; the moves between them go where there is most
    room."""
    for v in range(max(a, sheet.first[q] + 1), min(b + 1, sheet.first[q + 1])):
        marks.since[v] = _moving_time(sheet, marks, v)
    _count_homes(sheet, marks, q, a, b, 1)
    if sheet.tight:
        _count_copies(sheet, marks, q, a, b, 1)
        _moments(sheet, marks, q, a, b, True)


@lean_kernel
def _moving_time(sheet: Sheet, marks: Marks, v: int) -> int:
    """When to change to the home of node v so that data qubits are overfull as little as can be;
    late rather than early."""
    before, after, t = marks.home[v - 1], marks.home[v], sheet.when[v]
    best, balance, low = t, 0, 0
    if before != after:
        for x in range(sheet.when[v] - 1, sheet.last[v - 1], -1):
            balance += marks.homes[after, x] >= sheet.data[after]
            balance -= marks.homes[before, x] >= sheet.data[before]
            if balance < low:
                best, low = x, balance
    return int(best)


@lean_kernel
def fill(sheet: Sheet, marks: Marks) -> None:
    """Count everything anew for a whole plan."""
    marks.homes[:] = 0
    marks.load[:] = 0
    marks.moment[:] = 0
    marks.source[:] = 0
    marks.private[:] = 0
    for q in range(len(sheet.first) - 1):
        a, b = sheet.first[q], sheet.first[q + 1]
        if a < b:
            _count_homes(sheet, marks, q, a, b, 1)
            if sheet.tight:
                _count_copies(sheet, marks, q, a, b, 1)
                _moments(sheet, marks, q, a, b, True)


@lean_kernel
def overfull(sheet: Sheet, marks: Marks) -> int:
    """How many data and communication qubits are missing, summed over modules and times."""
    total = 0
    for m in range(len(sheet.data)):
        for t in range(marks.homes.shape[1]):
            total += max(0, marks.homes[m, t] - sheet.data[m])
        for t in range(marks.load.shape[1]):
            total += max(0, marks.load[m, t] - sheet.comm[m])
    return total
