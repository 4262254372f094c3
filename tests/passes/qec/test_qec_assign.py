"""Homes: cuts, files, METIS and packets, with their counts and link distances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import stim
from error_models import memory

from bellwire.compiler.codes.memory import memory as experiment
from bellwire.errors import BellwireError
from bellwire.qec import Noise, by_cut, by_file, by_metis, by_packets, distribute


def report(circuit: stim.Circuit, homes: dict[int, int], pairs: str = "per_gate") -> dict[str, Any]:
    return distribute(circuit, homes, pairs=pairs).report


@pytest.mark.parametrize("distance", [3, 5, 9])
@pytest.mark.parametrize("basis", ["z", "x"])
def test_a_straight_seam(basis: str, distance: int) -> None:
    d = distance
    circuit = memory(basis, d)
    homes = by_cut(circuit, f"x<={d}")
    gates = distribute(circuit, homes)
    assert gates.report["spanning_gates_per_round"] == gates.report["ebits_per_round"] == 2 * d - 1
    assert gates.report["ebits"] == (2 * d - 1) * d
    packets = distribute(circuit, homes, pairs="packet")
    assert packets.report["ebits_per_round"] == d
    # Link faults of packets are hooks along the seam, where only memory_z has its logical X.
    along = basis == "z"
    assert gates.link_distances() == [d if along else None]
    assert packets.link_distances() == [(d + 1) // 2 if along else None]


@pytest.mark.parametrize("distance", [3, 7])
def test_safe_packets_keep_the_distance(distance: int) -> None:
    d = distance
    circuit = memory("z", d)
    done = distribute(circuit, by_cut(circuit, f"x<={d}"), pairs="safe_packet")
    assert (done.copies, done.link_distances()) == ("XY", [d])  # Z checks in packets, X checks not
    assert done.report["ebits_per_round"] == (3 * d - 1) // 2
    across = distribute(circuit, by_cut(circuit, f"y<={d}"), pairs="safe_packet")
    assert (across.copies, across.report["ebits_per_round"]) == ("XYZ", d)


@pytest.mark.parametrize("distance", [5, 11])
def test_quadrants(distance: int) -> None:
    d = distance
    circuit = memory("z", d)
    homes = by_cut(circuit, f"x<={d}", f"y<={d}")
    assert report(circuit, homes)["ebits_per_round"] == 4 * d - 3
    assert report(circuit, homes, "packet")["ebits_per_round"] == 2 * d + 1


@pytest.mark.parametrize("distance", [5, 9, 11])
def test_metis_finds_the_smallest_cut(distance: int) -> None:
    circuit = memory("z", distance)
    found = report(circuit, by_metis(circuit, 2))
    assert found["spanning_gates_per_round"] == 2 * distance - 2
    assert max(found["qubits"]) <= 1.1 * sum(found["qubits"]) / 2 + 1


@pytest.mark.parametrize("distance", [5, 9])
def test_packets_keep_the_distance_and_spend_d_pairs(distance: int) -> None:
    circuit = memory("z", distance)
    done = distribute(circuit, by_packets(circuit, 2, seed=1), pairs="packet")
    assert done.report["ebits_per_round"] == distance
    assert done.link_distances() == [None]  # a seam across the logical X: links never flip it
    assert by_packets(circuit, 2, seed=1) == by_packets(circuit, 2, seed=1)


def test_room_of_modules_is_kept() -> None:
    circuit = memory("x", 3)
    for assign in (by_metis, by_packets):
        homes = assign(circuit, 3, room=[10, 0, 8])
        sizes = [list(homes.values()).count(m) for m in range(3)]
        assert sizes[1] == 0
        assert sizes[0] <= 10
        assert sizes[2] <= 8


def test_qubits_that_only_have_coordinates_need_no_home() -> None:
    circuit = stim.Circuit(
        "QUBIT_COORDS(1, 1) 0\nQUBIT_COORDS(3, 1) 2\nQUBIT_COORDS(9, 9) 7\nCX 0 2"
    )
    done = distribute(circuit, by_cut(circuit, "x<2"))
    assert (done.homes, set(done.comm)) == ({0: 0, 2: 1}, {8, 9})


def test_cuts_number_the_modules_in_order() -> None:
    circuit = stim.Circuit("QUBIT_COORDS(0, 0) 0\nQUBIT_COORDS(0, 2) 1\nQUBIT_COORDS(2, 0) 2\n"
                           "QUBIT_COORDS(2, 2) 3\nH 0 1 2 3")  # fmt: skip
    assert by_cut(circuit, "x<=1", "y<=1") == {0: 0, 1: 1, 2: 2, 3: 3}
    assert by_cut(circuit, "x - y >= 2 or not (x < 2)") == {0: 1, 1: 1, 2: 0, 3: 0}
    assert by_cut(circuit, "-1 < x*y/2 <= 1") == {0: 0, 1: 0, 2: 0, 3: 1}


BAD_CUTS = {
    "x<=5 and": "must compare",
    "__import__('os')": "must compare",
    "x": "must compare",
    "x.real < 1": "must compare",
    "x**9 < 1": "must compare",
    "x/0 < 1": "must compare",
    "z < 1": "no coordinate z",
    "x < 99": "leaves module 1 without qubits",
}


@pytest.mark.parametrize("cut", BAD_CUTS)
def test_bad_cuts(cut: str) -> None:
    circuit = stim.Circuit("QUBIT_COORDS(1, 2) 0\nQUBIT_COORDS(3, 2) 1\nCX 0 1")
    with pytest.raises(BellwireError, match=BAD_CUTS[cut]):
        by_cut(circuit, cut)


BAD_FILES = {
    ("a.toml", "0 = 0\n1 = 1\n7 = 1"): "found qubit 7, on which the circuit never acts",
    ("a.toml", "0 = 0"): "no module for qubit 1",
    ("a.toml", "0 = 0\n1 = 2"): "leaves module 1 without qubits",
    ("a.toml", "0 = 0\n1 = -2"): "found 1 = -2",
    ("a.json", "[1, 2]"): "found no table",
    ("a.json", "{"): "a.json:1:2: .* write valid JSON",
}


@pytest.mark.parametrize(("name", "text"), BAD_FILES)
def test_bad_files(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BellwireError, match=BAD_FILES[name, text]):
        by_file(stim.Circuit("CX 0 1"), tmp_path / name)


def test_files(tmp_path: Path) -> None:
    circuit = stim.Circuit("CX 0 1 1 2")
    (tmp_path / "a.toml").write_text("[homes]\n0 = 0\n1 = 1\n2 = 0\n")
    (tmp_path / "a.json").write_text('{"0": 0, "1": 1, "2": 0}')
    for name in ("a.toml", "a.json"):
        assert by_file(circuit, tmp_path / name) == {0: 0, 1: 1, 2: 0}
    with pytest.raises(BellwireError, match="found none for qubit 2"):
        distribute(circuit, {0: 0, 1: 1})
    with pytest.raises(BellwireError, match="found 3 qubits for 4 modules"):
        by_metis(circuit, 4)


def test_link_distances_that_no_quick_search_finds() -> None:
    """Errors of a bicycle code flip three detectors; that links cannot flip a code is proved."""
    bicycle = experiment("bicycle", "z", 6, 2)
    apart = distribute(bicycle, by_cut(bicycle, "x<6"), pairs="safe_packet")
    assert apart.link_distances() == ["unknown"] * 12
    assert apart.copies == ""
    circuit = experiment("color", "xyz", 3, 3)
    noise = Noise(bell_infidelity=0.01)
    seam = distribute(circuit, by_cut(circuit, "x<=2"), noise=noise)
    assert seam.link_distances() == [None]
    with pytest.raises(ValueError, match="Failed to find any logical errors"):
        seam.circuit.search_for_undetectable_logical_errors(
            dont_explore_detection_event_sets_with_size_above=8,
            dont_explore_edges_with_degree_above=8,
            dont_explore_edges_increasing_symptom_degree=False,
        )
