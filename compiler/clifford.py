"""Gates of the table as Clifford gates of Stim, where they are Clifford."""

from __future__ import annotations

import math
from functools import cache

from bellwire.compiler.operations import KIND, ROWS, Family

Steps = tuple[tuple[str, tuple[int, ...]], ...]  # name in Stim, positions among the operands

NAMES = {
    "id": "I",
    "x": "X",
    "y": "Y",
    "z": "Z",
    "h": "H",
    "s": "S",
    "sdg": "S_DAG",
    "sx": "SQRT_X",
    "sxdg": "SQRT_X_DAG",
    "cx": "CX",
    "cy": "CY",
    "cz": "CZ",
    "swap": "SWAP",
    "iswap": "ISWAP",
}

_EXACT = 1e-9  # radians; anything further from a multiple of pi/2 is not Clifford


@cache
def clifford_steps(name: str, angles: tuple[float, ...] = ()) -> Steps | None:
    """Write a gate with gates that Stim has; None when it is not Clifford.

    Exact up to a global phase. Raises KeyError for a name that is not in the table.
    """
    row = ROWS[KIND[name]]
    if name in NAMES:
        return ((NAMES[name], tuple(range(row.num_qubits))),)
    quarters = [round(angle / (math.pi / 2)) for angle in angles]
    close = all(abs(a - k * math.pi / 2) <= _EXACT for a, k in zip(angles, quarters))
    if row.family is not Family.GATE or row.matrix is None or not close:
        return None
    import stim

    try:
        matrix = row.matrix(*(k * math.pi / 2 for k in quarters))
        tableau = stim.Tableau.from_unitary_matrix(matrix, endian="big")
    except ValueError:  # how Stim says that a unitary is not Clifford
        return None
    named = _named_gates(row.num_qubits).get(str(tableau))
    if named is not None:
        return ((named, tuple(range(row.num_qubits))),)
    return tuple(
        (part.name, tuple(t.value for t in group))
        for part in tableau.to_circuit()
        for group in part.target_groups()
    )


@cache
def _named_gates(num_qubits: int) -> dict[str, str]:
    """What a gate does to Paulis -> the name that Stim has for it."""
    import stim

    rows = [row for row in stim.gate_data().values() if row.is_unitary]
    sized = [
        row for row in rows if (row.is_single_qubit_gate, row.is_two_qubit_gate)[num_qubits - 1]
    ]
    return {str(row.tableau): row.name for row in sized}
