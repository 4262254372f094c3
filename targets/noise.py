"""The formulas of noise: Bell-diagonal pairs, gates, memories that age or that attempts disturb.

A Bell-diagonal state is given by four weights: target state, then the target with a Z, X or Y error
on one half. These are the Pauli errors as two-bit numbers (Z = 01, X = 10, Y = 11), so that errors
after one another combine by exclusive or. Times are in nanoseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, expm1, log1p
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from bellwire.targets.fields import nanoseconds, number, probability
from bellwire.targets.machine import BellState

__all__ = [
    "attempts_dephasing",
    "average_fidelity",
    "combine",
    "depolarising_1q",
    "depolarising_2q",
    "idle_pauli",
    "process_fidelity",
    "product",
    "store_pair",
    "stored_fidelity",
    "werner_state",
    "werner_weight",
]

Weights = NDArray[np.float64]


def werner_state(fidelity: float) -> BellState:
    """Give the Bell-diagonal state of that fidelity whose three errors are equally likely.

    Werner, Phys. Rev. A 40, 4277 (1989).
    """
    f = probability("fidelity", fidelity)
    return (f, (1 - f) / 3, (1 - f) / 3, (1 - f) / 3)


def werner_weight(fidelity: float) -> float:
    """Give w = (4F - 1) / 3: the share of the pure pair; the rest is white noise."""
    return (4 * fidelity - 1) / 3


def process_fidelity(average: float, dimension: int) -> float:
    """Turn an average gate fidelity into the process (entanglement) fidelity.

    F_avg = (d F_p + 1) / (d + 1): Horodecki et al., Phys. Rev. A 60, 1888 (1999);
    Nielsen, Phys. Lett. A 303, 249 (2002).
    """
    return ((dimension + 1) * average - 1) / dimension


def average_fidelity(process: float, dimension: int) -> float:
    """Turn a process fidelity into the average gate fidelity; undoes `process_fidelity`."""
    return (dimension * process + 1) / (dimension + 1)


def depolarising_1q(average: float) -> float:
    """Give p of rho -> (1 - p) rho + p I/2 for a one-qubit gate of that average fidelity.

    F_avg = 1 - p/2 (Nielsen 2002, as above); each Pauli error has the chance p/4. Raises
    MachineError below 1/3, where it is no channel.
    """
    return 2 * (1 - number("fidelity of a one-qubit gate", average, 1 / 3, 1))


def depolarising_2q(average: float) -> float:
    """Give p of rho -> (1 - p) rho + p I/4 for a two-qubit gate of that average fidelity.

    F_avg = 1 - 3p/4 (Nielsen 2002, as above); each Pauli error has the chance p/16. Raises
    MachineError below 1/5, where it is no channel.
    """
    return (1 - number("fidelity of a two-qubit gate", average, 1 / 5, 1)) * 4 / 3


def idle_pauli(ns: float, t1_ns: float, t2_ns: float) -> tuple[float, float, float]:
    """Give the chances of X, Y and Z after waiting: the Pauli-twirled channel of T1 and T2.

    px = py = (1 - e^(-t/T1)) / 4, pz = (1 - e^(-t/T2)) / 2 - px: Ghosh, Fowler and Geller,
    Phys. Rev. A 86, 062318 (2012), eq. 10. T1 = T2 = T is depolarising with the strength
    1 - e^(-t/T); infinite times are allowed.
    """
    wait = nanoseconds("ns", ns)
    flip = -expm1(-wait / t1_ns) / 4
    return flip, flip, max(0.0, -expm1(-wait / t2_ns) / 2 - flip)


def combine(*states: BellState) -> BellState:
    """Give the state whose error is the product of the errors of all the given ones.

    Also takes Pauli channels in the same order (no error, Z, X, Y).
    """
    return _bell(product([np.array(state) for state in states]))


def store_pair(
    state: BellState, ns: float, *, first: tuple[float, float], second: tuple[float, float]
) -> BellState:
    """Let a pair wait in two memories, each with its (T1, T2) in ns, Pauli-twirled."""
    return combine(state, _idle(ns, *first), _idle(ns, *second))


def stored_fidelity(
    ns: float, t1_ns: float, t2_ns: float, *, parity: Literal["even", "odd"] = "even"
) -> float:
    """Give the fidelity of a perfect pair after both halves waited, without twirling.

    Even: (|00> + |11>)/sqrt2, odd: (|01> + |10>)/sqrt2, under amplitude damping and dephasing
    (Nielsen and Chuang, Quantum Computation and Quantum Information, section 8.3). The twirled
    value of `store_pair` is the mean of both.
    """
    gone, coherence = -expm1(-ns / t1_ns), exp(-ns / t2_ns)
    if parity == "even":
        return (1 + gone**2 + (1 - gone) ** 2) / 4 + coherence**2 / 2
    return (1 - gone) / 2 + coherence**2 / 2


def attempts_dephasing(chance: float, attempts: float) -> float:
    """Give the chance of a Z error after so many attempts, each with a Z error of that chance.

    (1 - (1 - 2c)^N) / 2: the coherence falls to 1/e in about 1/(2c) attempts.
    """
    c = number("chance of a Z error", chance, 0, 0.5)
    if c == 0.5:
        return 0.5 if attempts else 0.0
    return -expm1(attempts * log1p(-2 * c)) / 2


def _idle(ns: float, t1_ns: float, t2_ns: float) -> BellState:
    x, y, z = idle_pauli(ns, t1_ns, t2_ns)
    return (1 - x - y - z, z, x, y)


def _bell(weights: Weights) -> BellState:
    return cast("BellState", tuple(weights.tolist()))


def product(channels: Sequence[Weights]) -> Weights:
    """Convolve weights of Paulis, numbered so that errors combine by exclusive or."""
    out = channels[0]
    at = np.arange(len(out))
    for channel in channels[1:]:
        out = channel[at[:, None] ^ at] @ out
    return out
