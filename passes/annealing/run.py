"""Whole runs of the annealer: sweeps while it cools, the best plan kept."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.progress import worked
from bellwire.passes.annealing.bench import WIDTH, new_bench
from bellwire.passes.annealing.nodes import Net
from bellwire.passes.annealing.room import fill, overfull
from bellwire.passes.annealing.sheet import Floats, Marks, total_cost
from bellwire.passes.annealing.sweep import cool

COLD = 0.12  # e-bits; at this temperature hardly anything gets worse
PRESS = (0.3, 300.0)  # e-bits per node that has no data qubit: at the start, at the end
SQUEEZE = (0.1, 300.0)  # the same for communication qubits
DICE, TOLD = 1e6, 5e4  # random numbers drawn at once; microseconds between reports of progress
PLAIN_US, UNEVEN_US = 220.0, 200.0  # of plain Python, per draw of a node; if prices differ, more


def copied(marks: Marks) -> Marks:
    """A plan of its own."""
    return Marks(*[column.copy() for column in marks])  # type: ignore[arg-type]


def anneal(
    net: Net,
    marks: Marks,
    rng: np.random.Generator,
    *,
    sweeps: int,
    heat: float,
    cold: float = COLD,
    press: tuple[float, float] = PRESS,
    plain: bool = False,
    enough: float = 0.0,
) -> tuple[float, Marks]:
    """Cool a plan down from `heat` (e-bits) in some sweeps; the best cost seen within the limits,
    infinite if none was, and its plan (else the last). Ends early when the cost is `enough`.
    `plain`: nothing is compiled for it; what is compiled already gives the same numbers."""
    sheet = net.sheet
    slow = plain and not cool.ready
    count = fill.plain if slow else fill.fast
    missing = overfull.plain if slow else overfull.fast
    price = total_cost.plain if slow else total_cost.fast
    run = cool.plain if slow else cool.fast
    count(sheet, marks)
    best, kept = np.inf if missing(sheet, marks) else float(price(sheet, marks)), copied(marks)
    bench, us = new_bench(len(sheet.data)), sweep_us(net, plain=plain)
    order = np.flatnonzero(np.diff(sheet.first))
    given = np.array([net.anchored, net.closed], dtype=np.int64)
    span = len(sheet.left) * len(order) / max(1, len(sheet.when))  # of a node, in gates
    course = _course(sweeps, (heat, cold), press, SQUEEZE) / (1.0, span, span)
    numbers = 2 * len(order) + (1 + WIDTH) * len(sheet.when)
    at_once = int(np.clip(DICE / numbers, 1, TOLD / us + 1))
    for i in range(0, sweeps, at_once):
        part = course[i : i + at_once]
        dice = rng.random((len(part), numbers))
        best = run(sheet, marks, kept, bench, order, given, dice, part, best, enough)
        worked(us * len(part), "%.6g e-bits", best)
        if best <= enough:
            break
    if best == np.inf:
        return best, marks
    count(sheet, kept)
    return best, kept


def _course(sweeps: int, *ways: tuple[float, float]) -> Floats:
    """One row per sweep: each quantity on its way from start to end, evenly in its logarithm."""
    return np.stack([np.geomspace(start, end, sweeps) for start, end in ways], axis=1)


def sweep_us(net: Net, *, plain: bool = False) -> float:
    """About how many microseconds one sweep takes, from counts alone."""
    sheet = net.sheet
    if plain:
        return 1000.0 + (PLAIN_US + UNEVEN_US * (not sheet.even)) * len(sheet.when)
    alive = np.count_nonzero(np.diff(sheet.first))
    scans = alive * len(sheet.left) * (0.0095 if sheet.tight else 0.004)
    draws = len(sheet.when) * (1.2 if sheet.tight else 0.52)
    return float(3.0 + 0.1 * alive + draws + scans)
