"""Full R1: the threshold of spanning gates as local noise rises, and that of noise without a seam.

Expected: crossings measured beforehand; where those of distances 5, 9 and 9, 13 differed, their
middle. The shoulder is what a paper's ratio of thresholds at a seam and in bulk can be put beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace

from qec_points import points_of, threshold_of
from qec_rows import SEAM, Row, threshold_row

DISTANCES = (5, 9, 13)
EXPECTED = {0.0: 15.0, 0.001: 14.5, 0.003: 13.5, 0.005: 10.5, 0.006: 8.5, 0.007: 5.0}  # p, percent


def shoulder(pool: Executor, *, short: bool) -> Iterator[Row]:
    """Thresholds of p_link by p; `short`: distances 5 and 9 alone."""
    study = replace(SEAM, distances=DISTANCES[:2] if short else DISTANCES)
    found = {}
    for p, wanted in EXPECTED.items():
        spread = 0.2 if p < 0.004 else 0.45
        values = tuple(wanted / 100 * (1 + spread * step) for step in (-1, -0.5, 0, 0.5, 1))
        points = points_of(replace(study, noise={"p": p, "p_link": values}), pool)
        what = f"p_link*, p = {p:.1%}, d = {', '.join(map(str, study.distances))}"
        yield threshold_row("R1 full", what, points, wanted, 1.5)
        found[p] = threshold_of(points).value
    shoulders = [found[p] / p for p in (0.006, 0.007) if found[p] is not None]
    said = ", ".join(f"{ratio:.1f}" for ratio in shoulders)
    inside = any(10 <= ratio <= 14 for ratio in shoulders)
    yield Row("R1 full", "p_link* / p at p = 0.6 %, 0.7 %", "one of 10 to 14", said, "-", inside)
    same = replace(study, noise={"p": (0.006, 0.0065, 0.007, 0.0075, 0.008, 0.0085)})
    uniform = points_of(same, pool)
    yield threshold_row("R1 full", "p* where p_link = p", uniform, 0.75, 0.1)
