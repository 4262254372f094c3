"""`bellwire threshold`: study files, circuits of points, and a study that is killed and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import stim

from bellwire.errors import NotSupported, ParseError
from bellwire.passes.qec.layout import MODES
from bellwire.passes.qec.noise import Noise
from bellwire.qec import by_cut, distribute
from bellwire.runtime.threshold.plot import check_plot
from bellwire.runtime.threshold.study import NOISE, PAIRS
from bellwire.threshold import Study, circuit_of, homes_of, load_study, memory, run_study

ROOT = Path(__file__).resolve().parent.parent
STUDY = """
code = "rotated_surface"
bases = ["z"]
distances = [3, 7]
pairs = "direct"
max_shots = 40_000
workers = 1
[noise]
p = 0.001
p_link = [0.1, 0.2]
"""


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "bellwire", "threshold", *words]


def written(folder: Path, text: str = STUDY) -> Path:
    path = folder / "study.toml"
    path.write_text(text)
    return path


def counts(path: Path) -> Counter[str]:
    """Shots by circuit and decoder, of whole lines."""
    lines = path.read_text().split("\n")[1:-1] if path.exists() else []
    shots: Counter[str] = Counter()
    for line in lines:
        fields = line.split(",")
        shots[fields[5]] += int(fields[0])
    return shots


def test_killed_and_resumed_counts_nothing_twice(tmp_path: Path) -> None:
    csv, words = tmp_path / "counts.csv", command(str(written(tmp_path)), "-o")
    first = subprocess.Popen([*words, str(csv)], start_new_session=True, stdout=subprocess.DEVNULL)
    patience = time.monotonic() + 100
    while sum(counts(csv).values()) == 0 and time.monotonic() < patience:
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    before = csv.read_text()
    assert 0 < sum(counts(csv).values()) < 4 * 40_000
    csv.write_text(before + "     1234,      ")  # a line that was cut off
    again = subprocess.run(
        [*words, str(csv), "--json"], capture_output=True, text=True, check=True, timeout=300
    )
    assert csv.read_text().startswith(before[: before.rfind("\n") + 1])
    assert list(counts(csv).values()) == [40_000] * 4
    said = json.loads(again.stdout)
    assert [p["shots"] for p in said["points"]] == [40_000] * 4
    assert said["thresholds"][0]["crossings"][0]["value"] == pytest.approx(0.125, abs=0.035)


def test_a_study_that_is_done_samples_no_more(tmp_path: Path) -> None:
    csv = tmp_path / "counts.csv"
    path = written(tmp_path, STUDY.replace("40_000", "500"))
    pictures = [tmp_path / "a.png", tmp_path / "a.svg"]
    plots = [word for picture in pictures for word in ("--plot", str(picture))]
    for _ in range(2):
        done = subprocess.run(
            command(str(path), "-o", str(csv), *plots), capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert sum(counts(csv).values()) == 4 * 500
    assert pictures[0].read_bytes()[:4] == b"\x89PNG"
    assert "<svg" in pictures[1].read_text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("distances", "distance", "unknown key 'distance'; did you mean 'distances'?"),
        ("p_link =", "plink =", "noise: found unknown key 'plink'; did you mean 'p_link'?"),
        ("[3, 7]", "[3, 3]", "distances: found none, or one twice"),
        ("[3, 7]", "[3, 1003]", "distances: found 1003; give at most 101"),
        ('["z"]', '["z", "z"]', "bases: found none, or one twice"),
        ("workers = 1", "rounds = 1000000", "rounds: found 1000000; give at most"),
        ("[3, 7]", "[2, 5]", "distance: found 2"),
        ("[3, 7]", "3", "distances: found 3; it must be a list of int"),
        ("[0.1, 0.2]", "0.1", "found 0 swept parameters"),
        ("0.001", "[0.001, 0.002]", "found 2 swept parameters"),
        ("[0.1, 0.2]", "[0.1, 2]", "p_link: found 2; it must be between 0 and 0.9375"),
        ("[0.1, 0.2]", "[nan]", "p_link: found nan"),
        ("[0.1, 0.2]", "[]", "found no value"),
        ('"direct"', '"per_gate"', "p_link is for pairs = 'direct'"),
        ('"direct"', '"teleport"', "pairs: found 'teleport'"),
        ("rotated_surface", "rotated", "code: found 'rotated'"),
        ('["z"]', '["y"]', "basis: found 'y'"),
        ("40_000", "0", "max_shots: found 0"),
        ("40_000", "true", "max_shots: found True"),
        ("workers = 1", "rounds = 'd/2'", "rounds: found 'd/2'"),
        ("workers = 1", "rounds = 0", "rounds: found 0"),
        ("workers = 1", "decoders = ['union']", "decoders: found 'union'"),
        ("workers = 1", "layout = 'sem'", "layout: found 'sem'"),
        ("rotated_surface", "color", "basis: found 'z' for code color"),
        ('"direct"', "=", "write valid TOML"),
    ],
)
def test_bad_studies(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(ParseError) as error:
        load_study(written(tmp_path, STUDY.replace(old, new)))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.toml"], "there is no such file; check the path"),
        (["study.toml", "--plot", "a.pdf"], "ends in .png or .svg"),
        (["study.toml", "-o", "study.toml"], "found no counts of a study"),
    ],
)
def test_bad_use_is_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    path = written(tmp_path)
    done = subprocess.run(command(*words), capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
    assert path.read_text() == STUDY


def test_studies_may_share_a_file(tmp_path: Path) -> None:
    words = {
        "bases": ("z",),
        "distances": (3,),
        "max_shots": 100,
        "workers": 1,
        "output": str(tmp_path / "a.csv"),
    }
    first = study(**words).values
    run_study(study(**words))
    other = run_study(study(**words, noise={"p": (0.001, 0.002)}))
    assert [p.value for p in other.points] == [0.001, 0.002]
    assert [p.value for p in run_study(study(**words)).points] == list(first)
    assert sum(counts(tmp_path / "a.csv").values()) == 300


@pytest.mark.parametrize("package", ["sinter", "pymatching"])
def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(NotSupported, match=r"pip install 'bellwire\[qec\]'"):
        run_study(study())


def test_missing_extras_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(NotSupported, match=r"pip install 'bellwire\[plots\]'"):
        check_plot("a.png")
    monkeypatch.setitem(sys.modules, "ldpc.sinter_decoders", None)
    with pytest.raises(NotSupported, match=r"pip install 'bellwire\[ldpc\]'"):
        run_study(study(distances=(3,), decoders=("bposd",)))


def test_belief_decoders_decode_what_matching_cannot() -> None:
    """A colour code of distance 3 with little noise, one shot in hundreds wrong."""
    asked = study(
        code="color",
        distances=(3,),
        decoders=("bposd", "bplsd"),
        pairs="direct",
        noise={"p": (0.0005,)},
        max_shots=200,
        workers=1,
    )
    points = run_study(asked).points
    assert [(p.decoder, p.shots) for p in points] == [("bplsd", 200), ("bposd", 200)]
    assert all(p.errors <= 12 for p in points)


def test_names_agree_with_the_compiler() -> None:
    assert set(PAIRS) == set(MODES)
    assert set(NOISE) == set(Noise.__dataclass_fields__)


def test_a_mix_of_distances_is_warned_of(tmp_path: Path) -> None:
    assert load_study(written(tmp_path)).warnings() == []
    mixed = load_study(written(tmp_path, STUDY.replace("[3, 7]", "[3, 5]")))
    assert "d mod 4" in mixed.warnings()[0]


def study(**changes: object) -> Study:
    words: dict[str, object] = {
        "code": "rotated_surface",
        "distances": (5,),
        "noise": {"p": 0.001, "bell_infidelity": (0.02,)},
    }
    return Study(**(words | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("layout", "modules", "spanning"),
    [
        ("one", 1, 0),
        ("seam", 2, 9),
        (("x<=d",), 2, 9),
        ("quadrants", 4, 17),
        ("metis", 2, 8),
        ("qubits", 49, 80),
    ],
)
def test_layouts(layout: str | tuple[str, ...], modules: int, spanning: int) -> None:
    source = memory("rotated_surface", "z", 5, 5)
    homes = homes_of(study(layout=layout), source, 5)
    assert len(set(homes.values())) == modules
    assert distribute(source, homes).report["spanning_gates_per_round"] == spanning


def test_bicycle_seams_are_blocks_of_the_first_index() -> None:
    """[[72, 12, 6]] in two such blocks: 144 spanning gates, or 72 packets, per round."""
    source = memory("bicycle", "z", 6, 3)
    homes = homes_of(study(code="bicycle", decoders=("bposd",), distances=(6,)), source, 6)
    assert distribute(source, homes).report["spanning_gates_per_round"] == 144
    assert distribute(source, homes, pairs="packet").report["ebits_per_round"] == 72


def test_the_circuit_of_a_point() -> None:
    source = memory("rotated_surface", "x", 5, 15)
    noise = Noise(p=0.001, bell_infidelity=0.02)
    wanted = distribute(source, by_cut(source, "x<=5"), noise=noise).circuit
    assert circuit_of(study(rounds="3d"), "x", 5, 0.02) == wanted


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.toml")), ids=lambda p: p.stem)
def test_example_studies(path: Path) -> None:
    if "code = " not in path.read_text():
        pytest.skip("it is no study")
    asked = load_study(path)
    assert asked.warnings() == []
    distance = min(asked.distances)
    made = circuit_of(asked, asked.bases[0], distance, asked.values[0])
    assert isinstance(made, stim.Circuit)
    assert made.num_detectors
