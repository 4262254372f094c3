"""`bellwire compile --optimise`, `--generation` and `--pareto` as a person uses them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bellwire.pareto import COLUMNS

GHZ = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
h q[0];
cx q[0],q[1];
cx q[1],q[2];
cx q[2],q[3];
"""
MACHINE = ("--topology", "line", "--modules", "2", "--data-qubits", "2", "--comm-qubits", "1")


def compiled(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "ghz.qasm").write_text(GHZ)
    return subprocess.run(
        [sys.executable, "-m", "bellwire", "compile", "ghz.qasm", *MACHINE, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_policy_goes_into_the_file_and_the_report(tmp_path: Path) -> None:
    done = compiled(tmp_path, "--window-ns", "500", "--cutoff-ns", "1e6", "-o", "p.qasm", "--json")
    assert done.returncode == 0, done.stderr
    said = {"policy": "window", "window_ns": 500.0, "buffer": 0, "cutoff_ns": 1e6}
    said |= {"purify": []}
    assert json.loads(done.stdout)["generation"] == said
    assert '"generation": {"policy": "window"' in (tmp_path / "p.qasm").read_text()


def test_a_front_beside_the_best(tmp_path: Path) -> None:
    words = ("--optimise", "makespan", "--recipe", "fast", "--pareto", "front.csv", "--json")
    done = compiled(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["optimise"] == "makespan"
    with (tmp_path / "front.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert any(row["on_front"] == "True" for row in rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--optimise", "speed"), "ebits, makespan, fidelity"),
        (("--generation", "soon"), "asap, on_demand, window, deadline"),
        (("--window-ns", "-5"), "window_ns: found -5.0"),
        (("--generation", "asap", "--window-ns", "5"), "left out with the policy asap"),
        (("--cutoff-ns", "0"), "above 0"),
        (("--purify", "A-B"), "module A: purification takes two communication qubits"),
        (("--purify", "A-C"), "no link 'A-C'"),
        (("--cutoff-ns", "nan"), "it must be a number"),
        (("--pareto", "nowhere/front.csv"), "nowhere/front.csv: cannot write"),
    ],
)
def test_wrong_words_are_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = compiled(tmp_path, *words, "-o", "p.qasm")
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not done.stdout
