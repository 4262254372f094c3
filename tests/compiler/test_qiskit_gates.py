"""Gates of Qiskit: what from_qiskit makes of them has their matrix."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import AnnotatedOperation, ControlModifier, Gate, InverseModifier, PowerModifier
from qiskit.circuit.library import (
    CXGate,
    CZGate,
    DCXGate,
    MCXGate,
    PauliEvolutionGate,
    PauliGate,
    PermutationGate,
    QFTGate,
    RXGate,
    RZGate,
    SGate,
    StatePreparation,
    UnitaryGate,
    XGate,
    get_standard_gate_name_mapping,
)
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator, SparsePauliOp, random_clifford, random_unitary
from scipy.linalg import expm

from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.frontends.synthesis import matrix_of, unitary_steps
from bellwire.compiler.program import Program

ANGLES = (0.37, -1.13, 2.21, 0.9)
STANDARD = {n: g for n, g in get_standard_gate_name_mapping().items() if isinstance(g, Gate)}


def matrix(program: Program) -> np.ndarray:
    """The unitary of a program of gates alone."""
    steps = [(op.name, op.qubits, op.angles) for op in program.ops if op.name != "barrier"]
    return matrix_of(steps, len(program.qubits))


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference of two matrices once their global phases agree."""
    overlap = np.vdot(a, b)
    return float(np.abs(a * overlap / abs(overlap) - b).max())


def assert_same(circuit: QuantumCircuit, tolerance: float = 1e-9) -> Program:
    """Check that a circuit and its program have the same matrix."""
    program = from_qiskit(circuit)
    assert all(len(op.qubits) <= 2 for op in program.ops if op.name != "barrier")
    assert distance(matrix(program), Operator(circuit).data) < tolerance
    return program


def one(gate: object, num_qubits: int) -> QuantumCircuit:
    """A circuit of one gate, its qubits in reverse order."""
    circuit = QuantumCircuit(num_qubits)
    circuit.append(gate, range(num_qubits)[::-1])
    return circuit


def spanning(program: Program) -> int:
    """How many two-qubit gates a program has."""
    return sum(len(op.qubits) == 2 for op in program.ops)


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_standard_gate(name: str) -> None:
    gate = STANDARD[name]
    gate = gate.base_class(*ANGLES[: len(gate.params)])
    assert_same(one(gate, gate.num_qubits), 1e-12)


@pytest.mark.parametrize(
    "name", ["cu1", "cp", "rzz", "rxx", "ryy", "rzx", "ecr", "cs", "csdg", "csx", "swap", "iswap"]
)
def test_stays_one_two_qubit_gate(name: str) -> None:
    gate = STANDARD[name]
    assert spanning(from_qiskit(one(gate.base_class(*ANGLES[: len(gate.params)]), 2))) == 1


@pytest.mark.parametrize("angle", [1e-3, 1e-9, 1e-15, 0.0])
def test_keeps_small_angles(angle: float) -> None:
    circuit = QuantumCircuit(2)
    circuit.rz(angle, 0)
    circuit.cp(angle, 0, 1)
    assert [op.angles for op in from_qiskit(circuit).ops] == [(angle,), (angle,)]


@pytest.mark.parametrize(
    "gate",
    [
        MCXGate(3, ctrl_state=5),
        MCXGate(4),
        CXGate(ctrl_state=0),
        CZGate(ctrl_state=0),
        RZGate(0.4).control(2, ctrl_state=1, annotated=False),
        DCXGate().control(1, annotated=False),
        UnitaryGate(random_unitary(4, seed=5)).control(1, annotated=False),
        PermutationGate([2, 0, 3, 1]),
        PauliGate("XYZ"),
        QFTGate(3),
        PauliEvolutionGate(SparsePauliOp(["XXI", "ZZI"], [0.3, 0.7]), time=0.4),
        RXGate(0.3).repeat(3),
    ],
    ids=lambda gate: gate.name,
)
def test_other_gates(gate: Gate) -> None:
    assert_same(one(gate, gate.num_qubits))


@pytest.mark.parametrize("annotated", [True, False])
def test_definition_with_phase_under_control(annotated: bool) -> None:
    inner = QuantumCircuit(1, global_phase=0.7)
    inner.rz(0.2, 0)
    assert_same(one(inner.to_gate().control(2, annotated=annotated), 3))


def test_annotated_operations() -> None:
    modifiers = [InverseModifier(), PowerModifier(0.5), ControlModifier(2, ctrl_state=1)]
    assert_same(one(AnnotatedOperation(SGate(), modifiers), 3))
    nested = AnnotatedOperation(AnnotatedOperation(XGate(), ControlModifier(1)), InverseModifier())
    assert_same(one(nested, 2))


def test_clifford_object() -> None:
    assert_same(one(random_clifford(3, seed=2), 3))


@pytest.mark.parametrize("num_qubits", [1, 2, 3, 4])
def test_unitary_gate(num_qubits: int) -> None:
    for seed in range(4):
        unitary = random_unitary(2**num_qubits, seed=seed)
        assert_same(one(UnitaryGate(unitary), num_qubits), 1e-12)


@pytest.mark.parametrize("size", [1.0, 1e-4, 1e-8, 1e-11])
@pytest.mark.parametrize("num_qubits", [1, 2, 3])
def test_unitary_close_to_one(num_qubits: int, size: float) -> None:
    rng = np.random.default_rng(num_qubits)
    noise = rng.normal(size=(2**num_qubits,) * 2)
    wanted = expm(1j * size * (noise + noise.T))
    assert distance(matrix_of(unitary_steps(wanted), num_qubits), wanted) < 3e-14


@pytest.mark.parametrize(("gate", "most"), [("cx", 1), ("swap", 3), ("iswap", 2), ("ecr", 1)])
def test_special_unitaries_are_cheap(gate: str, most: int) -> None:
    steps = unitary_steps(STANDARD[gate].to_matrix())
    assert sum(len(qubits) == 2 for _, qubits, _ in steps) <= most
    assert distance(matrix_of(steps, 2), STANDARD[gate].to_matrix()) < 1e-12


@pytest.mark.parametrize("seed", range(20))
def test_random_circuit(seed: int) -> None:
    assert_same(random_circuit(5, 6, max_operands=4, seed=seed))


def test_state_preparation_and_initialize() -> None:
    state = np.array([0.1, 0.2j, -0.4, 0.3, 0, 0.5, 0.2, 0.1])
    state /= np.linalg.norm(state)
    program = from_qiskit(one(StatePreparation(state), 3))
    got = matrix(program)[:, 0]
    wanted = Operator(one(StatePreparation(state), 3)).data[:, 0]
    assert abs(np.vdot(got, wanted)) == pytest.approx(1)
    circuit = QuantumCircuit(3)
    circuit.initialize(state, [0, 1, 2])
    ops = list(from_qiskit(circuit).ops)
    assert [op.name for op in ops[:3]] == ["reset"] * 3
    got = matrix_of([(op.name, op.qubits, op.angles) for op in ops[3:]], 3)[:, 0]
    assert abs(np.vdot(got, state)) == pytest.approx(1)


def test_source_is_the_index_of_the_instruction() -> None:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.ccx(0, 1, 2)
    circuit.x(1)
    sources = [op.source for op in from_qiskit(circuit).ops]
    assert sources[0] == 0
    assert sources[-1] == 2
    assert set(sources[1:-1]) == {1}
