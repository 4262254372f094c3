"""Purification: published numbers, the basis that matters, and the circuit done with matrices."""

import numpy as np
import pytest
from density import CX, OXFORD, UNEVEN, H, X, bell_pair, bell_weights, channel, depolarise, on

from bellwire.errors import MachineError
from bellwire.targets.noise import werner_state
from bellwire.targets.purification import (
    ERROR_TYPES,
    bbpssw,
    best_rotation,
    purify,
    purify_best,
    purify_rounds,
)

RX = (np.eye(2) - 1j * X) / np.sqrt(2)
LOCAL = {"z": (np.eye(2), np.eye(2)), "x": (H, H), "y": (RX, RX.conj())}


def purify_by_matrices(kept, other, missed, p, flip):
    """Qubits: kept pair 0 1, other pair 2 3; both CNOTs depolarise, both readouts flip."""
    rho = np.kron(bell_pair(kept), bell_pair(other)).astype(complex)
    for pair in (0, 2):
        for half, gate in zip((0, 1), LOCAL[missed]):
            rho = channel(rho, [on(gate, [pair + half], 4)])
    for half in (0, 1):
        rho = channel(rho, [on(CX, [half, 2 + half], 4)])
        rho = depolarise(rho, p, [half, 2 + half], 4)
    out = np.zeros((4, 4), dtype=complex)
    right = (1 - flip) ** 2 + flip**2
    for a in (0, 1):
        for b in (0, 1):
            part = rho.reshape(4, 4, 4, 4)[:, 2 * a + b, :, 2 * a + b]
            out += part * (right if a == b else 1 - right)
    chance = np.trace(out).real
    return bell_weights(out / chance), chance


@pytest.mark.parametrize("missed", ERROR_TYPES)
@pytest.mark.parametrize(("p", "flip"), [(0.0, 0.0), (0.05, 0.03)])
def test_purification_by_matrices(missed, p, flip):
    state, chance = purify(UNEVEN, OXFORD, missed=missed, gate_2q=1 - 3 * p / 4, readout=1 - flip)
    wanted, chance_wanted = purify_by_matrices(UNEVEN, OXFORD, missed, p, flip)
    assert state == pytest.approx(wanted)
    assert chance == pytest.approx(chance_wanted)


@pytest.mark.parametrize(
    ("fidelity", "purified", "chance"),
    [
        (0.7, 0.73529, 0.68),
        (0.8, 0.83815, 0.76889),
        (0.9, 0.92640, 0.87556),
        (0.9689, 0.97861, 0.95939),
    ],
)
def test_bbpssw(fidelity, purified, chance):
    assert bbpssw(fidelity) == pytest.approx((purified, chance), abs=5e-6)
    state = werner_state(fidelity)
    assert purify(state, state)[0][0] == pytest.approx(purified, abs=5e-6)  # DEJMPS, first round


@pytest.mark.parametrize(
    ("fidelity", "purified"), [(0.7, 0.84595), (0.8, 0.94364), (0.9, 0.98876), (0.9689, 0.99908)]
)
def test_second_round_of_dejmps(fidelity, purified):
    state, chance = purify(werner_state(fidelity), werner_state(fidelity))
    again, chance_again = purify(state, state)
    assert again[0] == pytest.approx(purified, abs=5e-6)
    best, pairs = purify_rounds(werner_state(fidelity), 2)
    assert best[0] >= again[0] - 1e-12
    assert pairs == pytest.approx(4 / chance / chance_again)


def test_dejmps_as_it_is_written():
    a, d, c, b = UNEVEN  # in the paper: target, the error that is missed, and two that are caught
    n = (a + b) ** 2 + (c + d) ** 2
    state, chance = purify(UNEVEN, UNEVEN)
    wanted = ((a * a + b * b) / n, 2 * a * b / n, (c * c + d * d) / n, 2 * c * d / n)
    assert chance == pytest.approx(n)
    assert state == pytest.approx(wanted)


def test_the_oxford_pair_gets_worse_when_its_z_error_is_missed():
    good, good_chance = purify_best(OXFORD, OXFORD)
    bad, bad_chance = purify(OXFORD, OXFORD, missed="z")
    assert (good[0], good_chance) == (
        pytest.approx(0.9871, abs=1e-4),
        pytest.approx(0.952, abs=1e-3),
    )
    assert (bad[0], bad_chance) == (pytest.approx(0.9631, abs=1e-4), pytest.approx(0.976, abs=1e-3))
    assert best_rotation(OXFORD, OXFORD) != "z"
    assert bad[0] < OXFORD[0] < good[0]


@pytest.mark.parametrize("heavy", range(3))
def test_the_rarest_error_is_the_one_to_miss(heavy):
    errors = [0.02, 0.02, 0.02]
    errors[heavy] = 0.005
    state = (1 - sum(errors), *errors)
    assert best_rotation(state, state) == ERROR_TYPES[heavy]
    assert best_rotation(state, state, gate_2q=0.99, readout=0.98) == ERROR_TYPES[heavy]


def test_pairs_that_never_agree_are_refused():
    with pytest.raises(MachineError, match="pairs whose outcomes can agree"):
        purify((1, 0, 0, 0), (0, 0, 1, 0), missed="z")
