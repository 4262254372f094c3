"""Sweeps of the annealer: stretches of all qubits are drawn anew, one after the other."""

from __future__ import annotations

from bellwire.compiler.kernels import lean_kernel
from bellwire.passes.annealing.bench import STRETCH, WIDTH, Bench
from bellwire.passes.annealing.chain import draw, forward, write
from bellwire.passes.annealing.room import lay, lift, overfull
from bellwire.passes.annealing.sheet import Floats, Ints, Marks, Sheet, bits, total_cost
from bellwire.passes.annealing.weights import look, weigh_openings


@lean_kernel
def _reach(sheet: Sheet, marks: Marks, q: int, a: int, b: int) -> int:
    """The end of the longest stretch from node a whose modules in use are few enough."""
    width = min(WIDTH, len(sheet.data))
    used = 1 << marks.home[a - 1] if a > sheet.first[q] else 0
    for v in range(a, b):
        used |= marks.label[v]
        after = 1 << marks.home[v + 1] if v + 1 < sheet.first[q + 1] else 0
        if bits(used | after) > width:
            return v
    return b


@lean_kernel
def _choose(sheet: Sheet, marks: Marks, bench: Bench, q: int, a: int, b: int, dice: Floats) -> None:
    """Choose modules for a stretch: those in use, then by chance some that its mates are in."""
    used = 1 << marks.home[a - 1] if a > sheet.first[q] else 0
    if b < sheet.first[q + 1]:
        used |= 1 << marks.home[b]
    bench.pull[:] = 0.02
    for v in range(a, b):
        used |= marks.label[v]
        for e in range(sheet.edge[v], sheet.edge[v + 1]):
            label = marks.label[sheet.mate[e]]
            for m in range(len(sheet.data)):
                if label >> m & 1:
                    bench.pull[m] += 1.0
    count = 0
    for m in range(len(sheet.data)):
        if used >> m & 1:
            bench.mods[count] = m
            count += 1
        if used >> m & 1:
            bench.pull[m] = 0.0
    for i in range(count, WIDTH):
        bench.mods[i] = -1
        x = 0.0  # summed here: numpy and numba add up in different orders
        for m in range(len(sheet.data)):
            x += bench.pull[m]
        x *= dice[i]
        for m in range(len(sheet.data)):
            if bench.pull[m] > 0:
                bench.mods[i] = m
                x -= bench.pull[m]
                if x < 0:
                    break
        if bench.mods[i] >= 0:
            bench.pull[bench.mods[i]] = 0.0
    _sort(bench.mods)


@lean_kernel
def _sort(mods: Ints) -> None:
    """Put the chosen modules in order, so that the same ones are the same; -1 stays behind."""
    for i in range(1, len(mods)):
        k = i
        while k > 0 and 0 <= mods[k] < mods[k - 1]:
            mods[k], mods[k - 1] = mods[k - 1], mods[k]
            k -= 1


@lean_kernel
def _is_weighed(bench: Bench) -> bool:
    """Whether the openings are those for the chosen modules; notes that they will be."""
    same = True
    for i in range(WIDTH):
        same = same and bench.weighed[i] == bench.mods[i]
        bench.weighed[i] = bench.mods[i]
    return same


@lean_kernel
def _shuffle(order: Ints, dice: Floats) -> None:
    for i in range(len(order) - 1, 0, -1):
        k = int(dice[i] * (i + 1))
        order[i], order[k] = order[k], order[i]


@lean_kernel
def _redraw(
    sheet: Sheet,
    marks: Marks,
    bench: Bench,
    q: int,
    a: int,
    b: int,
    dice: Floats,
    heat: float,
    press: float,
    squeeze: float,
) -> None:
    """Draw nodes a to b - 1 of a qubit anew; dice: WIDTH numbers, and one per node."""
    _choose(sheet, marks, bench, q, a, b, dice)
    if not sheet.even and not _is_weighed(bench):
        weigh_openings(sheet, bench, heat)
    lift(sheet, marks, q, a, b)
    look(sheet, marks, bench, q, a, b)
    less, room = press / heat, squeeze / heat
    if forward(sheet, marks, bench, q, a, b, heat, less, room) and draw(
        sheet, marks, bench, q, a, b, heat, less, room, dice[WIDTH:]
    ):
        write(sheet, marks, bench, q, a, b, 1 / squeeze)
    lay(sheet, marks, q, a, b)


@lean_kernel
def sweep(
    sheet: Sheet,
    marks: Marks,
    bench: Bench,
    order: Ints,
    given: Ints,
    dice: Floats,
    heat: float,
    press: float,
    squeeze: float,
) -> None:
    """Draw the qubits of `order`, shuffled, anew at temperature `heat`, in e-bits; long chains are
    cut at random places. `given`: so many first and last nodes of a qubit stay.

    `press`, `squeeze`: e-bits that one data or communication qubit missing for one time counts as.
    `dice`: uniform numbers, two per qubit and 1 + WIDTH per node at least.
    """
    _shuffle(order, dice)
    d = 2 * len(order)
    bench.weighed[:] = -1
    if sheet.even:
        weigh_openings(sheet, bench, heat)
    for i in range(len(order)):
        q = order[i]
        a, end = sheet.first[q] + given[0], sheet.first[q + 1] - given[1]
        stop = end
        if end - a > STRETCH:
            stop = a + STRETCH // 4 + int(dice[len(order) + i] * (STRETCH - STRETCH // 4))
        while a < end:
            b = _reach(sheet, marks, q, a, min(stop, end))
            if b > a:
                _redraw(sheet, marks, bench, q, a, b, dice[d:], heat, press, squeeze)
                d += WIDTH + b - a
            a = max(b, a + 1)  # a node in more modules than can be chosen from: left as it is
            if a >= stop:
                stop = a + STRETCH


@lean_kernel
def cool(
    sheet: Sheet,
    marks: Marks,
    kept: Marks,
    bench: Bench,
    order: Ints,
    given: Ints,
    dice: Floats,
    course: Floats,
    best: float,
    enough: float,
) -> float:
    """Sweep at the temperatures and pressures of `course` (sweeps, 3), each with its row of `dice`,
    until the cost is `enough`. What is chosen in the best plan within the limits goes to `kept`;
    returns its cost, or `best` where none was better."""
    for i in range(len(course)):
        if best <= enough:
            break
        heat, press, squeeze = course[i, 0], course[i, 1], course[i, 2]
        sweep(sheet, marks, bench, order, given, dice[i], heat, press, squeeze)
        cost = total_cost(sheet, marks)
        if cost < best - 1e-9 and not overfull(sheet, marks):
            best = cost
            for v in range(len(sheet.when)):
                kept.home[v], kept.since[v] = marks.home[v], marks.since[v]
                kept.label[v], kept.hold[v] = marks.label[v], marks.hold[v]
    return best
