"""`bellwire sweep` killed at random moments: whole rows stay, the rest is done once, in the end.

A few kills here; BELLWIRE_KILLS=50 asks for more (`make fuzz` does).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bellwire.sweeps import sweep
from bellwire.sweeps.measure import CLOCKS

KILLS = int(os.environ.get("BELLWIRE_KILLS", "2"))
POINTS = 24
STUDY = """
circuits = [{family = "ghz", qubits = [4, 5, 6]}]
machines = [{topology = "line", modules = 2}]
seeds = 4
[compile]
recipe = "fast"
seconds = 0
[links]
fidelity = [0.9, 1]
[run]
shots = 20
timelines = 0
"""
Row = dict[str, Any]


def start(folder: Path, workers: int) -> subprocess.Popen[str]:
    words = ("sweep", "s.toml", "-o", "rows", "--workers", str(workers), "--json")
    return subprocess.Popen(
        [sys.executable, "-m", "bellwire", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # tests that run in the background ignore it, and so would this
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def finished(folder: Path, workers: int) -> Row:
    out, err = start(folder, workers).communicate(timeout=300)
    assert err == ""
    said: Row = json.loads(out)
    return said


def timeless(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in CLOCKS}


def whole_rows(path: Path) -> list[Row]:
    """The rows of a file, all but a last line that was cut off."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [row for row in map(json.loads, lines) if "key" in row]


def killed(folder: Path, workers: int, chance: random.Random) -> bool:
    """Begin or go on, and kill it after a few rows at any moment; whether it came to that."""
    path, process = folder / "rows", start(folder, workers)
    wanted = len(whole_rows(path)) + chance.randrange(8)
    patience = time.monotonic() + 100
    while len(whole_rows(path)) < wanted and process.poll() is None:
        assert time.monotonic() < patience
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.08))
    alive = process.poll() is None
    process.kill()  # its workers end by themselves
    process.communicate(timeout=20)
    return alive


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "s.toml").write_text(STUDY)
    rows = sweep(folder / "s.toml", workers=1).rows
    assert len(rows) == POINTS
    return {row["key"]: timeless(row) for row in rows}


def test_killed_at_any_moment_it_goes_on(undisturbed: dict[str, Row], tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(STUDY)
    path, chance = tmp_path / "rows", random.Random(0)
    kills = 0
    before: list[Row] = []
    while kills < KILLS:
        kills += killed(tmp_path, workers=1 + kills % 2, chance=chance)
        rows = whole_rows(path)
        assert rows[: len(before)] == before  # what was there stays as it was
        assert len({row["key"] for row in rows}) == len(rows)  # nothing is done twice
        assert all(timeless(row) == undisturbed[row["key"]] for row in rows)
        before = rows
        if len(rows) == POINTS:
            path.unlink()
            before = []
    said = finished(tmp_path, workers=2)
    assert said["resumed"] == len(before)
    assert [timeless(row) for row in said["rows"]] == list(undisturbed.values())
    assert said["totals"]["shots"] == POINTS * 20


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(STUDY)
    process = start(tmp_path, workers=2)
    while not whole_rows(tmp_path / "rows") and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err == "bellwire: stopped; the same command goes on from rows\n"
    assert 0 < len(whole_rows(tmp_path / "rows")) < POINTS
