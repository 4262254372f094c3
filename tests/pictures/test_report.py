"""The report page: what it holds is what the program says, and it stays small and by itself."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pictures.programs import compiled, long_program
from typer.testing import CliRunner

from bellwire.cli import app
from bellwire.compiler.ebit_uses import ebit_uses
from bellwire.errors import NotSupported
from bellwire.pictures.packing import packed
from bellwire.pictures.report import report_page
from bellwire.pictures.times import time_text, times_of


def _data(page: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def _unpacked(table: dict) -> dict[str, np.ndarray]:
    raw, at, out = zlib.decompress(b64decode(table["data"])), 0, {}
    for name, kind, length in table["columns"]:
        size, form = (8, "<f8") if kind == "f" else (4, "<i4")
        out[name] = np.cumsum(np.frombuffer(raw[at : at + size * length], form))
        at += size * length
    assert at == len(raw)
    return out


def test_columns_come_back() -> None:
    rng = np.random.default_rng(1)
    times, small = rng.integers(0, 2**50, 100), rng.integers(-1000, 1000, 7)
    back = _unpacked(packed({"a": ("f", times), "b": ("i", small), "c": ("i", [])}))
    assert back["a"].tolist() == times.tolist()
    assert back["b"].tolist() == small.tolist()
    assert len(back["c"]) == 0


def test_the_page_holds_the_program() -> None:
    program, machine = compiled().program, compiled().machine
    page = report_page(program, machine)
    data, times = _data(page), times_of(program, machine)
    ops = _unpacked(data["operations"])
    ops = {name: column.astype(int) for name, column in ops.items()}
    assert ops["start"].tolist() == times.start[ops["row"]].tolist()
    assert (ops["start"] + ops["length"]).max() == times.span == data["span"]
    for row, name, q in zip(ops["row"], ops["name"], ops["first"]):
        op = list(program.ops)[row]
        assert (data["names"][name], op.qubits[0]) == (op.name, q)
    report = compiled().report
    makespan = time_text(report["makespan_s"] * 1e9)
    assert f"<dt>expected makespan</dt><dd>{makespan}</dd>" in page
    assert f"<dt>expected fidelity</dt><dd>{report['expected_fidelity']:.4g}</dd>" in page
    uses, ebits = ebit_uses(program), _unpacked(data["ebits"])
    assert len(_unpacked(data["pairs"])["row"]) == len(ebits["a"]) == len(uses)
    assert [data["purposes"][k] for k in ebits["purpose"]] == [use.purpose for use in uses]
    assert list(zip(ebits["line"].tolist(), ebits["times"].tolist())) == [
        gate for use in uses for gate in use.gates
    ]


def test_the_page_needs_nothing_else() -> None:
    page = report_page(compiled().program, compiled().machine)
    assert not re.search(r"""(src|href)=["'](?!#)|@import|url\(|fetch\(|XMLHttp""", page)
    assert "{{" not in page.split("<script>")[0]
    assert page == report_page(compiled().program, compiled().machine)


def test_text_is_escaped_and_kept() -> None:
    program, machine = long_program(2)
    evil = "</script><script>alert(1)</script>{{DATA}}"
    page = report_page(replace(program, name=evil), machine, source=evil)
    assert evil not in page
    assert page.count("</script>") == 2
    assert _data(page)["name"] == evil
    assert _data(page)["lines"] == [evil]


def test_a_hundred_thousand_operations_stay_small() -> None:
    program, machine = long_program(12_500, modules=5)
    page = report_page(program, machine)
    assert len(page) < 3_000_000
    assert len(_unpacked(_data(page)["operations"])["row"]) == 100_000


def test_what_is_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bellwire.pictures.report.MOST_ROWS", 16)
    page = report_page(*long_program(3))
    assert "This page holds the first 16 operations and e-bits." in page
    assert len(_unpacked(_data(page)["operations"])["row"]) == 16


def test_without_a_machine_there_are_steps() -> None:
    program, _ = long_program(2)
    page = report_page(program)
    assert _data(page)["steps"] is True
    assert page.count("names no machine") == 2
    with pytest.raises(NotSupported, match="compile it to the end"):
        report_page(compiled().circuit)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    program, page, circuit = (tmp_path / name for name in ("p.qasm", "r.html", "c.qasm"))
    program.write_text(compiled().to_openqasm3())
    circuit.write_text("first line\n")
    args = ["report", str(program), "-o", str(page), "--circuit", str(circuit)]
    assert CliRunner().invoke(app, args).exit_code == 0
    data = _data(page.read_text())
    assert data["lines"] == ["first line"]
    assert data["modules"] == [m.name for m in compiled().machine.modules]
    assert CliRunner().invoke(app, ["report", str(program)]).exit_code == 2
    plain = CliRunner().invoke(app, ["report", str(circuit), "-o", str(tmp_path / "no.html")])
    assert plain.exit_code != 0
    assert not (tmp_path / "no.html").exists()
