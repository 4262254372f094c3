"""The rotated surface code as checks: qubits where Stim puts them."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.codes.css import Css
from bellwire.compiler.gf2 import Bools

Place = tuple[float, float]


def rotated(distance: int) -> Css:
    """Data qubits at odd coordinates 1 to 2d - 1, ancillas at even ones (0 to 2d)."""
    steps = range(1, 2 * distance, 2)
    data: list[Place] = [(x, y) for y in steps for x in steps]
    x_places, z_places = _ancillas(distance)
    places = (*data, *x_places, *z_places)
    return Css(_checks(data, x_places), _checks(data, z_places), places)


def _ancillas(distance: int) -> tuple[list[Place], list[Place]]:
    """Places of X checks and of Z checks: X half-plaquettes at the top and bottom."""
    found: tuple[list[Place], list[Place]] = ([], [])
    for y in range(distance + 1):
        for x in range(distance + 1):
            odd = (x + y) % 2 == 1
            side, end = x in (0, distance), y in (0, distance)
            if not (side and odd) and not (end and not odd):
                found[0 if odd else 1].append((2 * x, 2 * y))
    return found


def _checks(data: list[Place], places: list[Place]) -> Bools:
    at, of = np.array(data), np.array(places)
    near: Bools = (np.abs(of[:, None] - at[None]) == 1).all(axis=2)
    return near
