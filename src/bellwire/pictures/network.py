"""The network map: modules, links with their rate and fidelity, switch fabrics."""

from __future__ import annotations

from math import cos, hypot, pi, sin
from typing import Any

from bellwire.pictures.axis import heading
from bellwire.pictures.colours import module_colour, text_on
from bellwire.pictures.shapes import (
    MOST_SHAPES,
    Arc,
    Disc,
    Line,
    Rect,
    Shape,
    Text,
    shortened,
    text_width,
)
from bellwire.pictures.svg import Picture
from bellwire.pictures.times import time_text
from bellwire.targets.machine import Fabric, Link, Machine, Module

_MOST_LABELS = 12  # links that are labelled; more only say it on hover
_GRID_FROM = 41  # modules that no longer fit a circle
_STARTS = 5
_TOP = 48.0
Point = tuple[float, float]


def network(machine: Machine) -> Picture:
    """Draw the modules of a machine and what joins them; hover for the numbers."""
    n = len(machine.modules)
    size = max(300.0, min(560.0, 220 + 26 * n))
    width = max(size, 420.0)
    places, radius = _places(machine, width, size)
    at = {m.name: places[i] for i, m in enumerate(machine.modules)}
    comm = sum(m.comm_qubits for m in machine.modules)
    remark = (
        f"{n} modules, {len(machine.links)} links, {machine.data_qubits} data qubits, "
        f"{comm} communication qubits"
    )
    drawn = machine.links[: MOST_SHAPES // 2]
    if len(drawn) < len(machine.links):
        remark += f"; {len(drawn)} links drawn"
    shapes = heading(shortened(machine.name, width - 24, 13), remark)
    switched = {frozenset((a, b)) for f in machine.fabrics for a in f.modules for b in f.modules}
    middle = (width / 2, _TOP + size / 2)
    lines = [_line(link, at, middle, frozenset(link.between) in switched) for link in drawn]
    shapes += [line for line, _ in lines]
    if len(drawn) <= _MOST_LABELS:
        shapes += [shape for _, label in lines for shape in label]
    for fabric in machine.fabrics:
        shapes += _fabric(fabric, [at[name] for name in fabric.modules], radius)
    for i, module in enumerate(machine.modules):
        shapes += _module(module, places[i], radius, module_colour(i))
    return Picture(f"network of {machine.name}", width, _TOP + size, tuple(shapes))


def _places(machine: Machine, width: float, size: float) -> tuple[list[Point], float]:
    """Where the modules go, and how large they are: rows when there are many."""
    n = len(machine.modules)
    middle_x, middle_y, reach = width / 2, _TOP + size / 2, size / 2 - 46
    if n == 1:
        return [(middle_x, middle_y)], 30.0
    if n < _GRID_FROM:
        spots = _laid_out(machine)
        disc = max(5.0, min(28.0, 0.4 * reach * _nearest(spots)))
        return [(middle_x + reach * x, middle_y + reach * y) for x, y in spots], disc
    columns = next(c for c in range(1, n + 1) if c * c >= n)
    step = (size - 30) / columns
    left = middle_x - step * (columns - 1) / 2
    places = [(left + step * (i % columns), _TOP + step * (i // columns + 0.5)) for i in range(n)]
    return places, max(1.5, step * 0.32)


def _laid_out(machine: Machine) -> list[Point]:
    """Spots within one of the middle: a circle, or as Kamada and Kawai (1989) lay graphs out."""
    import networkx as nx

    graph, n = machine.graph, len(machine.modules)
    circle = {m.name: _on_circle(i, n) for i, m in enumerate(machine.modules)}
    degrees = {degree for _, degree in graph.degree}
    if not nx.is_connected(graph) or degrees in ({2}, {n - 1}):
        return list(circle.values())
    starts: list[Any] = [circle, *(nx.random_layout(graph, seed=seed) for seed in range(_STARTS))]
    found = [list(nx.kamada_kawai_layout(graph, pos=start).values()) for start in starts]
    return max((_scaled(spots) for spots in found), key=_nearest)


def _scaled(spots: list[Any]) -> list[Point]:
    far = max(hypot(*spot) for spot in spots)
    return [(float(spot[0] / far), float(spot[1] / far)) for spot in spots]


def _nearest(spots: list[Point]) -> float:
    """How far the two spots that are closest are from each other."""
    pairs = ((a, b) for i, a in enumerate(spots) for b in spots[:i])
    return min(hypot(a[0] - b[0], a[1] - b[1]) for a, b in pairs)


def _on_circle(number: int, of: int) -> Point:
    turn = 2 * pi * number / of
    return sin(turn), -cos(turn)


def _line(
    link: Link, at: dict[str, Point], middle: Point, switched: bool
) -> tuple[Shape, list[Shape]]:
    """A link, thicker the better its pairs, dashed where it needs a switch; and its label."""
    (x1, y1), (x2, y2) = (at[end] for end in link.between)
    rate = f"{time_text(link.wait_ns / link.capacity)} a pair"
    title = f"{'-'.join(link.between)}: fidelity {link.fidelity:.4g}, {rate}"
    width = 1 + 3 * max(0.0, min(1.0, (link.fidelity - 0.5) * 2))
    line = Line(x1, y1, x2, y2, "muted", width / (1 + switched), title, switched)
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    if hypot(x - middle[0], y - middle[1]) < 30:  # a chord through the middle: labels apart
        x, y = x1 + (x2 - x1) * 0.34, y1 + (y2 - y1) * 0.34
    texts = (f"F {link.fidelity:.4g}", rate)
    wide = max(text_width(text, 9.5) for text in texts) + 8
    box = Rect(x - wide / 2, y - 13, wide, 26, "paper", title, 0.9, 4)
    label = [Text(x, y - 2 + 11 * i, text, "muted", 9.5, "middle") for i, text in enumerate(texts)]
    return line, [box, *label]


def _fabric(fabric: Fabric, ends: list[Point], radius: float) -> list[Shape]:
    """A switch: a square in the middle of its modules, with its ports, and a fibre to each."""
    x, y = (sum(end[k] for end in ends) / len(ends) for k in (0, 1))
    switch = time_text(fabric.reconfigure_ns)
    title = f"fabric {fabric.name}: {fabric.ports} ports, switches in {switch}"
    fibres = [Arc(x, y, (x + a) / 2, (y + b) / 2, a, b, "flow", 1.5, opacity=0.6) for a, b in ends]
    half = min(radius, 18)
    box = Rect(x - half, y - half, 2 * half, 2 * half, "panel", title, 1, 4, "flow")
    name = shortened(fabric.name, 90, 10)
    wide = text_width(name, 10) + 8
    return [
        *fibres,
        box,
        Text(x, y + 4, str(fabric.ports), "flow", 10, "middle"),
        Rect(x - wide / 2, y + half + 3, wide, 14, "paper", title, 0.9, 4),
        Text(x, y + half + 13, name, "flow", 10, "middle"),
    ]


def _module(module: Module, at: Point, radius: float, colour: str) -> list[Shape]:
    title = f"{module.name}: {module.data_qubits} data, {module.comm_qubits} communication qubits"
    if module.role != "compute":
        title += f", {module.role}"
    ring = "flow" if module.role == "repeater" else "paper"
    disc = Disc(*at, radius, colour, title, ring)
    size = max(7.0, min(12.0, radius * 0.55))
    if radius < 9:
        return [disc]
    name = shortened(module.name, 2 * radius - 4, size)
    out: list[Shape] = [disc, Text(at[0], at[1] + size / 3, name, text_on(colour), size, "middle")]
    if radius >= 20:
        counts = f"{module.data_qubits}+{module.comm_qubits}"
        out[1] = Text(at[0], at[1], name, text_on(colour), size, "middle")
        out.append(Text(at[0], at[1] + 12, counts, text_on(colour), 9, "middle"))
    return out
