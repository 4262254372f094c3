"""The command as a person uses it: exit codes, JSON, files written whole or not at all, errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GHZ = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[4];
h q[0];
cx q[0],q[1];
cx q[1],q[2];
cx q[2],q[3];
measure q -> c;
"""
MACHINE = ("--topology", "line", "--modules", "2", "--data-qubits", "2", "--comm-qubits", "1")
KEYS = {
    "ebits", "ebit_requests", "ebit_depth", "teleports", "cat_sessions", "spanning_gates",
    "swaps_local", "two_qubit_gates", "messages", "makespan_s", "expected_fidelity",
    "comm_qubits_peak", "modules", "seconds", "verified", "seed", "version", "layout",
}  # fmt: skip


def bellwire(*words: str, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "bellwire", *words],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ghz.qasm").write_text(GHZ)
    return tmp_path


def compiled(folder: Path, *more: str) -> dict[str, Any]:
    done = bellwire("compile", "ghz.qasm", *MACHINE, "--json", *more, cwd=folder)
    assert done.returncode == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def test_json_has_every_key_and_says_what_was_proved(folder: Path) -> None:
    data = compiled(folder, "--verify")
    assert data.keys() >= KEYS
    assert (data["ebits"], data["verified"], data["seed"]) == (1, True, 0)
    assert data["layout"]["initial"].keys() == {f"q[{i}]" for i in range(4)}
    assert compiled(folder)["verified"] is None


@pytest.mark.parametrize("form", ["qasm", "txt"])
def test_compile_verify_show_run(folder: Path, form: str) -> None:
    name = f"program.{form}"
    data = compiled(folder, "-o", name)
    proof = bellwire("verify", name, "--against", "ghz.qasm", "--json", cwd=folder)
    assert proof.returncode == 0, proof.stderr
    assert json.loads(proof.stdout)["verified"] is True
    shown = json.loads(bellwire("show", name, "--json", cwd=folder).stdout)
    assert shown["ebits"] == data["ebits"]
    ran = bellwire("run", name, "--shots", "200", "--json", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert set(result["counts"]) == {"0000", "1111"}  # this machine makes no errors
    assert result["shots"] == sum(result["counts"].values()) == 200


def test_run_says_how_it_simulated(folder: Path) -> None:
    words = ("run", "ghz.qasm", "--machine", "ring4-demo", "--shots", "60", "--json")
    folded = json.loads(bellwire(*words, "--backend", "aer", cwd=folder).stdout)
    assert (folded["backend"], folded["timelines"]) == ("folded (statevector)", 60)
    few = ("--backend", "aer", "--explicit", "--timelines", "3")
    explicit = json.loads(bellwire(*words, *few, cwd=folder).stdout)
    assert (explicit["backend"], explicit["timelines"]) == ("aer (statevector)", 3)


@pytest.mark.parametrize("form", ["qasm", "txt"])
def test_show_ebits_lists_what_each_is_for(folder: Path, form: str) -> None:
    name = f"program.{form}"
    compiled(folder, "-o", name)
    words = ("show", name, "--ebits", "--against", "ghz.qasm")
    shown = json.loads(bellwire(*words, "--json", cwd=folder).stdout)
    assert (shown["ebits"], shown["lower_bound"], shown["by_link"]) == (1, 1, {"A-B": 1})
    assert shown["by_source"] == [{"source": 7, "ebits": 1.0}]  # cx q[1],q[2];
    [ebit] = shown["list"]
    assert (ebit["kind"], ebit["use"], ebit["gates"]) == ("session", 1, 1)
    assert ebit["qubit"] in ("q[1]", "q[2]")
    text = bellwire(*words, cwd=folder).stdout
    assert "ghz: 1 e-bit; its circuit takes at least 1 on this machine" in text
    assert "session 1" in text
    assert max(map(len, text.splitlines())) <= 100


def test_stim_output_is_read_by_stim(folder: Path) -> None:
    import stim

    compiled(folder, "-o", "program.stim")
    circuit = stim.Circuit((folder / "program.stim").read_text())
    assert circuit.num_measurements == 6  # four of the user's, two of a telegate


def test_pipes(folder: Path) -> None:
    program = bellwire("compile", "-", *MACHINE, "-o", "-", cwd=folder, stdin=GHZ)
    assert program.stdout.startswith("OPENQASM 3")
    proof = bellwire("verify", "-", "--against", "ghz.qasm", cwd=folder, stdin=program.stdout)
    assert (proof.returncode, "proved" in proof.stdout) == (0, True)


def test_per_module_files_have_a_manifest(folder: Path) -> None:
    compiled(folder, "--per-module", "parts")
    names = {p.name for p in (folder / "parts").iterdir()}
    assert "manifest.json" in names
    assert {n for n in names if n.endswith(".qasm")} == {"A.qasm", "B.qasm"}
    json.loads((folder / "parts" / "manifest.json").read_text())


def test_same_seed_same_bytes(folder: Path) -> None:
    first = bellwire("compile", "ghz.qasm", *MACHINE, "--seed", "3", "-o", "-", cwd=folder)
    again = bellwire("compile", "ghz.qasm", *MACHINE, "--seed", "3", "-o", "-", cwd=folder)
    assert first.stdout == again.stdout != ""


def test_a_program_with_one_extra_z_is_not_proved(folder: Path) -> None:
    compiled(folder, "-o", "program.txt")
    lines = (folder / "program.txt").read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.split()[-2:-1] == ["->"] and "c[0]" in line)
    start = lines[at].split()[0]
    lines.insert(at, f"{start} x A_data[0]")
    (folder / "wrong.txt").write_text("\n".join(lines) + "\n")
    done = bellwire("verify", "wrong.txt", "--against", "ghz.qasm", cwd=folder)
    assert (done.returncode, "DIFFERENT" in done.stdout) == (1, True)


BAD = {  # more of them, in one process, in cases/errors/
    "no file": (("compile", "nope.qasm", *MACHINE), "nope.qasm: there is no such file"),
    "too many shots": (
        ("run", "ghz.qasm", *MACHINE, "--backend", "timing", "--shots", str(10**15)),
        "what would fit",
    ),
    "no folder": (("compile", "ghz.qasm", *MACHINE, "-o", "no/such/out.qasm"), "cannot write"),
    "no whole number": (("compile", "ghz.qasm", "--modules", "0"), "--modules: found '0'"),
    "no verb": (("frobnicate",), "found frobnicate, which is no verb"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input_is_one_line_and_exit_code_two(folder: Path, name: str) -> None:
    words, said = BAD[name]
    before = {p.name for p in folder.iterdir()}
    done = bellwire(*words, cwd=folder)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert {p.name for p in folder.iterdir()} == before  # nothing half written


def test_without_a_verb_it_prints_the_help(folder: Path) -> None:
    done = bellwire(cwd=folder)
    assert (done.returncode, done.stderr) == (2, "")
    assert "compile" in done.stdout


def test_help_and_version(folder: Path) -> None:
    for verb in ("compile", "run", "verify", "show", "machines"):
        assert bellwire(verb, "--help", cwd=folder).returncode == 0
    assert bellwire("--version", cwd=folder).stdout.startswith("bellwire 0.")
