"""One stretch of a qubit's chain: weigh all its labellings at once, and draw one of them.

With everybody else fixed a labelling weighs exp(-E / heat). The weights are summed forwards and a
chain is drawn backwards (forward filtering, backward sampling: Carter and Kohn, Biometrika 81, 541
(1994)).
"""

from __future__ import annotations

from bellwire.compiler.kernels import lean_kernel
from bellwire.passes.annealing.bench import MASKS, STATES, WIDTH, Bench, to_global, to_local
from bellwire.passes.annealing.sheet import BORDER, SAME, Floats, Marks, Sheet
from bellwire.passes.annealing.weights import (
    holding,
    weigh_edges,
    weigh_loads,
    weigh_moves,
    weigh_room,
    weigh_steps,
)

FAINT = 1e-6  # share of the weight below which a state is passed over


@lean_kernel
def _step(
    opened: Floats, kept: Floats, gap: int, kind: int, h: int, s: int, home: int, then: int
) -> float:
    """The weight of coming from home h and label s to a home and label `then`, with copies held in
    `gap` where the segment goes on. Inside a segment only a copy becomes a new home."""
    if kind == BORDER:
        x = 1.0 if home == h or s >> home & 1 else opened[0, 1 << h | 1 << home]
        return float(x * opened[1 << home, then])
    copies = s & then & gap & ~(1 << h)
    if home == h:
        return float(kept[copies] * opened[copies | 1 << h, then])
    return float(kept[copies] * opened[copies, then]) if copies >> home & 1 else 0.0


@lean_kernel
def _enter_border(reach: Floats, alpha: Floats, opened: Floats, stay: Floats, k: int) -> None:
    """Fill `reach` for a node after a border: only the new home matters of what was before."""
    reach[:, 0] = 0.0  # the sums over what was before, by home
    s = -1
    for label in range(1, MASKS):
        for h in range(WIDTH):
            if not label >> h & 1:
                continue
            s += 1
            before = alpha[k - 1, s]
            if before < FAINT:
                continue
            for home in range(WIDTH):
                x = before * stay[h, home]
                if not label >> home & 1:
                    x *= opened[0, 1 << h | 1 << home]
                reach[home, 0] += x
    for home in range(WIDTH):
        for label in range(1, MASKS):
            reach[home, label] = reach[home, 0] * opened[1 << home, label]


@lean_kernel
def _enter_same(
    reach: Floats, alpha: Floats, opened: Floats, kept: Floats, stay: Floats, gap: int, k: int
) -> None:
    """Fill `reach` for a node whose segment goes on from the one before."""
    reach[:] = 0.0
    s = -1
    for label in range(1, MASKS):
        for h in range(WIDTH):
            if not label >> h & 1:
                continue
            s += 1
            before, here = alpha[k - 1, s], 1 << h
            if before < FAINT:
                continue
            for then in range(1, MASKS):
                copies = label & then & gap & ~here
                x = before * kept[copies]
                if then & here:
                    reach[h, then] += x * stay[h, h] * opened[copies | here, then]
                if copies:
                    x *= opened[copies, then]
                    for home in range(WIDTH):
                        if copies >> home & 1:
                            reach[home, then] += x * stay[h, home]


@lean_kernel
def _arrive(alpha: Floats, reach: Floats, gate: Floats, room: Floats, k: int, alone: bool) -> float:
    """Fill the weights of node k's states; returns their total."""
    total, s = 0.0, 0
    for label in range(1, MASKS):
        for home in range(WIDTH):
            if label >> home & 1:
                x = 0.0
                if not alone or label == 1 << home:
                    x = reach[home, label] * gate[label] * room[home, label]
                alpha[k, s] = x
                total += x
                s += 1
    return total


@lean_kernel
def _open_first(sheet: Sheet, marks: Marks, bench: Bench, q: int, v: int, gap: int) -> None:
    """Fill `reach` for the first node of a stretch: after the fixed one, or from nothing."""
    reach, far, opened = bench.reach, bench.far, bench.opened
    reach[:] = 0.0
    if v == sheet.first[q]:
        for home in range(WIDTH):  # before the first node a home costs nothing
            for then in range(1, MASKS):
                reach[home, then] = far[1 << home, then] if then >> home & 1 else 0.0
        return
    label, kind = to_local(bench, marks.label[v - 1]), sheet.kind[v]
    for h in range(WIDTH):
        if bench.mods[h] == marks.home[v - 1]:
            for home in range(WIDTH):
                for then in range(1, MASKS):
                    if then >> home & 1:
                        x = _step(opened, bench.kept, gap, kind, h, label, home, then)
                        reach[home, then] = x * bench.stay[h, home]


@lean_kernel
def forward(
    sheet: Sheet,
    marks: Marks,
    bench: Bench,
    q: int,
    a: int,
    b: int,
    heat: float,
    press: float,
    squeeze: float,
) -> bool:
    """Sum the weights of all chains of nodes a to b - 1; says whether there is one. The weight of
    one data qubit missing for one time is exp(-press), of a communication qubit exp(-squeeze)."""
    alpha, reach, stay, room = bench.alpha, bench.reach, bench.stay, bench.room
    far, gate, full, mods, gap_full = bench.far, bench.gate, bench.full, bench.mods, bench.gap_full
    kept, sent, taken, gap = bench.kept, bench.sent, bench.taken, MASKS - 1
    opened = bench.opened
    if not sheet.tight:
        weigh_steps(opened, far, sent)
    for v in range(a, b):
        k = v - a + 1
        if sheet.tight:
            weigh_loads(bench, k, squeeze)
            weigh_steps(opened, far, sent)
            gap = holding(bench, k, 1 / (squeeze * heat))
        weigh_moves(stay, gap_full, k, press)
        if v == a:
            _open_first(sheet, marks, bench, q, v, gap)
        elif sheet.kind[v] == BORDER:
            _enter_border(reach, alpha, opened, stay, k)
        else:
            _enter_same(reach, alpha, opened, kept, stay, gap, k)
        weigh_edges(sheet, marks, bench, v, heat)
        weigh_room(room, full, taken, mods, k, press)
        if sheet.tight:
            for label in range(1, MASKS):
                if gate[label] < 1.0:
                    gate[label] *= sent[label]
        total = _arrive(alpha, reach, gate, room, k, sheet.alone[v] == 1)
        if total <= 0:
            return False
        for s in range(STATES):
            alpha[k, s] /= total
    return True


@lean_kernel
def _leave_for(
    weight: Floats,
    alpha: Floats,
    opened: Floats,
    kept: Floats,
    stay: Floats,
    gap: int,
    kind: int,
    home: int,
    then: int,
) -> None:
    """Weigh each state of a node, given its weight so far, with going on to a home and a label."""
    s, there = -1, 1 << home
    for label in range(1, MASKS):
        for h in range(WIDTH):
            if not label >> h & 1:
                continue
            s += 1
            weight[s] = 0.0
            if alpha[s] < FAINT:
                continue
            x, here = alpha[s] * stay[h, home], 1 << h
            copies = label & then & gap & ~here
            if kind == BORDER:
                if not label & there:
                    x *= opened[0, here | there]
                x *= opened[there, then]
            elif h == home:
                x *= kept[copies] * opened[copies | here, then]
            elif copies & there:
                x *= kept[copies] * opened[copies, then]
            else:
                continue
            weight[s] = x


@lean_kernel
def _leave(
    sheet: Sheet,
    marks: Marks,
    bench: Bench,
    v: int,
    a: int,
    b: int,
    heat: float,
    press: float,
    squeeze: float,
) -> None:
    """Weigh each state of node v with going on to what has been drawn, or is fixed, next."""
    k, kind = v - a + 1, sheet.kind[v + 1]
    far, weight, stay, kept, sent = bench.far, bench.weight, bench.stay, bench.kept, bench.sent
    opened = bench.opened
    gap = MASKS - 1
    if v + 1 < b:
        drawn = bench.drawn[k + 1]
        then, label = bench.home[drawn], bench.label[drawn]
    else:
        label, then = to_local(bench, marks.label[v + 1]), 0
        for i in range(WIDTH):
            if bench.mods[i] == marks.home[v + 1]:
                then = i
    weigh_moves(stay, bench.gap_full, k + 1, press)
    if sheet.tight:
        weigh_loads(bench, k + 1, squeeze)
        weigh_steps(opened, far, sent)
        gap = holding(bench, k + 1, 1 / (squeeze * heat))
    _leave_for(weight, bench.alpha[k], opened, kept, stay, gap, kind, then, label)


@lean_kernel
def draw(
    sheet: Sheet,
    marks: Marks,
    bench: Bench,
    q: int,
    a: int,
    b: int,
    heat: float,
    press: float,
    squeeze: float,
    dice: Floats,
) -> bool:
    """Draw a chain backwards into `drawn`, one number of `dice` per node; says whether there was
    one."""
    weight, alpha = bench.weight, bench.alpha
    for v in range(b - 1, a - 1, -1):
        k, total = v - a + 1, 0.0
        if v + 1 < sheet.first[q + 1]:
            _leave(sheet, marks, bench, v, a, b, heat, press, squeeze)
        else:
            for s in range(STATES):
                weight[s] = alpha[k, s]
        for s in range(STATES):
            total += weight[s]
        if total <= 0:
            return False
        x = dice[v - a] * total
        for s in range(STATES):
            if weight[s] > 0:
                bench.drawn[k] = s
                x -= weight[s]
                if x < 0:
                    break
    return True


@lean_kernel
def write(sheet: Sheet, marks: Marks, bench: Bench, q: int, a: int, b: int, worth: float) -> None:
    """Put the drawn chain into the plan, with the copies that are held between its nodes."""
    for v in range(a, b):
        s = bench.drawn[v - a + 1]
        marks.label[v] = to_global(bench, bench.label[s])
        marks.home[v] = bench.mods[bench.home[s]]
    for v in range(max(a - 1, sheet.first[q]), min(b, sheet.first[q + 1] - 1)):
        marks.hold[v] = 0
        if sheet.kind[v + 1] == SAME:
            both = marks.label[v] & marks.label[v + 1] & ~(1 << marks.home[v])
            if sheet.tight:
                both &= to_global(bench, holding(bench, v - a + 2, worth))
            marks.hold[v] = both
