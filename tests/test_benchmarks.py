"""The benchmarks about e-bits in short, so that they still run, and say what the programs say."""

from __future__ import annotations

import json
from pathlib import Path

import ebits
import networks
import optimal
import prove
import pytest
import read_qasm3
from qiskit import qasm2
from qiskit.synthesis.qft import synth_qft_full
from small_cases import Case, qft


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one circuit, and rows of other tools beside it."""
    (tmp_path / "qft.qasm").write_text(qasm2.dumps(synth_qft_full(8, do_swaps=False)))
    (tmp_path / "peers.csv").write_text(
        "circuit,n_qubits,two_qubit_gates,K,capacity,tool,method,ebits,cpu_s\n"
        "qft,8,28,2,5,one,way,7,1\nqft,8,28,2,5,other,way,6,1\nqft,8,28,4,3,one,way,1,1\n"
    )
    return tmp_path


def said(main: object, words: str, monkeypatch: pytest.MonkeyPatch, capsys: object) -> str:
    """What a script prints."""
    monkeypatch.setattr("sys.argv", ["it", *words.split()])
    main()  # type: ignore[operator]
    return str(capsys.readouterr().out)  # type: ignore[attr-defined]


def test_ebits_stand_beside_the_best_of_other_tools(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--K 2 --Q 2 --free 64 --circuits {folder} --peers {folder}/peers.csv"
    found = json.loads(said(ebits.main, f"{words} --json", monkeypatch, capsys))
    [row] = found["rows"]
    assert (row["qubits"], row["capacity"], row["best"], row["by"]) == (8, 5, 6, "other way")
    assert row["free"] <= row["ebits"] <= row["static"]
    assert found["geomean_vs_best_above_4"] == pytest.approx(row["ebits"] / 6)
    assert found["geomean_vs_free"] == pytest.approx(row["ebits"] / row["free"])
    table = said(ebits.main, f"{words} --markdown", monkeypatch, capsys)
    assert f"| qft | 8 | 5 | {row['ebits']} | {row['static']} |" in table


def test_networks_are_never_worse_than_packing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--K 4 --Q 2 --circuits {folder}"
    found = json.loads(said(networks.main, f"{words} --json", monkeypatch, capsys))
    assert [row["machine"] for row in found["rows"]] == ["line4", "ring4", "grid4", "complete4"]
    assert all(0 < row["ebits"] <= row["packed_ebits"] for row in found["rows"])
    assert found["rows_worse"] == 0
    assert found["geomean_ebits_vs_packed"] <= 1
    assert "| qft | line4 | 2 |" in said(networks.main, words, monkeypatch, capsys)


def test_the_optimum_lies_between_the_bound_and_the_recipes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = ("default", "fast")
    monkeypatch.setattr(optimal, "RECIPES", quick)
    counts, proved, _ = optimal.measure(Case(qft(5), 2, 3), seconds=20)
    assert proved
    assert counts["bound"] <= counts["optimum"] <= min(counts[name] for name in quick)


def test_proofs_and_reading_are_timed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "--qubits 12 --gates 60 --modules 3 --json"
    found = json.loads(said(prove.main, words, monkeypatch, capsys))
    assert found["equal"]
    assert found["method"] == "flows"
    assert found["prove_cpu_s"] >= 0
    words = "--statements 50 --qiskit-statements 10 --qubits 3"
    found = json.loads(said(read_qasm3.main, words, monkeypatch, capsys))
    assert found["statements"] == 50
    assert found["ratio"] > 0
