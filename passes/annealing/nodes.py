"""Cut every qubit's life into nodes, fine or coarse, and join them by edges.

Coarse nodes are few and make large steps: with `blocks`, consecutive gates of two qubits with one
another are one node on each side, whatever one-qubit gates lie between. Fine nodes, of at most
`grain` gates, let a copy be given up between two gates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.passes.annealing.sheet import BORDER, SAME, Ints, Marks, Sheet
from bellwire.passes.cover import Meetings, cover_sessions
from bellwire.passes.gate_segments import SMALL
from bellwire.passes.homes import middles, prices
from bellwire.passes.timeline import Timeline
from bellwire.targets.machine import Machine

WHOLE = 1 << 40  # a grain that leaves segments whole


@dataclass(frozen=True, eq=False)
class Net:
    """A sheet, and the nodes of each event of its timeline: `node` (T, 2), or `resting[t]`
    (qubits,) for control flow. `anchored`, `closed`: the first, the last node of each qubit is
    given."""

    sheet: Sheet
    node: Ints
    resting: dict[int, Ints]
    anchored: bool
    closed: bool


@kernel
def _assign(pair: Ints, fresh: Ints, grain: int, blocks: bool, place: Ints, count: Ints) -> None:
    """Fill `place[t, k]`: the how manyeth node of its qubit an event belongs to; `count[q]`: how
    many nodes a qubit has."""
    qubits = len(count)
    size = np.zeros(qubits, dtype=np.int64)
    partner = np.full(qubits, -1, dtype=np.int64)
    turns = np.zeros(qubits, dtype=np.int64)
    for t in range(len(pair)):
        if pair[t, 0] < 0:
            for q in range(qubits):
                count[q] += 1
                size[q], partner[q], turns[q] = grain, -1, 1
            continue
        u, v = pair[t, 0], pair[t, 1]
        again = blocks and count[u] > 0 and partner[u] == v and partner[v] == u
        for k in range(2):
            q, other = pair[t, k], pair[t, 1 - k]
            if again:
                turns[q] += fresh[t, k]
            elif fresh[t, k] or size[q] >= grain or turns[q] > 1:
                count[q] += 1
                size[q], partner[q], turns[q] = 0, other, 1
            elif partner[q] != other:
                partner[q] = -1
            size[q] += 1
            place[t, k] = count[q] - 1


@kernel
def _describe(
    pair: Ints,
    fresh: Ints,
    node: Ints,
    when: Ints,
    last: Ints,
    kind: Ints,
    turns: Ints,
    left: Ints,
    right: Ints,
) -> None:
    """Fill the columns of nodes, and which nodes begin when."""
    for t in range(len(pair)):
        if pair[t, 0] < 0:
            continue
        for k in range(2):
            v = node[t, k]
            if when[v] < 0:
                when[v], turns[v] = t, 1
                kind[v] = BORDER if fresh[t, k] else SAME
                if k == 0:
                    left[t] = v
                else:
                    right[t] = v
            else:
                turns[v] += fresh[t, k]
            last[v] = t


def build(
    clock: Timeline,
    machine: Machine,
    *,
    grain: int = WHOLE,
    blocks: bool = False,
    tight: bool = False,
    times: int | None = None,
) -> Net:
    """Make the nodes and edges of a timeline; `tight`: watch communication qubits; `times`: not
    tight, and about so many times at most, each of several nodes' begins."""
    place = np.zeros_like(clock.pair)
    count = np.zeros(clock.qubits, dtype=np.int64)
    small = SMALL // 3
    _assign.sized(len(clock), small=small)(clock.pair, clock.fresh, grain, blocks, place, count)
    idle = (count == 0) & (len(clock) > 0)  # these take up room: one node, without edges
    first = np.concatenate([[0], np.cumsum(count + idle)])
    node = np.where(clock.pair >= 0, first[clock.pair] + place, -1)
    nodes, length = int(first[-1]), len(clock)
    when, last, kind, alone = (np.full(nodes, x, dtype=np.int64) for x in (-1, -1, BORDER, 0))
    turns = np.ones(nodes, dtype=np.int64)
    left, right = np.full((2, length), -1, dtype=np.int64)
    describe = _describe.sized(length, small=small)
    describe(clock.pair, clock.fresh, node, when, last, kind, turns, left, right)
    resting = _rest(clock, first, when, last, alone)
    idle_nodes = first[:-1][idle]
    when[idle_nodes], last[idle_nodes], alone[idle_nodes] = 0, 0, 1
    edge, mate, weight, time = _edges(clock, node, resting, turns, nodes, blocks)
    tick, begin = _ticks(clock, when, times)
    when, last, time = tick[when], tick[last], tick[time]
    left, right = (np.where(begin < 0, -1, x[begin]) for x in (left, right))
    price = prices(machine)
    np.fill_diagonal(price, 0.0)
    comm = np.array([m.comm_qubits for m in machine.modules], dtype=np.int64)
    sheet = Sheet(
        first,
        when,
        last,
        kind,
        alone,
        turns,
        edge,
        mate,
        weight,
        time,
        left,
        right,
        np.array([m.data_qubits for m in machine.modules], dtype=np.int64),
        comm,
        price,
        middles(machine),
        _is_even(price),
        tight,
    )
    return Net(sheet, node, resting, clock.is_anchored, clock.is_closed)


def _ticks(clock: Timeline, when: Ints, most: int | None) -> tuple[Ints, Ints]:
    """For each event its time, and for each time the event that it begins with, -1 for none.

    Nothing changes between the begins of nodes: time counts these only, or about `most` stretches
    of them. Limits hold at the end of a stretch; so the start, and control flow, get times of
    their own.
    """
    begins = np.zeros(len(clock), dtype=bool)
    begins[when] = True
    tick, count = np.cumsum(begins) - 1, int(np.count_nonzero(begins))
    if most is None or count <= most:
        return tick, np.flatnonzero(begins)
    own = np.zeros(len(clock) + 1, dtype=np.int64)
    own[list(clock.inner)] = 1
    own[1:] += own[:-1]
    tick = 1 + tick * most // count + np.cumsum(own[:-1])
    return tick, np.full(int(tick[-1]) + 1, -1)


def _is_even(price: np.ndarray) -> bool:
    return bool((price[~np.eye(len(price), dtype=bool)] == 1).all())


def _rest(clock: Timeline, first: Ints, when: Ints, last: Ints, alone: Ints) -> dict[int, Ints]:
    """Give every qubit its node without copies for each event of control flow."""
    resting: dict[int, Ints] = {}
    if not clock.inner:
        return resting
    seen = np.zeros(clock.qubits, dtype=np.int64)
    for t in sorted(clock.inner):
        nodes = np.empty(clock.qubits, dtype=np.int64)
        for q in range(clock.qubits):
            v = first[q] + seen[q]
            while when[v] >= 0 and when[v] < t:
                v += 1
            nodes[q] = v
            seen[q] = v - first[q] + 1
        when[nodes] = last[nodes] = t
        alone[nodes] = 1
        resting[t] = nodes
    return resting


def _edges(
    clock: Timeline, node: Ints, resting: dict[int, Ints], turns: Ints, nodes: int, blocks: bool
) -> tuple[Ints, Ints, np.ndarray, Ints]:
    """Edges of each node: where they start, their mates, weights and first gates.

    All gates between two nodes are one edge: one Bell pair serves them. A block that is not met is
    at most a move there and back.
    """
    gates = np.flatnonzero(clock.pair[:, 0] >= 0)
    a, b = node[gates].min(axis=1), node[gates].max(axis=1)
    keys, at, count = np.unique(a * nodes + b, return_index=True, return_counts=True)
    low, high, time = keys // max(1, nodes), keys % max(1, nodes), gates[at]
    weight = np.ones(len(keys))
    if blocks:
        weight = np.minimum(2.0, np.minimum(count, np.maximum(turns[low], turns[high])))
    extra = [
        (resting[t][u], resting[t][v], float(w), t)
        for t, pairs in clock.inner.items()
        for (u, v), w in pairs.items()
    ]
    if extra:
        more = np.array(extra)
        low = np.concatenate([low, more[:, 0].astype(np.int64)])
        high = np.concatenate([high, more[:, 1].astype(np.int64)])
        weight = np.concatenate([weight, more[:, 2]])
        time = np.concatenate([time, more[:, 3].astype(np.int64)])
    source = np.concatenate([low, high])
    order = np.argsort(source, kind="stable")
    edge = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=nodes))])
    mate = np.concatenate([high, low])[order]
    return edge, mate, np.tile(weight, 2)[order], np.tile(time, 2)[order]


def fixed(net: Net, homes: Sequence[int] | Ints) -> Marks:
    """A plan with a fixed home for each qubit and no copies."""
    sheet = net.sheet
    home = np.repeat(np.asarray(homes, dtype=np.int64), np.diff(sheet.first))
    return blank(net, home, np.int64(1) << home)


def blank(net: Net, home: Ints, label: Ints) -> Marks:
    """A plan with these homes and labels, copies held within segments; nothing counted yet."""
    sheet = net.sheet
    nodes, length, modules = len(home), len(sheet.left), len(sheet.data)
    since = sheet.when.copy()
    since[sheet.first[:-1][np.diff(sheet.first) > 0]] = 0
    hold = np.zeros(nodes, dtype=np.int64)
    if nodes:
        same = np.flatnonzero(sheet.kind[1:] == SAME)
        hold[same] = label[same] & label[same + 1] & ~(np.int64(1) << home[same])
    return Marks(
        home,
        since,
        label,
        hold,
        np.zeros((nodes, 2), dtype=np.int64),
        np.zeros((length, 2), dtype=np.int64),
        np.zeros((length, 2), dtype=np.int64),
        np.zeros((modules, length), dtype=np.int16),
        np.zeros((modules, length if sheet.tight else 0), dtype=np.int16),
    )


def carried_over(net: Net, marks: Marks, other: Net) -> Marks:
    """A plan for the nodes of another net of the same timeline, as alike as can be."""
    home = np.zeros(len(other.sheet.when), dtype=np.int64)
    home[other.sheet.first[:-1]] = marks.home[net.sheet.first[:-1]]  # of idle qubits too
    label = np.zeros_like(home)
    pairs = [(net.node[:, k], other.node[:, k]) for k in (1, 0)]
    for old, new in (*pairs, *((net.resting[t], other.resting[t]) for t in net.resting)):
        known = old >= 0
        home[new[known]] = marks.home[old[known]]
        label[new[known]] = marks.label[old[known]]
    return blank(other, home, label | np.int64(1) << home)


def meetings(net: Net) -> Meetings:
    """Which nodes have gates with one another."""
    sheet = net.sheet
    low = np.repeat(np.arange(len(sheet.when)), np.diff(sheet.edge))
    once = low < sheet.mate
    pairs = np.stack([low[once], sheet.mate[once]], axis=1)
    ends = np.minimum(sheet.last[pairs[:, 0]], sheet.last[pairs[:, 1]])
    times = np.stack([sheet.time[once], ends], axis=1)
    owner = np.repeat(np.arange(len(sheet.first) - 1), np.diff(sheet.first))
    return Meetings(owner, pairs, times)


def gathered(net: Net, homes: Ints, hub: int) -> Marks:
    """A plan with fixed homes in which all spanning gates meet in one module."""
    marks, meet = fixed(net, homes), meetings(net)
    home = marks.home[meet.pairs]
    spanning = meet.pairs[home[:, 0] != home[:, 1]].ravel()
    label = marks.label.copy()
    label[spanning] |= np.int64(1) << hub
    label[net.sheet.alone == 1] = marks.label[net.sheet.alone == 1]
    return blank(net, marks.home, label)


def covered(net: Net, homes: Ints) -> Marks:
    """A plan with fixed homes and the fewest copies for them."""
    marks = fixed(net, homes)
    label = marks.label.copy()
    for node, module in cover_sessions(meetings(net), homes):
        if not net.sheet.alone[node]:
            label[node] |= np.int64(1) << module
    return blank(net, marks.home, label)
