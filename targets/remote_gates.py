"""What Bell pairs are worth: swapping, teleported qubits, gates through a pair, in closed form.

States are Bell-diagonal and channels Pauli channels, in the order of targets/noise.py: no error, Z,
X, Y.
"""

from __future__ import annotations

import numpy as np

from bellwire.targets.fields import probability
from bellwire.targets.machine import BellState
from bellwire.targets.noise import (
    Weights,
    average_fidelity,
    combine,
    depolarising_2q,
    product,
)


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


def teleport_channel(
    state: BellState, *, gate_2q: float = 1.0, readout: float = 1.0
) -> tuple[float, float, float, float]:
    """Give the Pauli channel (no error, Z, X, Y) of a qubit that is teleported over a pair.

    An error of the pair becomes the same error of the qubit, and a wrong outcome of the Bell
    measurement a wrong correction: `swap_pairs` of the pair with a perfect one. Its first entry is
    the process fidelity. Bennett et al., Phys. Rev. A 54, 3824 (1996), section II.
    """
    return swap_pairs((1.0, 0.0, 0.0, 0.0), state, gate_2q=gate_2q, readout=readout)


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


def telegate_channel(
    state: BellState,
    *,
    source_2q: float = 1.0,
    target_2q: float = 1.0,
    source_readout: float = 1.0,
    target_readout: float = 1.0,
) -> Weights:
    """Give the weights, shape (16,), of the Pauli errors after a CX through one pair, exactly.

    Cat-entangler, gate, disentangler. `source_2q` and `target_2q`: average fidelities of the
    depolarising two-qubit gates at the control and at the target; `source_readout` and
    `target_readout`: assignment fidelities of the measurements that entangle and disentangle. All
    else perfect. The protocol is Eisert et al., Phys. Rev. A 62, 052317 (2000). The Paulis on
    (control, target) are numbered X_c Z_c X_t Z_t in binary, so that errors combine by exclusive
    or.
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
    return product(errors)


def telegate_fidelity(state: BellState, **local: float) -> float:
    """Give the exact process fidelity of a CX through one pair; options as `telegate_channel`.

    With perfect modules F_p is that of the pair, and F_avg = (4F + 1)/5.
    """
    return float(telegate_channel(state, **local)[0])


def _channel(weights: dict[int, float]) -> Weights:
    """Weights of the 16 Paulis on two qubits."""
    out = np.zeros(16)
    for pauli, weight in weights.items():
        out[pauli] = weight
    return out
