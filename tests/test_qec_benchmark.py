"""The short form of benchmarks/qec.py: each recipe, with few points."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from qec_rows import RECIPES, rate_row


@pytest.mark.parametrize("name", RECIPES)
def test_recipe(name: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        rows = list(RECIPES[name](pool, short=True))
    assert rows
    assert [row for row in rows if not row.passed] == []


def test_rates_are_met_within_the_tolerance_or_half_a_digit() -> None:
    assert rate_row("R", "", "0.050", 0.0549, 0.1).passed
    assert not rate_row("R", "", "0.050", 0.0551, 0.1).passed
    assert rate_row("R", "", "0.001", 0.0014, 0.1).passed
    assert not rate_row("R", "", "0.001", 0.0016, 0.1).passed
