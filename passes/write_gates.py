"""Write the gates that are left, by their axes on the real wires, as a Program again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import pi

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS
from bellwire.compiler.program import Program, Ragged, Stage
from bellwire.compiler.ragged import Column, gather, take_known
from bellwire.passes.axes import (
    CONTROLLED_TURN,
    FLIP,
    FRAME,
    GONE,
    OPAQUE,
    PAIR_PHASE,
    PAIR_TURN,
    TURN,
    Gates,
    X,
    Y,
    Z,
)

SMALL = 50_000  # rows; up to here compiling would take longer

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


def write_gates(
    program: Program,
    gates: Gates,
    blocks: Mapping[int, tuple[Program, ...]],
    before: Column,
    on: Column,
) -> Program:
    """The program of the gates that are left, with Hadamards on qubits `on` before rows `before`.

    Rows beyond the last of the program stand for the Hadamards.
    """
    size = len(program)
    left = np.flatnonzero((gates.form != GONE) & (gates.form != FRAME))
    order = np.argsort(np.concatenate([2 * before, 2 * left + 1]), kind="stable")
    rows = np.concatenate([size + np.arange(len(before)), left])[order]
    served = np.concatenate([before, left])[order]
    place = {int(r): k for k, r in enumerate(rows.tolist())} if program.blocks else {}
    moved = {place[i]: inner for i, inner in blocks.items()}
    kind = np.append(_kinds(program, gates), np.full(len(before), KIND["h"], dtype=np.uint8))
    condition = np.append(program.condition, np.full(len(before), -1, dtype=np.int32))
    source = np.append(program.source, np.int32(-1))
    return replace(
        program,
        stage=Stage.LOGICAL,
        kind=kind[rows],
        operands=_operands(program, gates, on, rows),
        angles=_angles(program, gates, kind, rows),
        bits=take_known(program.bits, rows),
        condition=condition[rows],
        source=source[served],
        blocks=moved,
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
