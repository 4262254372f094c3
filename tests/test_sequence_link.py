"""The comparison of one link with SeQUeNCe in short, and what happens without it."""

from __future__ import annotations

import json
import math
import sys
from importlib.metadata import PackageNotFoundError

import pytest
import sequence_link


def test_both_give_the_same_rate():
    pytest.importorskip("sequence")
    found = sequence_link.compare(pairs=2_000, seed=1)
    for who in ("bellwire", "sequence"):
        assert abs(found[who]["per_s"] - found["exact_per_s"]) < 4 * found[who]["error"]
    assert found[who]["error"] / found["exact_per_s"] < 0.03


def test_our_rate_is_that_of_the_formula():
    rate = sequence_link.ours(20_000, seed=2)
    exact = sequence_link.success() / sequence_link.attempt_ns() * 1e9
    assert abs(rate.per_s - exact) < 4 * rate.error
    assert rate.error == pytest.approx(exact * math.sqrt((1 - 0.18952) / 20_000), rel=0.02)


def test_without_sequence_it_says_so(capsys, monkeypatch):
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(sequence_link, "version", missing)
    monkeypatch.setattr(sys, "argv", ["sequence_link.py"])
    sequence_link.main()
    assert capsys.readouterr().out == "SeQUeNCe is not installed; pip install sequence\n"
    monkeypatch.setattr(sys, "argv", ["sequence_link.py", "--json"])
    sequence_link.main()
    assert "not installed" in json.loads(capsys.readouterr().out)["skipped"]
