"""The rules of occupancy.py over columns: a quick yes or no.

Where it says no, the readable check has the last word: a no may be wrong, a yes may not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import Condition
from bellwire.compiler.occupancy_kernel import (
    ALIVE,
    EBIT,
    FLOW,
    GATE,
    MARK,
    Rows,
    Wires,
    X,
    Y,
    follow,
    make,
)
from bellwire.compiler.operations import ROWS, Family
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.waits import qubit_modules
from bellwire.targets.machine import Machine

SMALL = 50_000  # rows; plain Python takes about 0.1 s for them
_PROTOCOLS = ("ebit", "cat_entangle", "cat_disentangle", "swap_ebits", "teleport", "move")
_NAMED = {"x": X, "y": Y} | {name: EBIT + i for i, name in enumerate(_PROTOCOLS)}
_FAMILY = {Family.MARK: MARK, Family.FLOW: FLOW}
_CODE = np.array([_NAMED.get(row.name, _FAMILY.get(row.family, GATE)) for row in ROWS])
_FATE = np.zeros((len(ROWS), 4), dtype=np.uint8)
_DIAGONAL = np.zeros((len(ROWS), 4), dtype=np.bool_)
for _row in ROWS:
    _fates = [("acts", "makes", "ends").index(fate) for fate in _row.operands]
    _FATE[_row.kind, : len(_fates)] = _fates
    _DIAGONAL[_row.kind, : len(_row.diagonal)] = _row.diagonal


def occupancy_is_right(program: Program, machine: Machine) -> bool:
    """Whether the rules of `check_occupancy` hold; a no is not the last word."""
    size = sum(len(part) for part in program.walk())
    flips = sum(part.count("x", "y") for part in program.walk())
    wires = _wires(program, machine, flips)
    for q in program.inputs:
        if not make(wires, q):
            return False
    if not _level(program, wires, {}, size):
        return False
    alive = wires.state == ALIVE
    return bool(alive[list(program.outputs)].all() and not (alive & (wires.comm == 1)).any())


def _wires(program: Program, machine: Machine, flips: int) -> Wires:
    count = len(program.qubits)
    none = np.full((6, count), -1, dtype=np.int64)
    return Wires(
        module=qubit_modules(program, machine),
        comm=np.array([q.role == "comm" for q in program.qubits], dtype=np.int64),
        state=np.zeros(count, dtype=np.uint8),
        mate=none[0],
        family=none[1],
        ring=none[2],
        size=none[3],
        flipped=np.zeros(count, dtype=np.bool_),
        held=np.zeros((len(machine.modules), 2), dtype=np.int64),
        room=np.array([(m.data_qubits, m.comm_qubits) for m in machine.modules], dtype=np.int64),
        first=none[4],
        last=none[5],
        after=np.full(flips, -1, dtype=np.int64),
        when=np.full(flips, -1, dtype=np.int64),
        is_y=np.zeros(flips, dtype=np.bool_),
        flips=np.zeros(1, dtype=np.int64),
    )


def _level(program: Program, wires: Wires, number: dict[Condition, int], size: int) -> bool:
    """Follow one list of operations and the blocks in it; `number` names equal conditions alike."""
    code = _CODE[program.kind]
    rows = Rows(
        code,
        _FATE,
        _DIAGONAL,
        _numbered(program, (code == X) | (code == Y), number),
        program.operands.starts,
        program.operands.values.astype(np.int64),
    )
    start = 0
    for i in [*np.flatnonzero(code == FLOW).tolist(), len(program)]:
        if not follow.sized(size, small=SMALL)(wires, rows, program.kind, start, i):
            return False
        start, alive = i + 1, wires.state == ALIVE
        for block in program.blocks.get(i, ()):
            if not _level(block, wires, number, size):
                return False
            if not np.array_equal(wires.state == ALIVE, alive):
                return False
    return True


def _numbered(program: Program, wanted: NDArray[np.bool_], number: dict[Condition, int]) -> Ints:
    """For each wanted row the number of its condition, -1 for none."""
    out = np.full(len(program), -1, dtype=np.int64)
    rows = np.flatnonzero(wanted & (program.condition >= 0))
    conditions = [program.conditions[c] for c in program.condition[rows].tolist()]
    out[rows] = [number.setdefault(c, len(number)) for c in conditions]
    return out
