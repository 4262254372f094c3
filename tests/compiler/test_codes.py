"""Codes: commuting checks, logical operators, detectors that hold in every run."""

from __future__ import annotations

import numpy as np
import pytest
import stim

from bellwire.compiler.codes.bicycle import SIZES, bicycle
from bellwire.compiler.codes.css import Css
from bellwire.compiler.codes.lattice import rotated
from bellwire.compiler.codes.memory import CODES, memory
from bellwire.compiler.gf2 import Bools, Span, pack
from bellwire.errors import NotSupported


def rank(rows: Bools) -> int:
    span = Span(rows.shape[1])
    return sum(span.add(row) for row in pack(rows))


def overlaps(one: Bools, other: Bools) -> Bools:
    """Whether each row of one anticommutes with each row of the other."""
    return np.asarray(one.astype(int) @ other.T.astype(int) % 2, dtype=np.bool_)


CSS = {"bicycle 6": bicycle(6), "bicycle 12": bicycle(12), "rotated 5": rotated(5)}


@pytest.mark.parametrize("code", CSS.values(), ids=list(CSS))
def test_css_codes(code: Css) -> None:
    k = code.data - rank(code.x_checks) - rank(code.z_checks)
    assert not overlaps(code.x_checks, code.z_checks).any()
    assert not overlaps(code.logical_z, code.x_checks).any()
    assert not overlaps(code.logical_x, code.z_checks).any()
    assert len(code.logical_z) == len(code.logical_x) == k
    assert rank(overlaps(code.logical_x, code.logical_z)) == k  # they act on k qubits


@pytest.mark.parametrize("distance", SIZES)
def test_bicycle_codes_have_the_published_parameters(distance: int) -> None:
    code = bicycle(distance)
    assert (code.data, len(code.logical_z)) == ({6: 72, 12: 144}[distance], 12)
    for checks in (code.x_checks, code.z_checks):
        assert (checks.sum(axis=1) == 6).all()
        assert (checks.sum(axis=0) == 3).all()


CASES = [
    (code, basis, distance, rounds)
    for code, bases in CODES.items()
    for basis in bases
    for distance in ((6, 12) if code == "bicycle" else (3, 5))
    for rounds in (2, 4)
]


@pytest.mark.parametrize(("code", "basis", "distance", "rounds"), CASES)
def test_memories_are_deterministic(code: str, basis: str, distance: int, rounds: int) -> None:
    circuit = memory(code, basis, distance, rounds)
    circuit.detector_error_model()  # raises where a detector or observable is random
    assert circuit.num_observables == (12 if code == "bicycle" else 1)
    places = circuit.get_final_qubit_coordinates()
    assert len(set(map(tuple, places.values()))) == len(places) >= distance**2 // 2


@pytest.mark.parametrize("basis", ["z", "x"])
def test_measured_products_keep_the_distance(basis: str) -> None:
    circuit = stim.Circuit()
    for line in memory("rotated_checks", basis, 5, 3).flattened():
        if line.name == "MPP":
            circuit.append("DEPOLARIZE1", range(25), 0.01)
        circuit.append(line)
    assert len(circuit.shortest_graphlike_error()) == 5


@pytest.mark.parametrize("basis", ["z", "x"])
def test_a_bicycle_memory_notices_each_fault(basis: str) -> None:
    """Every single error after a gate that flips an observable flips a detector too."""
    circuit = stim.Circuit()
    for line in memory("bicycle", basis, 6, 2).flattened():
        circuit.append(line)
        if line.name == "CX":
            circuit.append("DEPOLARIZE2", line.targets_copy(), 0.001)
    for error in circuit.detector_error_model(approximate_disjoint_errors=True).flattened():
        if error.type == "error":
            targets = error.targets_copy()
            assert any(t.is_relative_detector_id() for t in targets)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("surface", "z", 3, 3), "code: found 'surface'"),
        (("color", "z", 3, 3), "give xyz"),
        (("color", "xyz", 4, 3), "an odd number"),
        (("color", "xyz", 3, 1), "rounds: found 1"),
        (("bicycle", "z", 5, 3), "give 6 or 12"),
        (("rotated_checks", "z", 2, 3), "3 or more"),
        (("rotated_surface", "z", 3, 0), "rounds: found 0"),
    ],
)
def test_what_there_is_not(asked: tuple[str, str, int, int], words: str) -> None:
    with pytest.raises(NotSupported, match=words):
        memory(*asked)
