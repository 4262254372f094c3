"""Rows of the comparison with published results: ours, theirs, how far theirs is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

PAPER = "paper"  # read in the paper itself
QUOTED = "quoted"  # read in other works that quote the paper
COMPUTED = "computed"  # from the paper's inputs or formulas, or with the authors' code
MEMORY = "from memory"  # not read again: no fact
MOST_SIGMAS = 2.0  # of the published uncertainty and ours together
MOST_ERRORS = 4.0  # of our standard error alone, where the published number is exact


@dataclass(frozen=True)
class Row:
    """One number: ours with its standard error, theirs with its uncertainty (a range with `upto`).

    It passes inside a range, within `relative` of theirs where that is given, else within
    `MOST_SIGMAS`, or within `MOST_ERRORS` where only ours is sampled.
    """

    target: str
    quantity: str
    unit: str
    predicted: float
    published: float
    mark: str
    how: str
    error: float = 0.0
    uncertainty: float = 0.0
    upto: float | None = None
    relative: float | None = None

    @property
    def difference(self) -> float:
        """Ours minus theirs; from the nearest end of a range, 0 inside it."""
        high = self.published if self.upto is None else self.upto
        return self.predicted - min(max(self.predicted, self.published), high)

    @property
    def sigmas(self) -> float | None:
        """The difference in standard deviations, where either side has one."""
        sigma = math.hypot(self.error, self.uncertainty)
        return self.difference / sigma if sigma else None

    @property
    def inside(self) -> bool:
        """Whether ours is within the range that is published."""
        return self.upto is not None and self.difference == 0

    @property
    def passed(self) -> bool:
        """Whether ours agrees with theirs."""
        if self.relative is not None:
            return abs(self.difference) <= self.relative * abs(self.published)
        if self.inside or self.sigmas is None:
            return self.inside
        return abs(self.sigmas) <= (MOST_SIGMAS if self.uncertainty else MOST_ERRORS) + 1e-9


def mean(samples: np.ndarray) -> tuple[float, float]:
    """The mean and its standard error."""
    return float(samples.mean()), float(samples.std() / math.sqrt(len(samples)))
