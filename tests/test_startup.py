"""Which heavy packages the commands load: lists of modules, not timers (benchmarks/startup.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bellwire.command.epilogs import VERBS

CIRCUIT = Path(__file__).resolve().parent.parent / "examples" / "circuits" / "ghz_n6.qasm"
HEAVY = {
    "numpy", "scipy", "numba", "networkx", "lark", "pandas", "sympy", "rich", "pymetis",
    "qiskit", "qiskit_aer", "cirq", "stim", "sinter", "matplotlib", "dask", "distributed",
}  # fmt: skip
HELP = {"rich"}  # draws the help
READ = {"numpy", "networkx", "lark"}  # a program file
WRITTEN = {"rich", "numpy", "scipy", "networkx", "pymetis"}  # a program compiled from OpenQASM 2,
QASM2 = {"qiskit"}  # whose parser is in Qiskit
CODE = """
import json, os, sys
def main(lines):
    for words in lines:
        sys.argv = ["bellwire", *words]
        try:
            from bellwire.cli import main
            main()
        except SystemExit as end:
            assert not end.code, words
sys.stdout = open(os.devnull, "w")
{code}
print(json.dumps([name for name in sys.modules if "." not in name]), file=sys.__stdout__)
"""


def loaded(code: str, folder: Path) -> set[str]:
    """The heavy packages in a new process after this code; `main(lines)` runs commands in it."""
    command = [sys.executable, "-c", CODE.format(code=code)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return HEAVY & set(json.loads(done.stdout))


def test_importing_bellwire_loads_nothing(tmp_path: Path) -> None:
    assert loaded("import bellwire", tmp_path) == set()


def test_the_version_loads_nothing(tmp_path: Path) -> None:
    assert loaded("main([['--version']])", tmp_path) == set()


def test_help_of_every_verb_loads_only_what_draws_it(tmp_path: Path) -> None:
    lines = [["--help"], *([*verb.split(), "--help"] for verb in VERBS)]
    assert loaded(f"main({lines})", tmp_path) == HELP


def test_completion_of_verbs_loads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_BELLWIRE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "bellwire com")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert loaded("main([[]])", tmp_path) <= HELP


def test_machines_load_numpy_alone(tmp_path: Path) -> None:
    lines = [["machines", "list"], ["machines", "show", "ring4-demo"]]
    assert loaded(f"main({lines})", tmp_path) == {"numpy"}


def test_compile_and_show_load_no_other_framework(tmp_path: Path) -> None:
    compiled = ["compile", str(CIRCUIT), "-m", "ring4-demo", "-o", "program.qasm"]
    assert loaded(f"main([{compiled}])", tmp_path) == WRITTEN | QASM2
    assert loaded("main([['show', 'program.qasm']])", tmp_path) == READ
    run = ["run", "program.qasm", "--backend", "timing", "--shots", "5"]
    assert loaded(f"main([{run}])", tmp_path) <= READ | HELP | {"scipy"}
