"""Records are looked up in their new places: in loops, over rounds, in feedback and padding."""

from __future__ import annotations

import numpy as np
import pytest
import stim
from error_models import difference, memory, random_homes

from bellwire.errors import NotSupported, ParseError
from bellwire.qec import Noise, by_cut, distribute

NOISE = Noise(p=1e-3, bell_infidelity=0.03)
MODES = ("per_gate", "packet", "direct")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rounds", [1, 2, 6])
def test_loops_equal_what_they_unroll_to(mode: str, rounds: int) -> None:
    circuit = memory("x", 3, rounds)
    homes = random_homes(circuit, 3, seed=rounds)
    kept = distribute(circuit, homes, pairs=mode, noise=NOISE)
    flat = distribute(circuit.flattened(), homes, pairs=mode, noise=NOISE)
    assert difference(kept.circuit, flat.circuit) == 0
    for key in ("ebits", "spanning_gates", "comm_qubits", "rounds"):
        assert kept.report[key] == flat.report[key]


def test_the_text_does_not_grow_with_the_rounds() -> None:
    homes = by_cut(memory("z", 5), "x<=5")
    few, many = (
        str(distribute(memory("z", 5, rounds), homes, noise=NOISE).circuit)
        for rounds in (5, 1_000_000)
    )
    assert len(many.splitlines()) == len(few.splitlines())
    assert many.replace("REPEAT 999999", "REPEAT 4") == few


LOOKS_FAR = """
M 1 1 1
REPEAT 7 {
    CX 0 1
    X_ERROR(0.125) 0
    M 1
    REPEAT 3 {
        CX 0 1
        M 1
        DETECTOR rec[-1] rec[-3]
    }
    MPAD 1
    CX rec[-2] 0
    CX rec[-2] 0
    SHIFT_COORDS(0, 0, 1)
}
DETECTOR(1, 2) rec[-1] rec[-6]
OBSERVABLE_INCLUDE(3) rec[-1] rec[-16]
"""


def test_nested_loops_that_look_at_earlier_turns() -> None:
    homes = {0: 0, 1: 1}
    for corrections in ("explicit", "frame"):
        kept = distribute(stim.Circuit(LOOKS_FAR), homes, corrections=corrections)
        assert difference(kept.circuit, stim.Circuit(LOOKS_FAR)) < 1e-12
        assert kept.circuit.num_detectors == 22


PAULI_NOISE = ("X_ERROR", "Y_ERROR", "DEPOLARIZE1")


def undone(rng: np.random.Generator, qubits: int) -> stim.Circuit:
    """A noisy circuit and its inverse."""
    circuit = stim.Circuit()
    gates = stim.Circuit()
    for _ in range(12):
        name = str(rng.choice(["CX", "CZ", "ISWAP", "SQRT_YY", "XCY", "SWAPCX"]))
        gates.append(name, [int(q) for q in rng.choice(qubits, 4, replace=False)])
        gates.append(str(rng.choice(["H", "C_XYZ", "S"])), [int(rng.integers(qubits))])
    for part in (gates, gates.inverse()):
        for gate in part:
            circuit.append(gate)
            name, chance = str(rng.choice(PAULI_NOISE)), float(rng.random()) * 0.01
            circuit.append(name, [int(rng.integers(qubits))], chance)
    return circuit


@pytest.mark.parametrize("seed", range(10))
def test_random_circuits_keep_their_noise_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = stim.Circuit("R 0 1 2 3 4 5") + undone(rng, 6)
    circuit.append("M", range(6))
    for i in range(-6, 0):
        circuit.append("DETECTOR", [stim.target_rec(i)])
    homes = random_homes(circuit, 3, seed)
    for corrections in ("explicit", "frame"):
        done = distribute(circuit, homes, corrections=corrections)
        assert difference(done.circuit, circuit) < 1e-12


TWICE = """
R 0 1 2 3
H 0 1
MPP(0.002) X0*X1*Z2 !Y0*Y1*Z3
MPAD 1
CZ rec[-3] 1
CZ 1 rec[-3]
HERALDED_ERASE(0.01) 2
DEPOLARIZE1(0.01) 0 1 2 3
CX sweep[0] 2 sweep[0] 2
MPP X0*X1*Z2 Y0*Y1*Z3
MXX(0.003) 0 1
MZZ 2 !3
MXX 0 1
DETECTOR rec[-5] rec[-9]
DETECTOR rec[-4] rec[-8] rec[-7]
DETECTOR(1, 2) rec[-1] rec[-3]
OBSERVABLE_INCLUDE(0) rec[-2] rec[-7]
DETECTOR rec[-6]
"""


@pytest.mark.parametrize("homes", [(0, 1, 0, 1), (0, 1, 2, 3), (0, 0, 1, 1), (2, 1, 0, 0)])
def test_products_padding_heralds_and_feedback(homes: tuple[int, ...]) -> None:
    circuit = stim.Circuit(TWICE)
    for way in ({"corrections": "frame"}, {"pairs": "ghz"}, {"pairs": "packet"}):
        done = distribute(circuit, dict(enumerate(homes)), **way)
        assert difference(done.circuit, circuit) < 1e-12
        samples = done.circuit.without_noise().compile_detector_sampler(seed=1).sample(64)
        assert not samples.any()


def test_one_module_changes_nothing() -> None:
    noise = {"after_clifford_depolarization": 0.01, "before_measure_flip_probability": 0.02}
    circuit = memory("x", 3, 10, **noise)
    tagged = stim.Circuit(
        str(circuit).replace("CX ", "CX[layer] ").replace("REPEAT ", "REPEAT[a] ")
    )
    for source in (circuit, tagged, stim.Circuit(TWICE), stim.Circuit(LOOKS_FAR), stim.Circuit()):
        assert distribute(source, dict.fromkeys(range(30), 0)).circuit == source


def test_random_detectors_are_refused() -> None:
    with pytest.raises(NotSupported, match=r"not deterministic \(D0\)"):
        distribute(stim.Circuit("H 0\nCX 0 1\nM 0 1\nDETECTOR rec[-2]"), {0: 0, 1: 1})


def test_a_look_before_the_first_record_is_refused() -> None:
    with pytest.raises(ParseError, match=r"rec\[-2\] is before the first measurement"):
        distribute(stim.Circuit("M 0\nDETECTOR rec[-2]"), {0: 0})


@pytest.mark.parametrize("mode", MODES)
def test_frame_and_explicit_corrections_agree(mode: str) -> None:
    circuit = memory("z", 3)
    homes = random_homes(circuit, 3, seed=4)
    explicit, frame = (
        distribute(circuit, homes, pairs=mode, corrections=c, noise=NOISE).circuit
        for c in ("explicit", "frame")
    )
    assert difference(explicit, frame) < 1e-12
    assert "rec" not in "".join(str(i) for i in frame.flattened() if i.name in ("CX", "CZ"))
