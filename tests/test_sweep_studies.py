"""Study files of sweeps: what is wrong is said by file and line before anything is measured."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bellwire.cli import main
from bellwire.command import sweep as sweep_command
from bellwire.errors import MachineError
from bellwire.sweeps import load_study, read_study
from bellwire.sweeps.study import MOST_POINTS
from bellwire.sweeps.study_file import _GROUPS

ROOT = Path(__file__).resolve().parent.parent
REFUSALS = ROOT / "tests" / "cases" / "sweep_refusals.txt"
STUDY = """\
circuits = ["ghz.qasm", {family = "qft", qubits = [3, 4]}]
machines = ["ring4-demo", {topology = "line", modules = [2, 3]}]
seeds = 2
[compile]
recipe = ["fast", "default"]
[links]
fidelity = [0.9, 0.99]
success = 0.5
[run]
shots = 100
"""
GHZ = "OPENQASM 3;\nqubit[2] q;\nbit[2] c;\nh q[0];\ncx q[0], q[1];\nc = measure q;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ghz.qasm").write_text(GHZ)
    (tmp_path / "s.toml").write_text(STUDY)
    return tmp_path


def test_points_are_the_product_in_order(folder: Path) -> None:
    study = load_study(folder / "s.toml")
    assert (study.name, len(study)) == ("s", 3 * 3 * 2 * 2 * 2)
    assert study.varied == ["circuit", "machine", "recipe", "link_fidelity", "seed"]
    said = [point.said for point in study.points("1")]
    assert [s["seed"] for s in said[:4]] == [0, 1, 0, 1]
    assert [s["link_fidelity"] for s in said[:5]] == [0.9, 0.9, 0.99, 0.99, 0.9]
    assert list(dict.fromkeys(s["circuit"] for s in said)) == ["ghz.qasm", "qft 3", "qft 4"]
    assert list(dict.fromkeys(s["machine"] for s in said)) == ["ring4-demo", "line2", "line3"]
    assert len({point.key for point in study.points("1")}) == len(said)


def test_shapes_fit_their_circuit_or_are_what_they_say() -> None:
    shape = {"topology": "line", "modules": 2, "comm_qubits": [1, 3], "data_qubits": 5}
    fitting = {"topology": "ring", "modules": 3}
    machines = read_study({"circuits": [GHZ_FAMILY], "machines": [shape, fitting]}).machines
    assert [m.name for m in machines] == [
        "line2 (comm_qubits 1, data_qubits 5)", "line2 (comm_qubits 3, data_qubits 5)", "ring3",
    ]  # fmt: skip
    made = [m.machine(8, {"success": 0.25}) for m in machines]
    assert [m.data_qubits for m in made] == [10, 10, 9]
    assert [m.modules[0].comm_qubits for m in made] == [1, 3, 2]
    assert {link.success for m in made for link in m.links} == {0.25}


GHZ_FAMILY = {"family": "ghz", "qubits": 4}


def test_patterns_are_relative_to_the_study(folder: Path) -> None:
    (folder / "more").mkdir()
    for name in ("b", "a"):
        (folder / "more" / f"{name}.qasm").write_text(GHZ)
    (folder / "s.toml").write_text(STUDY.replace('"ghz.qasm"', '"more/*.qasm", "**/g*.qasm"'))
    names = [circuit.name for circuit in load_study(folder / "s.toml").circuits]
    assert names[:3] == ["more/a.qasm", "more/b.qasm", "ghz.qasm"]


def test_refusals(folder: Path, pytestconfig: pytest.Config) -> None:
    """Each case changes one thing in the study, and says what is answered."""
    cases = [case.split(" => ") for case in REFUSALS.read_text().splitlines()[::2]]
    path = folder / "s.toml"
    text = ""
    for old, new in cases:
        changed = STUDY.replace(old.replace("\\n", "\n"), new.replace("\\n", "\n"), 1)
        assert changed != STUDY
        path.write_text(changed)
        with pytest.raises(MachineError) as error:
            load_study(path)
        said = str(error.value).replace(f"{folder}/", "").replace("\n", " ")
        text += f"{old} => {new}\n    {said}\n"
    if pytestconfig.getoption("--update-cases"):
        REFUSALS.write_text(text)
    assert REFUSALS.read_text() == text


def test_files_that_are_no_studies(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"none\.toml: there is no such file; check"):
        load_study(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(MachineError, match=r"bytes\.toml:1: this is not UTF-8"):
        load_study(tmp_path / "bytes.toml")


def test_a_circuit_with_a_mistake_is_found_before_anything_starts(folder: Path) -> None:
    (folder / "ghz.qasm").write_text(GHZ.replace("cx", "cy7"))
    with pytest.raises(MachineError, match=r"s\.toml:1: circuits 1: \S*ghz\.qasm:5:"):
        load_study(folder / "s.toml")
    compiled = "pragma bellwire\nOPENQASM 3;"
    (folder / "ghz.qasm").write_text(compiled)
    with pytest.raises(MachineError, match=r"s\.toml:1: circuits 1: "):
        load_study(folder / "s.toml")


def test_huge_products_are_counted_not_made() -> None:
    lists = {"topology": "line", **{k: list(range(1, 2000)) for k in ("modules", "comm_qubits")}}
    with pytest.raises(MachineError, match="machines 1: found 3,996,001 shapes; give 1 to 10,000"):
        read_study({"circuits": [GHZ_FAMILY], "machines": [lists]})
    assert sweep_command.MOST_POINTS == MOST_POINTS
    many = {"circuits": [GHZ_FAMILY], "machines": ["ring4-demo"], "seeds": 2**31 - 1}
    with pytest.raises(MachineError, match=r"found 2,147,483,647 points \(1 circuits x 1 machines"):
        read_study(many)
    assert len(read_study(many, most_points=2**31)) == 2**31 - 1


Command = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run `bellwire sweep` with these words in the folder: exit code, stdout, stderr."""
    monkeypatch.chdir(folder)

    def run(words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bellwire", "sweep", *words.split()])
        with pytest.raises(SystemExit) as end:
            main()
        return (int(end.value.code or 0), *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("none.toml", "none.toml: there is no such file; check the path"),
        ("s.toml -o s.toml", "s.toml: found no rows of a sweep; give another output"),
        ("s.toml --part 2", "part: found '2'; give such as 1/8"),
        ("s.toml --part 0/2", "part: found 0/2; give such as 1/2"),
        (
            "s.toml --max-points 71",
            "s.toml: found 72 points (3 circuits x 3 machines x 2 recipe x 2 link_fidelity x "
            "2 seed); give fewer, or let --max-points be more",
        ),
        (
            "s.toml --workers 2 --scheduler tcp://a:1",
            "found --workers and --scheduler; a cluster has its own workers",
        ),
    ],
)
def test_bad_use_is_one_line_and_leaves_nothing(
    folder: Path, command: Command, words: str, said: str
) -> None:
    assert command(words) == (2, "", f"bellwire: {said}\n")
    assert {path.name for path in folder.iterdir()} == {"ghz.qasm", "s.toml"}
    assert (folder / "s.toml").read_text() == STUDY


def test_the_command_prints_one_object_or_a_table(folder: Path, command: Command) -> None:
    small = STUDY.replace("seeds = 2", "").replace(', "default"', "").replace("[2, 3]", "1")
    (folder / "s.toml").write_text(small.replace('"ring4-demo", ', ""))
    words = "s.toml --workers 1 --csv rows.csv"
    code, out, err = command(f"{words} --json")
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert (said["name"], said["output"], said["resumed"]) == ("s", "s.rows.jsonl", 0)
    assert said["totals"]["rows"] == len(said["rows"]) == 6
    kept = [json.loads(line) for line in (folder / "s.rows.jsonl").read_text().splitlines()]
    assert kept[1:] == said["rows"]
    assert (folder / "rows.csv").read_text().count("\n") == 7
    shown = command(words)[1].splitlines()
    figures = ["ebits", "makespan_s", "expected_fidelity", "hellinger_fidelity"]
    assert shown[0].split() == ["circuit", "link_fidelity", *figures]
    assert len(shown) == 9
    assert shown[7].startswith("6 rows: 6 done, 0 with an error; 600 shots, 0 e-bits, ")
    assert shown[8] == "rows: s.rows.jsonl (6 were there already)"


def test_the_docs_have_every_key_and_their_study_is_one(folder: Path) -> None:
    docs = (ROOT / "docs" / "sweeps.md").read_text()
    keys = {f"{group}.{key}" for group, known in _GROUPS.items() for key in known}
    assert set(re.findall(r"^\| `(\w+\.\w+)` \|", docs, re.MULTILINE)) == keys
    toml = re.findall(r"```toml\n(.*?)```", docs, re.DOTALL)[0]
    (folder / "s.toml").write_text(toml.replace("circuits/*", "*"))
    assert len(load_study(folder / "s.toml")) == 4 * 5 * 2 * 3 * 3


def test_the_example_is_a_study() -> None:
    study = load_study(ROOT / "examples" / "link_study.toml")
    assert (len(study), study.varied) == (12, ["link_fidelity", "link_success"])
