"""A machine as a Qiskit backend: Targets, right counts of the user's bits alone, primitives."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm3, transpile
from qiskit.circuit import ClassicalRegister, Clbit, QuantumRegister
from qiskit.circuit.library import efficient_su2
from qiskit.circuit.random import random_circuit
from qiskit.primitives import BackendEstimatorV2, BackendSamplerV2, StatevectorEstimator
from qiskit.providers import JobStatus
from qiskit.quantum_info import SparsePauliOp, Statevector
from qiskit_aer import AerSimulator

from bellwire.errors import BellwireError, ProgramError
from bellwire.targets.machine import GateQuality, Link, Module
from bellwire.targets.noise import werner_state
from bellwire.targets.qiskit_backend import machine_target, qubit_order
from bellwire.targets.shapes import make_machine

OURS = {"layout_method": "bellwire", "routing_method": "bellwire"}
WAYS = {"plain": {}, "ours": OURS}
RING = make_machine("ring", 4, data_qubits=2, comm_qubits=2)
LINE = make_machine("line", 3, data_qubits=2, comm_qubits=1, coupling="line")


def ghz(qubits: int) -> QuantumCircuit:
    """A GHZ state, measured."""
    circuit = QuantumCircuit(qubits)
    circuit.h(0)
    for i in range(qubits - 1):
        circuit.cx(i, i + 1)
    circuit.measure_all()
    return circuit


def total_variation(counts: dict[str, int], exact: dict[str, float]) -> float:
    """Half the sum of the differences of two distributions."""
    shots = sum(counts.values())
    keys = sorted(counts.keys() | exact.keys())
    return sum(abs(counts.get(k, 0) / shots - exact.get(k, 0.0)) for k in keys) / 2


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("way", WAYS)
def test_counts_here_and_on_plain_aer(way: str, level: int) -> None:
    machine = RING if level % 2 else LINE
    circuit = random_circuit(4, 3, max_operands=2, seed=20 + level)
    exact = Statevector(circuit).probabilities_dict()
    circuit.measure_all()
    backend = machine.to_qiskit()
    out = transpile(circuit, backend, optimization_level=level, seed_transpiler=level, **WAYS[way])
    counts = backend.run(out, shots=2000, seed_simulator=1).result().get_counts()
    assert total_variation(counts, exact) < 0.06
    written = out.decompose("bell_pair")
    theirs = AerSimulator().run(written, shots=500, seed_simulator=1).result().get_counts()
    users: dict[str, int] = {}
    for key, times in theirs.items():  # registers stand last first
        users[key.split()[-1]] = users.get(key.split()[-1], 0) + times
    assert total_variation(users, exact) < 0.12


def test_counts_of_loose_bits_and_registers_added_later() -> None:
    loose, c = Clbit(), ClassicalRegister(2, "c")
    circuit = QuantumCircuit(QuantumRegister(5), c, [loose])
    circuit.x(0)
    for i in range(1, 5):
        circuit.cx(0, i)
    circuit.measure(4, loose)
    circuit.measure(1, c[1])
    backend = RING.to_qiskit()
    out = transpile(circuit, backend, seed_transpiler=1, optimization_level=0, **OURS)
    assert "bellwire" in [r.name for r in out.cregs]
    result = backend.run(out, shots=10, memory=True).result()
    assert [int(k.replace(" ", ""), 2) for k in result.get_counts()] == [0b110]
    assert len(result.get_memory()) == 10
    out.add_register(ClassicalRegister(1, "late"))
    out.measure(out.layout.final_index_layout()[2], out.cregs[-1][0])
    sampled = BackendSamplerV2(backend=backend).run([out], shots=10).result()[0].data
    assert sampled.late.get_counts() == {"1": 10}
    assert sampled.c.get_counts() == {"10": 10}


@pytest.mark.parametrize("way", WAYS)
def test_sampler_and_estimator(way: str) -> None:
    backend = RING.to_qiskit()
    out = transpile(ghz(6), backend, seed_transpiler=1, **WAYS[way])
    counts = BackendSamplerV2(backend=backend).run([out], shots=400).result()[0].data.meas
    assert set(counts.get_counts()) == {"000000", "111111"}
    ansatz = efficient_su2(4, reps=1)
    values = np.random.default_rng(0).uniform(-3, 3, ansatz.num_parameters)
    observable = SparsePauliOp(["ZIIZ", "XXII"], [1.0, 0.5])
    [exact] = StatevectorEstimator().run([(ansatz, observable, values)]).result()
    lowered = transpile(ansatz, backend, seed_transpiler=1, **WAYS[way])
    there = observable.apply_layout(lowered.layout)
    estimator = BackendEstimatorV2(backend=backend, options={"seed_simulator": 5})
    [found] = estimator.run([(lowered, there, values)], precision=0.03).result()
    assert found.data.evs == pytest.approx(exact.data.evs, abs=0.15)


def test_same_seed_same_counts() -> None:
    backend = RING.to_qiskit()
    out = transpile([random_circuit(5, 3, max_operands=2, seed=4, measure=True), ghz(5)], backend)

    def run(seed: int) -> list[list[str]]:
        job = backend.run(out, shots=60, seed_simulator=seed, memory=True)
        result = job.result()
        assert job.status() is JobStatus.DONE
        return [result.get_memory(i) for i in range(2)]

    assert run(1) == run(1) != run(2)


def test_noise_is_on_unless_switched_off() -> None:
    machine = make_machine(
        "ring",
        4,
        data_qubits=2,
        comm_qubits=2,
        module=Module("A", 2, gate_2q=GateQuality(60, 0.99), readout=GateQuality(500, 0.98)),
        link=Link(("A", "B"), state=werner_state(0.85)),
    )
    backend = machine.to_qiskit()
    out = transpile(ghz(6), backend, seed_transpiler=1, **OURS)
    good = [
        sum(counts.get(key, 0) for key in ("000000", "111111"))
        for noise in (True, False)
        for counts in [
            backend.run(out, shots=400, seed_simulator=1, noise=noise).result().get_counts()
        ]
    ]
    assert good[0] < 340
    assert good[1] == 400
    backend.set_options(noise=False, shots=50)
    assert sum(backend.run(out).result().get_counts().values()) == 50


def test_what_run_refuses() -> None:
    backend = RING.to_qiskit()
    with pytest.raises(TypeError, match="no option speed"):
        backend.run(ghz(2), speed=3)
    with pytest.raises(ProgramError, match="spans modules A, B; transpile"):
        backend.run(ghz(3))
    left = transpile(ghz(5), backend, scheduling_method="alap")  # Qiskit's own: links stay gates
    with pytest.raises(ProgramError, match="leave scheduling_method"):
        backend.run(left)
    with pytest.raises(BellwireError, match="found 17 qubits"):
        backend.run(QuantumCircuit(17))
    with pytest.raises(BellwireError, match="shots"):
        backend.run(transpile(ghz(2), backend), shots=0).result()


def test_openqasm_3_of_a_transpiled_circuit_declares_its_bell_pairs() -> None:
    for options in WAYS.values():
        out = transpile(ghz(5), RING.to_qiskit(), seed_transpiler=1, **options)
        text = qasm3.dumps(out)
        assert "gate bell_pair" in text
        assert qasm3.loads(text).count_ops()["bell_pair"] == out.metadata["bellwire"]["ebits"]


def test_the_target_shows_data_qubits_and_links_as_gates() -> None:
    target = LINE.to_qiskit().target
    assert target.num_qubits == 6
    pairs = {tuple(sorted(p)) for p in target.build_coupling_map()}
    assert (0, 1) in pairs  # inside A
    assert {(0, 2), (1, 3)} < pairs  # A - B
    assert not any(a < 2 and b >= 4 for a, b in pairs)  # no link A - C
    assert target["cx"][1, 2].duration > 50 * target["cx"][0, 1].duration


def test_the_physical_target_shows_bell_pairs() -> None:
    target = LINE.to_qiskit().physical_target
    names, order = LINE.qubit_names(), qubit_order(LINE)
    numbers = {names[p]: i for i, p in enumerate(order)}
    assert target.num_qubits == 9
    assert (numbers["A_comm[0]"], numbers["B_comm[0]"]) in target["bell_pair"]
    assert (numbers["A_comm[0]"], numbers["C_comm[0]"]) not in target["bell_pair"]
    assert (numbers["A_data[0]"], numbers["A_comm[0]"]) in target["cx"]
    assert target.qubit_properties[0].t1 == float("inf")


def test_telegate_error_is_that_of_its_pair() -> None:
    machine = make_machine("line", 2, data_qubits=1, link=Link(("A", "B"), state=werner_state(0.9)))
    error = machine_target(machine)["cx"][0, 1].error
    assert error == pytest.approx(1 - (4 * 0.9 + 1) / 5)
    assert machine_target(machine)["swap"][0, 1].error == pytest.approx(1 - (1 - error) ** 3)


def test_a_target_keeps_its_machine() -> None:
    target = machine_target(RING)
    for other in (copy.copy(target), copy.deepcopy(target), pickle.loads(pickle.dumps(target))):
        assert other.machine == RING
        assert other.num_qubits == 8
        assert not other.physical
