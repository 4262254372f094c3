"""Fits of thresholds on counts whose threshold is known."""

from __future__ import annotations

import numpy as np
import pytest

from bellwire.runtime.threshold.fit import thresholds
from bellwire.runtime.threshold.plot import draw
from bellwire.runtime.threshold.tasks import Point


def counted(at: float, nu: float, *, seed: int = 3, shots: int = 20_000) -> list[Point]:
    """Counts drawn from a scaling law with a threshold `at`."""
    rng = np.random.default_rng(seed)
    points = []
    for distance in (5, 9, 13):
        for value in np.linspace(0.8 * at, 1.2 * at, 5):
            s = (value - at) / at * distance ** (1 / nu)
            rate = 0.15 + 0.1 * s + 0.02 * s**2
            errors = int(rng.binomial(shots, rate))
            points.append(Point("z", "pymatching", distance, float(value), shots, errors))
    return points


@pytest.mark.parametrize("at", [0.0098, 0.15])
@pytest.mark.parametrize("nu", [1.0, 1.5])
def test_a_known_threshold_is_found_within_its_error_bar(at: float, nu: float) -> None:
    (found,) = thresholds(counted(at, nu))
    assert None not in (found.value, found.error, found.nu)
    assert abs(found.value - at) < 3 * found.error < 0.06 * at
    assert abs(found.nu - nu) < 0.4
    for crossing in found.crossings:
        assert None not in (crossing.value, crossing.error)
        assert abs(crossing.value - at) < 4 * crossing.error


def test_error_bars_are_those_of_repeated_counts() -> None:
    again = [thresholds(counted(0.1, 1.3, seed=seed))[0] for seed in range(8)]
    spread = np.std([t.value for t in again if t.value is not None], ddof=1)
    told = np.mean([t.error for t in again if t.error is not None])
    assert 0.5 < spread / told < 1.8  # a standard deviation of 8 is known within a quarter


def test_no_crossing_is_said_so() -> None:
    below = [p for p in counted(0.1, 1.0) if p.value < 0.095]
    (found,) = thresholds(below)
    assert found.value is None
    assert [c.value for c in found.crossings] == [None, None]
    assert thresholds([]) == []


def test_bases_and_decoders_are_apart() -> None:
    points = counted(0.1, 1.0)
    moved = [Point("x", p.decoder, p.distance, 2 * p.value, p.shots, p.errors) for p in points]
    x, z = thresholds(points + moved)
    assert (x.basis, z.basis) == ("x", "z")
    assert x.value == pytest.approx(0.2, rel=0.05)
    figure = draw(points + moved, [x, z], "p_link")
    assert [a.get_title() for a in figure.axes] == ["memory x, pymatching", "memory z, pymatching"]


def test_same_seed_same_bars() -> None:
    assert thresholds(counted(0.1, 1.0), seed=5) == thresholds(counted(0.1, 1.0), seed=5)
