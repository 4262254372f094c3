"""Entanglement buffers: how often a stored pair is there when it is wanted, and how good it is.

A good memory keeps one pair, which depolarises with `decay` per unit of time; bad memories make new
pairs, which replace nothing: they are used up to purify the stored pair, with the chance `purify`,
or are thrown away. A failed purification loses the stored pair.
"""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from bellwire.targets.link import BellState
from bellwire.targets.waiting import herald_chance


class Buffer(NamedTuple):
    """The share of requests that find a pair, and the mean fidelity of the pairs that they get."""

    availability: float
    fidelity: float


class Jump(NamedTuple):
    """One purification of a stored Werner pair of fidelity F, linear in h = F - 1/4: it succeeds
    with c h + d and leaves F = 1/4 + (a h + b) / (c h + d)."""

    a: float
    b: float
    c: float
    d: float


def dejmps_jump(new: BellState) -> Jump:
    """Give the jump of DEJMPS with a new pair (target, Z-, X-, Y-type error).

    From Deutsch et al., Phys. Rev. Lett. 77, 2818 (1996), with a Werner pair as the first
    one. (The code of Inesta et al. has 5 instead of 3 before the Y weight in b.)
    """
    target, z, x, y = new
    return Jump(
        a=(5 * target - 3 * y + x + z) / 6,
        b=(target + y - x - z) / 8,
        c=2 * (target + y - x - z) / 3,
        d=(target + y + x + z) / 2,
    )


def buffer_1g1b(
    *,
    generate: float,
    consume: float,
    decay: float,
    fidelity: float,
    purify: float = 0.0,
    chance: float = 1.0,
    slope: float = 1.0,
    offset: float = 0.0,
) -> Buffer:
    """Give the steady state of one good and one bad memory, in continuous time (rates).

    A purification succeeds with a `chance` that is the same for all F and turns F into
    `slope` F + `offset`. Davies, Inesta and Wehner, Quantum 8, 1458 (2024).
    """
    tries = generate * purify
    lost = consume + tries * (1 - chance)
    gained = decay / 4 + tries * chance * offset + fidelity * lost
    return Buffer(
        generate / (generate + lost),
        gained / (decay + consume + tries * (1 - chance * slope)),
    )


def buffer_1gnb(
    *,
    memories: int,
    generate: float,
    consume: float,
    decay: float,
    fidelity: float,
    purify: float,
    jump: Jump,
) -> Buffer:
    """Give the steady state of one good and n bad `memories`, in discrete time (chances per slot).

    In each slot the stored pair decays by e^-decay; then it is consumed, or else the bad memories
    try. What comes first fills an empty good memory; if it holds a pair, one new pair purifies it
    with the chance `purify`. Inesta, Davies, Kar and Wehner, arXiv:2502.20240.
    """
    new = herald_chance(generate, memories)
    purified = np.array([[jump.d, jump.c], [jump.b, jump.a]])  # on (weight, weight * (F - 1/4))
    used = new * purify
    later = (1 - consume) * ((1 - used) * np.eye(2) + used * purified)
    aged = np.diag([1.0, exp(-decay)])
    filled = np.array([1.0, fidelity - 1 / 4])
    slots = np.linalg.solve(np.eye(2) - later @ aged, filled)  # summed over a pair's life
    weight, shifted = aged @ slots
    held = float(slots[0])
    return Buffer(held / (held + 1 / new), float(1 / 4 + shifted / weight))
