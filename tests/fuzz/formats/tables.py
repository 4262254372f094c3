"""Files of tables: machines, networks of memq-dqc, scenarios, objectives, studies, rows."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from driver import Format
from mutate import Mutator

from bellwire.runtime.faults.load import load_scenario
from bellwire.runtime.slo_file import load_objectives
from bellwire.runtime.sweep.row_file import open_rows, read_rows
from bellwire.runtime.threshold.study_file import load_study
from bellwire.sweeps.study_file import load_study as load_sweep
from bellwire.targets.load import load_machine
from bellwire.targets.presets import preset_names, preset_text
from bellwire.targets.shapes import make_machine

EXAMPLES = Path(__file__).parents[3] / "examples"
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

SMALL = (
    '[[module]]\nname = "A"\ndata_qubits = 2\ncoupling = "line"\n'
    "gates.1q = {ns = 10, fidelity = 1}\n"
    '[[module]]\nname = "B"\ndata_qubits = 4\ncomm_qubits = 2\ncoupling = "grid 2x2"\n'
    't1_ns = inf\n[module.readout]\nns = 3\n[[link]]\nbetween = ["A", "B"]\nfidelity = 0.9\n',
    'topology = "switch"\nmodules = 4\n[module]\ndata_qubits = 2\n[link]\nsuccess = 0.5\n'
    "[fabric]\nports = 2\nreconfigure_ns = 5\n[calibration]\ndate = 2026-01-02\n",
    '[[module]]\nname = "A"\ndata_qubits = 2\ncomm_qubits = 1\n'
    'coupling = [["data[0]", "data[1]"], ["data[1]", "comm[0]"]]\nrole = "compute"\n',
)


def _network() -> str:
    def qubit(kind: str, owner: int, local: str, remote: str) -> dict[str, object]:
        links = {"localConnections": local.split(), "remoteConnections": remote.split()}
        return {"type": kind, "processorId": owner, "coherenceTime": 100, **links}

    qubits = {
        "q0": qubit("computation", 0, "q1 c0", ""),
        "q1": qubit("computation", 0, "", ""),
        "c0": qubit("communication", 0, "", "c1"),
        "q2": qubit("computation", 1, "c1", "") | {"coherenceTimeUnit": "ms"},
        "c1": qubit("communication", 1, "", ""),
    }
    pair = {"qubit1": "c0", "qubit2": "c1", "type": "remote", "fidelity": 0.9}
    processors = {"0": {"id": 0}, "1": {"id": 1}}
    return json.dumps({"processors": processors, "qubits": qubits, "connections": [pair]}, indent=1)


def _all_of(folder: str) -> tuple[str, ...]:
    return tuple(path.read_text() for path in sorted(EXAMPLES.glob(f"{folder}/*.toml")))


def from_file(name: str, load: Callable[[Path], object]) -> Callable[[str], object]:
    """Read a text by way of a file of that name."""

    def read(text: str) -> object:
        path = FOLDER / name
        path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
        return load(path)

    return read


def _format(
    name: str, ending: str, load: Callable[[Path], object], seeds: tuple[str, ...], share: int
) -> Format:
    write: Callable[[Random], str] = Mutator(seeds)
    return Format(name, write, from_file(name + ending, load), share, seeds)


_MACHINES = (*SMALL, *map(preset_text, preset_names()))
_ON = make_machine("ring", 4, data_qubits=2)
_SCENARIOS = _all_of("faults")

MACHINE = _format("machine", ".toml", load_machine, _MACHINES, 100_000)
MEMQ = _format("memq", ".json", load_machine, (_network(),), 60_000)
SCENARIO = _format("scenario", ".toml", lambda p: load_scenario(p), _SCENARIOS, 60_000)
OBJECTIVES = _format(
    "objectives", ".toml", load_objectives, ((EXAMPLES / "objectives.toml").read_text(),), 30_000
)
STUDY = _format(
    "study",
    ".toml",
    load_study,
    (*_all_of("studies"), (EXAMPLES / "seam.toml").read_text()),
    30_000,
)
_SWEEP = (EXAMPLES / "link_study.toml").read_text()
_SWEEP = _SWEEP.replace("circuits/", f"{EXAMPLES}/circuits/")
SWEEP = _format("sweep", ".toml", load_sweep, (_SWEEP,), 30_000)

_TITLE = {"parts": 1, "points": 2}
_ROW = {"key": "new", "ebits": 3}
_ROWS = (
    '{"bellwire_sweep": 1, "parts": 1, "points": 2}\n{"key": "a", "ebits": 4, "bound": null}\n',
    '{"bellwire_sweep": 1, "parts": 2}\n{"key": "b"}\n{"bellwire_sweep": 1}\n{"key": "b", "x',
)


def go_on(path: Path) -> None:
    """Read rows, add one as the next sweep would, and find all of them again."""
    before = read_rows(path)
    with open_rows(path, _TITLE) as rows:
        rows.append(_ROW)
    after = {row["key"]: row for row in before} | {"new": _ROW}
    assert json.dumps(read_rows(path)) == json.dumps(list(after.values()))


ROWS = _format("rows", ".jsonl", go_on, _ROWS, 20_000)
