"""The scale benchmark in short: its programs verify, and its one JSON object adds up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCALE = Path(__file__).resolve().parent.parent / "benchmarks" / "scale.py"


def test_ten_thousand_gates() -> None:
    command = [sys.executable, str(SCALE), "--sizes", "10000", "--recipe", "fast", "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    said = json.loads(done.stdout)
    assert (said["recipe"], said["Q"], said["data_qubits"]) == ("fast", 4, 67)
    (row,) = said["rows"]
    assert row["two_qubit_gates"] == 10_000
    assert row["peak_mb"] > 0
    parts = sum(row["pass_cpu_s"].values()) + row["verify_cpu_s"]
    assert parts == pytest.approx(row["cpu_s"], abs=0.05)
    assert row["verify_cpu_s"] == pytest.approx(sum(row["verify_cpu_s_after"].values()))
    assert 0 < row["ebits"] <= 1.05 * row["planted_ebits"]
