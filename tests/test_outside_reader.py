"""What others see: our OpenQASM 3 read by Qiskit alone, its Bell pairs and its counts."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
import qiskit.qasm3
from generators import random_machine, random_program
from qiskit import QuantumCircuit, transpile
from qiskit_aer import AerSimulator

from bellwire.compiler.emitters.openqasm import to_openqasm3
from bellwire.compiler.emitters.qiskit import to_qiskit
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.program import Program
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

SHOTS = 4000
MODULE = re.compile(r"(?:esc_)?(\w+)_(data|comm)$")  # Qiskit escapes capital letters


def compiled(circuit: Program, machine: Machine, seed: int) -> Program:
    """Compile with the default recipe."""
    return run_passes(circuit, machine, recipe("default", seed=seed)).program


def module_of(circuit: QuantumCircuit, qubit: Any) -> tuple[str, str]:
    """The module and role that a qubit's register names."""
    match = MODULE.match(circuit.find_bit(qubit).registers[0][0].name)
    assert match is not None
    return match[1], match[2]


def check_spans(circuit: QuantumCircuit, machine: Machine) -> int:
    """Only bell_pair touches two modules, on communication qubits along links; how many."""
    pairs = 0
    for item in circuit.data:
        for block in getattr(item.operation, "blocks", ()):
            inner = dict(zip(block.qubits, item.qubits))
            for op in block.data:
                modules = {module_of(circuit, inner[q])[0] for q in op.qubits}
                assert len(modules) == 1
        if getattr(item.operation, "blocks", ()):
            continue
        places = [module_of(circuit, q) for q in item.qubits]
        if item.operation.name == "bell_pair":
            pairs += 1
            assert [role for _, role in places] == ["comm", "comm"]
            assert machine.link(places[0][0], places[1][0]) is not None
        elif item.operation.name != "barrier":
            assert len({m for m, _ in places}) == 1
    return pairs


def counts(circuit: QuantumCircuit, user_bits: int) -> Counter[str]:
    """Noiseless counts of the user's bits on Aer."""
    simulator = AerSimulator(seed_simulator=3)
    flat = transpile(circuit.decompose("bell_pair"), simulator, optimization_level=0)
    found: Counter[str] = Counter()
    result = simulator.run(flat, shots=SHOTS).result()
    for key, n in result.get_counts().items():
        found[key.replace(" ", "")[-user_bits:]] += n
    return found


@pytest.mark.parametrize("seed", range(8))
def test_qiskit_reads_the_file_and_counts_the_same(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    circuit = random_program(rng, 4, 14, dynamic=seed % 2 == 1, measured=True)
    machine = random_machine(rng, 4, most_modules=3)
    program = compiled(circuit, machine, seed)
    loaded = qiskit.qasm3.loads(to_openqasm3(program, machine))
    assert check_spans(loaded, machine) == program.count("ebit")
    bits = len(circuit.bit_names)
    mine, plain = counts(loaded, bits), counts(to_qiskit(circuit), bits)
    apart = sum(abs(mine[k] - plain[k]) for k in mine | plain) / 2 / SHOTS
    assert apart < 0.06


def test_the_users_bits_keep_names_and_order() -> None:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    machine = make_machine("line", 3, data_qubits=1, comm_qubits=1)
    program = compiled(from_qiskit(circuit), machine, 0)
    for made in (to_qiskit(program, machine), qiskit.qasm3.loads(to_openqasm3(program, machine))):
        assert [r.name for r in made.cregs] == ["meas", "bellwire"]
        assert set(counts(made, 3)) == {"000", "111"}
