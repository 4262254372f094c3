"""`bellwire.sweep`: the same rows whoever measures them, resumed, in parts, with errors as rows."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit

import bellwire
from bellwire.errors import NotSupported, RunError
from bellwire.sweeps import Progress, SweepResult, load_study, read_rows, read_study
from bellwire.sweeps.measure import CLOCKS, measure
from bellwire.targets.load import write_machine_toml

Row = dict[str, Any]
STUDY: Row = {
    "circuits": [{"family": "ghz", "qubits": [4, 6]}],
    "machines": ["ring4-demo", {"topology": "line", "modules": 2}],
    "seeds": [0, 5],
    "compile": {"recipe": "fast", "seconds": 0},
    "links": {"fidelity": [0.9, 1.0], "success": 1},
    "run": {"shots": 40, "timelines": 0},
}


def same(rows: Sequence[Row]) -> list[Row]:
    """Rows without what a clock says."""
    return [{k: v for k, v in row.items() if k not in CLOCKS} for row in rows]


@pytest.fixture(scope="module")
def undisturbed() -> SweepResult:
    return bellwire.sweep(STUDY, workers=1)


def test_rows_say_every_setting_and_what_was_found(undisturbed: SweepResult) -> None:
    assert len(undisturbed.rows) == 16
    first, last = undisturbed.rows[0], undisturbed.rows[-1]
    settings = {
        "circuit": "ghz 4", "machine": "ring4-demo", "recipe": "fast", "optimise": "ebits",
        "link_price": "pairs", "seconds": 0.0, "link_fidelity": 0.9, "shots": 40,
        "backend": "auto", "noise": True, "timelines": 0, "seed": 0,
    }  # fmt: skip
    assert {key: first[key] for key in settings} == settings
    assert list(first)[:3] == ["key", "circuit", "machine"]
    assert tuple(first)[-2:] == CLOCKS
    assert (last["circuit"], last["machine"], last["link_fidelity"], last["seed"]) == (
        "ghz 6", "line2", 1.0, 5,
    )  # fmt: skip
    assert (last["qubits"], last["modules"], last["data_qubits"], last["comm_qubits"]) == (
        6,
        2,
        3,
        2,
    )
    assert (last["spanning_gates"], last["ebits"], last["pairs_consumed"]) == (1, 1, 40)
    assert (last["expected_fidelity"], last["fidelity_estimate"]) == (1, 1)
    assert set(last["counts"]) == {"000000", "111111"}
    assert last["simulator"] == "stabilizer"
    assert last["hellinger_fidelity"] > 0.95


def test_a_row_is_what_compile_and_run_say(undisturbed: SweepResult) -> None:
    machine = bellwire.make_machine("line", 2, data_qubits=3, comm_qubits=2)
    link = bellwire.Link(("A", "B"), state=(0.9, *[(1 - 0.9) / 3] * 3))
    machine = bellwire.Machine(machine.modules, (link,), name="line2")
    circuit = QuantumCircuit(6)
    circuit.h(0)
    for qubit in range(5):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    done = bellwire.compile(circuit, machine, recipe="fast", seconds=0, seed=5)
    counts = done.run(40, seed=5, timelines=0).counts
    row = undisturbed.rows[13]
    assert (row["machine"], row["circuit"], row["seed"]) == ("line2", "ghz 6", 5)
    assert row["counts"] == counts
    for key in ("ebits", "makespan_s", "expected_fidelity"):
        assert row[key] == done.report[key]


def test_totals_add_up(undisturbed: SweepResult) -> None:
    rows = undisturbed.rows
    totals = undisturbed.totals
    assert (totals["rows"], totals["done"], totals["errors"]) == (16, 16, {})
    assert totals["shots"] == sum(sum(row["counts"].values()) for row in rows) == 16 * 40
    assert totals["ebits"] == sum(row["ebits"] for row in rows)
    assert totals["cpu_s"] == pytest.approx(sum(row["cpu_s"] for row in rows))
    assert len({row["key"] for row in rows}) == 16
    table = list(csv.DictReader(io.StringIO(undisturbed.to_csv())))
    assert [row["key"] for row in table] == [row["key"] for row in rows]
    assert json.loads(table[3]["counts"]) == rows[3]["counts"]


def test_threads_and_processes_find_the_same_rows(undisturbed: SweepResult) -> None:
    with ThreadPoolExecutor(3) as threads:
        found = bellwire.sweep(STUDY, executor=threads)
    assert same(found.rows) == same(undisturbed.rows)
    assert same(bellwire.sweep(STUDY, workers=2).rows) == same(undisturbed.rows)


def test_a_dask_cluster_that_loses_a_worker_finds_the_same_rows(
    undisturbed: SweepResult, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="needs bellwire[dask]")
    heard: list[Progress] = []

    def tell(now: Progress) -> None:
        if now.done == 2:
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        heard.append(now)

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as cluster:
        address = cluster.scheduler_address
        found = bellwire.sweep(STUDY, scheduler=address, output=tmp_path / "rows", tell=tell)
        link = cluster.dashboard_link
    assert same(found.rows) == same(undisturbed.rows)
    assert len(read_rows(tmp_path / "rows")) == 16
    assert [now.done for now in heard] == list(range(17))
    assert {now.dashboard for now in heard} == {link}


def test_a_scheduler_that_is_none_is_one_error() -> None:
    pytest.importorskip("distributed", reason="needs bellwire[dask]")
    with pytest.raises(RunError, match="scheduler 'nonsense': missing port number"):
        bellwire.sweep(STUDY, scheduler="nonsense")
    both = {"executor": ThreadPoolExecutor(1), "scheduler": "tcp://127.0.0.1:8786"}
    with pytest.raises(NotSupported, match="found an executor and a scheduler"):
        bellwire.sweep(STUDY, **both)  # type: ignore[arg-type]


class Stop(Exception):
    """Raised by whoever listens, in the middle of a sweep."""


def test_resumed_it_measures_only_what_is_missing(undisturbed: SweepResult, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "rows.jsonl"

    def stop(now: Progress) -> None:
        if now.done - now.resumed == 5:
            raise Stop

    for turn in (1, 2):
        with pytest.raises(Stop):
            bellwire.sweep(STUDY, workers=1, output=path, tell=stop)
        assert same(read_rows(path)) == same(undisturbed.rows[: 5 * turn])
    before = path.read_text()
    heard: list[Progress] = []
    found = bellwire.sweep(STUDY, workers=1, output=path, tell=heard.append)
    assert (heard[0].done, heard[0].resumed, heard[-1].done, found.resumed) == (10, 10, 16, 10)
    assert same(found.rows) == same(undisturbed.rows)
    assert path.read_text().startswith(before)
    done = path.read_text()
    assert bellwire.sweep(STUDY, output=path).resumed == 16
    assert path.read_text() == done


def test_a_study_that_grows_measures_only_its_new_points(
    undisturbed: SweepResult, tmp_path: Path
) -> None:
    path = tmp_path / "rows"
    bellwire.sweep(STUDY | {"seeds": [5]}, workers=1, output=path)
    grown = bellwire.sweep(STUDY, workers=1, output=path)
    assert grown.resumed == 8
    assert same(grown.rows) == same(undisturbed.rows)
    titles = [line for line in path.read_text().splitlines() if "bellwire_sweep" in line]
    assert len({json.loads(line)["study"] for line in titles}) == 2


def test_parts_put_together_are_the_whole(undisturbed: SweepResult, tmp_path: Path) -> None:
    for i in (1, 2, 3):
        bellwire.sweep(STUDY, workers=1, part=(i, 3), output=tmp_path / f"{i}")
    assert [len(read_rows(tmp_path / f"{i}")) for i in (1, 2, 3)] == [6, 5, 5]
    whole = tmp_path / "whole"
    whole.write_bytes(b"".join((tmp_path / f"{i}").read_bytes() for i in (1, 2, 3)))
    found = bellwire.sweep(STUDY, output=whole)
    assert (found.resumed, same(found.rows)) == (16, same(undisturbed.rows))
    with pytest.raises(NotSupported, match="part: found 4/3; give such as 1/3"):
        bellwire.sweep(STUDY, part=(4, 3))


SMALL: Row = {
    "circuits": [{"family": "ghz", "qubits": [4, 9]}],
    "machines": [{"topology": "line", "modules": 2, "data_qubits": 2, "comm_qubits": 1}],
    "compile": {"recipe": "fast", "seconds": 0},
}


def test_what_cannot_be_done_is_a_row_with_its_error(tmp_path: Path) -> None:
    found = bellwire.sweep(SMALL, workers=1, output=tmp_path / "rows")
    fits, does_not = found.rows
    assert fits["ebits"] == 1
    assert "error" not in fits
    assert (does_not["error_kind"], "ebits" in does_not) == ("DoesNotFit", False)
    assert "9 qubits" in does_not["error"]
    assert found.totals["errors"] == {"DoesNotFit": 1}
    assert (found.totals["rows"], found.totals["done"]) == (2, 1)
    again = bellwire.sweep(SMALL, output=tmp_path / "rows")
    assert (again.resumed, list(again.rows)) == (2, list(found.rows))
    assert bellwire.sweep(SMALL, output=tmp_path / "rows", retry_errors=True).resumed == 1
    assert len(read_rows(tmp_path / "rows")) == 2


def test_errors_that_are_not_ours_are_rows_that_no_file_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **options: Any) -> None:
        raise MemoryError("no room\nat all")

    study = STUDY | {"seeds": [0], "machines": ["ring4-demo"]}
    monkeypatch.setattr("bellwire.sweeps.measure.run", broken)
    found = bellwire.sweep(study, workers=1, output=tmp_path / "rows")
    assert {(row["error_kind"], row["error"]) for row in found.rows} == {
        ("MemoryError", "no room at all")
    }
    assert found.totals["errors"] == {"MemoryError": 4}
    assert read_rows(tmp_path / "rows") == []
    monkeypatch.undo()
    assert bellwire.sweep(study, workers=1, output=tmp_path / "rows").totals["errors"] == {}


def test_a_worker_of_another_version_measures_nothing() -> None:
    point = next(read_study(STUDY).points("0.0.9"))
    with pytest.raises(RuntimeError, match=r"with bellwire \d.*; install 0\.0\.9 there"):
        measure(point)


def test_keys_name_contents(tmp_path: Path) -> None:
    def keys(version: str = "1") -> list[str]:
        return [point.key for point in load_study(tmp_path / "s.toml").points(version)]

    machine = bellwire.make_machine("line", 2, data_qubits=2)
    qasm = "OPENQASM 3;\nqubit[2] q;\nh q[0];\n"
    toml = write_machine_toml(machine)
    (tmp_path / "s.toml").write_text("circuits = ['c.qasm']\nmachines = ['m.toml']\n")
    (tmp_path / "c.qasm").write_text(qasm)
    (tmp_path / "m.toml").write_text(toml)
    first = keys()
    assert keys() == first
    assert keys("2") != first
    (tmp_path / "c.qasm").write_text(qasm + "// more\n")
    second = keys()
    assert second != first
    (tmp_path / "m.toml").write_text(toml.replace("attempt_ns = 10000", "attempt_ns = 9999"))
    assert keys() not in (first, second)


def test_circuits_and_machines_may_be_objects() -> None:
    circuit = QuantumCircuit(2, 2, name="mine")
    circuit.x(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    machine = bellwire.make_machine("line", 2, data_qubits=1, comm_qubits=1)
    study = {"circuits": [circuit], "machines": [machine], "run": {"shots": 8}}
    [row] = bellwire.sweep(study, workers=1).rows
    assert (row["circuit"], row["machine"], row["counts"]) == ("mine", "line2", {"11": 8})
    assert row["hellinger_fidelity"] == 1


def test_without_a_run_nothing_is_counted_and_endless_times_are_none() -> None:
    study = {
        "circuits": [{"family": "qft", "qubits": 3}, {"family": "quantum_volume", "qubits": 3}],
        "machines": [{"topology": "ring", "modules": 3, "comm_qubits": 1}],
        "links": {"cutoff_ns": [float("inf"), 1e6]},
        "compile": {"recipe": "fast"},
    }
    found = bellwire.sweep(study, workers=1)
    assert [row["link_cutoff_ns"] for row in found.rows] == ["inf", 1e6] * 2
    assert all("counts" not in row and "shots" not in row for row in found.rows)
    assert all(row["ebits"] > 0 for row in found.rows)
    json.dumps(found.to_dict(), allow_nan=False)


def test_dask_is_not_loaded_before_it_is_asked_for() -> None:
    code = (
        "import sys, bellwire, bellwire.cli\nbellwire.sweep\n"
        "print([m for m in ('dask', 'distributed') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
