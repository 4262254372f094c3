"""Whole runs of the annealer: sweeps while it cools, the best plan kept."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.progress import worked
from bellwire.passes.annealing.bench import STRETCH, WIDTH, new_bench
from bellwire.passes.annealing.nodes import Net
from bellwire.passes.annealing.room import fill, overfull
from bellwire.passes.annealing.sheet import Ints, Marks, total_cost
from bellwire.passes.annealing.sweep import sweep

COLD = 0.12  # e-bits; at this temperature hardly anything gets worse
PRESS = (0.3, 300.0)  # e-bits per node that has no data qubit: at the start, at the end
SQUEEZE = (0.1, 300.0)  # the same for communication qubits
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
    infinite if none was, and its plan (else the last). Ends early when the cost is `enough`; runs
    in `plain` Python when asked to."""
    sheet = net.sheet
    run = sweep.plain if plain else sweep.fast
    count = fill.plain if plain else fill.fast
    missing = overfull.plain if plain else overfull.fast
    price = total_cost.plain if plain else total_cost.fast
    count(sheet, marks)
    now = float(price(sheet, marks))
    best, kept = (now, copied(marks)) if not missing(sheet, marks) else (np.inf, marks)
    bench = new_bench(len(sheet.data))
    alive = int(np.count_nonzero(np.diff(sheet.first)))
    span = len(sheet.left) * alive / max(1, len(sheet.when))  # of a node, in gates
    us = sweep_us(net, plain=plain)
    for i in range(sweeps):
        if best <= enough:
            break
        done = i / max(1, sweeps - 1)
        run(
            sheet,
            marks,
            bench,
            _stretches(net, rng),
            rng.random((WIDTH + 1) * len(sheet.when) + WIDTH),
            _between(heat, cold, done),
            _between(*press, done) / span,
            _between(*SQUEEZE, done) / span,
        )
        now = float(price(sheet, marks))
        if now < best - 1e-9 and not missing(sheet, marks):
            best, kept = now, copied(marks)
        worked(us, "%.6g e-bits", min(best, now))
    return best, kept if best < np.inf else marks


def _between(start: float, end: float, done: float) -> float:
    return float(start * (end / start) ** done)


def _stretches(net: Net, rng: np.random.Generator) -> Ints:
    """All qubits in random order, long ones cut at random places; given nodes left out."""
    sheet, out = net.sheet, []
    for q in rng.permutation(len(sheet.first) - 1).tolist():
        a, end = int(sheet.first[q]) + net.anchored, int(sheet.first[q + 1]) - net.closed
        step = end - a if end - a <= STRETCH else int(rng.integers(STRETCH // 4, STRETCH))
        while a < end:
            out.append((q, a, min(end, a + step)))
            a, step = a + step, STRETCH
    return np.array(out, dtype=np.int64).reshape(-1, 3)


def sweep_us(net: Net, *, plain: bool = False) -> float:
    """About how many microseconds one sweep takes, from counts alone."""
    sheet = net.sheet
    if plain:
        return 1000.0 + (PLAIN_US + UNEVEN_US * (not sheet.even)) * len(sheet.when)
    alive = np.count_nonzero(np.diff(sheet.first))
    scans = alive * len(sheet.left) * (0.006 if sheet.tight else 0.003)
    draws = len(sheet.when) * (4.3 if sheet.tight else 1.9)
    return float(3.0 + 2.0 * alive + draws + 0.05 * len(sheet.mate) + scans)
