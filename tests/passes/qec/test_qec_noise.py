"""What noise is added where: exact error models, and the channels of machines."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
import stim
from error_models import difference, errors_of, memory, random_homes

from bellwire import GateQuality, Link, Machine, Module
from bellwire.errors import DoesNotFit, NotSupported
from bellwire.passes.qec.machine_noise import expected_slots
from bellwire.passes.qec.noise import independent
from bellwire.qec import Noise, by_cut, distribute
from bellwire.targets.waiting import parallel_attempts


@pytest.mark.parametrize("basis", ["z", "x"])
@pytest.mark.parametrize("distance", [3, 5])
@pytest.mark.parametrize("seam", [True, False])
def test_noisy_pairs_are_three_paulis_after_ideal_gates(
    basis: str, distance: int, seam: bool
) -> None:
    """R b; ...; DEPOLARIZE1(q) on one half equals independent X_t, Z_c and Z_c X_t."""
    circuit = memory(basis, distance)
    homes = by_cut(circuit, f"x<={distance}") if seam else random_homes(circuit, 3, seed=distance)
    noise = Noise(bell_infidelity=0.07)
    gadgets = distribute(circuit, homes, noise=noise).circuit
    channel = distribute(circuit, homes, pairs="direct", noise=noise).circuit
    assert difference(gadgets, channel) <= 1e-12


def test_local_noise_of_a_gadget() -> None:
    """To first order X_t and Z_c each 4p/15 + p, Z_c X_t 4p/15, and eight others 2p/15."""
    p = 1e-6
    gadget = distribute(stim.Circuit("CX 0 1"), {0: 0, 1: 1}, noise=Noise(p=p)).circuit
    body = str(gadget).replace(" 2", " 4").replace(" 3", " 5")  # qubits 2 and 3 watch 0 and 1
    circuit = stim.Circuit(f"R 0 1 2 3\nH 2 3\nCX 2 0 3 1\n{body}\nCX 0 1\nCX 2 0 3 1\nH 2 3")
    circuit += stim.Circuit("M 0 1 2 3\n" + "\n".join(f"DETECTOR rec[{i - 4}]" for i in range(4)))
    found = errors_of(circuit)  # X of 0, X of 1, Z of 0, Z of 1
    assert found[frozenset(("D1",))] == pytest.approx(p * (1 + 4 / 15), rel=1e-3)
    assert found[frozenset(("D2",))] == pytest.approx(p * (1 + 4 / 15), rel=1e-3)
    assert found[frozenset(("D1", "D2"))] == pytest.approx(p * 4 / 15, rel=1e-3)
    assert sorted(found.values())[:-3] == pytest.approx([p * 2 / 15] * 8, rel=1e-3)


def test_uniform_noise_stands_where_it_should() -> None:
    circuit = stim.Circuit("RX 0\nR 1 2\nCX 0 1\nH 0\nM 1\nMR(0.25) 2\nTICK\nMPP X0*X1")
    done = distribute(circuit, {0: 0, 1: 1, 2: 1}, pairs="direct", noise=Noise(p=0.01, p_link=0.5))
    assert done.circuit == stim.Circuit("""
        RX 0
        Z_ERROR(0.01) 0
        R 1 2
        X_ERROR(0.01) 1 2
        CX 0 1
        DEPOLARIZE2(0.5) 0 1
        H 0
        DEPOLARIZE1(0.01) 0
        DEPOLARIZE1(0.01) 0
        X_ERROR(0.01) 1
        M 1
        X_ERROR(0.01) 2
        MR(0.25) 2
        X_ERROR(0.01) 2
        TICK
        MPP(0.01) X0*X1
    """)


def test_data_idle_once_per_round() -> None:
    for rounds in (1, 2, 5):
        circuit = memory("z", 3, rounds)
        done = distribute(circuit, by_cut(circuit, "x<=3"), pairs="direct", noise=Noise(p=0.01))
        idle = [i for i in done.circuit.flattened() if i.name == "DEPOLARIZE1"]
        data = [i for i in idle if {t.value for t in i.targets_copy()} >= {1, 3, 5, 8}]
        assert (len(data), done.report["rounds"]) == (rounds, rounds)


def two_modules(**module: object) -> Machine:
    parts = tuple(Module(name, 20, 4, **module) for name in ("A", "B"))  # type: ignore[arg-type]
    link = Link(("A", "B"), 1000.0, 0.5, (0.9, 0.05, 0.03, 0.02), 2, herald_ns=500.0)
    return Machine(parts, (link,))


def test_a_machine_brings_its_links_gates_readouts_and_waits() -> None:
    machine = two_modules(
        gate_2q=GateQuality(60.0, 0.99), readout=GateQuality(500.0, 0.98), t1_ns=1e6, t2_ns=1e6
    )
    circuit = stim.Circuit("R 0 1 2 3\nH 0\nCX 0 1\nTICK\nCX 0 2 1 3 1 2\nM 0 1 2 3")
    done = distribute(circuit, {0: 0, 1: 0, 2: 1, 3: 1}, noise=machine)
    text = str(done.circuit)
    assert "PAULI_CHANNEL_1(0.03, 0.02, 0.05)" in text  # X, Y, Z of a state (1, Z, X, Y)
    wait = 8 / 3 * 1000 + 500  # the later of two pairs (2/p - 1/(1-q^2) slots), and one herald
    idle = [i for i in done.circuit if i.name == "DEPOLARIZE1"]
    assert idle[0].gate_args_copy() == pytest.approx([3 / 4 * (1 - exp(-wait / 1e6))])
    assert [t.value for t in idle[0].targets_copy()] == [0, 1]  # 2 and 3 hold nothing yet
    gates = [i for i in done.circuit if i.name == "DEPOLARIZE2"]
    assert gates[0].gate_args_copy() == pytest.approx([5 / 4 * 0.01])  # average -> Pauli errors
    reads = [i for i in done.circuit if i.name == "M"]
    assert all(i.gate_args_copy() == pytest.approx([0.02]) for i in reads)


def test_slots_until_all_pairs_have_come() -> None:
    assert expected_slots(0.1, 1, 5) == pytest.approx(50)
    for pairs in (1, 4):
        assert expected_slots(0.3, 9, pairs) == pytest.approx(parallel_attempts(0.3, pairs))
    rng = np.random.default_rng(1)
    slots = np.zeros(20_000)
    left = np.full(20_000, 5)
    while left.any():
        slots += left > 0
        left -= rng.binomial(np.minimum(left, 2), 0.4)
    error = slots.std() / 20_000**0.5
    assert expected_slots(0.4, 2, 5) == pytest.approx(slots.mean(), abs=4 * error)


def test_attempts_dephase_the_qubits_of_their_modules() -> None:
    machine = two_modules(attempt_dephasing=0.01)
    done = distribute(stim.Circuit("H 0 1\nCX 0 1"), {0: 0, 1: 1}, noise=machine)
    [z] = {i.gate_args_copy()[2] for i in done.circuit if i.gate_args_copy()[:1] == [0.0]}
    assert z == pytest.approx((1 - 0.98**2) / 2)  # two attempts on average


def test_hard_limits_of_a_machine() -> None:
    circuit = memory("z", 3)
    homes = by_cut(circuit, "x<=3")
    with pytest.raises(DoesNotFit, match="module A, which has 5 data qubits"):
        distribute(circuit, homes, noise=Machine((Module("A", 5), Module("B", 20))))
    narrow = Machine((Module("A", 20, 1), Module("B", 20, 1)), (Link(("A", "B")),))
    done = distribute(circuit, homes, noise=narrow)
    assert done.report["comm_qubits"] == [1, 1]
    assert max(layer["batches"] for layer in done.report["layers"]) > 1


def test_modules_without_a_link_swap_entanglement() -> None:
    links = tuple(
        Link((a, b), state=(0.9, 0.1 / 3, 0.1 / 3, 0.1 / 3)) for a, b in ("AB", "BC", "CD")
    )
    machine = Machine(tuple(Module(m, 30, 6) for m in "ABCD"), links)
    circuit = memory("z", 3)
    homes = {q: 3 * m for q, m in by_cut(circuit, "x<=3").items()}
    for pairs in ("per_gate", "packet"):
        done = distribute(circuit, homes, pairs=pairs, noise=machine)
        per_round = 3 * {"per_gate": 5, "packet": 3}[pairs]
        assert done.report["ebits_per_round"] == per_round
        assert done.report["ebits_per_link"] == dict.fromkeys(("0-1", "1-2", "2-3"), per_round)
        assert done.report["comm_qubits"][1] >= 2
    joined = Noise(bell_infidelity=3 / 4 * (1 - (1 - 4 * 0.1 / 3) ** 3))  # w = w1 w2 w3
    swapped = distribute(circuit, homes, noise=machine).circuit
    assert difference(swapped, distribute(circuit, homes, noise=joined).circuit) <= 1e-12
    apart = Machine((Module("A", 20), Module("B", 20)))
    with pytest.raises(DoesNotFit, match="no way of links joins"):
        distribute(circuit, by_cut(circuit, "x<=3"), noise=apart)


def test_independent_events_make_up_the_channel() -> None:
    rates = x, y, z = independent((0.03, 0.01, 0.05))
    assert x * (1 - y) * (1 - z) + (1 - x) * y * z == pytest.approx(0.03)
    assert (1 - x) * y * (1 - z) + x * (1 - y) * z == pytest.approx(0.01)
    assert min(rates) > 0
    with pytest.raises(NotSupported, match="no independent events"):
        independent((0.1, 0.0, 0.1))
    with pytest.raises(NotSupported, match="p: found 2; it must be between"):
        Noise(p=2)
