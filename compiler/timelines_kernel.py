"""One sweep over all rows, many shots side by side: the inner loops of timelines.py.

Chance is a hash of (seed, pair, try, shot), so that a shot's luck does not depend on which shots
are sampled with it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.program import Ints

Floats = NDArray[np.float64]

MOST_TRIES = 100_000  # new pairs for one use, then the cut-off is called impossible

_WORD = (1 << 31) - 1
_FACTOR, _BUMP, _ROUNDS = 0x5256D193, 0x1E3779B9, 8


class Rows(NamedTuple):
    """What the sweep reads. Row i waits for the ends in the slots `wait_slots[wait_first[i]:...]`,
    each plus its lag; its own end goes into slot `own[i]`. `duration` -1: control flow. `pair[i]`:
    number of the pair that it makes, or -1. `fresh`: by row, the pairs that it is the first to use;
    `gap_slots`: by row, where the gaps before it began; `kept`: by row, the links that it keeps."""

    wait_first: Ints
    wait_slots: Ints
    lags: Ints
    own: Ints
    duration: Ints
    pair: Ints
    fresh_first: Ints
    fresh: Ints
    gap_first: Ints
    gap_slots: Ints
    kept_first: Ints
    kept: Ints
    pair_link: Ints
    pair_slot: Ints


class Links(NamedTuple):
    """By link: its slots are `slot[k]:slot[k + 1]`; `scale` is 1 / log(1 - success), 0 when no
    attempt fails; a purified pair is kept with the chance `kept` (others: 1), after a check of
    `check`. Times in ns."""

    slot: Ints
    attempt: Floats
    scale: Floats
    herald: Floats
    cutoff: Floats
    kept: Floats
    check: Ints


class State(NamedTuple):
    """Of each shot: ends by slot, until when the slots of the links are busy, the start of the
    present row, the length of the present control flow, the makespan so far."""

    end: Ints
    busy: Ints
    start: Ints
    flow: Ints
    span: Ints


class Log(NamedTuple):
    """By link, over all shots: attempts, pairs made, pairs expired, checks of purifications.

    By pair and shot (or of no rows): age at first use, time from request to herald, attempts. By
    gap and shot: its length.
    """

    attempts: Ints
    made: Ints
    expired: Ints
    checks: Ints
    age: Ints
    latency: Ints
    tries: Ints
    gap: Ints


@kernel
def mix(x: int) -> int:
    """Scramble 62 bits, one to one, by rounds of Philox-2x32 (Salmon, Moraes, Dror and Shaw, SC
    2011) on words of 31 bits: no product overflows, so compiled and plain Python agree."""
    high, low, bump = x >> 31, x & _WORD, _BUMP
    for _ in range(_ROUNDS):
        product = low * _FACTOR
        low, high = (product >> 31) ^ high ^ bump, product & _WORD
        bump = (bump + _BUMP) & _WORD
    return (high << 31) | low


@kernel
def chance_key(seed: int, pair: int, count: int) -> int:
    """The key for one try of one pair."""
    return mix(mix(seed ^ (pair + 1)) ^ (count + 1))


@kernel
def attempts_until_herald(key: int, shot: int, scale: float) -> int:
    """Draw how many attempts a pair takes: geometric, by inverse distribution function."""
    if scale == 0.0:
        return 1
    return 1 + int(math.log(1.0 - _uniform(key, shot)) * scale)


@kernel
def _uniform(key: int, shot: int) -> float:
    return (mix(key ^ (shot + 1)) >> 9) * 2.0**-53


@kernel
def sweep(
    rows: Rows, links: Links, state: State, log: Log, seed: int, shot: int, a: int, b: int
) -> int:
    """Walk over the rows from a to b for the shots that follow `shot`; returns the row whose pairs
    can never be fresh enough together, or -1."""
    shots = len(state.start)
    start, end, span = state.start, state.end, state.span
    for i in range(a, b):
        for s in range(shots):
            start[s] = 0
        for k in range(rows.wait_first[i], rows.wait_first[i + 1]):
            slot, lag = rows.wait_slots[k], rows.lags[k]
            for s in range(shots):
                start[s] = max(start[s], end[slot, s] + lag)
        fresh = rows.fresh_first[i] < rows.fresh_first[i + 1]
        if fresh and not _renew(rows, links, state, log, seed, shot, i):
            return i
        for g in range(rows.gap_first[i], rows.gap_first[i + 1]):
            slot = rows.gap_slots[g]
            for s in range(shots):
                log.gap[g, s] = start[s] - end[slot, s]
        own, duration = rows.own[i], rows.duration[i]
        if rows.pair[i] >= 0:
            _make(rows, links, state, log, seed, shot, i)
        elif duration >= 0:
            for s in range(shots):
                end[own, s] = start[s] + duration
        else:
            _flow(rows, links, state, i)
        for s in range(shots):
            span[s] = max(span[s], end[own, s])
    return -1


@kernel
def _make(rows: Rows, links: Links, state: State, log: Log, seed: int, shot: int, i: int) -> None:
    """Make the pair of row i in every shot."""
    pair, own = rows.pair[i], rows.own[i]
    link = rows.pair_link[pair]
    key = chance_key(seed, int(pair), 0)
    noted = pair < len(log.tries)
    for s in range(len(state.start)):
        tries, takes, checks = _luck(links, key, shot + s, link)
        end = _queue(links, state.busy, link, s, state.start[s], takes)
        state.end[own, s] = end
        log.attempts[link] += tries
        log.checks[link] += checks
        if noted:
            log.tries[pair, s] = tries
            log.latency[pair, s] = end - state.start[s]
    log.made[link] += len(state.start)


@kernel
def _luck(links: Links, key: int, shot: int, link: int) -> tuple[int, int, int]:
    """Draw how many attempts a pair takes, how long, and how many checks: a purified one takes two
    pairs and a check until it is kept."""
    scale, attempt, herald = links.scale[link], links.attempt[link], links.herald[link]
    tries = attempts_until_herald(key, shot, scale)
    takes, draw = math.ceil(tries * attempt + herald), 0
    again = links.kept[link] < 1.0
    while again:
        more = attempts_until_herald(mix(key ^ (draw + 1)), shot, scale)
        tries += more
        takes += math.ceil(more * attempt + herald) + links.check[link]
        again = _uniform(mix(key ^ (draw + 2)), shot) >= links.kept[link]
        if again:
            more = attempts_until_herald(mix(key ^ (draw + 3)), shot, scale)
            tries += more
            takes += math.ceil(more * attempt + herald)
        draw += 3
    return tries, takes, draw // 3


@kernel
def _queue(links: Links, busy: Ints, link: int, s: int, asked: int, takes: int) -> int:
    """Queue behind what the link has already; returns when the pair is heralded."""
    free = links.slot[link]
    for k in range(links.slot[link] + 1, links.slot[link + 1]):
        if busy[k, s] < busy[free, s]:
            free = k
    end: int = max(asked, busy[free, s]) + takes
    busy[free, s] = end
    return end


@kernel
def _renew(rows: Rows, links: Links, state: State, log: Log, seed: int, shot: int, i: int) -> bool:
    """Throw away pairs that are too old when row i first uses them and ask for new ones, until all
    are fresh; put off its start. Says whether that came to an end."""
    first, last = rows.fresh_first[i], rows.fresh_first[i + 1]
    limited = False
    for f in range(first, last):
        limited = limited or links.cutoff[rows.pair_link[rows.fresh[f]]] < math.inf
    for s in range(len(state.start) if limited else 0):
        count, done = 0, False
        while not done:
            done = True
            for f in range(first, last):
                pair = rows.fresh[f]
                link, slot = rows.pair_link[pair], rows.pair_slot[pair]
                if state.start[s] - state.end[slot, s] <= links.cutoff[link]:
                    continue
                count += 1
                if count > MOST_TRIES:
                    return False
                done = False
                key = chance_key(seed, int(pair), count)
                _again(links, state, log, key, shot, pair, link, slot, s)
    if len(log.age):
        for f in range(first, last):
            pair = rows.fresh[f]
            for s in range(len(state.start)):
                log.age[pair, s] = state.start[s] - state.end[rows.pair_slot[pair], s]
    return True


@kernel
def _again(
    links: Links,
    state: State,
    log: Log,
    key: int,
    shot: int,
    pair: int,
    link: int,
    slot: int,
    s: int,
) -> None:
    """Make a pair anew in one shot."""
    made = state.end[slot, s]
    tries, takes, checks = _luck(links, key, shot + s, link)
    end = _queue(links, state.busy, link, s, made + int(links.cutoff[link]), takes)
    state.end[slot, s] = end
    state.start[s] = max(state.start[s], end)
    state.span[s] = max(state.span[s], end)
    log.attempts[link] += tries
    log.checks[link] += checks
    log.made[link] += 1
    log.expired[link] += 1
    if pair < len(log.tries):
        log.tries[pair, s] += tries
        log.latency[pair, s] += end - made


@kernel
def _flow(rows: Rows, links: Links, state: State, i: int) -> None:
    """Let control flow run; the links that it keeps must be free, and are busy until its end."""
    first, last = rows.kept_first[i], rows.kept_first[i + 1]
    for s in range(len(state.start)):
        start = state.start[s]
        for k in range(first, last):
            for j in range(links.slot[rows.kept[k]], links.slot[rows.kept[k] + 1]):
                start = max(start, state.busy[j, s])
        end = start + state.flow[s]
        for k in range(first, last):
            for j in range(links.slot[rows.kept[k]], links.slot[rows.kept[k] + 1]):
                state.busy[j, s] = end
        state.end[rows.own[i], s] = end


@kernel
def assign_ends(last: Ints, order: Ints, own: Ints) -> int:
    """Give the end of each row a slot until row `last[i]` has read it; `order`: rows by `last`.
    Returns how many slots there are."""
    free = np.empty(len(last) + 1, dtype=np.int64)
    count, slots, done = 0, 0, 0
    for i in range(len(last)):
        while done < i and last[order[done]] < i:
            free[count] = own[order[done]]
            count += 1
            done += 1
        if count > 0:
            count -= 1
            own[i] = free[count]
        else:
            own[i] = slots
            slots += 1
    return slots
