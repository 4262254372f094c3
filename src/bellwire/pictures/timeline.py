"""The timeline: modules as rows, operations as boxes, Bell pairs as arcs that grow old."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bellwire.compiler.operations import ROWS
from bellwire.compiler.program import Ints
from bellwire.pictures.axis import Axis, heading, legend, time_axis
from bellwire.pictures.colours import module_colour
from bellwire.pictures.pairs import BellPairs, bell_pairs
from bellwire.pictures.shapes import Arc, Line, Rect, Shape, Text, shortened
from bellwire.pictures.svg import Picture
from bellwire.pictures.times import KINDS, NO_KIND, Times, time_text

Window = tuple[float, float]  # ns, or steps

_WIDTH, _LEFT, _RIGHT, _TOP = 900.0, 92.0, 886.0, 52.0
_MOST_BOXES = 1_500  # operations that are drawn one by one
_MOST_ARCS = 500
_COLUMNS = 120  # of a row whose operations are put together


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where things go: the axis, the height of the modules' rows, the lane of each qubit."""

    times: Times
    axis: Axis
    height: float
    lane: Ints
    lanes: Ints

    def top(self, module: int) -> float:
        return _TOP + module * self.height

    def middle(self, module: int) -> float:
        return self.top(module) + self.height / 2

    def box(self, qubit: int) -> tuple[float, float]:
        """Top and height of the lane of a qubit."""
        module = int(self.times.module[qubit])
        tall = (self.height - 6) / max(1, int(self.lanes[module]))
        return self.top(module) + 3 + tall * int(self.lane[qubit]), tall


def timeline(times: Times, window: Window | None = None) -> Picture:
    """Draw what happens when. `window`: from when to when, else all of it.

    Each qubit has a lane in the row of its module. Where there are too many operations or pairs
    they are put together, and the picture says so.
    """
    start, end = window or (0, max(1, times.span))
    sheet = _sheet(times, Axis(start, end, _LEFT, _RIGHT))
    shown = np.flatnonzero((times.end >= start) & (times.start <= end) & (times.kind != NO_KIND))
    pairs = bell_pairs(times)
    inside = np.flatnonzero((pairs.used.max(axis=1) >= start) & (pairs.asked <= end))
    one_by_one = len(shown) <= _MOST_BOXES
    body = _boxes(sheet, shown) if one_by_one else _shades(sheet, shown)
    arcs, remark = _arcs(sheet, pairs, inside)
    ages = _ages(sheet, pairs, inside) if one_by_one and len(inside) <= _MOST_ARCS else []
    bottom = sheet.top(len(times.modules))
    facts = f"{len(shown):,} operations, {len(inside):,} Bell pairs, {_span_text(times, window)}"
    facts += "" if one_by_one else "; operations put together: darker = busier"
    used = set(times.kind[shown].tolist())
    kinds = {text: name for i, (name, text) in enumerate(KINDS.items()) if i in used}
    key = kinds if one_by_one else {"operations": "gate"}
    key |= {"Bell pair": "pair"} | ({"Bell pair waiting for its use": "old"} if ages else {})
    marks, tall = legend(key, _LEFT, bottom + 38, _RIGHT - _LEFT)
    shapes = [
        *heading(shortened(times.program.name, 600, 13), facts + remark),
        *_rows(sheet),
        *time_axis(sheet.axis, _TOP, bottom, steps=times.steps),
        *body,
        *ages,
        *arcs,
        *marks,
    ]
    title = f"timeline of {times.program.name}"
    return Picture(title, _WIDTH, bottom + 34 + tall, tuple(shapes))


def _span_text(times: Times, window: Window | None) -> str:
    if window is not None:
        return " to ".join(time_text(t, times.steps) for t in window)
    makespan = time_text(times.span, times.steps)
    return f"{makespan} (no machine given)" if times.steps else f"makespan {makespan} at mean waits"


def _sheet(times: Times, axis: Axis) -> _Sheet:
    """Lanes for the qubits that are used; the communication qubits below the data qubits."""
    used = np.zeros(len(times.module), dtype=bool)
    used[times.program.operands.values] = True
    lanes = np.zeros(len(times.modules), dtype=np.int64)
    lane = np.zeros(len(times.module), dtype=np.int64)
    comm = [q.role == "comm" for q in times.program.qubits]
    for q in sorted(np.flatnonzero(used).tolist(), key=lambda q: (comm[q], q)):
        lane[q] = lanes[times.module[q]]
        lanes[times.module[q]] += 1
    most = int(lanes.max(initial=1))
    height = max(14.0, min(6 + 9.0 * most, 74.0, 1400 / max(1, len(times.modules))))
    return _Sheet(times, axis, height, lane, lanes)


def _rows(sheet: _Sheet) -> list[Shape]:
    out: list[Shape] = []
    for i, name in enumerate(sheet.times.modules):
        top, height = sheet.top(i), sheet.height
        out.append(Rect(_LEFT, top + 1, _RIGHT - _LEFT, height - 2, "panel"))
        out.append(Rect(12, top + 1, 5, height - 2, module_colour(i), name))
        out.append(Text(23, sheet.middle(i) + 4, shortened(name, _LEFT - 30), "ink"))
    return out


def _cut(sheet: _Sheet, start: float, end: float) -> tuple[float, float]:
    """The pixels of a stretch of time that lie on the sheet: left and width."""
    left = max(_LEFT, sheet.axis.at(start))
    return left, max(0.7, min(_RIGHT, sheet.axis.at(end)) - left)


def _boxes(sheet: _Sheet, shown: Ints) -> list[Shape]:
    """Each operation on the lane of each of its qubits; a pair in the making is pale."""
    times, names = sheet.times, list(KINDS)
    program, out = times.program, []
    rows = program.operands.lists()
    for i in shown.tolist():
        start, end = int(times.start[i]), int(times.end[i])
        left, width = _cut(sheet, start, end)
        kind = names[times.kind[i]]
        title = f"{i}: {_words(times, i)}, {time_text(start, times.steps)} to "
        title += time_text(end, times.steps)
        for q in rows[i]:
            top, tall = sheet.box(q)
            pale = 0.28 if kind == "pair" else 1.0
            out.append(Rect(left, top + 0.5, width, max(1.0, tall - 1), kind, title, pale))
    return list(out)


def _words(times: Times, row: int) -> str:
    program = times.program
    starts = program.operands.starts
    qubits = program.operands.values[starts[row] : starts[row + 1]].tolist()
    shown = " ".join(program.qubits[q].name for q in qubits[:4]) + (" …" if len(qubits) > 4 else "")
    source = int(program.source[row])
    line = f" (source line {source})" if source >= 0 else ""
    return f"{ROWS[program.kind[row]].name} {shown}{line}"


def _shades(sheet: _Sheet, shown: Ints) -> list[Shape]:
    """For each module and column of time how busy it is."""
    times, axis = sheet.times, sheet.axis
    columns = max(20, min(_COLUMNS, 2_400 // len(times.modules)))
    width = (axis.end - axis.start) / columns
    operands = times.program.operands
    home = times.module[operands.values[np.minimum(operands.starts[:-1], operands.starts[-1] - 1)]]
    middle = (times.start[shown] + times.end[shown]) / 2
    column = np.clip((middle - axis.start) / width, 0, columns - 1).astype(np.int64)
    counts = np.zeros((len(times.modules), columns), dtype=np.int64)
    np.add.at(counts, (home[shown], column), 1)
    most = max(1, int(counts.max()))
    out: list[Shape] = []
    for m, c in zip(*(index.tolist() for index in np.nonzero(counts))):
        start = axis.start + c * width
        left, wide = _cut(sheet, start, start + width)
        count = int(counts[m, c])
        title = f"{times.modules[m]}: {count} operations from {time_text(start, times.steps)}"
        look = 0.15 + 0.85 * count / most
        out.append(Rect(left, sheet.top(m) + 3, wide, sheet.height - 6, "gate", title, look))
    return out


def _ages(sheet: _Sheet, pairs: BellPairs, inside: Ints) -> list[Shape]:
    """A bar on each half from the herald to its first use."""
    out: list[Shape] = []
    for k in inside.tolist():
        herald = int(pairs.heralded[k])
        for q, used in zip(pairs.qubits[k].tolist(), pairs.used[k].tolist()):
            if used <= herald or herald > sheet.axis.end or used < sheet.axis.start:
                continue
            top, tall = sheet.box(q)
            left, width = _cut(sheet, herald, used)
            age = time_text(used - herald, sheet.times.steps)
            y = top + tall / 2
            out.append(Line(left, y, left + width, y, "old", 1.6, f"pair {k + 1} waits for {age}"))
    return out


def _arcs(sheet: _Sheet, pairs: BellPairs, inside: Ints) -> tuple[list[Shape], str]:
    """An arc for each pair at its herald; many pairs of one link and time share one."""
    axis, times = sheet.axis, sheet.times
    at = np.clip(pairs.heralded[inside], axis.start, axis.end)
    ends = np.sort(pairs.modules[inside], axis=1)
    if len(inside) <= _MOST_ARCS:
        ages = pairs.age[inside].tolist()
        numbers = zip(inside.tolist(), at.tolist(), ends.tolist(), ages)
        shapes = [
            _arc(sheet, t, a, b, 1.2, f"{_name(times, k, a, b)}, age {time_text(age, times.steps)}")
            for k, t, (a, b), age in numbers
        ]
        return list(shapes), ""
    kinds = np.unique(ends, axis=0)
    columns = max(1, min(60, _MOST_ARCS // len(kinds)))
    column = ((at - axis.start) / (axis.end - axis.start) * (columns - 1e-9)).astype(np.int64)
    groups, counts = np.unique(np.column_stack([column, ends]), axis=0, return_counts=True)
    busiest = np.argsort(-counts, kind="stable")[:_MOST_ARCS]
    most, out = int(counts.max()), []
    for g in np.sort(busiest).tolist():
        (c, a, b), count = groups[g].tolist(), int(counts[g])
        t = axis.start + (c + 0.5) * (axis.end - axis.start) / columns
        title = f"{times.modules[a]}-{times.modules[b]}: {count} Bell pairs"
        out.append(_arc(sheet, t, a, b, 0.8 + 3 * count / most, title))
    left_out = "" if len(busiest) == len(counts) else ", the busiest alone"
    return list(out), f"; pairs as {len(out)} arcs (thicker: more{left_out})"


def _name(times: Times, number: int, a: int, b: int) -> str:
    return f"Bell pair {number + 1}, {times.modules[a]}-{times.modules[b]}"


def _arc(sheet: _Sheet, at: float, a: int, b: int, width: float, title: str) -> Arc:
    """From the row of one module to that of another, bent to the left, where it was made."""
    x, y1, y2 = sheet.axis.at(at), sheet.middle(a), sheet.middle(b)
    pull = max(_LEFT - 60, x - 10 - 0.22 * abs(y2 - y1))
    return Arc(x, y1, pull, (y1 + y2) / 2, x, y2, "pair", width, title, 0.85)
