"""What speaks for and against each home and label of a node: edges, openings, room."""

from __future__ import annotations

from math import exp

import numpy as np

from bellwire.compiler.kernels import lean_kernel
from bellwire.passes.annealing.bench import MASKS, WIDTH, Bench, to_global
from bellwire.passes.annealing.sheet import Floats, Ints, Marks, Sheet, apart, bits, spread


@lean_kernel
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
            bench.far[held, label] = exp(-cost / heat)


@lean_kernel
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


@lean_kernel
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


@lean_kernel
def weigh_loads(bench: Bench, k: int, squeeze: float) -> None:
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
        kept[mask] = exp(-squeeze * before) if before > 0 else 1.0
        taken[mask] = exp(-squeeze * here) if here > 0 else 1.0
        sent[mask] = exp(-squeeze * least) if least > 0 else 1.0


@lean_kernel
def holding(bench: Bench, k: int, worth: float) -> int:
    """The modules in which it is better to hold a copy until node k than to make it anew: those
    that miss fewer communication qubits meanwhile than one Bell pair is worth."""
    mask = 0
    for i in range(WIDTH):
        if bench.gap_load[k - 1, i] <= worth:
            mask |= 1 << i
    return mask


@lean_kernel
def weigh_steps(opened: Floats, far: Floats, sent: Floats) -> None:
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


@lean_kernel
def weigh_moves(stay: Floats, gap_full: Floats, k: int, press: float) -> None:
    """Fill `stay[home, home after]`: the room that a home takes between node k - 1 and node k."""
    for h in range(WIDTH):
        for then in range(WIDTH):
            over = min(gap_full[k - 1, h], gap_full[k - 1, then])
            stay[h, then] = exp(-press * over) if over > 0 else 1.0


@lean_kernel
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


@lean_kernel
def weigh_edges(sheet: Sheet, marks: Marks, bench: Bench, v: int, heat: float) -> None:
    """Fill `gate`: what a node's edges, and opening it once per segment, weigh for each label."""
    again = sheet.turns[v] - 1
    near, gate = bench.near, bench.gate
    a, b = sheet.edge[v], sheet.edge[v + 1]
    _local_mates(near, bench.mods, marks.label, sheet.mate, sheet.weight, a, b)
    if sheet.even:
        _weigh_missed(near, gate, heat)
    else:
        for label in range(1, MASKS):
            mask, cost = to_global(bench, label), 0.0
            for e in range(a, b):
                other = marks.label[sheet.mate[e]]
                cost += sheet.weight[e] * apart(mask, other, sheet.price, False)
            gate[label] = exp(-cost / heat) if cost > 0 else 1.0
    if again:
        for label in range(1, MASKS):
            mask = to_global(bench, label)
            cost = again * spread(mask & -mask, mask, sheet.price, sheet.even)
            gate[label] *= exp(-cost / heat)


@lean_kernel
def _weigh_missed(near: Floats, gate: Floats, heat: float) -> None:
    """Fill `gate` where every edge that is not met costs its weight: for a label, the product over
    all the masks that it does not meet, the subsets of its complement (made one module at a time).
    """
    for mask in range(MASKS):
        near[mask] = exp(-near[mask] / heat) if near[mask] > 0 else 1.0
    for i in range(WIDTH):
        for mask in range(MASKS):
            if mask >> i & 1:
                near[mask] *= near[mask ^ 1 << i]
    for label in range(1, MASKS):
        gate[label] = near[MASKS - 1 - label]


@lean_kernel
def weigh_room(room: Floats, full: Floats, taken: Floats, mods: Ints, k: int, press: float) -> None:
    """Fill `room[home, label]`: little where qubits are missing, zero for no module."""
    for h in range(WIDTH):
        x = exp(-press * full[k, h]) if full[k, h] > 0 else 1.0
        for label in range(1, MASKS):
            room[h, label] = 0.0 if mods[h] < 0 else x * taken[label & ~(1 << h)]
