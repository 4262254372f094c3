"""`bellwire compile` of Stim circuits with detectors or noise."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import stim
from typer.testing import CliRunner, Result

from bellwire.cli import app
from bellwire.errors import BellwireError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    circuit = stim.Circuit.generated("surface_code:rotated_memory_z", distance=3, rounds=50)
    (tmp_path / "surface.stim").write_text(str(circuit))
    (tmp_path / "plain.stim").write_text("H 0\nCX 0 1\nM 0 1\n")
    (tmp_path / "ghz.qasm").write_text(
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bellwire(*words: str) -> Result:
    return CliRunner().invoke(app, ["compile", *words])


def test_a_seam_by_a_cut() -> None:
    done = bellwire("surface.stim", "--cut", "x<=3", "-o", "out.stim", "--json", "--p", "0.001")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["ebits"], report["ebits_per_round"], report["link_distance"]) == (250, 5, [3])
    circuit = stim.Circuit.from_file("out.stim")
    assert circuit.num_detectors == 50 * 8
    assert len(circuit) < 100  # the loop is kept
    assert not circuit.without_noise().compile_detector_sampler(seed=0).sample(16).any()


def test_packets_frames_and_a_summary() -> None:
    words = ("--modules", "2", "--pairs", "packet", "--corrections", "frame")
    done = bellwire("surface.stim", *words, "-o", "-")
    assert stim.Circuit(done.stdout).num_detectors == 50 * 8
    shown = bellwire("surface.stim", "--cut", "x<=3", "--pairs", "packet", "-o", "o.stim")
    assert "150 (3 per round)" in shown.stdout
    assert "2 faults of links" in shown.stdout


def test_a_machine_and_a_file_of_homes(folder: Path) -> None:
    used = {q for i in stim.Circuit.from_file("surface.stim").flattened() if i.name == "R"
            for q in (t.value for t in i.targets_copy())}  # fmt: skip
    (folder / "homes.json").write_text(json.dumps({str(q): int(q > 9) for q in sorted(used)}))
    line = ("--topology", "line", "--modules", "2", "--data-qubits", "12", "--comm-qubits", "1")
    done = bellwire("surface.stim", "--homes", "homes.json", *line, "--json")
    report = json.loads(done.stdout)
    assert report["comm_qubits"] == [1, 1]
    assert sum(report["qubits"]) == 17


def test_plain_circuits_take_the_ordinary_way() -> None:
    words = ("plain.stim", "--topology", "line", "--modules", "2", "--json")
    assert "makespan_s" in json.loads(bellwire(*words).stdout)


WRONG = {
    "an empty module": (("surface.stim", "--cut", "x<99"), "leaves module 1 without qubits"),
    "two ways": (("surface.stim", "--cut", "x<3", "--homes", "h.toml"), "give one of them"),
    "no link noise": (("surface.stim", "--p-link", "0.1"), "without --pairs direct"),
    "not Stim": (("ghz.qasm", "--cut", "x<3"), "found --cut, which is for Stim circuits alone"),
    "an ending": (("surface.stim", "--cut", "x<=3", "-o", "o.qasm"), "stays Stim"),
    "a mode": (("surface.stim", "--cut", "x<=3", "--pairs", "cat"), "give one of per_gate"),
    "two noises": (("surface.stim", "--p", "0.1", "-m", "ring4-demo"), "which has its own noise"),
    "a proof": (("surface.stim", "--cut", "x<=3", "--verify"), "found --verify, which is not for"),
    "no file": (("surface.stim", "--homes", "none.toml"), "there is no such file"),
    "too large": (("surface.stim", "--cut", "x<=3", "-m", "ring4-demo"), "data qubits"),
}


@pytest.mark.parametrize("case", WRONG)
def test_errors(case: str) -> None:
    words, message = WRONG[case]
    done = bellwire(*words)
    assert isinstance(done.exception, BellwireError)
    assert message in str(done.exception)
    assert not Path("o.qasm").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("H 0\nCX 0 1\nM 0 1\nDETECTOR rec[-1]\n", "not deterministic (D0)"),
        ("M 0\nDETECTOR rec[-1]\nFOO 1\n", "bad.stim:3:1: Gate not found: 'FOO'"),
    ],
)
def test_bad_circuits_are_one_line(folder: Path, text: str, message: str) -> None:
    (folder / "bad.stim").write_text(text)
    words = [sys.executable, "-m", "bellwire", "compile", "bad.stim", "--modules", "2"]
    done = subprocess.run([*words, "-o", "o.stim"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
    assert not (folder / "o.stim").exists()
