"""Loss, heralds that are false, clocks that are skewed."""

import numpy as np
import pytest
from density import OXFORD, UNEVEN, Z, bell_pair, bell_weights, channel, on

from bellwire.errors import MachineError
from bellwire.targets.machine import Link
from bellwire.targets.photons import (
    attempt_period_ns,
    false_share,
    single_photon_success,
    skew_visibility,
    transmission,
    two_photon_success,
    with_false_heralds,
    with_visibility,
)


def test_loss_grows_with_the_way():
    assert transmission(0) == 1
    assert transmission(50) == pytest.approx(0.1)
    assert transmission(15, db_per_km=0.2, fixed_db=7) == pytest.approx(0.1)
    assert two_photon_success(0.5, 0.5) == 0.125
    assert single_photon_success(0.07, 4e-4) == pytest.approx(5.6e-5)
    with pytest.raises(MachineError, match="km: found -1"):
        transmission(-1)


def test_a_qubit_that_is_kept_waits_for_the_answer():
    assert attempt_period_ns(1200) == 1200
    assert attempt_period_ns(1200, 25, processing_ns=500) == pytest.approx(250_500)


def test_false_heralds_are_white_noise():
    share = false_share(9e-4, 1e-4)
    assert share == pytest.approx(0.1)
    dark = with_false_heralds(OXFORD, share)
    assert dark[0] == pytest.approx(0.9 * OXFORD[0] + 0.1 / 4)
    assert dark == pytest.approx(Link(("A", "B"), state=OXFORD, dark=share).delivered)
    mixed = 0.9 * bell_pair(OXFORD) + 0.1 * np.eye(4) / 4
    assert dark == pytest.approx(bell_weights(mixed))
    with pytest.raises(MachineError, match="success: found 0"):
        false_share(0, 0)


def test_photons_that_meet_apart_lose_coherence():
    lifetime, skew = 8.0, 3.0
    # wave packets that decay exponentially: the square of their overlap, by numbers
    t = np.linspace(0, 400, 400_001)
    one = np.exp(-t / (2 * lifetime))
    other = np.where(t >= skew, np.exp(-(t - skew) / (2 * lifetime)), 0)
    overlap = (one @ other) ** 2 / (one @ one) / (other @ other)
    visibility = skew_visibility(skew, lifetime)
    assert visibility == pytest.approx(overlap, rel=1e-3)
    assert skew_visibility(-skew, lifetime) == visibility
    assert with_visibility((1, 0, 0, 0), visibility)[0] == pytest.approx((1 + visibility) / 2)
    flip = (1 - visibility) / 2
    phase = [np.sqrt(1 - flip) * np.eye(4), np.sqrt(flip) * on(Z, [0], 2)]
    wanted = bell_weights(channel(bell_pair(UNEVEN), phase))
    assert with_visibility(UNEVEN, visibility) == pytest.approx(wanted)
