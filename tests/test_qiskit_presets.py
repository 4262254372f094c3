"""Presets as backends: listed, documented, light to import, transpiled for without arguments."""

from __future__ import annotations

import subprocess
import sys

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.random import random_circuit
from qiskit.transpiler import generate_preset_pass_manager
from test_qiskit_plugin import check_pairs, check_same

from bellwire import backends
from bellwire.qiskit_backend import ModularBackend
from bellwire.targets.presets import preset_names


def test_every_preset_is_a_backend() -> None:
    assert [n.replace("_", "-") for n in backends.available()] == list(preset_names())
    assert {"available", *backends.available()} == set(dir(backends))
    made = [getattr(backends, name) for name in backends.available()]
    assert all(make.__doc__ and make.__doc__.endswith(".") for make in made)
    assert backends.ion_oxford_dqc_2025.__doc__.startswith("Modelled on two ion-trap modules")
    with pytest.raises(AttributeError, match="there are ion_oxford_2020, "):
        _ = backends.ion_oxford_1999


def test_importing_the_backends_loads_nothing_heavy() -> None:
    heavy = ("qiskit", "cirq", "stim", "numba", "scipy", "networkx", "numpy")
    code = (
        "import sys, bellwire; bellwire.backends.available()\n"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "level"),
    [(name, i % 4) for i, name in enumerate(backends.available())]
    + [("ring4_demo", level) for level in range(4)],
)
def test_a_pass_manager_needs_no_more_than_the_backend(name: str, level: int) -> None:
    backend = getattr(backends, name)()
    assert isinstance(backend, ModularBackend)
    manager = generate_preset_pass_manager(
        backend=backend, optimization_level=level, seed_transpiler=1
    )
    circuit = random_circuit(min(4, backend.num_qubits), 3, max_operands=2, seed=7 + level)
    out = manager.run(circuit)
    check_pairs(out, backend.machine)
    check_same(out, circuit, backend.machine)


def test_a_pass_manager_with_no_argument_but_the_backend() -> None:
    backend = backends.ring4_demo()
    circuit = QuantumCircuit(7)
    circuit.h(0)
    circuit.cx(0, range(1, 7))
    out = generate_preset_pass_manager(backend=backend).run(circuit)
    assert check_pairs(out, backend.machine) == 2  # seven qubits need three modules of the ring
    circuit.measure_all()
    [out] = generate_preset_pass_manager(backend=backend).run([circuit])
    counts = backend.run(out, shots=50, noise=False, seed_simulator=1).result().get_counts()
    assert set(counts) == {"0" * 7, "1" * 7}


def test_properties_of_modules() -> None:
    backend = backends.nv_delft_2021()
    machine = backend.machine
    assert list(backend.modules) == [m.name for m in machine.modules]
    qubits = [q for m in backend.modules.values() for q in m.data_qubits]
    assert qubits == list(range(backend.num_qubits))
    for name, module in backend.modules.items():
        assert {backend.module_of(q) for q in (*module.data_qubits, *module.comm_qubits)} == {name}
        there = machine.module(name)
        assert module.gate_2q == there.gate_2q
        for q in module.data_qubits:
            assert backend.qubit_properties(q).t1 == module.t1_s == there.t1_ns * 1e-9
        assert set(module.links) == set(machine.graph[name])
