"""The comparison with published results in short: what passes, what is missed, and how."""

from __future__ import annotations

import json
import sys

import published
import pytest
from published_rows import Row

MISSED = {"T4", "T10"}  # shown, not tuned away


def test_all_but_the_known_misses_pass():
    rows = list(published.compare(shots=20_000, seed=1))
    verdicts = published.passed(rows)
    assert {name for name, good in verdicts.items() if not good} == MISSED
    assert set(verdicts) == set(published.NAMES)
    t4 = [row.sigmas for row in rows if row.target == "T4"]
    assert t4 == pytest.approx([2.5, 0.9, 3.9], abs=0.05)


def test_one_json_object(capsys, monkeypatch):
    monkeypatch.setattr(
        sys, "argv", ["published.py", "--shots", "2000", "--only", "F10", "T8", "--json"]
    )
    published.main()
    said = json.loads(capsys.readouterr().out)
    assert said["targets"] == {"T8": True, "F10": True}
    assert (said["passed"], said["missed"]) == (2, [])
    assert {"predicted", "published", "mark", "how", "passed"} <= set(said["rows"][0])


def test_a_row_passes_by_sigmas_or_by_its_tolerance():
    row = Row("T0", "x", "", 1.1, 1.0, "paper", "", error=0.03, uncertainty=0.04)
    assert row.sigmas == pytest.approx(2.0)
    assert row.passed
    assert not Row("T0", "x", "", 1.2, 1.0, "paper", "", uncertainty=0.05).passed
    assert Row("T0", "x", "", 1.2, 1.0, "paper", "", relative=0.21).passed
    assert not Row("T0", "x", "", 1.2, 1.0, "paper", "").passed  # no tolerance, no pass
    assert Row("T0", "x", "", 1.1, 1.0, "paper", "", upto=1.2, uncertainty=0.1).sigmas == 0
