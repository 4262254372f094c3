"""Entanglement buffers: numbers of the authors' code, limits, and samples of the process."""

import numpy as np
import pytest
from density import UNEVEN

from bellwire.targets.buffers import buffer_1g1b, buffer_1gnb, dejmps_jump
from bellwire.targets.noise import werner_state
from bellwire.targets.purification import purify

CASE = {"memories": 5, "generate": 0.1, "consume": 0.1, "decay": 0.02, "fidelity": 0.9}
WERNER = werner_state(0.9)


def authors_jump():
    """The jump as in the authors' code, which weighs Y with 5 instead of 3 in b."""
    target, z, x, y = WERNER
    return dejmps_jump(WERNER)._replace(b=(3 * target + 5 * y - 3 * x - 3 * z) / 24)


def test_jump_is_dejmps_on_a_werner_pair():
    for new in (WERNER, UNEVEN):
        jump = dejmps_jump(new)
        for fidelity in (0.4, 0.8, 1.0):
            h = fidelity - 1 / 4
            state, chance = purify(werner_state(fidelity), new)
            assert jump.c * h + jump.d == pytest.approx(chance)
            assert 1 / 4 + (jump.a * h + jump.b) / chance == pytest.approx(state[0])


@pytest.mark.parametrize(
    ("purify_share", "availability", "fidelity"),
    [(0.0, 0.80373, 0.79076), (0.5, 0.76372, 0.86465), (1.0, 0.73449, 0.88983)],
)
def test_1gnb_gives_the_numbers_of_the_authors(purify_share, availability, fidelity):
    found = buffer_1gnb(**CASE, purify=purify_share, jump=authors_jump())
    assert found == pytest.approx((availability, fidelity), abs=5e-6)
    exact = buffer_1gnb(**CASE, purify=purify_share, jump=dejmps_jump(WERNER))
    assert exact == pytest.approx(found, abs=3e-3)


def sample_1gnb(purify_share, slots, seed):
    """The process slot by slot, with DEJMPS on a twirled pair: (found or not, fidelities)."""
    random = np.random.default_rng(seed)
    new = random.random(slots) < 1 - 0.9**5
    wanted, use, luck = random.random((3, slots))
    state, found, fidelities = 0.0, [], []
    for t in range(slots):
        state = 1 / 4 + (state - 1 / 4) * np.exp(-0.02) if state else 0.0
        if wanted[t] < 0.1:
            found.append(state > 0)
        if wanted[t] < 0.1 and state:
            fidelities.append(state)
            state = 0.0
        elif new[t] and not state:
            state = 0.9
        elif new[t] and use[t] < purify_share:
            purified, chance = purify(werner_state(state), WERNER)
            state = purified[0] if luck[t] < chance else 0.0
    return np.array(found, dtype=float), np.array(fidelities)


def test_1gnb_by_sampling():
    found, fidelities = sample_1gnb(1.0, 60_000, 3)
    exact = buffer_1gnb(**CASE, purify=1.0, jump=dejmps_jump(WERNER))
    for samples, wanted in ((found, exact.availability), (fidelities, exact.fidelity)):
        assert abs(samples.mean() - wanted) < 4 * samples.std() / np.sqrt(len(samples))


def test_1g1b_without_purification():
    found = buffer_1g1b(generate=2.0, consume=0.5, decay=0.1, fidelity=0.9)
    assert found.availability == pytest.approx(2.0 / 2.5)
    assert found.fidelity == pytest.approx(1 / 4 + 0.65 * 0.5 / 0.6)


def test_1g1b_by_sampling():
    generate, consume, decay, share, chance, slope, offset = 1.0, 0.4, 0.1, 0.7, 0.9, 0.5, 0.47
    random = np.random.default_rng(8)
    clock, held, weighed, state = 0.0, 0.0, 0.0, 0.0
    pieces = []
    for step in range(60_000):
        wait = random.exponential(1 / (generate + consume))
        if state:
            kept = np.exp(-decay * wait)
            weighed += wait / 4 + (state - 1 / 4) * (1 - kept) / decay
            held += wait
            state = 1 / 4 + (state - 1 / 4) * kept
        clock += wait
        if random.random() * (generate + consume) < consume:
            state = 0.0
        elif not state:
            state = 0.9
        elif random.random() < share:
            state = slope * state + offset if random.random() < chance else 0.0
        if step % 3_000 == 2_999:
            pieces.append((held / clock, weighed / held))
            clock, held, weighed = 0.0, 0.0, 0.0
    found = buffer_1g1b(
        generate=generate, consume=consume, decay=decay, fidelity=0.9,
        purify=share, chance=chance, slope=slope, offset=offset,
    )  # fmt: skip
    means, errors = np.mean(pieces, axis=0), np.std(pieces, axis=0) / np.sqrt(len(pieces))
    assert (abs(means - found) < 4 * errors).all()


def test_one_bad_memory_and_short_slots_are_the_continuous_buffer():
    slot = 1e-3
    jump = dejmps_jump(WERNER)
    fixed = jump._replace(c=0.0, d=0.8, a=0.4, b=0.1)  # success 0.8, F' = F/2 + 1/4
    discrete = buffer_1gnb(
        memories=1, generate=slot, consume=0.3 * slot, decay=0.2 * slot, fidelity=0.9,
        purify=0.6, jump=fixed,
    )  # fmt: skip
    continuous = buffer_1g1b(
        generate=1.0, consume=0.3, decay=0.2, fidelity=0.9,
        purify=0.6, chance=0.8, slope=0.5, offset=1 / 4 + 1 / 8 - 1 / 8,
    )  # fmt: skip
    assert discrete == pytest.approx(continuous, rel=2e-3)
