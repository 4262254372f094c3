"""Two-qubit gates in canonical form: one-qubit gates, cx, cz, cp and rzz, exactly.

Unrolling and the proof of equivalence both use these expansions, so both see the same angles.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from bellwire.compiler.program import Op

# A piece: name, positions of its qubits among those of the gate, angles.
Piece = tuple[str, tuple[int, ...], tuple[float, ...]]


def _crz(a: float) -> list[Piece]:
    # exp(-i a |1><1|Z / 2) with |1><1| = (1 - Z) / 2
    return [("rz", (1,), (a / 2,)), ("rzz", (0, 1), (-a / 2,))]


def _on_target(before: list[str], middle: list[Piece], after: list[str]) -> list[Piece]:
    return [*((n, (1,), ()) for n in before), *middle, *((n, (1,), ()) for n in after)]


_CX: Piece = ("cx", (0, 1), ())
_XC: Piece = ("cx", (1, 0), ())
_EIGHTH = math.pi / 4

# The pieces of a gate from its angles: numbers, or columns of them for many gates at once.
PIECES: dict[str, Callable[..., list[Piece]]] = {
    "id": list,
    "cy": lambda: _on_target(["sdg"], [_CX], ["s"]),
    "ch": lambda: [("ry", (1,), (-_EIGHTH,)), ("cz", (0, 1), ()), ("ry", (1,), (_EIGHTH,))],
    "crx": lambda a: _on_target(["h"], _crz(a), ["h"]),
    "cry": lambda a: _on_target(["sdg", "h"], _crz(a), ["h", "s"]),
    "crz": _crz,
    "swap": lambda: [_CX, _XC, _CX],
    "iswap": lambda: [
        *(("s", (0,), ()), ("s", (1,), ()), ("h", (0,), ())),
        *(_CX, _XC, ("h", (1,), ())),
    ],
}


def canonical(op: Op) -> list[Op]:
    """Expand cy, ch, crx, cry, crz, swap, iswap and id; leave every other operation as it is.

    Each piece carries the condition, source and start time of `op`. Equal up to a global phase.
    """
    if op.name not in PIECES:
        return [op]
    return [
        replace(op, name=name, qubits=tuple(op.qubits[i] for i in where), angles=angles)
        for name, where, angles in PIECES[op.name](*op.angles)
    ]
