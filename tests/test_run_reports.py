"""`bellwire run` with metrics, traces and objectives: files, exit codes, errors."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from test_command import GHZ, bellwire

RUN = ("run", "ghz.qasm", "--topology", "line", "--modules", "2", "--data-qubits", "2")
SLO = """[[objective]]
name = "{name}"
sli = "herald_latency_p95_seconds"
target = {target}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ghz.qasm").write_text(GHZ)
    (tmp_path / "easy.toml").write_text(SLO.format(name="easy", target=1))
    (tmp_path / "hard.toml").write_text(SLO.format(name="hard", target=0))
    return tmp_path


def test_all_reports_of_one_run(folder: Path) -> None:
    reports = ("--metrics", "m.prom", "--traces", "t.json", "--slo", "easy.toml")
    done = bellwire(*RUN, *reports, "--shots", "50", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    (verdict,) = data["slo"]
    assert (verdict["name"], verdict["met"], verdict["budget_burn"]) == ("easy", True, 0)
    families = {f.name: f for f in text_string_to_metric_families((folder / "m.prom").read_text())}
    (shots,) = families["dqc_shots"].samples
    assert shots.value == 50
    consumed = sum(s.value for s in families["dqc_pairs"].samples if s.labels["fate"] == "consumed")
    assert consumed == data["pairs"]["consumed"]
    (whole,) = json.loads((folder / "t.json").read_text())["resourceSpans"]
    names = {span["name"] for span in whole["scopeSpans"][0]["spans"]}
    assert names == {*(f"shot {k}" for k in range(10)), "remote gate", "request", "store", "use"}


def test_the_port_offers_metrics_until_it_is_stopped(folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = (sys.executable, "-m", "bellwire", *RUN, "--metrics-port", str(port), "--json")
    with subprocess.Popen(
        words,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where tests run in the background, Ctrl-C may be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            assert process.stderr is not None
            assert str(port) in process.stderr.readline()
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                names = {f.name for f in text_string_to_metric_families(answer.read().decode())}
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert json.loads(out)["shots"] == 1024
    assert "dqc_herald_latency_seconds" in names


def test_a_missed_objective_is_exit_code_1(folder: Path) -> None:
    done = bellwire(*RUN, "--slo", "hard.toml", "--shots", "10", cwd=folder)
    assert done.returncode == 1
    assert done.stderr == ""
    # all are late where 5 % may be
    assert "MISSED hard: herald_latency_p95_seconds: 1e-05, target 0, 2000% of" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*RUN, "--slo", "none.toml"), "none.toml: there is no such file"),
        (("run", "ghz.qasm", "--metrics", "m.prom"), "no machine to measure"),
        ((*RUN, "--metrics", "none/m.prom"), "cannot write"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    done = bellwire(*words, "--shots", "10", cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "m.prom").exists()


def test_objectives_of_unknown_links_are_refused(folder: Path) -> None:
    (folder / "slo.toml").write_text(SLO.format(name="a", target=1) + 'link = "A-Z"\n')
    done = bellwire(*RUN, "--slo", "slo.toml", cwd=folder)
    assert done.returncode == 2
    assert "a: link: found 'A-Z'; it must be one of A-B" in done.stderr


def test_reports_of_a_run_with_faults(folder: Path) -> None:
    (folder / "day.toml").write_text(
        '[[event]]\nkind = "drift"\nfidelity_per_s = -1e4\n'
        '[[event]]\nkind = "link_down"\nlink = ["A", "B"]\nat_ns = 100\nuntil_ns = 50_000\n'
    )
    words = (*RUN, "--faults", "day.toml", "--shots", "20", "--json")
    done = bellwire(*words, "--metrics", "m.prom", "--slo", "hard.toml", cwd=folder)
    assert done.returncode == 1, done.stderr
    data = json.loads(done.stdout)
    assert data["slo"][0]["value"] > 50e-6  # heralds come after the outage
    families = {f.name: f for f in text_string_to_metric_families((folder / "m.prom").read_text())}
    faults = {
        (s.labels["kind"], s.labels["action"]): s.value for s in families["dqc_faults"].samples
    }
    assert faults["drift", "none"] == faults["link_loss", "none"] == 20
    assert faults["any", "retried"] == data["faults"]["actions"]["retried"] > 0
    attempts = sum(s.value for s in families["dqc_link_attempts"].samples)
    assert attempts == data["attempts"]
    counts = [
        s.value for s in families["dqc_recovery_seconds"].samples if s.name.endswith("_count")
    ]
    assert counts == [data["faults"]["recovery_s"]["count"]]
    fidelity = {
        s.labels["source"]: s.value
        for s in families["dqc_pair_fidelity_ratio"].samples
        if s.name.endswith("_sum")
    }
    assert fidelity["true"] < fidelity["goodness"]
    (folder / "use.toml").write_text('[[objective]]\nsli = "consumed_fidelity_p05"\ntarget = 0.9\n')
    done = bellwire(*words, "--slo", "use.toml", cwd=folder)
    assert (done.returncode, "with --faults it must be one of" in done.stderr) == (2, True)
    done = bellwire(*words, "--traces", "t.json", cwd=folder)
    assert (done.returncode, "give one of them" in done.stderr) == (2, True)
