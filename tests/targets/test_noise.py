"""Noise formulas: published numbers, and the same physics done the long way with matrices."""

import numpy as np
import pytest
from density import X, Y, Z, bell_pair, channel, memory_operators, on

from bellwire.errors import MachineError
from bellwire.targets.noise import (
    attempts_dephasing,
    average_fidelity,
    depolarising_1q,
    depolarising_2q,
    idle_pauli,
    process_fidelity,
    store_pair,
    stored_fidelity,
    werner_state,
    werner_weight,
)


def test_werner_and_fidelities():
    assert werner_state(0.97) == pytest.approx((0.97, 0.01, 0.01, 0.01))
    assert werner_weight(1.0) == 1
    assert werner_weight(0.25) == 0
    for d in (2, 4):
        assert average_fidelity(process_fidelity(0.93, d), d) == pytest.approx(0.93)
    assert average_fidelity(0.8371267, 4) == pytest.approx(0.8697013, abs=1e-7)
    with pytest.raises(MachineError, match=r"fidelity: found 1\.2"):
        werner_state(1.2)


@pytest.mark.parametrize(
    ("strength", "p", "d"), [(depolarising_1q, 0.03, 2), (depolarising_2q, 0.04, 4)]
)
def test_depolarising_strength(strength, p, d):
    process = 1 - p * (d * d - 1) / (d * d)
    assert strength(average_fidelity(process, d)) == pytest.approx(p)
    assert strength(1) == 0
    with pytest.raises(MachineError, match="fidelity of a"):
        strength(0.15)


def test_idle_is_the_twirled_memory():
    ns, t1, t2 = 700.0, 3_000.0, 2_000.0
    twirled = [
        sum(abs(np.trace(p @ k)) ** 2 / 4 for k in memory_operators(ns, t1, t2)) for p in (X, Y, Z)
    ]
    assert idle_pauli(ns, t1, t2) == pytest.approx(twirled)


def test_idle_limits():
    inf = float("inf")
    assert idle_pauli(100, inf, inf) == (0, 0, 0)
    assert idle_pauli(0, 5, 5) == (0, 0, 0)
    assert idle_pauli(1e15, 1.0, 2.0) == (0.25, 0.25, 0.25)
    assert idle_pauli(1e-9, 1.0, 2.0)[2] >= 0
    assert idle_pauli(50, inf, 100) == (0, 0, pytest.approx((1 - np.exp(-0.5)) / 2))
    with pytest.raises(MachineError, match="ns: found -1"):
        idle_pauli(-1, 5, 5)


def test_stored_pair_depolarising_and_dephasing():
    t, time = 300.0, 1_000.0
    memory = (2 * time, 2 * time)  # both halves: the rates add
    stored = store_pair(werner_state(0.9), t, first=memory, second=memory)
    assert stored[0] == pytest.approx(1 / 4 + (0.9 - 1 / 4) * np.exp(-t / time))
    memory = (float("inf"), time)
    stored = store_pair((0.9, 0.1, 0, 0), t, first=memory, second=memory)
    assert stored[0] == pytest.approx(1 / 2 + (0.9 - 1 / 2) * np.exp(-2 * t / time))


@pytest.mark.parametrize(("parity", "number"), [("even", 0.660744), ("odd", 0.659554)])
def test_stored_perfect_pair(parity, number):
    assert stored_fidelity(0.5, 10, 1, parity=parity) == pytest.approx(number, abs=1e-6)
    weights = (1, 0, 0, 0) if parity == "even" else (0, 0, 1, 0)
    rho = bell_pair(weights)
    for qubit in (0, 1):
        rho = channel(rho, [on(k, [qubit], 2) for k in memory_operators(0.5, 10, 1)])
    wanted = np.trace(rho @ bell_pair(weights)).real
    assert stored_fidelity(0.5, 10, 1, parity=parity) == pytest.approx(wanted)


def test_twirled_pair_is_the_mean_of_both_parities():
    stored = store_pair((1, 0, 0, 0), 0.5, first=(10, 1), second=(10, 1))
    both = [stored_fidelity(0.5, 10, 1, parity=p) for p in ("even", "odd")]
    assert stored[0] == pytest.approx(np.mean(both))
    assert sum(stored) == pytest.approx(1)


def test_one_half_of_a_werner_pair_depolarises():
    strength = 0.3
    wait = -np.log(1 - strength)
    stored = store_pair(werner_state(0.9), wait, first=(1.0, 1.0), second=(np.inf, np.inf))
    assert werner_weight(stored[0]) == pytest.approx((1 - strength) * werner_weight(0.9))


def test_attempts_turn_the_phase_of_a_stored_state():
    assert attempts_dephasing(0.1, 0) == 0
    assert attempts_dephasing(0.1, 1) == pytest.approx(0.1)
    assert attempts_dephasing(0.1, 2) == pytest.approx(2 * 0.1 * 0.9)
    assert attempts_dephasing(0.5, 3) == 0.5
    assert 1 - 2 * attempts_dephasing(9.433e-5, 5300) == pytest.approx(np.exp(-1), rel=1e-4)
    with pytest.raises(MachineError, match=r"Z error: found 0\.6"):
        attempts_dephasing(0.6, 1)
