"""How long Bell pairs take: attempts for one, for several, over a repeater, with a cut-off.

One attempt succeeds with probability p = `success` (q = 1 - p) and counts as one slot; times are in
slots unless a name has a unit.
"""

from __future__ import annotations

from math import ceil, exp, expm1, inf, log, log1p

import numpy as np

from bellwire.targets.fields import need, number, whole
from bellwire.targets.link import Link

MOST_PAIRS = 1_000  # time grows with the square


def mean_attempts(success: float) -> float:
    """Give the expected number of attempts for one pair: 1/p (geometric, the last one included)."""
    return 1 / _chance(success)


def attempts_variance(success: float) -> float:
    """Give the variance of the number of attempts for one pair: q/p^2."""
    return (1 - _chance(success)) / success**2


def herald_chance(success: float, attempts: float) -> float:
    """Give the chance that a pair came within so many attempts: 1 - q^attempts.

    Also the success of one attempt over that many modes at once (multiplexing).
    """
    return -expm1(attempts * _log_failure(success)) if attempts else 0.0


def attempts_quantile(success: float, share: float) -> int:
    """Give the number of attempts within which that share of pairs has come: `share` below 1."""
    wanted = number("share", share, 0, 1)
    need(wanted < 1, "share", share, "below 1")
    if _chance(success) == 1:
        return 1
    return max(1, ceil(round(log1p(-wanted) / _log_failure(success), 9)))


def wait_quantile_ns(link: Link, share: float) -> float:
    """Give the time in ns within which that share of a link's pairs can be used."""
    return attempts_quantile(link.success, share) * link.attempt_ns + link.herald_ns


def parallel_attempts(success: float, pairs: int, *, needed: int | None = None) -> float:
    """Give the expected slots until `needed` (default: all) of `pairs` parallel tries have come.

    All of n: sum over k of (-1)^(k+1) C(n, k) / (1 - q^k), about H_n / p: Bernardes, Praxmeyer and
    van Loock, Phys. Rev. A 83, 012323 (2011). Computed by the number of tries that are left,
    without the alternating signs.
    """
    n = whole("pairs", pairs, 1, MOST_PAIRS)
    wanted = n if needed is None else whole("needed", needed, 1, n)
    if _chance(success) == 1:
        return 1.0
    came, late = log(success), log1p(-success)
    logs = np.cumsum(np.log(np.arange(1, n + 1)), dtype=float)
    factorial = np.concatenate([[0.0], logs])
    expected = np.zeros(n + 1)
    for j in range(n - wanted + 1, n + 1):  # tries that are left; after a slot i of them still are
        i = np.arange(j)
        share = factorial[j] - factorial[i] - factorial[j - i] + i * late + (j - i) * came
        expected[j] = (1 + np.exp(share) @ expected[:j]) / herald_chance(success, j)
    return float(expected[n])


def multiplexing_gain(success: float, modes: int) -> float:
    """Give how much faster pairs come with so many modes: (1 - q^M) / p, about M while M p << 1."""
    return herald_chance(success, modes) / _chance(success)


def array_rate(
    sites: float, success: float, *, move: float, prepare: float, attempt: float, rounds: int
) -> float:
    """Give the pairs per unit of time of an array whose sites take turns at one cavity.

    In each of `rounds` rounds the sites that have no pair yet are prepared together and try one by
    one; then the array is moved. Times in any one unit. Li and Thompson, PRX Quantum 5, 020363
    (2024), eq. 1.
    """
    tries = sum(sites * (1 - success) ** i for i in range(rounds))
    return tries * _chance(success) / (move + rounds * prepare + tries * attempt)


def geometric_decay(success: float, rate: float) -> float:
    """Give the mean of e^(-rate N) over the number of attempts N of one pair: what a memory keeps
    that waits for it, at `rate` per slot: p e^-x / (1 - q e^-x)."""
    kept = exp(-rate)
    return _chance(success) * kept / (1 - (1 - success) * kept)


def exponential_decay(pair_rate: float, lifetime: float) -> float:
    """Give the same for a continuous rate of pairs and a memory of that lifetime: rT / (1 + rT)."""
    return 1 / (1 + 1 / (pair_rate * lifetime))


def clocked_fidelity(fidelity: float, clock: float, pair_rate: float, decay_rate: float) -> float:
    """Give the mean fidelity of what is delivered at every tick of a clock, come what may.

    A pair that came before the tick has depolarised since (towards 1/4, both halves together); when
    none came, white noise is delivered. Rates per unit of time. Deterministic delivery as in
    Humphreys et al., Nature 558, 268 (2018).
    """
    r, x = pair_rate, decay_rate
    if r == x:
        kept = r * clock * exp(-x * clock)
    else:
        kept = r / (r - x) * (exp(-x * clock) - exp(-r * clock))
    return 1 / 4 + (fidelity - 1 / 4) * kept


def repeater_decay(success: float, rate: float) -> float:
    """Give the mean of e^(-rate |N1 - N2|) over the waits of two links: what the first pair keeps
    while it waits for the second: p/(2-p) (1 + 2 q e^-x / (1 - q e^-x))."""
    kept = (1 - _chance(success)) * exp(-rate)
    return success / (2 - success) * (1 + 2 * kept / (1 - kept))


def repeater_fidelity(first: float, second: float, success: float, rate: float) -> float:
    """Give the mean fidelity of a swapped pair of two Werner links whose first pair had to wait.

    1/4 + 3/4 w1 w2 times `repeater_decay`, with a depolarising memory of that rate per slot (both
    halves together).
    """
    weights = ((4 * first - 1) / 3) * ((4 * second - 1) / 3)
    return (1 + 3 * weights * repeater_decay(success, rate)) / 4


def repeater_slots(success: float, cutoff: float = inf) -> float:
    """Give the expected slots until two links have pairs at once, none older than `cutoff` slots.

    When the first pair gets too old both start again. Without cut-off `parallel_attempts` of two.
    Success of one try P = p/(2-p) + 2q/(2-p) (1 - q^m), mean (1/(1-q^2) + 2q/(2-p) (1-q^m)/p) / P.
    """
    p, q = _chance(success), 1 - success
    other = herald_chance(success, cutoff)
    apart = 2 * q / (2 - p) * other
    return (1 / herald_chance(success, 2) + apart / p) / (p / (2 - p) + apart)


def three_over_two(success: float, levels: int, *, swap: float = 1.0) -> float:
    """Give the usual estimate for 2^levels links: (3/2)^levels / (p swap^levels) slots.

    In essence an upper bound: Coopmans, Brand and Elkouss, Phys. Rev. A 105, 012608 (2022).
    """
    return float(1.5**levels / (_chance(success) * swap**levels))


def exponential_quantile(mean: float, share: float) -> float:
    """Give the time within which that share comes when pairs come at random with that mean."""
    wanted = number("share", share, 0, 1)
    need(wanted < 1, "share", share, "below 1")
    return -mean * log1p(-wanted)


def _chance(success: float) -> float:
    chance = number("success", success, 0, 1)
    need(chance > 0, "success", success, "above 0")
    return chance


def _log_failure(success: float) -> float:
    return log1p(-_chance(success)) if success < 1 else -inf
