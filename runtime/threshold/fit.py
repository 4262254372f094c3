"""Where curves of several distances cross: a finite-size scaling fit, and pairwise crossings.

The fit is LER = a + b s + c s^2 with s = (x - x*) d^(1/nu) (Wang, Harrington and Preskill, Ann.
Phys. 303, 31, 2003), without a correction for small distances, weighted by the binomial errors of
the counts. Error bars are the standard deviation over counts drawn anew (parametric bootstrap);
they say nothing about small distances that are off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.runtime.threshold.tasks import Point

Floats = NDArray[np.float64]
DRAWS = 60  # of the bootstrap


@dataclass(frozen=True)
class Crossing:
    """Where two distances have the same logical error rate; None: not within the sweep."""

    distances: tuple[int, int]
    value: float | None
    error: float | None


@dataclass(frozen=True)
class Threshold:
    """The threshold of a basis and decoder. `value`, `error`, `nu` are None without a crossing."""

    basis: str
    decoder: str
    value: float | None
    error: float | None
    nu: float | None
    crossings: tuple[Crossing, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def thresholds(points: Iterable[Point], *, seed: int = 0) -> list[Threshold]:
    """The threshold of each basis and decoder apart."""
    rng = np.random.default_rng(seed)
    grouped = groupby(sorted(points), key=lambda p: (p.basis, p.decoder))
    return [_threshold(*key, list(group), rng) for key, group in grouped]


def _threshold(
    basis: str, decoder: str, points: list[Point], rng: np.random.Generator
) -> Threshold:
    columns = _columns([p for p in points if p.shots])
    distances = sorted({p.distance for p in points})
    crossings = tuple(_crossing(columns, pair, rng) for pair in zip(distances, distances[1:]))
    value = error = nu = None
    fitted = _fit(columns) if any(c.value is not None for c in crossings) else None
    if fitted is not None:
        drawn = [f[0] for _ in range(DRAWS) if (f := _fit(_drawn(columns, rng))) is not None]
        value, nu = fitted
        error = float(np.std(drawn)) if len(drawn) > DRAWS // 2 else None
    return Threshold(basis, decoder, value, error, nu, crossings)


def _columns(points: Sequence[Point]) -> Floats:
    """Rows: distance, value, shots, errors."""
    return np.array([(p.distance, p.value, p.shots, p.errors) for p in points], dtype=float).T


def _drawn(columns: Floats, rng: np.random.Generator) -> Floats:
    out = columns.copy()
    out[3] = rng.binomial(columns[2].astype(np.int64), _rates(columns))
    return out


def _rates(columns: Floats) -> Floats:
    """Chances that are never quite 0 or 1: (errors + 1/2) / (shots + 1)."""
    rates: Floats = (columns[3] + 0.5) / (columns[2] + 1)
    return rates


def _fit(columns: Floats) -> tuple[float, float] | None:
    """x* and nu; None where there are too few points or x* leaves the sweep."""
    from scipy.optimize import curve_fit

    distance, value = columns[0], columns[1]
    low, high = value.min(), value.max()
    if columns.shape[1] < 6 or low == high:
        return None
    rates = _rates(columns)
    sigma = np.sqrt(rates * (1 - rates) / columns[2])

    def model(_: Floats, at: float, power: float, a: float, b: float, c: float) -> Floats:
        s = (value - at) / (high - low) * distance**power
        return np.asarray(a + b * s + c * s**2)

    start = ((low + high) / 2, 1.0, float(np.median(rates)), 0.05, 0.0)
    bounds = ([low, 0.2, 0, 0, -np.inf], [high, 4, 1, np.inf, np.inf])
    try:
        found, _ = curve_fit(model, value, rates, start, sigma, bounds=bounds, max_nfev=2000)
    except RuntimeError:  # it did not settle
        return None
    edge = 1e-3 * (high - low)
    return (float(found[0]), float(1 / found[1])) if low + edge < found[0] < high - edge else None


def _crossing(columns: Floats, pair: tuple[int, int], rng: np.random.Generator) -> Crossing:
    value = _root(columns, pair)
    drawn = [r for _ in range(DRAWS) if (r := _root(_drawn(columns, rng), pair)) is not None]
    sure = value is not None and len(drawn) > DRAWS // 2
    return Crossing(pair, value if sure else None, float(np.std(drawn)) if sure else None)


def _root(columns: Floats, pair: tuple[int, int]) -> float | None:
    """Where log(LER_large / LER_small), a weighted line in log x, rises through 0."""
    small, large = (columns[:, columns[0] == d] for d in pair)
    both, i, j = np.intersect1d(small[1], large[1], return_indices=True)
    positive = both > 0
    both, i, j = both[positive], i[positive], j[positive]
    if len(both) < 2:
        return None
    rates = _rates(small)[i], _rates(large)[j]
    spread = [(1 - r) / (r * n) for r, n in zip(rates, (small[2][i], large[2][j]))]
    x = np.log(both)
    slope, offset = np.polyfit(x, np.log(rates[1] / rates[0]), 1, w=1 / np.sqrt(sum(spread)))
    if slope <= 0:
        return None
    at = float(np.exp(-offset / slope))
    return at if both[0] <= at <= both[-1] else None
