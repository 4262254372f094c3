"""Gates, packets and products over Bell pairs do what they stand for, by stabilizer flows."""

from __future__ import annotations

import numpy as np
import pytest
import stim

from bellwire.errors import NotSupported
from bellwire.qec import distribute

PAIR_GATES = [
    name for name, gate in stim.gate_data().items() if gate.is_unitary and gate.is_two_qubit_gate
]


def assert_acts_as(circuit: stim.Circuit, wanted: stim.Circuit) -> None:
    """All flows of a unitary circuit, with signs."""
    table = stim.Tableau.from_circuit(wanted)
    for qubit in range(len(table)):
        for letter in "XZ":
            start = stim.PauliString(len(table))
            start[qubit] = letter
            assert circuit.has_flow(stim.Flow(f"{start} -> {table(start)}"))


@pytest.mark.parametrize("name", PAIR_GATES)
def test_every_two_qubit_gate_can_span(name: str) -> None:
    gate = stim.Circuit(f"{name} 0 1")
    done = distribute(gate, {0: 0, 1: 1})
    assert_acts_as(done.circuit, gate)
    assert done.report["ebits"] == {"II": 0, "SWAP": 3}.get(name, 2 if "SWAP" in name else 1)


def random_gates(rng: np.random.Generator, qubits: int) -> stim.Circuit:
    circuit = stim.Circuit()
    for _ in range(15):
        name = str(
            rng.choice(["CX", "CX", "CX", "CZ", "XCX", "CY", "H", str(rng.choice(PAIR_GATES))])
        )
        targets = [q for _ in range(2) for q in rng.choice(qubits, 2, replace=False)]
        circuit.append(name, targets)
    circuit.append("I", range(qubits))
    return circuit


@pytest.mark.parametrize("seed", range(12))
def test_packets_act_as_their_gates_whatever_the_communication_qubits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gates = random_gates(rng, 6)
    homes = {q: q % 3 for q in range(6)}
    alone = distribute(gates, homes).report["ebits"]
    for limit in (None, 1, 2, 3):
        limits = None if limit is None else dict.fromkeys(range(3), limit)
        done = distribute(gates, homes, pairs="packet", comm_limits=limits)
        assert_acts_as(done.circuit, gates)
        assert done.report["ebits"] <= alone
        assert limit is None or max(done.report["comm_qubits"]) <= limit


def test_one_packet_serves_a_check() -> None:
    for check in ("CX 0 1 0 2 0 3", "CX 1 0 2 0 3 0", "CZ 0 1 0 2 0 3", "CY 1 0 2 0 3 0"):
        circuit = stim.Circuit(check)
        done = distribute(circuit, {0: 0, 1: 1, 2: 1, 3: 1}, pairs="packet")
        assert done.report["ebits"] == 1
        assert_acts_as(done.circuit, circuit)


@pytest.mark.parametrize(
    ("product", "modules"),
    [("X0*X1", 2), ("!X0*Y1*Z2", 3), ("Z0*Z1*X2*X3", 4), ("Y0*!Z1*X4*X2*Y3", 4)],
)
@pytest.mark.parametrize("pairs", ["per_gate", "ghz"])
def test_a_product_that_spans_modules_is_measured_and_nothing_else(
    product: str, modules: int, pairs: str
) -> None:
    homes = {q: q % modules for q in range(5)}
    done = distribute(stim.Circuit(f"MPP {product}\nI 4"), homes, pairs=pairs)
    assert done.report["ebits"] == modules - 1
    records = " xor ".join(f"rec[{i}]" for i in range(-modules, 0))
    pauli = stim.PauliString(5)
    for word in product.replace("!", "").split("*"):
        pauli[int(word[1:])] = word[0]
    sign = -1 if product.count("!") % 2 else 1
    letters = str(sign * pauli)
    assert done.circuit.has_flow(stim.Flow(f"1 -> {letters} xor {records}"))
    assert done.circuit.has_flow(stim.Flow(f"{letters} -> {records}"))
    for other in stim.PauliString.iter_all(5, max_weight=2):
        if other.commutes(pauli):  # what commutes with it is left alone, up to the product
            assert done.circuit.has_flow(stim.Flow(f"{other} -> {other}"))


def test_what_cannot_span_is_refused_by_name() -> None:
    with pytest.raises(NotSupported, match=r"SPP X0\*Z1: .* spans modules"):
        distribute(stim.Circuit("SPP X0*Z1"), {0: 0, 1: 1})
    with pytest.raises(NotSupported, match="names a qubit twice"):
        distribute(stim.Circuit("MPP X0*Z1*X1*Z0"), {0: 0, 1: 1})
