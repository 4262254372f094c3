"""One stretch of a qubit's chain: weigh all its labellings at once, and draw one of them.

With everybody else fixed a labelling weighs exp(-E / heat). The weights are summed forwards and a
chain is drawn backwards (forward filtering, backward sampling: Carter and Kohn, Biometrika 81, 541
(1994)).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.passes.annealing.sheet import (
    BORDER,
    SAME,
    Floats,
    Ints,
    Marks,
    Sheet,
    apart,
    bits,
    spread,
)

WIDTH = 4  # modules that one stretch chooses from
MASKS = 1 << WIDTH
STATES = WIDTH * MASKS // 2  # pairs (home, label) with the home in the label
STRETCH = 128  # nodes that are drawn at once, at most
FAINT = 1e-9  # share of the weight below which a state is passed over


class Bench(NamedTuple):
    """Room to work in. `mods`: the modules chosen from, -1 for none; masks here count them;
    `weighed`: those that `far` is for.
    Per node of the stretch, from the one before it: `alpha`, the weights of its states so far;
    `full`, `gap_full`: data qubits missing (summed over time) if a home were there at the node, and
    after it; `load`, `gap_load`: communication qubits missing for one more copy. For one node, by
    mask: `far` and `opened[held, label]` (weights of openings), `kept`, `sent`, `taken` (of
    communication qubits missing: for what is held before it, where its openings may start, for
    its copies), `gate` (of its edges), `near` (its edges by the label of the mate);
    `reach[home, label]`, `stay[home before, home]`, `room[home, label]`, `weight[state]`.
    """

    mods: Ints
    weighed: Ints
    home: Ints
    label: Ints
    alpha: Floats
    full: Floats
    gap_full: Floats
    load: Floats
    gap_load: Floats
    drawn: Ints
    far: Floats
    opened: Floats
    kept: Floats
    sent: Floats
    taken: Floats
    gate: Floats
    near: Floats
    reach: Floats
    stay: Floats
    room: Floats
    weight: Floats
    pull: Floats


def new_bench(modules: int) -> Bench:
    """An empty bench."""
    states = [(h, s) for s in range(1, MASKS) for h in range(WIDTH) if s >> h & 1]
    size = STRETCH + 2
    home, label = np.array(states, dtype=np.int64).T.copy()

    def masks() -> Floats:
        return np.ones(MASKS)

    return Bench(
        mods=np.zeros(WIDTH, dtype=np.int64),
        weighed=np.full(WIDTH, -1, dtype=np.int64),
        home=home,
        label=label,
        alpha=np.zeros((size, STATES)),
        full=np.zeros((size, WIDTH)),
        gap_full=np.zeros((size, WIDTH)),
        load=np.zeros((size, WIDTH)),
        gap_load=np.zeros((size, WIDTH)),
        drawn=np.zeros(size, dtype=np.int64),
        far=np.zeros((MASKS, MASKS)),
        opened=np.zeros((MASKS, MASKS)),
        kept=masks(),
        sent=masks(),
        taken=masks(),
        gate=masks(),
        near=masks(),
        reach=np.zeros((WIDTH, MASKS)),
        stay=np.zeros((WIDTH, WIDTH)),
        room=np.zeros((WIDTH, MASKS)),
        weight=np.zeros(STATES),
        pull=np.zeros(modules),
    )


@kernel
def to_local(bench: Bench, mask: int) -> int:
    """A mask of modules as a mask of the chosen ones."""
    out = 0
    for i in range(WIDTH):
        if bench.mods[i] >= 0 and mask >> bench.mods[i] & 1:
            out |= 1 << i
    return out


@kernel
def to_global(bench: Bench, mask: int) -> int:
    """A mask of the chosen modules as a mask of all."""
    out = 0
    for i in range(WIDTH):
        if mask >> i & 1 and bench.mods[i] >= 0:
            out |= 1 << bench.mods[i]
    return out


@kernel
def weigh_openings(sheet: Sheet, bench: Bench, heat: float) -> None:
    """Fill `far` for the chosen modules."""
    for held in range(1, MASKS):
        for label in range(1, MASKS):
            if sheet.even:
                cost = float(bits(label & ~held))
            else:
                one, other = to_global(bench, held), to_global(bench, label)
                missing = bits(one) < bits(held) or bits(other) < bits(label)
                cost = np.inf if missing else spread(one, other, sheet.price, False)
            bench.far[held, label] = np.exp(-cost / heat)


@kernel
def look(sheet: Sheet, marks: Marks, bench: Bench, q: int, a: int, b: int) -> None:
    """Note how much room there is for nodes a to b - 1, which have been taken away."""
    first, end = sheet.first[q], sheet.first[q + 1]
    for v in range(max(a - 1, first), min(b + 1, end)):
        k = v - a + 1
        start = sheet.when[v] if v > first else 0
        until = sheet.when[v + 1] if v + 1 < end else len(sheet.left)
        stop = min(sheet.last[v] + 1, until) if v + 1 < end else until
        for i in range(WIDTH):
            m = bench.mods[i]
            if m < 0:
                continue
            inside = after = 0
            if a <= v < b:
                for t in range(start, stop):
                    inside += max(0, marks.homes[m, t] + 1 - sheet.data[m])
            for t in range(stop, until):
                after += max(0, marks.homes[m, t] + 1 - sheet.data[m])
            bench.full[k, i] = inside if sheet.data[m] else np.inf  # never a home
            bench.gap_full[k, i] = after
            if sheet.tight:
                _look_at_load(sheet, marks, bench, v, k, i, v == b, until)


@kernel
def _look_at_load(
    sheet: Sheet, marks: Marks, bench: Bench, v: int, k: int, i: int, fixed: bool, until: int
) -> None:
    """Note how many communication qubits of a module are missing, at a node and after it."""
    m = bench.mods[i]
    room = sheet.comm[m] - 1
    if fixed and (marks.label[v] & ~(1 << marks.home[v])) >> m & 1:
        room += 1  # its own copy is counted
    missing = 0
    for t in range(sheet.when[v], sheet.when[v] + 1 if fixed else sheet.last[v] + 1):
        missing += max(0, marks.load[m, t] - room)
    bench.load[k, i] = missing
    missing = 0
    for t in range(sheet.last[v] + 1, until):
        missing += max(0, marks.load[m, t] + 1 - sheet.comm[m])
    bench.gap_load[k, i] = missing


@kernel
def _weigh_loads(bench: Bench, k: int, squeeze: float) -> None:
    """Fill `kept`, `sent` and `taken` for node k."""
    kept, sent, taken, load, gap_load = (
        bench.kept,
        bench.sent,
        bench.taken,
        bench.load,
        bench.gap_load,
    )
    for mask in range(MASKS):
        here, before, least = 0.0, 0.0, np.inf
        for i in range(WIDTH):
            if mask >> i & 1:
                here += load[k, i]
                before += gap_load[k - 1, i]
                least = min(least, load[k, i])
        kept[mask] = np.exp(-squeeze * before) if before > 0 else 1.0
        taken[mask] = np.exp(-squeeze * here) if here > 0 else 1.0
        sent[mask] = np.exp(-squeeze * least) if least > 0 else 1.0


@kernel
def _holding(bench: Bench, k: int, worth: float) -> int:
    """The modules in which it is better to hold a copy until node k than to make it anew: those
    that miss fewer communication qubits meanwhile than one Bell pair is worth."""
    mask = 0
    for i in range(WIDTH):
        if bench.gap_load[k - 1, i] <= worth:
            mask |= 1 << i
    return mask


@kernel
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


@kernel
def _weigh_steps(opened: Floats, far: Floats, sent: Floats) -> None:
    """Fill `opened[held, label]`, an opening with its sender's communication qubit, and
    `opened[0, two modules]`, a teleport between them."""
    for held in range(1, MASKS):
        for label in range(1, MASKS):
            x = far[held, label]
            opened[held, label] = x * sent[held] if label & ~held else x
    for h in range(WIDTH):
        for home in range(WIDTH):
            two = 1 << h | 1 << home
            opened[0, two] = far[1 << h, 1 << home] * sent[1 << h] * sent[1 << home]


@kernel
def _weigh_moves(stay: Floats, gap_full: Floats, k: int, press: float) -> None:
    """Fill `stay[home, home after]`: the room that a home takes between node k - 1 and node k."""
    for h in range(WIDTH):
        for then in range(WIDTH):
            over = min(gap_full[k - 1, h], gap_full[k - 1, then])
            stay[h, then] = np.exp(-press * over) if over > 0 else 1.0


@kernel
def _local_mates(
    near: Floats, mods: Ints, label: Ints, mate: Ints, weight: Floats, a: int, b: int
) -> None:
    """Fill `near`: how much edges a to b - 1 weigh, by the label of the mate."""
    near[:] = 0.0
    for e in range(a, b):
        mask, other = 0, label[mate[e]]
        for i in range(WIDTH):
            if mods[i] >= 0 and other >> mods[i] & 1:
                mask |= 1 << i
        near[mask] += weight[e]


@kernel
def _weigh_edges(sheet: Sheet, marks: Marks, bench: Bench, v: int, heat: float) -> None:
    """Fill `gate`: what a node's edges, and opening it once per segment, weigh for each label."""
    again = sheet.turns[v] - 1
    near, gate = bench.near, bench.gate
    a, b = sheet.edge[v], sheet.edge[v + 1]
    _local_mates(near, bench.mods, marks.label, sheet.mate, sheet.weight, a, b)
    for label in range(1, MASKS):
        cost = 0.0
        if sheet.even:
            for other in range(MASKS):
                if not label & other:
                    cost += near[other]
        else:
            mask = to_global(bench, label)
            for e in range(a, b):
                other = marks.label[sheet.mate[e]]
                cost += sheet.weight[e] * apart(mask, other, sheet.price, False)
        gate[label] = cost
    if again:
        for label in range(1, MASKS):
            mask = to_global(bench, label)
            gate[label] += again * spread(mask & -mask, mask, sheet.price, sheet.even)
    for label in range(1, MASKS):
        gate[label] = np.exp(-gate[label] / heat) if gate[label] > 0 else 1.0


@kernel
def _enter_border(reach: Floats, alpha: Floats, opened: Floats, stay: Floats, k: int) -> None:
    """Fill `reach` for a node after a border: only the new home matters of what was before."""
    for home in range(WIDTH):
        total, s = 0.0, 0
        for label in range(1, MASKS):
            for h in range(WIDTH):
                if label >> h & 1:
                    x = alpha[k - 1, s] * stay[h, home]
                    if not label >> home & 1:
                        x *= opened[0, 1 << h | 1 << home]
                    total += x
                    s += 1
        for label in range(1, MASKS):
            reach[home, label] = total * opened[1 << home, label]


@kernel
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


@kernel
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


@kernel
def _weigh_room(
    room: Floats, full: Floats, taken: Floats, mods: Ints, k: int, press: float
) -> None:
    """Fill `room[home, label]`: little where qubits are missing, zero for no module."""
    for h in range(WIDTH):
        x = np.exp(-press * full[k, h]) if full[k, h] > 0 else 1.0
        for label in range(1, MASKS):
            room[h, label] = 0.0 if mods[h] < 0 else x * taken[label & ~(1 << h)]


@kernel
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


@kernel
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
        _weigh_steps(opened, far, sent)
    for v in range(a, b):
        k = v - a + 1
        if sheet.tight:
            _weigh_loads(bench, k, squeeze)
            _weigh_steps(opened, far, sent)
            gap = _holding(bench, k, 1 / (squeeze * heat))
        _weigh_moves(stay, gap_full, k, press)
        if v == a:
            _open_first(sheet, marks, bench, q, v, gap)
        elif sheet.kind[v] == BORDER:
            _enter_border(reach, alpha, opened, stay, k)
        else:
            _enter_same(reach, alpha, opened, kept, stay, gap, k)
        _weigh_edges(sheet, marks, bench, v, heat)
        _weigh_room(room, full, taken, mods, k, press)
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


@kernel
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
    """Weigh, for each state of node v, going on to what has been drawn, or is fixed, next."""
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
    _weigh_moves(stay, bench.gap_full, k + 1, press)
    if sheet.tight:
        _weigh_loads(bench, k + 1, squeeze)
        _weigh_steps(opened, far, sent)
        gap = _holding(bench, k + 1, 1 / (squeeze * heat))
    for s in range(STATES):
        h, mine = bench.home[s], bench.label[s]
        x = _step(opened, kept, gap, kind, h, mine, then, label)
        weight[s] = stay[h, then] * x


@kernel
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
            weight[:] = 1.0
        for s in range(STATES):
            weight[s] *= alpha[k, s]
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


@kernel
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
                both &= to_global(bench, _holding(bench, v - a + 2, worth))
            marks.hold[v] = both
