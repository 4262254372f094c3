"""The predicted fidelity and makespan against closed forms and against runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from circuits import clifford_and_back, ghz, logical, measured
from protocols import add_telegate, builder_on, machine_of

import bellwire
from bellwire import run
from bellwire.compiler import outcome_fidelity
from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.outcome_fidelity import OutcomeFidelity
from bellwire.compiler.program import Program, Stage
from bellwire.targets.load import load_machine
from bellwire.targets.machine import GateQuality


@pytest.mark.parametrize(
    ("inputs", "process"),
    [
        ((0.9, 0.02, 0.03, 0.01, 0.02), 0.8371267),
        ((0.97, 0.01, 0.01, 0.005, 0.005), 0.9437928),
    ],
)
def test_a_telegate_on_turned_states_follows_the_closed_form(inputs, process):
    fidelity, p1, p2, e1, e2 = inputs
    plain = machine_of(state=(fidelity, *((1 - fidelity) / 3,) * 3))
    modules = tuple(
        replace(m, gate_2q=GateQuality(60, 1 - 3 * p / 4), readout=GateQuality(500, 1 - e))
        for m, p, e in zip(plain.modules, (p1, p2), (e1, e2))
    )
    machine = replace(plain, modules=modules)
    b = builder_on(machine, 2)
    for q in (0, 3):
        b.append("ry", [q], [0.7])
    add_telegate(b, 0, 2, 5, 3, (0, 1))
    program = b.finish(Stage.LOWERED)
    assert OutcomeFidelity(program, machine)() == pytest.approx(process, abs=1e-7)
    assert expected_fidelity(program, machine) < process


CIRCUITS = {
    "ghz": ghz,
    "clifford": lambda qubits: clifford_and_back(qubits, 15, 1),
    "long": lambda qubits: clifford_and_back(qubits, 30, 2),
}


@pytest.mark.parametrize("preset", ["ring4-demo", "sc-heralded-2025", "nv-delft-2021"])
@pytest.mark.parametrize("name", CIRCUITS)
def test_predictions_come_true(preset, name):
    machine = load_machine(preset)
    qubits = min(6, machine.data_qubits)
    circuit, right = CIRCUITS[name](qubits), ("0" * qubits, "1" * qubits)[: 1 + (name == "ghz")]
    done = bellwire.compile(circuit, machine, recipe="fast")
    shots = 20_000
    result = run(done, shots=shots, seed=3)
    share = sum(result.counts.get(key, 0) for key in right) / shots
    assert done.report["expected_fidelity"] == pytest.approx(share, abs=0.01)
    assert done.report["makespan_s"] == pytest.approx(result.makespan_s["mean"], rel=0.05)
    assert result.fidelity_estimate == pytest.approx(share, abs=0.01)


def test_many_measured_bits_are_counted_effect_by_effect():
    machine = load_machine("ring4-demo")
    done = bellwire.compile(ghz(12), machine, recipe="fast")
    result = run(done, shots=20_000, seed=3)
    share = sum(result.counts.get(bit * 12, 0) for bit in "01") / 20_000
    assert done.report["expected_fidelity"] == pytest.approx(share, abs=0.01)


def turned_and_back(qubits: int, gates: int, seed: int) -> Program:
    """Random gates that are not Clifford, then their inverse: all bits are 0."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(gates):
        i, j = random.permutation(qubits)[:2].tolist()
        angle = float(random.uniform(0, 6))
        rows.append((("ry", [i], angle), ("cp", [i, j], angle), ("rzz", [i, j], angle)))
    b = logical(qubits)
    for kinds in rows:
        for name, on, angle in kinds:
            b.append(name, on, [angle])
    b.append("barrier", range(qubits))
    for kinds in reversed(rows):
        for name, on, angle in reversed(kinds):
            b.append(name, on, [-angle])
    return measured(b)


@pytest.mark.parametrize("preset", ["ring4-demo", "yb-array-projected", "sc-heralded-2025"])
@pytest.mark.parametrize("draws", [16_384, 10**9])
def test_predictions_of_other_gates_come_true(preset, draws, monkeypatch):
    # With errors drawn together, and (where they are rare) with the harm of each alone.
    if draws > 10**6 and preset == "sc-heralded-2025":
        pytest.skip("errors are not rare")
    monkeypatch.setattr(outcome_fidelity, "DRAWS", (128, draws))
    machine = load_machine(preset)
    qubits = min(6, machine.data_qubits)
    done = bellwire.compile(turned_and_back(qubits, 5, 3), machine, recipe="fast")
    right = run(done, shots=20_000, seed=3).counts["0" * qubits] / 20_000
    assert done.report["expected_fidelity"] == pytest.approx(right, abs=0.01)


def test_a_large_program_of_other_gates_does_at_least_as_well(monkeypatch):
    monkeypatch.setattr(outcome_fidelity, "MOST_WORK", 0)
    machine = load_machine("ring4-demo")
    done = bellwire.compile(turned_and_back(4, 3, 1), machine, recipe="fast")
    every = expected_fidelity(done.program, machine)
    most = run(done, shots=20_000, seed=3).counts["0000"] / 20_000
    assert every < OutcomeFidelity(done.program, machine)() < most + 0.01


def test_what_is_not_measured_does_not_count():
    circuit = Path(__file__).parents[2] / "examples" / "circuits" / "qft_adder_n8.qasm"
    done = bellwire.compile(circuit, "ring4-demo", recipe="fast")
    result = run(done, shots=20_000, seed=3)
    share = result.most_common(1)[0][1] / 20_000
    assert done.report["expected_fidelity"] == pytest.approx(share, abs=0.01)
