"""Put Hadamards back: as few and as late as the axes of the gates allow."""

from __future__ import annotations

from math import pi

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.ragged import Column
from bellwire.passes.axes import (
    FENCE,
    FLIP,
    FRAME,
    OPAQUE,
    PAIR_TURN,
    TURN,
    WALL,
    Gates,
    Y,
)


@kernel
def wanted_frames(g: Gates, frame: Column, wanted: Column) -> None:
    """For every turn: the frame (1: after an odd number of Hadamards) in which the next gate on
    its qubit that cannot do without will be written. `frame` is that of the end."""
    want = frame.copy()
    for i in range(len(g.form) - 1, -1, -1):
        form = g.form[i]
        if form == FRAME:
            frame[g.a[i]] = 1 - frame[g.a[i]]
        elif form == TURN:
            wanted[i] = want[g.a[i]]
        elif form >= PAIR_TURN and form <= FLIP:
            want[g.a[i]] = g.p[i]
            want[g.b[i]] = g.q[i]
        elif form == OPAQUE:
            want[g.a[i]] = frame[g.a[i]]
            if g.b[i] >= 0:
                want[g.b[i]] = frame[g.b[i]]
        elif form == WALL:
            for k in range(g.starts[i], g.starts[i + 1]):
                want[g.values[k]] = frame[g.values[k]]
        elif form == FENCE:
            want[:] = frame


@kernel
def put_frames_back(
    g: Gates, frame: Column, wanted: Column, here: Column, before: Column, on: Column
) -> int:
    """Write the axes as they are on the real wires, every pair on Z; returns how many Hadamards
    that takes. Number k stands before row `before[k]`, on qubit `on[k]`.

    `frame` is that of the start (0), `here` what is on the wires.
    """
    count = 0
    for i in range(len(g.form)):
        form = g.form[i]
        if form == FRAME:
            frame[g.a[i]] = 1 - frame[g.a[i]]
        elif form == TURN:
            count = _write_turn(g, wanted[i], here, before, on, count, i)
        elif form >= PAIR_TURN and form <= FLIP:
            count = _bring(g.a[i], g.p[i], here, before, on, count, i)
            count = _bring(g.b[i], g.q[i], here, before, on, count, i)
        elif form == OPAQUE:
            count = _bring(g.a[i], frame[g.a[i]], here, before, on, count, i)
            if g.b[i] >= 0:
                count = _bring(g.b[i], frame[g.b[i]], here, before, on, count, i)
        elif form == WALL:
            for k in range(g.starts[i], g.starts[i + 1]):
                qubit = g.values[k]
                count = _bring(qubit, frame[qubit], here, before, on, count, i)
        elif form == FENCE:
            for qubit in range(len(here)):
                count = _bring(qubit, frame[qubit], here, before, on, count, i)
    for qubit in range(len(here)):
        count = _bring(qubit, frame[qubit], here, before, on, count, len(g.form))
    return count


@kernel
def _bring(
    qubit: int, frame: int, here: Column, before: Column, on: Column, count: int, i: int
) -> int:
    """Put a Hadamard before row i where the frame is another one; the new count."""
    if here[qubit] == frame:
        return count
    here[qubit] = frame
    before[count], on[count] = i, qubit
    return count + 1


@kernel
def _write_turn(
    g: Gates, wanted: int, here: Column, before: Column, on: Column, count: int, i: int
) -> int:
    """Write a turn in the frame that is there, or change to the one that is wanted next if the
    turn is diagonal in that."""
    qubit = g.a[i]
    if g.p[i] == wanted and abs(g.angle[i]) != pi:
        count = _bring(qubit, wanted, here, before, on, count, i)
    if here[qubit] == 1:
        if g.p[i] < Y:
            g.p[i] = 1 - g.p[i]
        else:
            g.angle[i] = -g.angle[i]
    return count


def most_hadamards(g: Gates, qubits: int) -> int:
    """No more than this many are put back."""
    fences = int(np.count_nonzero(g.form == FENCE))
    return int(2 * len(g.form) + len(g.values) + (fences + 1) * qubits)
