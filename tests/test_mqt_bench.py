"""MQT Bench in short: a few of its circuits compile and are proved."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mqt.bench", reason="mqt.bench is not installed; pip install -e '.[dev]'")

BENCH = Path(__file__).resolve().parent.parent / "benchmarks" / "mqt_bench.py"
NAMES = ("dj", "ghz_dynamic", "half_adder", "iqpe", "qft", "vqe_su2")


def test_a_few_circuits() -> None:
    command = [sys.executable, str(BENCH), "--sizes", "5", "--K", "2", "--recipe", "fast"]
    done = subprocess.run(
        [*command, "--json", "--only", *NAMES], check=True, stdout=subprocess.PIPE, text=True
    )
    said = json.loads(done.stdout)
    assert said["failed"] == []
    assert [row["benchmark"] for row in said["rows"]] == list(NAMES)
    by_name = {row["benchmark"]: row for row in said["rows"]}
    assert by_name["dj"]["ebits"] == 1  # all gates meet in the one ancilla
    assert by_name["iqpe"]["qubits"] == 2
    assert all(row["proved"] for row in said["rows"])
    assert said["ebits"] == sum(row["ebits"] for row in said["rows"]) > 0
