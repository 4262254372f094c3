"""The events of list_order.py, one after the other."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.program import Ints

NONE = -1
ENDED, USED, READY, SERVE = 0, 1, 2, 3  # kinds of events, in this order at the same time

Event = tuple[int, int, int, int]  # when, kind, rank, row (or the place where pairs ask)


class Graph(NamedTuple):
    """Row i lets the rows `after[first[i]:first[i + 1]]` go, `lag` after its end; `held` of them
    are requests by policy. `tail`: ns from a row's start to the end of the program; `tied`: the
    next row follows at once."""

    first: Ints
    after: Ints
    lag: Ints
    held: Ints
    duration: Ints
    tail: Ints
    tied: NDArray[np.bool_]


class Net(NamedTuple):
    """Link of each row; links that rows keep; ends of each link and where its pairs ask (a switch,
    else the link itself); slots `of[k]` to `of[k + 1]`; per place connections, ns to connect, ns to
    hold one; `buffer` as in Generation; the pairs that a row uses first, as starts and values."""

    link: Ints
    kept_starts: Ints
    kept: Ints
    ends: Ints
    place: Ints
    of: Ints
    most: Ints
    connect: Ints
    hold: Ints
    buffer: int
    used_starts: Ints
    used: Ints


class State(NamedTuple):
    """While events go by: rows that are still waited for (order, policy), when each may start;
    until when slots are busy; per module: partner, pairs in the making, since when idle, until when
    being connected; pairs asked for and not used per link; who asks at each place (a chain)."""

    left: Ints
    held: Ints
    ready: Ints
    until: Ints
    partner: Ints
    making: Ints
    idle: Ints
    connected: Ints
    asked: Ints
    asking: Ints
    next: Ints
    order: Ints
    written: Ints


@kernel
def tails(first: Ints, before: Ints, lag: Ints, duration: Ints, tail: Ints) -> None:
    for i in range(len(tail) - 1, -1, -1):
        for k in range(first[i], first[i + 1]):
            b = before[k]
            tail[b] = max(tail[b], duration[b] + lag[k] + tail[i])


@kernel
def simulate(graph: Graph, net: Net, state: State) -> None:
    events = [(0, READY, 0, 0)]
    events.pop()
    for i in range(len(net.link)):
        if state.left[i] == 0 and state.held[i] == 0:
            heappush(events, (0, READY, -graph.tail[i], i))
    now = 0
    while state.written[0] < len(net.link):
        if not events:
            _give_up(graph, net, state, events, now)
        now, kind, _, i = heappop(events)
        if kind == ENDED:
            _end_pair(net, state, events, now, i)
        elif kind == USED:
            state.asked[net.link[i]] -= 1
            heappush(events, (now, SERVE, 0, net.place[net.link[i]]))
        elif kind == READY:
            _take_up(graph, net, state, events, now, i)
        else:
            _serve(graph, net, state, events, now, i, net.buffer)


@kernel
def _take_up(graph: Graph, net: Net, state: State, events: list[Event], now: int, i: int) -> None:
    """Start a row, or let it ask for its link."""
    if net.link[i] >= 0:
        place = net.place[net.link[i]]
        state.next[i] = state.asking[place]
        state.asking[place] = i
        heappush(events, (now, SERVE, 0, place))
        return
    start = now
    links = net.kept[net.kept_starts[i] : net.kept_starts[i + 1]]
    for k in links:
        for j in range(net.of[k], net.of[k + 1]):
            start = max(start, state.until[j])
    for k in links:
        for j in range(net.of[k], net.of[k + 1]):
            state.until[j] = start + graph.duration[i]
        heappush(events, (start + graph.duration[i], SERVE, 0, net.place[k]))
    _start(graph, net, state, events, start, i)


@kernel
def _start(graph: Graph, net: Net, state: State, events: list[Event], start: int, i: int) -> None:
    """Write a row down, and rows that are tied to it."""
    end = _release(graph, net, state, events, start, i)
    while graph.tied[i]:
        i += 1
        end = _release(graph, net, state, events, end, i)


@kernel
def _release(graph: Graph, net: Net, state: State, events: list[Event], start: int, i: int) -> int:
    """Write a row down and let those go that wait for it; returns when it ends."""
    state.order[state.written[0]] = i
    state.written[0] += 1
    end = start + graph.duration[i]
    for k in range(net.used_starts[i], net.used_starts[i + 1] if net.buffer else 0):
        heappush(events, (end, USED, 0, net.used[k]))
    for k in range(graph.first[i], graph.first[i + 1]):
        j = graph.after[k]
        if graph.held[k] and state.held[j] == 0:
            continue  # given up before
        state.ready[j] = max(state.ready[j], end + graph.lag[k])
        if graph.held[k]:
            state.held[j] -= 1
        else:
            state.left[j] -= 1
        if state.left[j] == 0 and state.held[j] == 0 and not (graph.tied[i] and j == i + 1):
            heappush(events, (state.ready[j], READY, -graph.tail[j], j))
    return int(end)


@kernel
def _end_pair(net: Net, state: State, events: list[Event], now: int, i: int) -> None:
    link = net.link[i]
    place = net.place[link]
    for m in net.ends[2 * link : 2 * link + 2]:
        state.making[m] -= 1
        state.idle[m] = now
    heappush(events, (now, SERVE, 0, place))
    if net.hold[place]:
        heappush(events, (now + net.hold[place], SERVE, 0, place))


@kernel
def _serve(
    graph: Graph, net: Net, state: State, events: list[Event], now: int, place: int, buffer: int
) -> None:
    """Start the pairs that can start at a place, the best first."""
    while True:
        best, before, best_rank = NONE, NONE, NONE
        last, i = NONE, state.asking[place]
        while i >= 0:
            rank = _rank(net, state, now, i, buffer)
            if rank > 0:
                rank = graph.tail[i] + 1 if rank == 1 else graph.tail[i] + (1 << 60)
                if rank > best_rank or (rank == best_rank and i < best):
                    best, before, best_rank = i, last, rank
            last, i = i, state.next[i]
        if best < 0:
            return
        if before < 0:
            state.asking[place] = state.next[best]
        else:
            state.next[before] = state.next[best]
        _make_pair(graph, net, state, events, now, best)


@kernel
def _give_up(graph: Graph, net: Net, state: State, events: list[Event], now: int) -> None:
    """Nothing can go on: let pairs ask in spite of the buffer, else one in spite of the policy."""
    for place in range(len(state.asking)):
        if state.asking[place] >= 0:
            _serve(graph, net, state, events, now, place, 0)
    best = NONE
    for i in range(len(net.link)):
        waits = state.left[i] == 0 and state.held[i] > 0
        if waits and (best < 0 or graph.tail[i] > graph.tail[best]):
            best = i
    if not events:
        state.held[best] = 0
        heappush(events, (max(now, state.ready[best]), READY, -graph.tail[best], best))


@kernel
def _rank(net: Net, state: State, now: int, i: int, buffer: int) -> int:
    """0: this pair cannot be made now; 1: after a change of the switch; 2: at once."""
    link = net.link[i]
    if buffer and state.asked[link] >= buffer:
        return 0
    if state.until[net.of[link] : net.of[link + 1]].min() > now:
        return 0
    if net.place[link] == link:
        return 2
    a, b = net.ends[2 * link], net.ends[2 * link + 1]
    if state.partner[a] == b:
        return 2
    for m in (a, b):
        idle_until = state.idle[m] + net.hold[net.place[link]]
        if state.making[m] or (state.partner[m] >= 0 and now < idle_until):
            return 0
    return 1 if _victim(net, state, net.place[link], a, b) != a else 0


@kernel
def _victim(net: Net, state: State, place: int, a: int, b: int) -> int:
    """A module whose connection has to go so that a and b can be connected: the one idle for the
    longest; -1 where none has to, a where none can."""
    standing, found = 0, NONE
    for link in range(len(net.place)):
        c, d = net.ends[2 * link], net.ends[2 * link + 1]
        away = c != a and c != b and d != a and d != b
        if net.place[link] == place and state.partner[c] == d and away:
            standing += 1
            if state.making[c] == 0 and (found < 0 or state.idle[c] < state.idle[found]):
                found = c
    if standing < net.most[place]:
        return NONE
    return found if found >= 0 else a


@kernel
def _make_pair(graph: Graph, net: Net, state: State, events: list[Event], now: int, i: int) -> None:
    link = net.link[i]
    place = net.place[link]
    start = now
    if place != link:
        start = _connect(net, state, now, link)
    free = net.of[link]
    for k in range(net.of[link], net.of[link + 1]):
        if state.until[k] < state.until[free]:
            free = k
    end = start + graph.duration[i]
    state.until[free] = end
    state.asked[link] += 1
    for m in net.ends[2 * link : 2 * link + 2]:
        state.making[m] += 1
    heappush(events, (end, ENDED, 0, i))
    _start(graph, net, state, events, start, i)


@kernel
def _connect(net: Net, state: State, now: int, link: int) -> int:
    """Connect the ends of a link through the switch; returns when they are."""
    a, b = net.ends[2 * link], net.ends[2 * link + 1]
    if state.partner[a] == b:
        return max(now, int(state.connected[a]))
    start = now
    gone = _victim(net, state, net.place[link], a, b)
    for m in (a, b, gone):
        if m >= 0 and state.partner[m] >= 0:
            start = now + net.connect[net.place[link]]
            state.partner[state.partner[m]] = NONE
            state.partner[m] = NONE
    state.partner[a], state.partner[b] = b, a
    state.connected[a] = state.connected[b] = start
    return start
