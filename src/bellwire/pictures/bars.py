"""Bars: e-bits by source gate, the fidelity budget, counts and makespans of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bellwire.compiler.ebit_totals import by_source
from bellwire.compiler.ebit_uses import EbitUse
from bellwire.compiler.fidelity import CAUSES, Budget
from bellwire.compiler.program import Ints
from bellwire.pictures.axis import Axis, heading, time_axis
from bellwire.pictures.shapes import Line, Rect, Shape, Text, shortened, text_width
from bellwire.pictures.svg import Picture
from bellwire.pictures.times import time_text

_WIDTH, _TOP = 640.0, 52.0
_ROW = 18.0
_MOST_ROWS = 30
_CAUSE_COLOURS = ("pair", "old", "old", "turn", "gate", "flow", "measure")


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    start: float
    end: float
    text: str
    fill: str
    title: str = ""


def _bars(title: str, remark: str, bars: Sequence[_Bar], reach: float, least: float = 0) -> Picture:
    """Horizontal bars from `least` to `reach`, with a name before and a number behind each."""
    left = 24 + max((text_width(bar.name) for bar in bars), default=0)
    room = max((text_width(bar.text, 10.5) for bar in bars), default=0)
    axis = Axis(least, reach, left, _WIDTH - 20 - room)
    shapes = heading(shortened(title, _WIDTH - 24, 13), remark)
    for i, bar in enumerate(bars):
        top = _TOP + i * _ROW
        a, b = sorted((axis.at(max(least, bar.start)), axis.at(bar.end)))
        shapes += [
            Text(left - 8, top + 12, bar.name, "ink", 11, "end"),
            Rect(a, top + 2, max(1.0, b - a), _ROW - 4, bar.fill, bar.title or bar.text),
            Text(b + 6, top + 12, bar.text, "muted", 10.5),
        ]
    return Picture(title, _WIDTH, _TOP + max(1, len(bars)) * _ROW + 12, tuple(shapes))


def ebits_by_source(uses: Sequence[EbitUse], name: str) -> Picture:
    """Draw how many e-bits each source line takes, the dearest first; see `by_source`."""
    shares = by_source(uses)
    shown = list(shares.items())[:_MOST_ROWS]
    bars = [
        _Bar("unknown" if line < 0 else f"line {line}", 0, x, f"{x:.3g}", "pair")
        for line, x in shown
    ]
    rest = math.fsum(list(shares.values())[_MOST_ROWS:])
    if rest:
        others = f"{len(shares) - len(shown)} more"
        bars.append(_Bar(others, 0, rest, f"{rest:.4g}", "muted"))
    serving = math.fsum(shares.values())
    remark = f"{len(uses):,} e-bits, {serving:,.0f} serve gates; each is shared over its gates"
    return _bars(
        f"E-bits by source line of {name}", remark, bars, max([b.end for b in bars] or [1])
    )


def waterfall(budget: Budget, name: str) -> Picture:
    """Draw what each cause takes from the chance that nothing goes wrong, from 1 downwards."""
    bars, left = [], 1.0
    for cause, colour in zip(CAUSES, _CAUSE_COLOURS):
        parts = {place: loss for (what, place), loss in budget.items() if what == cause}
        if not parts:
            continue
        kept = left * math.exp(math.fsum(parts.values()))
        worst = sorted(parts.items(), key=lambda part: part[1])[:4]
        title = f"{cause}: x {kept / left if left else 0:.5g}; most: " + ", ".join(
            f"{place} x {math.exp(loss):.5g}" for place, loss in worst
        )
        bars.append(_Bar(cause, kept, left, f"-{left - kept:.3g}", colour, title))
        left = kept
    bars.append(_Bar("no error", 0, left, f"{left:.4g}", "ink", f"chance of no error {left:.6g}"))
    least = max(0.0, 1 - 1.7 * (1 - left))
    remark = "from 1 to the chance of no error: what each cause takes in turn"
    remark += f" (axis from {least:.3g})" if least else ""
    return _bars(f"Fidelity budget of {name}", remark, bars, 1.0, least)


def counts(found: Mapping[str, int], shots: int) -> Picture:
    """Draw the most frequent outcomes of a run."""
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    bars = [
        _Bar(shortened(key, 240), 0, n, f"{n:,} ({n / max(1, shots):.1%})", "gate", key)
        for key, n in ranked[:_MOST_ROWS]
    ]
    more = f", the {len(bars)} most frequent" if len(ranked) > len(bars) else ""
    remark = f"{shots:,} shots, {len(ranked):,} outcomes{more}"
    return _bars("Counts", remark, bars, max([b.end for b in bars] or [1]))


def makespans(found_ns: Ints, backend: str) -> Picture:
    """Draw the histogram of sampled makespans, with their mean."""
    height, bottom, left, right = 250.0, 220.0, 20.0, _WIDTH - 20
    title = "Makespan"
    if not len(found_ns):
        return Picture(title, _WIDTH, 60, tuple(heading(title, "no timelines were sampled")))
    least, most = int(found_ns.min()), int(found_ns.max())
    room = max(1.0, 0.02 * most if most == least else 0.02 * (most - least))
    edges = np.linspace(least - room, most + room, 2 + min(40, 4 + len(found_ns) // 8 * 2))
    bins, _ = np.histogram(found_ns, edges)
    axis = Axis(float(edges[0]), float(edges[-1]), left, right)
    p99 = time_text(float(np.percentile(found_ns, 99)))
    mean = float(found_ns.mean())
    remark = f"{len(found_ns):,} timelines ({backend}): mean {time_text(mean)}, p99 {p99}"
    shapes: list[Shape] = [*heading(title, remark), *time_axis(axis, _TOP, bottom, steps=False)]
    for a, b, count in zip(edges.tolist(), edges[1:].tolist(), bins.tolist()):
        tall = (bottom - _TOP) * count / max(1, int(bins.max()))
        x = axis.at(a)
        words = f"{count} from {time_text(a)} to {time_text(b)}"
        if count:
            box = Rect(x + 0.5, bottom - tall, axis.at(b) - x - 1, tall, "gate", words)
            shapes.append(box)
    x = axis.at(mean)
    shapes.append(Line(x, _TOP, x, bottom, "old", 1.5, f"mean {time_text(mean)}", True))
    return Picture(title, _WIDTH, height, tuple(shapes))
