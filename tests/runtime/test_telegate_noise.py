"""The noise of a telegate against closed forms: exactly, and by running it."""

from dataclasses import replace

import numpy as np
import pytest
import stim
from protocols import PERFECT, choi_test, machine_of, telegate

from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.noise_events import noise_events
from bellwire.compiler.program import Program
from bellwire.runtime.backends.stabilizer import StimBuilder
from bellwire.runtime.execute import prepare
from bellwire.targets.machine import GateQuality, Machine

WERNER = (0.9, *(0.1 / 3,) * 3)
SKEWED = (0.87, 0.08, 0.03, 0.02)


def exact_process_fidelity(program: Program, machine: Machine) -> float:
    """Process fidelity of a telegate CX: the chance that no stabilizer of its Choi state flips.

    From the independent errors of Stim's detector error model, by a Walsh-Hadamard sum.
    """
    c, t, rc, rt = 0, machine.offsets["B"], 100, 101
    builder = StimBuilder()
    builder.add(program, noise_events(program, machine))
    circuit = stim.Circuit(f"H {rc} {rt}\nCX {rc} {c} {rt} {t}") + builder.circuit()
    circuit += stim.Circuit(
        f"MPP X{rc}*X{c}*X{t} Z{rc}*Z{c} X{rt}*X{t} Z{rt}*Z{c}*Z{t}\n"
        + "\n".join(f"DETECTOR rec[-{k}]" for k in range(1, 5))
    )
    signs = np.ones(16)
    for error in circuit.detector_error_model():
        if error.type == "error":
            mask = sum(1 << d.val for d in error.targets_copy())
            odd = np.array([(s & mask).bit_count() % 2 for s in range(16)], dtype=bool)
            signs[odd] *= 1 - 2 * error.args_copy()[0]
    return float(signs.mean())


def noisy_machine(fidelity: float, p1: float, p2: float, e1: float, e2: float) -> Machine:
    """Two modules with depolarising two-qubit gates and readout flips of their own."""
    plain = machine_of(state=(fidelity, *((1 - fidelity) / 3,) * 3))
    modules = tuple(
        replace(m, gate_2q=GateQuality(60, 1 - 3 * p / 4), readout=GateQuality(500, 1 - e))
        for m, p, e in zip(plain.modules, (p1, p2), (e1, e2))
    )
    return replace(plain, modules=modules)


@pytest.mark.parametrize(
    ("inputs", "process", "average"),
    [
        ((0.9, 0.02, 0.03, 0.01, 0.02), 0.8371267, 0.8697013),
        ((0.97, 0.01, 0.01, 0.005, 0.005), 0.9437928, 0.9550342),
    ],
)
def test_local_errors_follow_the_closed_form(inputs, process, average):
    machine = noisy_machine(*inputs)
    found = exact_process_fidelity(telegate(machine), machine)
    assert found == pytest.approx(process, abs=1e-7)
    assert (4 * found + 1) / 5 == pytest.approx(average, abs=1e-7)


def test_each_error_of_a_bell_pair_breaks_the_gate_and_the_target_state_does_not():
    found = [
        exact_process_fidelity(telegate(m), m)
        for m in (machine_of(state=tuple(float(i == k) for i in range(4))) for k in range(4))
    ]
    assert found == pytest.approx([1, 0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("state", [WERNER, SKEWED, (0.9695, 0.0185, 0.006, 0.006)])
def test_average_fidelity_is_four_f_plus_one_over_five(state):
    machine = machine_of(state=state)
    shots = 40_000
    result = prepare(choi_test(machine), machine, backend="stabilizer").run(shots, seed=3)
    average = (4 * result.counts["0000"] / shots + 1) / 5
    assert average == pytest.approx((4 * state[0] + 1) / 5, abs=0.005)


def test_each_error_type_lands_where_theory_says():
    machine = machine_of(state=(0.4, 0.3, 0.2, 0.1))
    shots = 40_000
    counts = prepare(choi_test(machine), machine, backend="stabilizer").run(shots, seed=1).counts
    # Bits are c, rc, t, rt from the right. Z-type: Z on the control, seen on its reference; X-type:
    # X on the target.
    expected = {"0000": 0.4, "0010": 0.3, "0100": 0.2, "0110": 0.1}
    assert set(counts) == set(expected)
    for key, chance in expected.items():
        assert counts[key] / shots == pytest.approx(chance, abs=0.012)


def test_aer_and_stabilizer_agree_on_a_noisy_telegate():
    machine = noisy_machine(0.8, 0.1, 0.06, 0.05, 0.08)
    machine = replace(
        machine, modules=tuple(replace(m, t1_ns=2e4, t2_ns=1e4) for m in machine.modules)
    )
    program = choi_test(machine)
    many = prepare(program, machine, backend="stabilizer").run(100_000, seed=5).counts
    few = prepare(program, machine, backend="aer").run(4_000, seed=6).counts
    keys = sorted({*many, *few})
    p = np.array([many.get(k, 0) for k in keys]) / 100_000
    q = np.array([few.get(k, 0) for k in keys]) / 4_000
    assert np.abs(p - q).sum() / 2 < 0.035


def test_expected_fidelity_multiplies_all_chances():
    machine = noisy_machine(0.9, 0.02, 0.03, 0.01, 0.02)
    expected = 0.9 * (1 - 15 * 0.02 / 16) * (1 - 15 * 0.03 / 16) * 0.99 * 0.98
    assert expected_fidelity(telegate(machine), machine) == pytest.approx(expected)
    perfect = machine_of()
    assert expected_fidelity(telegate(perfect), perfect) == 1


def test_waiting_costs_fidelity():
    slow = replace(PERFECT, t1_ns=1e5, t2_ns=1e5)
    shots, found = 4_000, []
    for success in (1.0, 0.1, 0.01):
        machine = machine_of(module=slow, success=success)
        program = choi_test(machine)
        counts = prepare(program, machine, backend="stabilizer").run(shots, seed=2).counts
        found.append(counts["0000"] / shots)
        assert expected_fidelity(program, machine) <= found[-1] + 0.03
    assert found[0] > 0.9 > found[1] > found[2] + 0.1


def test_false_heralds_weaken_the_gate():
    machine = machine_of(state=WERNER)
    dark = replace(machine, links=tuple(replace(link, dark=0.2) for link in machine.links))
    assert exact_process_fidelity(telegate(dark), dark) == pytest.approx(0.8 * 0.9 + 0.2 / 4)
    assert expected_fidelity(telegate(dark), dark) == pytest.approx(0.8 * 0.9 + 0.2 / 4)


def test_communication_qubits_wait_with_their_own_coherence():
    short = replace(PERFECT, t1_ns=1e9, t2_ns=1e9, comm_t1_ns=1e3, comm_t2_ns=1e3)
    machine = machine_of(module=short)
    program = prepare(choi_test(machine), machine, backend="stabilizer").program
    roles = [qubit.role for qubit in program.qubits]
    events = noise_events(program, machine)
    errors: dict[str, float] = {"data": 0.0, "comm": 0.0}
    for channels in events.before.values():
        for channel in channels:
            errors[roles[channel.qubits[0]]] += channel.error
    assert errors["comm"] > 0.1 > 1e-3 > errors["data"] > 0
    patient = machine_of(module=replace(short, comm_t1_ns=None, comm_t2_ns=None))
    assert expected_fidelity(program, patient) > 0.999
    assert expected_fidelity(program, machine) < 0.9
