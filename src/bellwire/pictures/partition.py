"""The partition over time: qubits as rows, coloured by the module that they are in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bellwire.compiler.program import Ints
from bellwire.pictures.axis import Axis, heading, legend, time_axis
from bellwire.pictures.colours import module_colour, text_on
from bellwire.pictures.shapes import Disc, Rect, Shape, Text, shortened
from bellwire.pictures.stays import Stay, stays
from bellwire.pictures.svg import Picture
from bellwire.pictures.times import Times, time_text

_WIDTH, _LEFT, _RIGHT, _TOP = 900.0, 92.0, 886.0, 52.0
_MOST_STAYS = 1_800  # drawn one by one
_MOST_ROWS = 80
_COLUMNS = 240  # of a picture whose stays are put together
_MOST_BOXES = 3_000


def partition(times: Times) -> Picture:
    """Draw where each input qubit is: boxes for homes, slim bars for copies (sessions), a dot where
    it moves. Where there is too much, boxes stand for the home most qubits of a group have."""
    found = stays(times)
    qubits = len(times.program.logical)
    axis = Axis(0, max(1, times.span), _LEFT, _RIGHT)
    moves = sum(stay.moved for stay in found)
    sessions = sum(not stay.home for stay in found)
    if len(found) <= _MOST_STAYS and qubits <= _MOST_ROWS:
        height = max(9.0, min(22.0, 640 / max(1, qubits)))
        rows = _one_by_one(times, found, axis, height)
        how = ("dots", "slim bars", "")
        bottom = _TOP + height * qubits
    else:
        rows, bottom, remark = _put_together(times, found, axis)
        how = ("not drawn", "not drawn", remark)
    remark = (
        f"{qubits:,} qubits, {moves:,} moves ({how[0]}), {sessions:,} sessions ({how[1]}){how[2]}"
    )
    names = {name: module_colour(i) for i, name in enumerate(times.modules)}
    marks, tall = legend(dict(list(names.items())[:24]), _LEFT, bottom + 38, _RIGHT - _LEFT)
    shapes = [
        *heading(shortened(f"Homes in {times.program.name}", 600, 13), remark),
        *time_axis(axis, _TOP, bottom, steps=times.steps),
        *rows,
        *marks,
    ]
    title = f"partition of {times.program.name} over time"
    return Picture(title, _WIDTH, bottom + 34 + tall, tuple(shapes))


def _one_by_one(times: Times, found: Sequence[Stay], axis: Axis, height: float) -> list[Shape]:
    out: list[Shape] = []
    for i, name in enumerate(times.program.logical):
        text = shortened(name, _LEFT - 16, 10)
        out.append(Text(12, _TOP + height * (i + 0.5) + 3.5, text, "ink", 10))
    slots = _slots(found)
    dots: list[Shape] = []
    for stay, (slot, of) in zip(found, slots):
        left, width = axis.at(stay.start), max(0.8, axis.at(stay.end) - axis.at(stay.start))
        top, colour = _TOP + height * stay.qubit, module_colour(stay.module)
        words = "at home" if stay.home else "a copy"
        title = (
            f"{times.program.logical[stay.qubit]}: {words} in {times.modules[stay.module]}, "
            f"{time_text(stay.start, times.steps)} to {time_text(stay.end, times.steps)}"
        )
        if stay.home:
            out.append(Rect(left, top + 1, width, height - 2, colour, title))
            if stay.moved:
                middle = top + height / 2
                dots.append(Disc(left, middle, 2.6, text_on(colour), f"moves; {title}", "paper"))
        else:
            slim = min(4.0, (height - 4) / max(2, of))
            y = top + height - 1 - slim * (slot + 1)
            dots.append(Rect(left, y, width, slim, colour, title, stroke="paper"))
    return [*out, *dots]


def _slots(found: Sequence[Stay]) -> list[tuple[int, int]]:
    """Copies of one qubit at one time beside each other: place of each, and how many there are."""
    free: dict[int, list[int]] = {}
    place = []
    for stay in found:
        ends = free.setdefault(stay.qubit, [])
        slot = next((i for i, end in enumerate(ends) if end <= stay.start), len(ends))
        if not stay.home:
            ends[slot : slot + 1] = [stay.end]
        place.append(slot)
    return [(slot, len(free[stay.qubit])) for slot, stay in zip(place, found)]


def _put_together(
    times: Times, found: Sequence[Stay], axis: Axis
) -> tuple[list[Shape], float, str]:
    """Boxes for groups of qubits and columns of time."""
    qubits = len(times.program.logical)
    group = -(-qubits // _MOST_ROWS)
    rows = -(-qubits // group)
    homes = _homes(times, found, group, rows)
    height = max(5.0, min(14.0, 560 / rows))
    out: list[Shape] = []
    step = (axis.end - axis.start) / _COLUMNS
    for row in range(rows):
        if row % max(1, rows // 12) == 0:
            name = times.program.logical[row * group]
            middle = _TOP + height * (row + 0.5) + 3.5
            out.append(Text(12, middle, shortened(name, _LEFT - 16, 10), "ink", 10))
        for first, last in _runs(homes[row]):
            left, module = axis.at(first * step), int(homes[row, first])
            width = axis.at(last * step) - left
            title = f"{times.modules[module]} from {time_text(first * step, times.steps)}"
            box = Rect(left, _TOP + height * row, width, height - 1, module_colour(module), title)
            out.append(box)
    shown = out[:_MOST_BOXES]
    each = f" of {group} qubits" if group > 1 else ""
    cut = "" if len(shown) == len(out) else ", cut"
    return shown, _TOP + height * rows, f"; most common home{each} in a stretch of time{cut}"


def _homes(times: Times, found: Sequence[Stay], group: int, rows: int) -> Ints:
    """The most common home, by group of qubits and column of time."""
    share = _COLUMNS / max(1, times.span)
    votes = np.zeros((rows, _COLUMNS, len(times.modules)), dtype=np.int32)
    for stay in found:
        if stay.home:
            first = min(_COLUMNS - 1, int(stay.start * share))
            last = max(first + 1, int(np.ceil(stay.end * share)))
            votes[stay.qubit // group, first:last, stay.module] += 1
    return np.asarray(votes.argmax(axis=2), dtype=np.int64)


def _runs(values: Ints) -> list[tuple[int, int]]:
    """Stretches of equal values, as first and one past the last."""
    cuts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(zip(cuts, cuts[1:]))
