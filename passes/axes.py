"""Gates by their axes: what a gate does to each operand, as if the circuit had no Hadamards.

A Hadamard exchanges X and Z, so every h can be taken out of a wire if the axes of all gates behind
it are exchanged. Then h cx h is what cz is, and gates with equal axes on a wire commute.
"""

from __future__ import annotations

from math import pi
from typing import NamedTuple

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Program
from bellwire.compiler.ragged import Column

Z, X, Y, NONE = range(4)  # the axis that an operation commutes with on one operand

# Forms. FRAME is an h. TURN: exp(-i angle P/2). The pairs: exp(-i angle PQ/2), as rzz; a phase on
# P = Q = -1, as cp; a turn about Q where P = -1, as crz; a sign on P = Q = -1, as cz and cx.
GONE, FRAME, TURN, PAIR_TURN, PAIR_PHASE, CONTROLLED_TURN, FLIP, OPAQUE, WALL, FENCE = range(10)

_TURNS: dict[str, tuple[int, float | None]] = {
    "x": (X, pi),
    "y": (Y, pi),
    "z": (Z, pi),
    "s": (Z, pi / 2),
    "sdg": (Z, -pi / 2),
    "t": (Z, pi / 4),
    "tdg": (Z, -pi / 4),
    "sx": (X, pi / 2),
    "sxdg": (X, -pi / 2),
    "rx": (X, None),
    "ry": (Y, None),
    "rz": (Z, None),
    "p": (Z, None),
}
_PAIRS: dict[str, tuple[int, int, int]] = {
    "cz": (FLIP, Z, Z),
    "cx": (FLIP, Z, X),
    "rzz": (PAIR_TURN, Z, Z),
    "cp": (PAIR_PHASE, Z, Z),
    "crz": (CONTROLLED_TURN, Z, Z),
    "crx": (CONTROLLED_TURN, Z, X),
}
_JUMPS = [KIND["break_loop"], KIND["continue_loop"]]


def _table() -> tuple[Column, Column, Column, Column]:
    """For each kind of operation: form, axis of the first and second operand, angle (NaN: own)."""
    form = np.full(len(ROWS), OPAQUE, dtype=np.int8)
    axes = np.full((2, len(ROWS)), NONE, dtype=np.int8)
    angle = np.full(len(ROWS), np.nan)
    for k, row in enumerate(ROWS):
        if row.family in (Family.FLOW, Family.MARK):
            form[k] = WALL
        for place, diagonal in enumerate(row.diagonal[:2]):
            axes[place, k] = Z if diagonal else NONE
    for name, (axis, fixed) in _TURNS.items():
        form[KIND[name]], axes[0, KIND[name]] = TURN, axis
        angle[KIND[name]] = np.nan if fixed is None else fixed
    for name, (pair, first, second) in _PAIRS.items():
        form[KIND[name]], axes[:, KIND[name]] = pair, (first, second)
    form[KIND["h"]], form[KIND["id"]] = FRAME, GONE
    form[_JUMPS] = FENCE
    return form, axes[0], axes[1], angle


_FORM, _FIRST, _SECOND, _ANGLE = _table()


class Gates(NamedTuple):
    """One list of operations as columns that passes may change.

    Row i has a `form`, qubits `a` and `b` (-1: none), their axes `p` and `q`, an `angle` in
    radians, and `free`: no condition. Pairs that are alike in both operands have a < b. `pair`
    numbers the pairs of qubits. A WALL has any operands, `starts` and `values` say which; nothing
    passes a FENCE on any qubit.
    """

    form: Column
    a: Column
    b: Column
    p: Column
    q: Column
    angle: Column
    free: Column
    pair: Column
    starts: Column
    values: Column


def read_axes(program: Program) -> Gates:
    """Find the axes of every gate of one list of operations; nested blocks are walls."""
    kind, free = program.kind, program.condition < 0
    starts, values = program.operands.starts, program.operands.values.astype(np.int64)
    width = np.diff(starts)
    form, p, q, angle = _FORM[kind], _FIRST[kind], _SECOND[kind], _ANGLE[kind]
    form[(form == OPAQUE) & (width > 2)] = WALL
    own = np.isnan(angle) & (np.diff(program.angles.starts) == 1)
    angle[own] = program.angles.values[program.angles.starts[:-1][own]]
    _read_u(program, form, p, angle)
    form[~free & (form != TURN) & (form != GONE) & (form < OPAQUE)] = OPAQUE
    form[[i for i, blocks in program.blocks.items() if any(map(_jumps, blocks))]] = FENCE
    form[(form == PAIR_PHASE) & (np.abs(angle) == pi)] = FLIP
    a, b = np.full(len(kind), -1), np.full(len(kind), -1)
    a[width > 0] = values[starts[:-1][width > 0]]
    b[width == 2] = values[starts[:-1][width == 2] + 1]
    turned = (a > b) & ((form == FLIP) | (form == PAIR_TURN) | (form == PAIR_PHASE))
    a[turned], b[turned] = b[turned], a[turned]
    p[turned], q[turned] = q[turned], p[turned]
    return Gates(form, a, b, p, q, angle, free, _pairs(a, b), starts, values)


def _read_u(program: Program, form: Column, p: Column, angle: Column) -> None:
    """Find the u that are turns about an axis or Hadamards, floats exactly so."""
    rows = np.flatnonzero(program.kind == KIND["u"])
    first = program.angles.starts[:-1][rows]
    theta, phi, lam = (program.angles.values[first + i] for i in range(3))
    turns = (
        ((theta == 0) & (phi == 0), Z, lam),
        ((theta == 0) & (lam == 0), Z, phi),
        ((phi == 0) & (lam == 0), Y, theta),
        ((phi == -pi / 2) & (lam == pi / 2), X, theta),
        ((theta == pi) & (phi == 0) & (lam == pi), X, theta),
        ((theta == pi) & (phi == pi / 2) & (lam == pi / 2), Y, theta),
    )
    for which, axis, own in turns:
        form[rows[which]], p[rows[which]], angle[rows[which]] = TURN, axis, own[which]
    form[rows[(theta == pi / 2) & (phi == 0) & (np.abs(lam) == pi)]] = FRAME


def _jumps(block: Program) -> bool:
    """Whether a block may leave, or start anew, a loop around it."""
    return any(np.isin(part.kind, _JUMPS).any() for part in block.walk())


def _pairs(a: Column, b: Column) -> Column:
    """The number of each row's pair of qubits; -1 where there is none."""
    out = np.full(len(a), -1)
    two = np.flatnonzero(b >= 0)
    low, high = np.minimum(a[two], b[two]), np.maximum(a[two], b[two])
    out[two] = np.unique(low * (high.max(initial=0) + 1) + high, return_inverse=True)[1]
    return out


@kernel
def take_out_frames(g: Gates, frame: Column) -> None:
    """Write all axes as if there were no FRAME rows; `frame` becomes 1 on qubits that saw an odd
    number of them. h y h = -y."""
    for i in range(len(g.form)):
        if g.form[i] == FRAME:
            frame[g.a[i]] = 1 - frame[g.a[i]]
        elif g.form[i] >= TURN and g.form[i] <= OPAQUE:
            if frame[g.a[i]] == 1:
                if g.p[i] < Y:
                    g.p[i] = 1 - g.p[i]
                elif g.form[i] == TURN:
                    g.angle[i] = -g.angle[i]
            if g.b[i] >= 0 and frame[g.b[i]] == 1 and g.q[i] < Y:
                g.q[i] = 1 - g.q[i]
