"""Purification: one better Bell pair out of two, and which error the check had better miss.

The circuit (both modules alike): a CNOT from the kept pair onto the other one, whose halves are
then measured; the pair is kept when the outcomes agree. An X or Y error on one of the pairs shows;
a Z error does not. A local rotation beforehand exchanges the roles of the three errors, so that any
one of them can be the one that is missed. States are Bell-diagonal: target, Z-, X-, Y-type error.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from bellwire.targets.fields import need, number, probability
from bellwire.targets.link import BellState
from bellwire.targets.noise import depolarising_2q, werner_state

ErrorType = Literal["z", "x", "y"]
ERROR_TYPES: tuple[ErrorType, ...] = ("z", "x", "y")

_ROTATED = {"z": (0, 1, 2, 3), "x": (0, 2, 1, 3), "y": (0, 3, 2, 1)}  # the missed error comes 2nd
_PAIRS = np.arange(16)  # errors of both pairs: 4 * kept + other, each Z = 01, X = 10, Y = 11
_SPREAD = _PAIRS ^ ((_PAIRS & 1) << 2) ^ ((_PAIRS & 8) >> 2)  # the CNOTs: Z to kept, X to other


def purify(
    kept: BellState,
    other: BellState,
    *,
    missed: ErrorType = "y",
    gate_2q: float = 1.0,
    readout: float = 1.0,
) -> tuple[BellState, float]:
    """Give the kept pair after a successful round, and the chance of success.

    With `missed` = "y" this is DEJMPS: Deutsch et al., Phys. Rev. Lett. 77, 2818 (1996); the result
    stays in the rotated basis, as there (the error that was missed is then of type Z). `gate_2q` is
    the average fidelity of each of the two CNOTs (depolarising), `readout` the assignment fidelity
    of each of the two measurements. Raises MachineError when no outcomes can agree.
    """
    turn = list(_ROTATED[missed])
    both = np.zeros(16)
    both[_SPREAD] = np.outer(np.array(kept)[turn], np.array(other)[turn]).ravel()
    good = (1 - depolarising_2q(gate_2q)) ** 2
    both = good * both + (1 - good) / 16
    eta = probability("readout", readout)
    right = eta**2 + (1 - eta) ** 2  # both outcomes, or neither, were read wrongly
    joint = both.reshape(4, 4)
    passed = right * joint[:, :2].sum(axis=1) + (1 - right) * joint[:, 2:].sum(axis=1)
    chance = float(passed.sum())
    need(chance > 0, "kept, other", (kept, other), "pairs whose outcomes can agree")
    target, z, x, y = (passed / chance).tolist()
    return (target, z, x, y), chance


def bbpssw(fidelity: float) -> tuple[float, float]:
    """Give the fidelity after one round on two Werner pairs, twirled again, and its chance.

    Bennett et al., Phys. Rev. Lett. 76, 722 (1996).
    """
    pair = werner_state(number("fidelity", fidelity, 0, 1))
    state, chance = purify(pair, pair)
    return state[0], chance


def best_rotation(
    kept: BellState, other: BellState, *, gate_2q: float = 1.0, readout: float = 1.0
) -> ErrorType:
    """Choose the error to miss (`missed` of `purify`) that leaves the best pair.

    The rarest one: the others are caught. Among equals the first of z, x, y.
    """

    def fidelity(missed: ErrorType) -> float:
        state, _ = purify(kept, other, missed=missed, gate_2q=gate_2q, readout=readout)
        return round(state[0], 12)

    return max(ERROR_TYPES, key=fidelity)


def purify_best(
    kept: BellState, other: BellState, *, gate_2q: float = 1.0, readout: float = 1.0
) -> tuple[BellState, float]:
    """Purify with the best rotation; the pair after success, and the chance of success."""
    missed = best_rotation(kept, other, gate_2q=gate_2q, readout=readout)
    return purify(kept, other, missed=missed, gate_2q=gate_2q, readout=readout)


def purify_rounds(
    state: BellState, rounds: int, *, gate_2q: float = 1.0, readout: float = 1.0
) -> tuple[BellState, float]:
    """Purify equal pairs in rounds (2^rounds pairs at first), each with its best rotation.

    Returns the last pair and the expected number of raw pairs for it.
    """
    pairs = 1.0
    for _ in range(rounds):
        state, chance = purify_best(state, state, gate_2q=gate_2q, readout=readout)
        pairs = 2 * pairs / chance
    return state, pairs
