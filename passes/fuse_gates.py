"""Fuse gates before anything is placed: fewer gates that may span modules, all of them exact.

cx, turn, cx becomes rzz; what undoes itself goes; Hadamards stand only where the axis changes.
"""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS
from bellwire.compiler.program import Program, Ragged, Stage
from bellwire.passes.axes import (
    CONTROLLED_TURN,
    FLIP,
    FRAME,
    GONE,
    OPAQUE,
    PAIR_PHASE,
    PAIR_TURN,
    TURN,
    Column,
    Gates,
    X,
    Y,
    Z,
    read_axes,
    take_out_frames,
)
from bellwire.passes.frames import most_hadamards, put_frames_back, wanted_frames
from bellwire.passes.gather import gather, take
from bellwire.passes.sandwiches import close_once
from bellwire.targets.machine import Machine

SMALL = 30_000  # rows; up to here compiling would take longer
ROUNDS = 8  # what one round closes may leave more to close
FEW = 1 / 200  # of the rows: closing fewer in a large circuit is not worth another round

# Names of turns by axis and exact angle; others are rx, ry, rz.
_NAMES = (
    (Z, pi, "z"),
    (Z, -pi, "z"),
    (Z, pi / 2, "s"),
    (Z, -pi / 2, "sdg"),
    (Z, pi / 4, "t"),
    (Z, -pi / 4, "tdg"),
    (X, pi, "x"),
    (X, -pi, "x"),
    (X, pi / 2, "sx"),
    (X, -pi / 2, "sxdg"),
    (Y, pi, "y"),
    (Y, -pi, "y"),
)
_ANGLE_COUNT = np.array([row.angles for row in ROWS])
_TURN_KINDS = np.array([KIND["rz"], KIND["rx"], KIND["ry"]])
_PAIR_KINDS = {PAIR_TURN: "rzz", PAIR_PHASE: "cp", CONTROLLED_TURN: "crz", FLIP: "cz"}


def fuse_gates(program: Program, machine: Machine | None = None) -> Program:
    """Write gates by their axes, close what can be closed between equal gates, write them as cz,
    cp, rzz, crz, turns and Hadamards (LOGICAL).

    Between `cx a b` and `cx a b` may lie what commutes with both, Paulis, and at most two turns
    that do not: each of them becomes an rzz. Pairs of gates that undo each other go. Angles are
    carried over as they are (negated where the axis is), never added, never dropped.
    """
    gates = read_axes(program)
    size, qubits = len(program), len(program.qubits)
    frame = np.zeros(qubits, dtype=np.int8)
    take_out_frames.sized(size, small=SMALL)(gates, frame)
    for _ in range(ROUNDS):
        if close_once(gates, qubits, small=SMALL) <= size * FEW:
            break
    wanted = np.zeros(size, dtype=np.int8)
    wanted_frames.sized(size, small=SMALL)(gates, frame, wanted)
    before, on = np.zeros((2, most_hadamards(gates, qubits)), dtype=np.int64)
    here = np.zeros(qubits, dtype=np.int8)
    put = put_frames_back.sized(size, small=SMALL)
    count = put(gates, frame, wanted, here, before, on)
    return _written(program, gates, before[:count], on[:count])


def _written(program: Program, gates: Gates, before: Column, on: Column) -> Program:
    """The program of the gates that are left, with Hadamards on qubits `on` before rows `before`.

    Rows beyond the last of the program stand for the Hadamards.
    """
    size = len(program)
    left = np.flatnonzero((gates.form != GONE) & (gates.form != FRAME))
    order = np.argsort(np.concatenate([2 * before, 2 * left + 1]), kind="stable")
    rows = np.concatenate([size + np.arange(len(before)), left])[order]
    served = np.concatenate([before, left])[order]
    place = {int(r): k for k, r in enumerate(rows.tolist())} if program.blocks else {}
    blocks = {place[i]: tuple(map(fuse_gates, bs)) for i, bs in program.blocks.items()}
    kind = np.append(_kinds(program, gates), np.full(len(before), KIND["h"], dtype=np.uint8))
    condition = np.append(program.condition, np.full(len(before), -1, dtype=np.int32))
    source = np.append(program.source, np.int32(-1))
    return replace(
        program,
        stage=Stage.LOGICAL,
        kind=kind[rows],
        operands=_operands(program, gates, on, rows),
        angles=_angles(program, gates, kind, rows),
        bits=take(program.bits, rows),
        condition=condition[rows],
        source=source[served],
        blocks=blocks,
    )


def _operands(program: Program, gates: Gates, on: Column, rows: Column) -> Ragged:
    """Gates on their qubits as they are now, walls on their own, Hadamards on `on`."""
    narrow = 1 + (gates.b >= 0)
    width = np.where(gates.form < OPAQUE, narrow, np.diff(program.operands.starts))
    width = np.append(width, np.ones(len(on), dtype=np.int64))[rows]
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(width, out=starts[1:])
    values = np.empty(starts[-1], dtype=np.int32)
    write_operands.sized(len(rows), small=SMALL)(gates, on, rows, starts, values)
    return Ragged(starts, values)


@kernel
def write_operands(g: Gates, on: Column, rows: Column, starts: Column, values: Column) -> None:
    """Fill in the qubits of rows; rows beyond the last are Hadamards."""
    for k in range(len(rows)):
        row, at = rows[k], starts[k]
        if row >= len(g.form):
            values[at] = on[row - len(g.form)]
        elif g.form[row] < OPAQUE:
            values[at] = g.a[row]
            if g.b[row] >= 0:
                values[at + 1] = g.b[row]
        else:
            for n in range(g.starts[row + 1] - g.starts[row]):
                values[at + n] = g.values[g.starts[row] + n]


def _angles(program: Program, gates: Gates, kind: Column, rows: Column) -> Ragged:
    """The angles of gates as they are now; other rows keep theirs, Hadamards have none."""
    old, size = program.angles, len(program)
    changed = gates.form < OPAQUE
    first = np.where(changed, len(old.values) + np.arange(size), old.starts[:-1])
    width = np.where(changed, _ANGLE_COUNT[kind[:size]], np.diff(old.starts))
    pool = np.concatenate([old.values, gates.angle]).astype(np.float64)
    none = np.zeros(len(kind) - size, dtype=np.int64)
    return gather(pool, np.append(first, none)[rows], np.append(width, none)[rows])


def _kinds(program: Program, gates: Gates) -> Column:
    """The kind of every row as it is now."""
    kind = program.kind.copy()
    turns = gates.form == TURN
    kind[turns] = _TURN_KINDS[gates.p[turns]]
    for axis, angle, name in _NAMES:
        kind[turns & (gates.p == axis) & (gates.angle == angle)] = KIND[name]
    for form, name in _PAIR_KINDS.items():
        kind[gates.form == form] = KIND[name]
    return kind
