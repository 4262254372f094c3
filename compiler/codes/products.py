"""A surface code whose checks are measured as products of Paulis, without ancillas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bellwire.compiler.codes.lattice import rotated
from bellwire.compiler.codes.rounds import coordinates, experiment, words
from bellwire.compiler.gf2 import Bools

if TYPE_CHECKING:
    import stim


def products_memory(basis: str, distance: int, rounds: int) -> stim.Circuit:
    """A memory experiment of the rotated surface code; qubits are data qubits alone."""
    import stim

    code = rotated(distance)
    one_round = [f"MPP {_products('X', code.x_checks)} {_products('Z', code.z_checks)}"]
    skip = 0 if basis == "x" else len(code.x_checks)
    text = experiment(code, basis, rounds, one_round, skip)
    return stim.Circuit("\n".join([*coordinates(code.places[: code.data]), text]))


def _products(letter: str, checks: Bools) -> str:
    return words("*".join(f"{letter}{q}" for q in np.flatnonzero(row)) for row in checks)
