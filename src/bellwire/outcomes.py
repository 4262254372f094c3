"""The outcomes of a run as arrays of bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bellwire.runtime.result import Result

Bits = NDArray[np.bool_]


def distinct(result: Result, width: int) -> tuple[Bits, NDArray[np.int64]]:
    """The outcomes of a run, shape (outcomes, bits), and how often each was."""
    keys = [key.replace(" ", "")[::-1] for key in result.counts]
    bits = np.array([[c == "1" for c in key] for key in keys], dtype=np.bool_)
    return bits.reshape(len(keys), width), np.array([*result.counts.values()], dtype=np.int64)


def shot_by_shot(result: Result, width: int, seed: Sequence[int] | None) -> Bits:
    """One row for each shot, in an order drawn from the seed."""
    if not width:
        return np.zeros((result.shots, 0), dtype=np.bool_)
    bits, times = distinct(result, width)
    order = np.random.default_rng(None if seed is None else [*seed, 2]).permutation(result.shots)
    return np.repeat(bits, times, axis=0)[order]
