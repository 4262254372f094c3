"""`bellwire run --faults` and `bellwire preflight` as a person uses them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_command import GHZ, bellwire

ROOT = Path(__file__).resolve().parent.parent
ADDER = str(ROOT / "examples/circuits/qft_adder_n8.qasm")
SCENARIOS = ROOT / "examples/faults"

TWO = """\
name = "two"
topology = "line"
modules = 2

[module]
data_qubits = 2
comm_qubits = 1
gates = { "1q" = { ns = 50, fidelity = 0.9999 }, "2q" = { ns = 200, fidelity = 0.999 } }
readout = { ns = 1_000, fidelity = 0.998 }
t1_ns = 1_000_000
t2_ns = 500_000

[link]
attempt_ns = 1_000
fidelity = 0.96

[calibration]
date = 2026-01-01
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("faults")
    words = ("compile", ADDER, "--machine", "ring4-demo", "--recipe", "fast", "-o", "adder.qasm")
    done = bellwire(*words, cwd=place)
    assert done.returncode == 0, done.stderr
    (place / "ghz.qasm").write_text(GHZ)
    (place / "two.toml").write_text(TWO)
    words = ("compile", "ghz.qasm", "--machine", "two.toml", "-o", "two.qasm")
    assert bellwire(*words, cwd=place).returncode == 0
    return place


@pytest.mark.parametrize("name", sorted(path.name for path in SCENARIOS.glob("*.toml")))
def test_every_example_scenario_runs(folder: Path, name: str) -> None:
    words = ("run", "adder.qasm", "--faults", str(SCENARIOS / name), "--circuit", ADDER)
    done = bellwire(*words, "--shots", "50", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    faults = data["faults"]
    assert faults.keys() == {"events", "actions", "aborted", "recovery_s"}
    assert sum(data["counts"].values()) + sum(faults["aborted"].values()) == 50
    assert faults["aborted"] == data["aborted"]
    assert faults["recovery_s"].keys() == {"count", "mean", "max"}
    shown = bellwire(*words, "--shots", "20", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert "actions: " in shown.stdout
    assert all(event["kind"] in shown.stdout for event in faults["events"])


def test_a_circuit_is_compiled_and_recompiled(folder: Path) -> None:
    (folder / "lost.toml").write_text('[[event]]\nkind = "module_down"\nmodule = "B"\n')
    words = ("run", str(ROOT / "examples/circuits/ghz_n6.qasm"), "--topology", "ring")
    words += ("--modules", "4", "--data-qubits", "3", "--faults", "lost.toml", "--no-noise")
    done = bellwire(*words, "--shots", "20", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert set(data["counts"]) <= {"000000", "111111"}
    assert sum(data["counts"].values()) == 20


BAD = [
    ('[[event]]\nkind = "link_down"\nlink = ["A", "C"]\n', "bad.toml:3: .* no link 'A-C'; "),
    ('[[event]]\nkind = "dark_counts"\nshare = 2\n', "bad.toml:3: .* share: found 2"),
    ('[[event]]\nkind = "module_down"\nmodule = "Alice"\n', "bad.toml:3: .* no module 'Alice'"),
    ('[[event]]\nkind = "moduel_down"\n', "bad.toml:2: .* did you mean 'module_down'"),
    ('[[event]]\nkind = "drift"\natns = 5\n', "bad.toml:3: .* 'atns'; did you mean 'at_ns'"),
    ("[policy]\ndeadline_ns = 5\n", "deadline_ns: found 5; .* takes .* ns"),
    ("[policy]\nrestarts = 1.5\n", "bad.toml:2: policy: restarts: found 1.5"),
    ("[[event]]\n", "bad.toml:1: event 1: kind: found None"),
    ("event = 3\n", "bad.toml:1: event: found 3"),
    ("= 3\n", "bad.toml:1:1: .* write valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD)
def test_bad_scenarios_are_refused_in_one_line(folder: Path, text: str, message: str) -> None:
    (folder / "bad.toml").write_text(text)
    done = bellwire("run", "adder.qasm", "--faults", "bad.toml", cwd=folder)
    assert done.returncode == 2
    assert done.stdout == ""
    line, end = done.stderr.split("\n")
    assert end == ""
    assert re.search(message, line), line


def test_a_plain_circuit_has_no_faults(folder: Path) -> None:
    done = bellwire("run", ADDER, "--faults", str(SCENARIOS / "bad_day.toml"), cwd=folder)
    assert done.returncode == 2
    assert "give --machine" in done.stderr


def trimmed(text: str) -> str:
    """Without the spaces at the ends of lines, which tables have."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


READY = """\
ghz on two
chance of no error 0.9365 (wanted: 0.5), makespan 0.00555 ms, calibrated 2026-01-01
 link  pairs  fidelity  needed  wait  age   window  expired
 A-B   1      0.9600    0.5126  1 us  0 ns  0.00%   0.0%
 module  data  comm  longest wait  window  gates  readout  waiting
 A       2/2   1/1   3.3 us        0.66%   0.28%  0.60%    0.50%
 B       2/2   1/1   1.7 us        0.34%   0.28%  0.60%    0.21%
ready
"""


def test_preflight_says_ready(folder: Path) -> None:
    done = bellwire("preflight", "two.qasm", "--today", "2026-01-31", cwd=folder)
    assert (done.returncode, trimmed(done.stdout)) == (0, READY)


NOT_READY = """\
ghz on two
chance of no error 0.9365 (wanted: 0.96), makespan 0.00555 ms, calibrated 2026-01-01
 link  pairs  fidelity  needed  wait  age   window  expired
 A-B   1      0.9600    0.9841  1 us  0 ns  0.00%   0.0%
 module  data  comm  longest wait  window  gates  readout  waiting
 A       2/2   1/1   3.3 us        0.66%   0.28%  0.60%    0.50%
 B       2/2   1/1   1.7 us        0.34%   0.28%  0.60%    0.21%
too weak: machine: age of the calibration is 31 days; needed: at most 30 days
too weak: link A-B: fidelity is 0.96; needed: 0.984298 or more
not ready
"""


def test_preflight_says_what_is_too_weak(folder: Path) -> None:
    words = ("preflight", "two.qasm", "--min-success", "0.96", "--today", "2026-02-01")
    done = bellwire(*words, cwd=folder)
    assert (done.returncode, trimmed(done.stdout)) == (1, NOT_READY)
    again = bellwire(*words, "--json", cwd=folder)
    assert again.returncode == 1
    data = json.loads(again.stdout)
    assert data["ready"] is False
    assert [weak["part"] for weak in data["weak"]] == ["machine", "link A-B"]
    assert {"success", "links", "modules", "warnings", "calibrated"} <= data.keys()
    assert bellwire(*words, "--max-age-days", "31", cwd=folder).stdout != done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--min-success", "2"), "--min-success: found"),
        (("--today", "yesterday"), "--today: found 'yesterday'"),
        (("--machine", "nowhere.toml"), "found neither a file nor a preset"),
    ],
)
def test_preflight_refuses_bad_input(folder: Path, words: tuple[str, ...], message: str) -> None:
    done = bellwire("preflight", "adder.qasm", *words, cwd=folder)
    assert done.returncode == 2
    assert message in done.stderr
    circuit = bellwire("preflight", ADDER, "--machine", "ring4-demo", cwd=folder)
    assert circuit.returncode == 2
    assert "compile it to the end" in circuit.stderr
