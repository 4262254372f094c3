"""Bivariate bicycle codes [[72, 12, 6]] and [[144, 12, 12]] (Bravyi et al., Nature 627, 778, 2024).

Data qubits are a left and a right block of l m each, so are the checks; all are numbered by (i, j)
modulo (l, m). An X check (i, j) touches left qubits A + (i, j) and right qubits B + (i, j), a Z
check left qubits (i, j) - B and right qubits (i, j) - A.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.codes.css import Css
from bellwire.errors import NotSupported

SIZES = {6: (6, 6), 12: (12, 6)}  # distance: l, m
A = ((3, 0), (0, 1), (0, 2))  # x^3 + y + y^2
B = ((0, 3), (1, 0), (2, 0))  # y^3 + x + x^2

# The order of gates in a round: terms of X checks, and of Z checks beside them; None is none.
# (From memory, unverified: table 5 of the paper. Tests prove that its detectors hold.)
X_ORDER = (None, "A1", "B1", "B0", "B2", "A0", "A2")
Z_ORDER = ("A0", "A2", "B0", "B1", "B2", "A1", None)


def bicycle(distance: int) -> Css:
    """The code of distance 6 or 12. Raises NotSupported for others."""
    if distance not in SIZES:
        raise NotSupported(f"bicycle code: found distance {distance}; give 6 or 12")
    l, m = SIZES[distance]  # noqa: E741
    cells = l * m
    x_checks = np.zeros((cells, 2 * cells), dtype=np.bool_)
    z_checks = np.zeros((cells, 2 * cells), dtype=np.bool_)
    for term in ("A0", "A1", "A2", "B0", "B1", "B2"):
        x_checks[np.arange(cells), touched("x", term, distance)] = True
        z_checks[np.arange(cells), touched("z", term, distance)] = True
    corners = ((0, 0), (1, 1), (1, 0), (0, 1))  # left, right, X, Z inside the place of (i, j)
    places = tuple(
        (2.0 * i + a, 2.0 * j + b) for a, b in corners for i in range(l) for j in range(m)
    )
    return Css(x_checks, z_checks, places)


def touched(basis: str, term: str, distance: int) -> NDArray[np.int64]:
    """The data qubit that each check of `basis` touches by a term such as "A0"."""
    l, m = SIZES[distance]  # noqa: E741
    i, j = np.divmod(np.arange(l * m), m)
    right = (term[0] == "B") == (basis == "x")
    di, dj = (A if term[0] == "A" else B)[int(term[1])]
    sign = 1 if basis == "x" else -1
    found = ((i + sign * di) % l) * m + (j + sign * dj) % m + (l * m if right else 0)
    return np.asarray(found, dtype=np.int64)
