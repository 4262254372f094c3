"""Fuse gates before anything is placed: fewer gates that may span modules, all of them exact.

cx, turn, cx becomes rzz; what undoes itself goes; Hadamards stand only where the axis changes.
"""

from __future__ import annotations

import numpy as np

from bellwire.compiler.program import Program
from bellwire.passes.axes import read_axes, take_out_frames
from bellwire.passes.frames import most_hadamards, put_frames_back, wanted_frames
from bellwire.passes.sandwiches import close_once
from bellwire.passes.write_gates import write_gates
from bellwire.targets.machine import Machine

SMALL = 30_000  # rows; up to here compiling would take longer
ROUNDS = 8  # what one round closes may leave more to close
FEW = 1_000  # closing one row in so many is not worth another round


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
        if close_once(gates, qubits, small=SMALL) <= size // FEW:
            break
    wanted = np.zeros(size, dtype=np.int8)
    wanted_frames.sized(size, small=SMALL)(gates, frame, wanted)
    before, on = np.zeros((2, most_hadamards(gates, qubits)), dtype=np.int64)
    here = np.zeros(qubits, dtype=np.int8)
    put = put_frames_back.sized(size, small=SMALL)
    count = put(gates, frame, wanted, here, before, on)
    blocks = {i: tuple(map(fuse_gates, inner)) for i, inner in program.blocks.items()}
    return write_gates(program, gates, blocks, before[:count], on[:count])
