"""What the annealer works on: a chain of nodes per qubit, edges between them, and their price.

E = for each node the price of opening its label from what is held before, plus for each edge whose
two labels do not meet the price of a Bell pair between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import lean_kernel

Ints = NDArray[np.int64]
Small = NDArray[np.int16]
Floats = NDArray[np.float64]

SAME, BORDER = 0, 1  # what lies between a node and the one before it


class Sheet(NamedTuple):
    """What is given. A node is a run of a qubit's two-qubit gates that share one label; nodes are
    numbered qubit by qubit: `first[q]` to `first[q + 1]`. Time counts the gates that begin nodes.

    Per node: `when`, `last` (its first and last gate); `kind`: SAME segment as the node before
    or after a BORDER; `alone` (1: no copies); `turns` (segments inside: its
    label is opened so often); `edge` (its edges are edge[v] to edge[v + 1]).
    Per edge, from both sides: `mate` (the other node), `weight`, `time` (its first gate).
    Per time: `left`, `right`: the nodes that begin then, -1 for none.
    Per module: `data`, `comm` (qubits). `price[a, b]`: of a Bell pair; `even`: all are 1;
    `way[a, b]`: mask of the modules between, which swap it together.
    `tight`: communication qubits may run short and are watched.
    """

    first: Ints
    when: Ints
    last: Ints
    kind: Ints
    alone: Ints
    turns: Ints
    edge: Ints
    mate: Ints
    weight: Floats
    time: Ints
    left: Ints
    right: Ints
    data: Ints
    comm: Ints
    price: Floats
    way: Ints
    even: bool
    tight: bool


class Marks(NamedTuple):
    """What is chosen. Per node: `home` (module), `since` (the time from which it is home), `label`
    (mask of the modules that hold it), `hold` (mask of the copies kept until the next node).
    Counted from these: per node `source` (two masks of modules that need communication qubits for a
    moment when the label is opened: one each, and two each on the way); per time `private` (the
    same for a gate whose labels do not meet), `moment` (all of them); per module and time `homes`,
    and if tight `load` (communication qubits).
    """

    home: Ints
    since: Ints
    label: Ints
    hold: Ints
    source: Ints
    private: Ints
    moment: Ints
    homes: Small
    load: Small


@lean_kernel
def bits(mask: int) -> int:
    """How many bits of a mask are set."""
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@lean_kernel
def spread(held: int, label: int, price: Floats, even: bool) -> float:
    """The price of opening a label from held modules: a shortest tree, grown from what is held."""
    wanted = label & ~held
    if even:
        return float(bits(wanted))
    total = 0.0
    while wanted:
        best, pick = np.inf, 0
        for m in range(len(price)):
            if wanted >> m & 1:
                for h in range(len(price)):
                    if held >> h & 1 and price[h, m] < best:
                        best, pick = price[h, m], m
        if best == np.inf:
            return np.inf
        total += best
        held |= 1 << pick
        wanted &= ~(1 << pick)
    return total


@lean_kernel
def apart(one: int, other: int, price: Floats, even: bool) -> float:
    """The price of a Bell pair between two labels; 0 where they meet."""
    if one & other:
        return 0.0
    if even:
        return 1.0
    best = np.inf
    for a in range(len(price)):
        if one >> a & 1:
            for b in range(len(price)):
                if other >> b & 1 and price[a, b] < best:
                    best = price[a, b]
    return best


@lean_kernel
def held_before(sheet: Sheet, marks: Marks, q: int, v: int) -> int:
    """The modules that hold a qubit when node v is opened, its new home among them.

    A change of home ends the old one: for free where a copy is there, else by a teleport, before
    which all copies are given back.
    """
    home = 1 << int(marks.home[v])
    if v > sheet.first[q]:
        hold = int(marks.hold[v - 1])
        if hold & home or marks.home[v] == marks.home[v - 1]:
            return home | hold
    return home


@lean_kernel
def opening(sheet: Sheet, marks: Marks, q: int, v: int) -> float:
    """What node v costs: to come to its home and to open its label."""
    home, label, cost = marks.home[v], marks.label[v], 0.0
    if v > sheet.first[q] and home != marks.home[v - 1]:
        there = marks.hold[v - 1] if sheet.kind[v] == SAME else marks.label[v - 1]
        if not there >> home & 1:
            cost = sheet.price[marks.home[v - 1], home]
    cost += spread(held_before(sheet, marks, q, v), label, sheet.price, sheet.even)
    if sheet.turns[v] > 1:
        cost += (sheet.turns[v] - 1) * spread(1 << home, label, sheet.price, sheet.even)
    return cost


@lean_kernel
def total_cost(sheet: Sheet, marks: Marks) -> float:
    """What a whole plan costs, in Bell pairs on links."""
    total = 0.0
    for q in range(len(sheet.first) - 1):
        for v in range(sheet.first[q], sheet.first[q + 1]):
            total += opening(sheet, marks, q, v)
            for e in range(sheet.edge[v], sheet.edge[v + 1]):
                if sheet.mate[e] > v:
                    other = marks.label[sheet.mate[e]]
                    total += sheet.weight[e] * apart(marks.label[v], other, sheet.price, sheet.even)
    return total
