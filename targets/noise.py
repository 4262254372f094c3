"""The formulas of noise: Bell-diagonal pairs, gates, ageing memories, swapping, telegates.

A Bell-diagonal state is given by four weights: target state, then the target with a Z, X or Y error
on one half. These are the Pauli errors as two-bit numbers (Z = 01, X = 10, Y = 11), so that errors
after one another combine by exclusive or. Times are in nanoseconds.
"""

from __future__ import annotations

from math import exp, expm1
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from bellwire.targets.fields import nanoseconds, number, probability
from bellwire.targets.machine import BellState

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
    return _bell(_product([np.array(state) for state in states]))


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


def swap_pairs(
    first: BellState, second: BellState, *, gate_2q: float = 1.0, readout: float = 1.0
) -> BellState:
    """Join pairs A-M and M-B into A-B by a Bell measurement in M.

    `gate_2q` is the average fidelity of its two-qubit gate (depolarising), `readout` the assignment
    fidelity of its two readouts. Two Werner pairs and a perfect measurement give w = w1 w2, that is
    F = F1 F2 + (1 - F1)(1 - F2)/3. An imperfect one brings, twirled, the factor
    (1 - p)(4 readout^2 - 1)/3: Briegel et al., Phys. Rev. Lett. 81, 5932 (1998).
    """
    p, flip = depolarising_2q(gate_2q), 1 - probability("readout", readout)
    outcome = (1 - 3 * p / 4, p / 4, p / 4, p / 4)  # the errors of the gate, as wrong outcomes
    one, other = (1 - flip, flip, 0.0, 0.0), (1 - flip, 0.0, flip, 0.0)
    return combine(first, second, outcome, one, other)


def teleport_fidelity(fidelity: float) -> float:
    """Give the average fidelity of a qubit teleported over a pair, all else perfect: (2F + 1)/3.

    Horodecki et al., Phys. Rev. A 60, 1888 (1999).
    """
    return average_fidelity(fidelity, 2)


def move_and_return(there: BellState, back: BellState) -> float:
    """Give the process fidelity of a qubit that is teleported away and back, all else perfect.

    For two equal Werner pairs F^2 + (1 - F)^2/3: an error on the way back may undo the same error
    on the way out. With a gate in the meantime see `moved_gate_fidelity`.
    """
    return combine(there, back)[0]


def moved_gate_fidelity(there: BellState, back: BellState) -> float:
    """Give the process fidelity of a controlled gate (CX, CZ) done by moving its control and back.

    All else perfect. Only Z errors of the two ways can undo each other: X and Y on the control
    become errors on both qubits in the gate. F_Z of the pairs are their Z weights: F1 F2 + Z1 Z2.
    """
    return there[0] * back[0] + there[1] * back[1]


def telegate_fidelity(
    state: BellState,
    *,
    source_2q: float = 1.0,
    target_2q: float = 1.0,
    source_readout: float = 1.0,
    target_readout: float = 1.0,
) -> float:
    """Give the exact process fidelity of a CX through one pair (cat-entangler, gate, disentangler).

    `source_2q` and `target_2q`: average fidelities of the depolarising two-qubit gates at the
    control and at the target; `source_readout` and `target_readout`: assignment fidelities of the
    measurements that entangle and disentangle. All else perfect: F_p is then that of the pair, and
    F_avg = (4F + 1)/5. The protocol is Eisert et al., Phys. Rev. A 62, 052317 (2000). Every single
    error is one of the 16 Paulis on (control, target); numbered X_c Z_c X_t Z_t in binary, so that
    errors combine by exclusive or.
    """
    z_c, x_t = 0b0100, 0b0010
    pair = _channel({0: state[0], z_c: state[1], x_t: state[2], z_c ^ x_t: state[3]})
    p1, p2 = depolarising_2q(source_2q), depolarising_2q(target_2q)
    # The measured qubit of each gate does no harm along its measured axis: 8 cases, not 16.
    at_source = [pauli << 2 | bit for pauli in range(4) for bit in (0, x_t)]
    at_target = [pauli | bit for pauli in range(4) for bit in (0, z_c)]
    e1 = 1 - probability("source_readout", source_readout)
    e2 = 1 - probability("target_readout", target_readout)
    errors = (
        pair,
        (1 - p1) * _channel({0: 1.0}) + p1 / 8 * _channel(dict.fromkeys(at_source, 1.0)),
        (1 - p2) * _channel({0: 1.0}) + p2 / 8 * _channel(dict.fromkeys(at_target, 1.0)),
        _channel({0: 1 - e1, x_t: e1}),
        _channel({0: 1 - e2, z_c: e2}),
    )
    return float(_product(errors)[0])


def _idle(ns: float, t1_ns: float, t2_ns: float) -> BellState:
    x, y, z = idle_pauli(ns, t1_ns, t2_ns)
    return (1 - x - y - z, z, x, y)


def _bell(weights: Weights) -> BellState:
    return cast("BellState", tuple(weights.tolist()))


def _channel(weights: dict[int, float]) -> Weights:
    """Weights of the 16 Paulis on two qubits."""
    out = np.zeros(16)
    for pauli, weight in weights.items():
        out[pauli] = weight
    return out


def _product(channels: tuple[Weights, ...] | list[Weights]) -> Weights:
    """Convolve the weights of Paulis over exclusive or."""
    out = channels[0]
    at = np.arange(len(out))
    for channel in channels[1:]:
        out = channel[at[:, None] ^ at] @ out
    return out
