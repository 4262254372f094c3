"""The sampler and the estimator: right values, broadcasting, one compilation for all values."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.circuit.library import efficient_su2
from qiskit.primitives import StatevectorEstimator, StatevectorSampler
from qiskit.quantum_info import SparseObservable, SparsePauliOp, Statevector
from qiskit.transpiler import generate_preset_pass_manager

import bellwire.primitives_compiled as compiled
from bellwire.errors import NotSupported
from bellwire.primitives import EstimatorV2, SamplerV2
from bellwire.primitives_observables import shared_bases
from bellwire.targets.machine import GateQuality, Link, Module
from bellwire.targets.noise import werner_state
from bellwire.targets.shapes import make_machine

RING = make_machine("ring", 3, data_qubits=2, comm_qubits=2)
NOISY = make_machine(
    "line",
    2,
    data_qubits=1,
    module=Module("A", 1, gate_2q=GateQuality(60, 1.0), readout=GateQuality(500, 1.0)),
    link=Link(("A", "B"), state=werner_state(0.9)),
)
ANSATZ = efficient_su2(4, reps=1)
VALUES = np.random.default_rng(0).uniform(-3, 3, (3, ANSATZ.num_parameters))
SUM = SparsePauliOp(["ZIIZ", "XXII", "IIII"], [1.0, 0.5, 0.2])
OBSERVABLES = [[SUM], [SparsePauliOp("YZIX")]]


def parameterised_bell() -> QuantumCircuit:
    """Two qubits, cos(x/2)|00> + sin(x/2)|11>, measured."""
    x = Parameter("x")
    circuit = QuantumCircuit(2)
    circuit.ry(x, 0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


@pytest.mark.parametrize("transpiled", [False, True])
def test_exact_values_are_those_of_the_state_vector(transpiled: bool) -> None:
    estimator = EstimatorV2(RING, noise=False)
    circuit, observables = ANSATZ, OBSERVABLES
    if transpiled:
        circuit = generate_preset_pass_manager(1, RING.to_qiskit(), seed_transpiler=1).run(ANSATZ)
        observables = [[o.apply_layout(circuit.layout) for o in row] for row in OBSERVABLES]
    [found] = estimator.run([(circuit, observables, VALUES)], precision=0).result()
    [exact] = StatevectorEstimator().run([(ANSATZ, OBSERVABLES, VALUES)]).result()
    assert found.data.evs.shape == (2, 3)
    assert found.data.evs == pytest.approx(exact.data.evs, abs=1e-12)
    assert not found.data.stds.any()
    assert found.metadata["ebits"] >= 1
    assert found.metadata["makespan_s"] > 0


def test_sampled_values_are_within_their_deviations() -> None:
    estimator = EstimatorV2(RING.to_qiskit(), noise=False, seed=5)
    pub = (ANSATZ, [SUM, SparsePauliOp("YZIX"), "IZZI"], VALUES, 0.1)
    [found] = estimator.run([pub]).result()
    [exact] = StatevectorEstimator().run([pub[:3]]).result()
    assert found.metadata["shots"] == 100
    assert found.data.stds[1] == pytest.approx(np.sqrt(1 - exact.data.evs[1] ** 2) / 10, abs=0.03)
    deviations = (found.data.evs - exact.data.evs) / found.data.stds
    assert np.abs(deviations).max() < 4
    [again] = estimator.run([pub]).result()
    assert np.array_equal(again.data.evs, found.data.evs)


def test_one_compilation_for_all_values(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = compiled.run_passes
    monkeypatch.setattr(compiled, "run_passes", lambda *a: calls.append(a) or real(*a))
    estimator = EstimatorV2(RING, noise=False)
    for _ in range(2):
        estimator.run([(ANSATZ, SUM, VALUES)], precision=0).result()
    estimator.run([(ANSATZ.copy(), OBSERVABLES[1][0], VALUES[0])], precision=0.2).result()
    assert len(calls) == len(estimator.compilations) == 1
    bound = [ANSATZ.assign_parameters(v) for v in VALUES]
    first = estimator.run([(ANSATZ, SUM, VALUES)], precision=0).result()[0].data.evs
    after = estimator.run([(c, SUM) for c in bound], precision=0).result()
    assert len(calls) == 4
    assert first == pytest.approx([float(r.data.evs) for r in after], abs=1e-12)


def test_a_changed_circuit_is_compiled_anew() -> None:
    circuit = QuantumCircuit(2)
    circuit.x(0)
    estimator = EstimatorV2(RING, noise=False)
    for wanted in (-1, 1):
        assert estimator.run([(circuit, "IZ")], precision=0).result()[0].data.evs == wanted
        circuit.x(0)


def test_samples_by_register_and_parameter_set() -> None:
    sampler = SamplerV2(RING, noise=False, seed=3)
    x = np.array([[0.0, np.pi], [np.pi / 2, 1.0]])
    [found] = sampler.run([(parameterised_bell(), x, 300)]).result()
    bits = found.data.meas
    assert bits.shape == (2, 2)
    assert bits[0, 0].get_counts() == {"00": 300}
    assert bits[0, 1].get_counts() == {"11": 300}
    for at in ((1, 0), (1, 1)):
        share = bits[at].get_counts()["11"] / 300
        assert share == pytest.approx(np.sin(x[at] / 2) ** 2, abs=4 * np.sqrt(0.25 / 300))
    assert found.metadata["shots"] == 300


def test_the_same_samples_as_qiskit_s_own_sampler() -> None:
    circuit = ANSATZ.copy()
    a, b = ClassicalRegister(1, "a"), ClassicalRegister(3, "b")
    circuit.add_register(a, b)
    circuit.measure([2, 0, 3, 1], [*b, *a])
    transpiled = transpile(circuit, RING.to_qiskit(), optimization_level=0)
    [exact] = StatevectorSampler(seed=1).run([(circuit, VALUES[0])], shots=20_000).result()
    wanted = exact.join_data().get_counts()
    for one in (circuit, transpiled):
        [found] = SamplerV2(RING, seed=2).run([(one, VALUES[0])], shots=2000).result()
        assert set(found.data) == {"a", "b"}
        counts = found.join_data().get_counts()
        assert sum(counts.values()) == 2000
        keys = {*counts, *wanted}
        apart = sum(abs(counts.get(k, 0) / 2000 - wanted.get(k, 0) / 20_000) for k in keys) / 2
        assert apart < 0.06


def test_parameters_inside_control_flow() -> None:
    x = Parameter("x")
    circuit = QuantumCircuit(QuantumRegister(3), ClassicalRegister(1, "c"))
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.crx(x, 0, 2)
        circuit.rzz(-x / 2, 1, 2)
    values = [0.3, 2.0]
    estimator = EstimatorV2(RING, noise=False)
    found = estimator.run([(circuit, ["ZII", "IZZ"], [[v] for v in values])], precision=0)
    # qubit 2 turns by x in half of the runs; qubits 0 and 1: Z on qubit 0 averages to zero
    assert found.result()[0].data.evs[0] == pytest.approx((1 + np.cos(0.3)) / 2)
    transpiled = transpile(circuit, RING.to_qiskit(), seed_transpiler=1)
    observable = SparsePauliOp("ZII").apply_layout(transpiled.layout)
    found = estimator.run([(transpiled, observable, [[v] for v in values])], precision=0)
    assert found.result()[0].data.evs == pytest.approx((1 + np.cos(values)) / 2)


def test_projectors_and_shared_bases() -> None:
    circuit = QuantumCircuit(2)
    circuit.ry(1.2, 0)
    circuit.cx(0, 1)
    circuit.s(1)
    terms = [("0", [0], 1.0), ("r", [1], 0.5), ("+-", [0, 1], 2.0), ("Y", [1], 0.3)]
    observable = SparseObservable.from_sparse_list(terms, num_qubits=2)
    paulis = SparsePauliOp.from_sparse_observable(observable)
    exact = Statevector(circuit).expectation_value(paulis).real
    quiet = EstimatorV2(RING, noise=False, seed=1)
    assert quiet.run([(circuit, observable)], precision=0).result()[0].data.evs == pytest.approx(
        exact
    )
    found = quiet.run([(circuit, observable)], precision=0.03).result()[0].data
    assert abs(found.evs - exact) < 4 * found.stds
    assert shared_bases(["ZZ", "0I", "XI", "IX", "YX"]) == {
        ((0, "X"), (1, "Y")): ["YX", "IX"],
        ((0, "Z"), (1, "Z")): ["ZZ", "0I"],
        ((1, "X"),): ["XI"],
    }


def test_noise_of_the_link() -> None:
    """A telegate over a Werner pair of fidelity F leaves ZZ of a Bell state at 1 - 4 (1 - F) / 3:
    its X and Y errors, two thirds of 1 - F, flip it."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    [found] = EstimatorV2(NOISY, seed=1).run([(circuit, "ZZ")], precision=0.02).result()
    assert found.data.evs == pytest.approx(1 - 4 * 0.1 / 3, abs=4 * 0.02)
    assert found.metadata["expected_fidelity"] < 1
    with pytest.raises(ValueError, match="noise=False"):
        EstimatorV2(NOISY).run([(circuit, "ZZ")], precision=0)


def test_presets_files_options_and_refusals() -> None:
    sampler = SamplerV2("ion-oxford-dqc-2025", default_shots=7, recipe="fast")
    data = sampler.run([(parameterised_bell(), 0.4)]).result()[0].data
    assert data.meas.num_shots == 7
    sampler.options.default_shots = 9
    assert sampler.run([(parameterised_bell(), 0.4)]).result()[0].data.meas.num_shots == 9
    with pytest.raises(TypeError, match="speed"):
        SamplerV2(RING, speed=3)
    with pytest.warns(UserWarning, match="without classical registers"):
        sampler.run([QuantumCircuit(1)]).result()
    large = make_machine("complete", 2, data_qubits=15, comm_qubits=1)
    wide = QuantumCircuit(26)
    wide.ry(0.3, range(26))
    wide.cx(range(25), range(1, 26))
    with pytest.raises(NotSupported, match="precision above 0"):
        EstimatorV2(large, noise=False, recipe="fast").run([(wide, "Z" * 26)], precision=0).result()
