"""Waiting times: the published numbers, and samples with their standard error."""

import numpy as np
import pytest

import bellwire
from bellwire.compiler.timing import makespan_ns
from bellwire.errors import MachineError
from bellwire.targets.machine import GateQuality, Link, Module
from bellwire.targets.waiting import (
    array_rate,
    attempts_quantile,
    attempts_variance,
    clocked_fidelity,
    exponential_decay,
    exponential_quantile,
    geometric_decay,
    herald_chance,
    mean_attempts,
    multiplexing_gain,
    parallel_attempts,
    repeater_decay,
    repeater_fidelity,
    repeater_slots,
    three_over_two,
    wait_quantile_ns,
)


def close(samples, wanted, errors=4):
    """Whether the mean of samples is within that many standard errors."""
    samples = np.asarray(samples, dtype=float)
    return abs(samples.mean() - wanted) < errors * samples.std() / np.sqrt(samples.size)


def test_one_pair_is_geometric():
    draws = np.random.default_rng(1).geometric(0.03, 100_000)
    assert close(draws, mean_attempts(0.03))
    assert close((draws - draws.mean()) ** 2, attempts_variance(0.03))
    assert close(draws <= 40, herald_chance(0.03, 40))
    assert mean_attempts(1) == 1
    assert attempts_variance(1) == 0
    with pytest.raises(MachineError, match="success: found 0"):
        mean_attempts(0)


@pytest.mark.parametrize("success", [1.0, 0.5, 0.03, 1e-4, 1e-9])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 0.99])
def test_quantiles_are_the_first_attempts_that_suffice(success, share):
    attempts = attempts_quantile(success, share)
    assert herald_chance(success, attempts) >= share - 1e-9
    assert attempts == 1 or herald_chance(success, attempts - 1) < share
    link = Link(("A", "B"), 100, success, herald_ns=7)
    assert wait_quantile_ns(link, share) == 100 * attempts + 7


def test_an_exponential_wait_of_103_ms_takes_475_ms_at_most_in_99_of_100():
    assert exponential_quantile(1 / 9.7, 0.99) == pytest.approx(0.475, abs=5e-4)


@pytest.mark.parametrize(("pairs", "slots"), [(2, 149.75), (4, 207.79), (8, 270.93)])
def test_pairs_in_parallel(pairs, slots):
    assert parallel_attempts(0.01, pairs) == pytest.approx(slots, abs=0.008)
    draws = np.random.default_rng(pairs).geometric(0.01, (20_000, pairs))
    assert close(draws.max(axis=1), parallel_attempts(0.01, pairs))
    for needed in (1, pairs // 2, pairs - 1):
        ordered = np.sort(draws, axis=1)[:, needed - 1]
        assert close(ordered, parallel_attempts(0.01, pairs, needed=needed))


def test_limits_of_pairs_in_parallel():
    p = 0.03
    assert parallel_attempts(p, 1) == pytest.approx(1 / p)
    assert parallel_attempts(p, 2) == pytest.approx((3 - 2 * p) / (p * (2 - p)))
    assert parallel_attempts(p, 5, needed=1) == pytest.approx(1 / herald_chance(p, 5))
    assert parallel_attempts(1, 7) == 1
    many = sum(1 / k for k in range(1, 201)) / 1e-5
    assert parallel_attempts(1e-5, 200) == pytest.approx(many, rel=1e-4)
    assert parallel_attempts(0.9, 500) == pytest.approx(_slowest_of(0.9, 500), rel=1e-9)
    assert parallel_attempts(0.5, 1_000, needed=400) == pytest.approx(1, abs=1e-3)


def _slowest_of(success, pairs):
    """The sum over m of the chance that some pair takes more than m slots."""
    late = (1 - success) ** np.arange(1, 400)
    return float(1 - np.expm1(pairs * np.log1p(-late)).sum())


def test_multiplexing():
    assert multiplexing_gain(2.18e-4, 100) == pytest.approx(98.93, abs=0.005)


@pytest.mark.parametrize(
    ("rounds", "rate"), [(1, 7.74e4), (2, 9.01e4), (5, 9.92e4), (10, 1.015e5), (20, 1.002e5)]
)
def test_array_of_atoms(rounds, rate):
    found = array_rate(204, 0.125, move=100e-6, prepare=7e-6, attempt=1.09e-6, rounds=rounds)
    assert found == pytest.approx(rate, rel=1e-3)


def test_what_a_memory_keeps_that_waits_for_a_pair():
    draws = np.random.default_rng(4).geometric(0.02, 50_000)
    assert close(np.exp(-0.005 * draws), geometric_decay(0.02, 0.005))
    assert geometric_decay(1e-6, 2e-6) == pytest.approx(exponential_decay(1.0, 0.5), rel=1e-4)


@pytest.mark.parametrize("decay", [5.0, 39.0])
def test_delivery_by_the_clock(decay):
    came = np.random.default_rng(7).exponential(1 / 39, 50_000)
    kept = np.where(came < 0.1, np.exp(-decay * (0.1 - came)), 0)
    assert close(1 / 4 + (0.73 - 1 / 4) * kept, clocked_fidelity(0.73, 0.1, 39.0, decay))
    assert clocked_fidelity(0.73, 0, 39.0, decay) == 1 / 4


def test_two_segments():
    p, rate = 0.02, 0.005
    assert repeater_decay(p, rate) == pytest.approx(0.80162, abs=5e-6)
    first, second = np.random.default_rng(5).geometric(p, (2, 50_000))
    kept = np.exp(-rate * abs(first - second))
    assert close(kept, repeater_decay(p, rate))
    fidelity = 1 / 4 + 3 / 4 * (3.6 - 1) / 3 * (3.8 - 1) / 3 * kept
    assert close(fidelity, repeater_fidelity(0.9, 0.95, p, rate))
    assert repeater_fidelity(0.9, 0.9, 1.0, rate) == pytest.approx(0.81333, abs=5e-6)


def cutoff_by_sampling(success, cutoff, shots, seed):
    """Slots until two pairs are alive at once; both are made again when the first is too old."""
    random = np.random.default_rng(seed)
    total = np.zeros(shots, dtype=np.int64)
    left = np.arange(shots)
    while left.size:
        draws = random.geometric(success, (2, left.size))
        apart = abs(draws[0] - draws[1])
        total[left] += draws.min(axis=0) + np.minimum(apart, cutoff)
        left = left[apart > cutoff]
    return total


@pytest.mark.parametrize(("cutoff", "slots"), [(5, 285.2), (20, 122.97), (100, 78.49)])
def test_two_segments_with_a_cut_off(cutoff, slots):
    assert repeater_slots(0.02, cutoff) == pytest.approx(slots, abs=0.03)
    assert close(cutoff_by_sampling(0.02, cutoff, 20_000, cutoff), repeater_slots(0.02, cutoff))
    assert repeater_slots(0.02) == pytest.approx(parallel_attempts(0.02, 2))


def test_three_over_two_is_an_upper_bound_for_sampled_repeaters():
    random = np.random.default_rng(6)
    slots = random.geometric(0.02, (4_000, 8)).max(axis=1)  # swaps that always succeed: the slowest
    assert slots.mean() < three_over_two(0.02, 3)
    assert parallel_attempts(0.02, 2) == pytest.approx(three_over_two(0.02, 1), rel=0.01)


def test_a_telegate_takes_its_pair_two_gates_two_readouts_and_two_messages():
    machine = bellwire.make_machine(
        "line", 2, data_qubits=1, comm_qubits=1,
        module=Module(
            "A", 1, 1,
            gate_1q=GateQuality(7), gate_2q=GateQuality(60), readout=GateQuality(500),
        ),
        link=Link(("A", "B"), 1_000, 0.1, message_ns=300, herald_ns=40),
    )  # fmt: skip
    circuit = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; cx q[0], q[1];'
    program = bellwire.compile(bellwire.read(circuit), machine).program
    # pair; gate, readout, message, x; gate, h, readout, message, z
    assert makespan_ns(program, machine) == 10_040 + (60 + 500 + 300 + 7) + (60 + 7 + 500 + 300 + 7)
