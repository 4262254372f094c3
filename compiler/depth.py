"""The longest chain of e-bits that depend on one another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program

SMALL = 30_000  # rows; plain Python takes about 0.1 s for them
OTHER, GATE_2Q, EBIT, RESET = 0, 1, 2, 3  # what the kernel knows of a row

_GATE_2Q = np.array([row.family is Family.GATE and row.num_qubits == 2 for row in ROWS])


class Level(NamedTuple):
    """One list of operations: codes; operands, bits written and bits read as starts and values;
    the chain inside the blocks of each row."""

    code: NDArray[np.uint8]
    starts: Ints
    qubits: Ints
    bit_starts: Ints
    bits: Ints
    condition: Ints
    read_starts: Ints
    read: Ints
    inside: Ints


def ebit_depth(program: Program) -> int:
    """The longest chain of e-bits each of which acts on a state that the one before acted on.

    Nested blocks count as one step each, as deep as their own deepest chain.
    """
    code = np.where(_GATE_2Q[program.kind], GATE_2Q, OTHER).astype(np.uint8)
    code[program.kind == KIND["ebit"]] = EBIT
    code[program.kind == KIND["reset"]] = RESET
    read = [bits_of(condition) for condition in program.conditions]
    inside = np.zeros(len(program), dtype=np.int64)
    for i, blocks in program.blocks.items():
        inside[i] = max(map(ebit_depth, blocks), default=0)
    level = Level(
        code,
        program.operands.starts,
        program.operands.values.astype(np.int64),
        program.bits.starts,
        program.bits.values.astype(np.int64),
        program.condition.astype(np.int64),
        np.cumsum([0, *map(len, read)]),
        np.array([b for bits in read for b in bits], dtype=np.int64),
        inside,
    )
    qubits, bits = len(program.qubits), sum(r.width for r in program.registers)
    return int(
        _longest.sized(len(program), small=SMALL)(
            level,
            np.zeros(qubits, dtype=np.int64),
            np.zeros(bits, dtype=np.int64),
            np.zeros(qubits, dtype=np.bool_),
        )
    )


@kernel
def _longest(level: Level, depth: Ints, of_bit: Ints, fresh: NDArray[np.bool_]) -> int:
    """`depth`, `of_bit`: the chain that led to each qubit and bit; `fresh`: halves that have met no
    state yet."""
    most = 0
    for i in range(len(level.code)):
        a, b = level.starts[i], level.starts[i + 1]
        if level.code[i] == EBIT:
            for k in range(a, b):
                depth[level.qubits[k]], fresh[level.qubits[k]] = 0, True
            continue
        now = 0
        for k in range(a, b):
            now = max(now, depth[level.qubits[k]])
        c = level.condition[i]
        if c >= 0:
            for k in range(level.read_starts[c], level.read_starts[c + 1]):
                now = max(now, of_bit[level.read[k]])
            for k in range(a, b):  # corrected by a state that met the other half
                fresh[level.qubits[k]] = False
        if level.code[i] == GATE_2Q:  # a state meets a fresh half (two halves: only joined)
            now += int(fresh[level.qubits[a]] != fresh[level.qubits[a + 1]])
            fresh[level.qubits[a]] = fresh[level.qubits[a + 1]] = False
        now += level.inside[i]
        for k in range(a, b):
            depth[level.qubits[k]] = 0 if level.code[i] == RESET else now
        for k in range(level.bit_starts[i], level.bit_starts[i + 1]):
            of_bit[level.bits[k]] = now
        most = max(most, now)
    return most
