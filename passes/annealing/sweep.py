"""Sweeps of the annealer: stretches of all qubits are drawn anew, one after the other."""

from __future__ import annotations

from bellwire.compiler.kernels import kernel
from bellwire.passes.annealing.bench import WIDTH, Bench
from bellwire.passes.annealing.chain import draw, forward, write
from bellwire.passes.annealing.room import lay, lift
from bellwire.passes.annealing.sheet import Floats, Ints, Marks, Sheet, bits
from bellwire.passes.annealing.weights import look, weigh_openings


@kernel
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


@kernel
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
        x = dice[i] * bench.pull.sum()
        for m in range(len(sheet.data)):
            if bench.pull[m] > 0:
                bench.mods[i] = m
                x -= bench.pull[m]
                if x < 0:
                    break
        if bench.mods[i] >= 0:
            bench.pull[bench.mods[i]] = 0.0
    _sort(bench.mods)


@kernel
def _sort(mods: Ints) -> None:
    """Put the chosen modules in order, so that the same ones are the same; -1 stays behind."""
    for i in range(1, len(mods)):
        k = i
        while k > 0 and 0 <= mods[k] < mods[k - 1]:
            mods[k], mods[k - 1] = mods[k - 1], mods[k]
            k -= 1


@kernel
def _is_weighed(bench: Bench) -> bool:
    """Whether the openings are those for the chosen modules; notes that they will be."""
    same = True
    for i in range(WIDTH):
        same = same and bench.weighed[i] == bench.mods[i]
        bench.weighed[i] = bench.mods[i]
    return same


@kernel
def sweep(
    sheet: Sheet,
    marks: Marks,
    bench: Bench,
    stretches: Ints,
    dice: Floats,
    heat: float,
    press: float,
    squeeze: float,
) -> None:
    """Draw stretches (rows: qubit, first node, end) anew at temperature `heat`, in e-bits.

    `press`, `squeeze`: e-bits that one data or communication qubit missing for one time counts as.
    `dice`: uniform numbers, at least (1 + WIDTH) per node.
    """
    d = 0
    bench.weighed[:] = -1
    if sheet.even:
        weigh_openings(sheet, bench, heat)
    for row in range(len(stretches)):
        q, a, stop = stretches[row, 0], stretches[row, 1], stretches[row, 2]
        while a < stop:
            b = _reach(sheet, marks, q, a, stop)
            if b == a:  # one node in more modules than can be chosen from: left as it is
                a += 1
                continue
            _choose(sheet, marks, bench, q, a, b, dice[d:])
            d += WIDTH
            if not sheet.even and not _is_weighed(bench):
                weigh_openings(sheet, bench, heat)
            lift(sheet, marks, q, a, b)
            look(sheet, marks, bench, q, a, b)
            less, room = press / heat, squeeze / heat
            if forward(sheet, marks, bench, q, a, b, heat, less, room) and draw(
                sheet, marks, bench, q, a, b, heat, less, room, dice[d:]
            ):
                write(sheet, marks, bench, q, a, b, 1 / squeeze)
            d += b - a
            lay(sheet, marks, q, a, b)
            a = b
