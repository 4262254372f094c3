"""Qiskit circuits that leave nothing to chance, and what comes of them."""

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit_aer import AerSimulator

from bellwire.compiler.emitters.qiskit import to_qiskit
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.program import Op


def outcome(circuit: QuantumCircuit) -> str:
    """The one result of a circuit that leaves nothing to chance."""
    result = AerSimulator(method="stabilizer").run(circuit, shots=1, seed_simulator=1).result()
    [found] = result.get_counts()
    return str(found)


def assert_same_outcome(circuit: QuantumCircuit) -> list[Op]:
    """Check that reading and writing changes no result, and that a second turn changes nothing."""
    program = from_qiskit(circuit)
    written = to_qiskit(program)
    assert outcome(written) == outcome(circuit)
    again = from_qiskit(written)
    assert again == program
    return list(program.ops)


def counter(value: int, size: int = 3) -> QuantumCircuit:
    """A circuit whose register c holds `value`, and a spare qubit `size` with register d."""
    circuit = QuantumCircuit(QuantumRegister(size + 2, "q"), ClassicalRegister(size, "c"))
    circuit.add_register(ClassicalRegister(2, "d"))
    for i in range(size):
        if value >> i & 1:
            circuit.x(i)
        circuit.measure(i, i)
    return circuit


def finish(circuit: QuantumCircuit) -> QuantumCircuit:
    """Measure the two spare qubits."""
    circuit.measure(circuit.qubits[-2:], circuit.clbits[-2:])
    return circuit
