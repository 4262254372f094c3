"""A kernel gives the same result plain and compiled, and calls its kin in either form."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.kernels import kernel


@kernel
def _double(values: np.ndarray, i: int) -> float:
    return values[i] * 2


@kernel
def _sum_of_doubles(values: np.ndarray) -> float:
    total = 0.0
    for i in range(len(values)):
        total += _double(values, i)
    return total


def test_plain_and_compiled_agree() -> None:
    values = np.arange(10.0)
    assert _sum_of_doubles(values) == _sum_of_doubles.fast(values) == 90.0


def test_the_amount_of_work_chooses() -> None:
    assert _sum_of_doubles.sized(3, small=5) is _sum_of_doubles.plain
    assert _sum_of_doubles.sized(6, small=5) is _sum_of_doubles.fast
