"""Photons of a link: loss on the way, chances of a herald, false heralds, skewed clocks."""

from __future__ import annotations

from math import exp

from bellwire.targets.fields import need, number, probability
from bellwire.targets.link import BellState

FIBRE_KM_PER_S = 2e5  # light in glass, to two digits


def transmission(km: float, *, db_per_km: float = 0.2, fixed_db: float = 0.0) -> float:
    """Give the share of photons that come through: 10^(-dB/10).

    0.2 dB/km is usual for telecom fibre; `fixed_db` holds connectors and conversion.
    """
    loss = number("db_per_km", db_per_km, 0, 1e6) * number("km", km, 0, 1e6)
    return float(10 ** (-(loss + number("fixed_db", fixed_db, 0, 1e6)) / 10))


def two_photon_success(eta_a: float, eta_b: float) -> float:
    """Give the success chance of an attempt with a photon from each end: eta_a eta_b / 2.

    Linear optics tells two of the four Bell states: Barrett and Kok, Phys. Rev. A 71, 060310
    (2005).
    """
    return probability("eta_a", eta_a) * probability("eta_b", eta_b) / 2


def single_photon_success(alpha: float, eta: float) -> float:
    """Give the success chance of an attempt with one photon in all: 2 alpha eta (small alpha).

    `alpha` is the share of the bright state, which costs about as much fidelity: F = 1 - alpha.
    Cabrillo et al., Phys. Rev. A 59, 1025 (1999).
    """
    chance = 2 * probability("alpha", alpha) * probability("eta", eta)
    return probability("2 alpha eta", chance)


def attempt_period_ns(attempt_ns: float, km: float = 0.0, *, processing_ns: float = 0.0) -> float:
    """Give the time from one attempt to the next when the qubit has to wait for the answer.

    The longer of the attempt itself and of the way there and back (`km` is the whole way between
    the modules) with `processing_ns`; attempts overlap only when the qubit is measured at once.
    """
    there_and_back = 2 * number("km", km, 0, 1e6) / FIBRE_KM_PER_S * 1e9
    return max(attempt_ns, there_and_back + processing_ns)


def false_share(success: float, dark: float) -> float:
    """Give the share of heralds that are false, from the chances of a true and of a false one."""
    true, false = probability("success", success), probability("dark", dark)
    need(true + false > 0, "success", success, "above 0 when `dark` is 0")
    return false / (true + false)


def with_false_heralds(state: BellState, share: float) -> BellState:
    """Mix a state with white noise: what is delivered when that share of the heralds is false."""
    f = probability("share", share)
    target, z, x, y = ((1 - f) * weight + f / 4 for weight in state)
    return target, z, x, y


def skew_visibility(skew_ns: float, lifetime_ns: float) -> float:
    """Give the visibility of two photons that meet `skew_ns` apart: e^(-|d| / lifetime).

    For exponential wave packets: Legero et al., Phys. Rev. Lett. 93, 070503 (2004).
    """
    return exp(-abs(skew_ns) / lifetime_ns)


def with_visibility(state: BellState, visibility: float) -> BellState:
    """Let the coherence of a pair shrink by the visibility of its photons: more Z errors.

    A perfect pair is left with F = (1 + V) / 2.
    """
    flip = (1 - probability("visibility", visibility)) / 2
    target, z, x, y = state
    return (
        target + flip * (z - target),
        z + flip * (target - z),
        x + flip * (y - x),
        y + flip * (x - y),
    )
