"""One walk over all rows that gives each its start, and the row that it had to wait for last."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.program import Ints, Ragged
from bellwire.compiler.ragged import with_rows
from bellwire.compiler.waits import Waits
from bellwire.targets.machine import Machine

Floats = NDArray[np.float64]

NONE = -1
SMALL = 30_000  # rows; plain Python takes about 0.1 s for them


class Lists(NamedTuple):
    """Row i waits for the rows `before[first[i]:first[i + 1]]`, each until its end plus `lag`."""

    first: Ints
    before: Ints
    lag: Ints


class Load(NamedTuple):
    """What rows do to links: the link on which each makes a pair (or -1), how long each row takes,
    at which age its pair is too old (-1: never), and the links that it keeps for itself, as starts
    and values."""

    link: Ints
    duration: Ints
    cutoff: Ints
    kept_starts: Ints
    kept: Ints


class Slots(NamedTuple):
    """The slots `of[k]` to `of[k + 1]` of link k: until when each is in use, and by which row."""

    of: Ints
    until: Ints
    row: Ints


def start_early(
    wait: Waits, durations: Ints, machine: Machine, cutoffs_ns: Floats
) -> tuple[Ints, Ints]:
    """Start of each row when each starts as soon as it may, in ns; and the row whose end decided
    it, or -1. Links serve in the order of the rows. `cutoffs_ns`: of each link."""
    rows = len(durations)
    nothing = Ragged(np.zeros(rows + 1, dtype=np.int64), np.zeros(0, dtype=np.int64))
    kept = with_rows(nothing, wait.links)
    cutoff = np.full(rows, NONE, dtype=np.int64)
    pairs = np.flatnonzero(wait.link >= 0)
    limit = np.append(cutoffs_ns, np.inf)[wait.link[pairs]]
    cutoff[pairs[np.isfinite(limit)]] = np.floor(limit[np.isfinite(limit)])
    capacity = np.array([link.capacity for link in machine.links], dtype=np.int64)
    slots = Slots(
        np.concatenate([[0], np.cumsum(capacity)]).astype(np.int64),
        np.zeros(int(capacity.sum()), dtype=np.int64),
        np.full(int(capacity.sum()), NONE, dtype=np.int64),
    )
    start, cause = np.zeros(rows, dtype=np.int64), np.full(rows, NONE, dtype=np.int64)
    _walk.sized(rows, small=SMALL)(
        Lists(wait.first, wait.before, wait.lag_ns),
        Load(wait.link, durations, cutoff, kept.starts, kept.values.astype(np.int64)),
        slots,
        start,
        cause,
    )
    return start, cause


@kernel
def _walk(lists: Lists, load: Load, slots: Slots, start: Ints, cause: Ints) -> None:
    until, holder = slots.until, slots.row
    for i in range(len(start)):
        at, why = _ready(lists, load, start, i)
        link = load.link[i]
        if link >= 0:
            free = slots.of[link]
            for k in range(slots.of[link], slots.of[link + 1]):
                if until[k] < until[free]:
                    free = k
            if until[free] > at:
                at, why = until[free], holder[free]
            until[free], holder[free] = at + load.duration[i], i
        if load.kept_starts[i] < load.kept_starts[i + 1]:
            at, why = _keep(load, slots, i, at, why)
        start[i], cause[i] = at, why


@kernel
def _ready(lists: Lists, load: Load, start: Ints, i: int) -> tuple[int, int]:
    """When all that row i waits for has ended, and what ended last.

    A pair that is too old by then was asked for again when it expired, and so on: of all times the
    share w / (w + cutoff) is spent on waits of length w, and one of them has w still to go.
    """
    at, why, again = 0, NONE, 0
    for k in range(lists.first[i], lists.first[i + 1]):
        b = lists.before[k]
        end = start[b] + load.duration[b] + lists.lag[k]
        if end > at:
            at, why = end, b
    for k in range(lists.first[i], lists.first[i + 1]):
        b = lists.before[k]
        if load.cutoff[b] >= 0 and load.link[i] < 0:
            took, limit = load.duration[b], load.cutoff[b]
            if at - start[b] - took > limit:
                again = max(again, int(took * (took / (took + limit))))
            load.cutoff[b] = NONE  # used: what is left of it is not made again
    return at + again, why


@kernel
def _keep(load: Load, slots: Slots, i: int, at: int, why: int) -> tuple[int, int]:
    """Wait for all slots of the links that row i keeps, and take them."""
    for k in load.kept[load.kept_starts[i] : load.kept_starts[i + 1]]:
        for j in range(slots.of[k], slots.of[k + 1]):
            if slots.until[j] > at:
                at, why = slots.until[j], slots.row[j]
    for k in load.kept[load.kept_starts[i] : load.kept_starts[i + 1]]:
        for j in range(slots.of[k], slots.of[k + 1]):
            slots.until[j], slots.row[j] = at + load.duration[i], i
    return at, why
