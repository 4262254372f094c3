"""Equal gates with little between them: what commutes stays, turns in between become pair turns.

Between two equal flips (cx ... cx, cz ... cz) a turn about R on one operand that does not commute
with them becomes the pair turn P R, where P is the axis of the flip on the other operand; the flips
vanish. Angles are carried over as they are.
"""

from __future__ import annotations

from math import pi

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.ragged import Column
from bellwire.passes.axes import (
    FENCE,
    FLIP,
    GONE,
    OPAQUE,
    PAIR_TURN,
    TURN,
    WALL,
    Gates,
    Y,
)

MOST_TURNS = 2  # two flips become at most as many pair turns


# What a scan remembers of every wire and axis, a row or -1: the latest that neither commutes with
# the axis nor is a turn that may become a pair turn; the latest few of such turns; the latest turn
# about the axis. Of every pair of qubits it remembers the latest gate.
HARD, SOFT, TURNED = 0, 1, MOST_TURNS + 2


def close_once(g: Gates, qubits: int, *, small: int) -> int:
    """Go through all rows, close what can be closed; returns how often that was."""
    wire = np.full((qubits, 3, TURNED + 1), -1)
    gate = np.full(int(g.pair.max(initial=-1)) + 1, -1)
    return close_sandwiches.sized(len(g.form), small=small)(g, wire, gate)


@kernel
def close_sandwiches(g: Gates, wire: Column, gate: Column) -> int:
    """`close_once`, with nothing remembered yet in `wire` and `gate`."""
    closed = 0
    for i in range(len(g.form)):
        form, a, p = g.form[i], g.a[i], g.p[i]
        if form == TURN:
            before = wire[a, p, TURNED] if g.free[i] else -1
            if before >= 0 and _undoes_turn(g, wire, before, i):
                closed += 1
            else:
                _see_turn(wire, a, p, g.angle[i], g.free[i], i)
        elif form >= PAIR_TURN and form <= FLIP:
            before = gate[g.pair[i]]
            if before >= 0 and g.form[before] == form and _closes_pair(g, wire, before, i):
                closed += 1
            else:
                gate[g.pair[i]] = i
                _block(wire, a, p, i)
                _block(wire, g.b[i], g.q[i], i)
        elif form == OPAQUE:
            _block(wire, a, p, i)
            if g.b[i] >= 0:
                _block(wire, g.b[i], g.q[i], i)
        elif form == WALL:
            for k in range(g.starts[i], g.starts[i + 1]):
                _block(wire, g.values[k], -1, i)
        elif form == FENCE:
            wire[:, :, HARD] = i
    return closed


@kernel
def _block(wire: Column, qubit: int, axis: int, i: int) -> None:
    """Row i commutes with one axis of a qubit only."""
    for other in range(3):
        if other != axis and wire[qubit, other, HARD] < i:
            wire[qubit, other, HARD] = i


@kernel
def _see_turn(wire: Column, qubit: int, axis: int, angle: float, free: bool, i: int) -> None:
    """Remember a turn: soft for the other axes if it may become a pair turn or is a Pauli."""
    if free:
        wire[qubit, axis, TURNED] = i
    if not free or (axis == Y and abs(angle) != pi):
        _block(wire, qubit, axis, i)
        return
    for other in range(3):
        if other != axis:
            for k in range(SOFT + MOST_TURNS, SOFT, -1):
                wire[qubit, other, k] = wire[qubit, other, k - 1]
            wire[qubit, other, SOFT] = i


@kernel
def _undoes_turn(g: Gates, wire: Column, before: int, i: int) -> bool:
    """Drop a turn and its inverse before it, where all between commutes with them."""
    qubit, axis = g.a[i], g.p[i]
    if g.form[before] != TURN or not _inverse(g.angle[i], g.angle[before]):
        return False
    if not _commutes_since(wire, qubit, axis, before):
        return False
    g.form[before] = g.form[i] = GONE
    return True


@kernel
def _inverse(angle: float, other: float) -> bool:
    """Whether two turns about one axis undo each other, up to a global phase."""
    return angle == -other or (abs(angle) == pi and abs(other) == pi)


@kernel
def _commutes_since(wire: Column, qubit: int, axis: int, row: int) -> bool:
    """Whether everything on a qubit since a row commutes with an axis."""
    return bool(wire[qubit, axis, HARD] <= row and wire[qubit, axis, SOFT] <= row)


@kernel
def _closes_pair(g: Gates, wire: Column, before: int, i: int) -> bool:
    """Drop a two-qubit gate and its inverse before it on the same axes, if what is between them
    commutes or, between flips, can be carried over."""
    a, b, p, q = g.a[i], g.b[i], g.p[i], g.q[i]
    if g.a[before] != a or g.b[before] != b or g.p[before] != p or g.q[before] != q:
        return False
    if _commutes_since(wire, a, p, before) and _commutes_since(wire, b, q, before):
        angle, other = g.angle[i], g.angle[before]
        undone = angle == -other or (g.form[i] == PAIR_TURN and _inverse(angle, other))
        if g.form[i] != FLIP and not undone:
            return False
        g.form[before] = g.form[i] = GONE
        return True
    if g.form[i] != FLIP or wire[a, p, HARD] > before or wire[b, q, HARD] > before:
        return False
    return _carry_turns(g, wire, before, i)


@kernel
def _carry_turns(g: Gates, wire: Column, before: int, i: int) -> bool:
    """Drop the flips `before` and i; the turns between that do not commute become pair turns.

    A Pauli among them brings a Pauli on the other operand, which takes the place of row i.
    """
    a, b, p, q = g.a[i], g.b[i], g.p[i], g.q[i]
    on_a, on_b, paulis = 0, 0, 0
    for k in range(SOFT, TURNED):
        row, other = wire[a, p, k], wire[b, q, k]
        if row > before:
            on_a += 1
            paulis += g.form[row] == TURN and abs(g.angle[row]) == pi
        if other > before:
            on_b += 1
            paulis += g.form[other] == TURN and abs(g.angle[other]) == pi
    if on_a + on_b > MOST_TURNS or (paulis > 0 and on_a > 0 and on_b > 0):
        return False
    g.form[before] = g.form[i] = GONE
    for k in range(on_a):
        _carry(g, wire, wire[a, p, SOFT + k], b, q, i)
    for k in range(on_b):
        _carry(g, wire, wire[b, q, SOFT + k], a, p, i)
    if paulis == 1:
        g.form[i], g.angle[i], g.b[i] = TURN, pi, -1
        if on_a > 0:
            g.a[i], g.p[i] = b, q
        _see_turn(wire, g.a[i], g.p[i], pi, True, i)
    return True


@kernel
def _carry(g: Gates, wire: Column, row: int, other: int, axis: int, i: int) -> None:
    """Make a pair turn of a turn, unless it is a Pauli or gone already."""
    if g.form[row] != TURN or abs(g.angle[row]) == pi:
        return
    _block(wire, g.a[row], g.p[row], row)
    _block(wire, other, axis, row)
    g.form[row], g.pair[row] = PAIR_TURN, g.pair[i]
    g.b[row], g.q[row] = other, axis
    if other < g.a[row]:
        g.b[row], g.q[row] = g.a[row], g.p[row]
        g.a[row], g.p[row] = other, axis
