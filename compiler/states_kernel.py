"""The rules of states.py over columns: a quick yes or no, by a walk over the rows that matter.

Where it says no, the readable check has the last word.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.ports import OURS
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.ragged import ends
from bellwire.compiler.waits import qubit_modules
from bellwire.targets.machine import Machine

SMALL = 50_000  # rows that matter; plain Python takes about 0.1 s for them
EMPTY, DATA, HALF = 0, 1, 2  # what a qubit holds
PAIR, SWAP, CLEAR, MOVE = 1, 2, 3, 4  # what a row does to its qubits; 0: nothing

_FLOW = np.array([row.family is Family.FLOW for row in ROWS])
_JUMPS = (KIND["break_loop"], KIND["continue_loop"])


class States(NamedTuple):
    """What each qubit holds; for each module its halves, the most of them so far, its room."""

    module: Ints
    holds: NDArray[np.uint8]
    halves: Ints
    peak: Ints
    room: Ints


def states_are_right(program: Program, machine: Machine) -> bool:
    """Whether the rules of `check_states` hold."""
    states = _followed(program, machine)
    return states is not None and bool((states.holds[list(program.outputs)] != EMPTY).all())


def quick_peak(program: Program, machine: Machine) -> list[int] | None:
    """For each module the most halves that it holds at once; None for a program that is wrong."""
    states = _followed(program, machine)
    return None if states is None else states.peak.tolist()


def _followed(program: Program, machine: Machine) -> States | None:
    count = len(machine.modules)
    states = States(
        qubit_modules(program, machine),
        np.full(len(program.qubits), EMPTY, dtype=np.uint8),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.array([m.comm_qubits for m in machine.modules], dtype=np.int64),
    )
    states.holds[list(program.inputs)] = DATA
    return states if _level(program, states, _our_bits(program)) else None


def _our_bits(program: Program) -> NDArray[np.bool_]:
    """Which bits are in our own register: a qubit measured into one is empty afterwards."""
    ours = [
        (r.name if r.size is None else f"{r.name}[").startswith(f"{OURS}[")
        for r in program.registers
    ]
    return np.repeat(np.array(ours, dtype=np.bool_), [r.width for r in program.registers])


def _level(program: Program, states: States, ours: NDArray[np.bool_]) -> bool:
    """Follow one list of operations and the blocks in it."""
    codes = _codes(program, ours)
    rows = np.flatnonzero(codes)
    start, n, code = 0, len(rows), codes[rows]
    pairs = code != CLEAR
    first = ends(program.operands, 0, rows)
    second = np.full(n, -1, dtype=np.int64)
    second[pairs] = ends(program.operands, 1, rows[pairs])
    follow = _follow.sized(n, small=SMALL)
    for i in [*np.flatnonzero(_FLOW[program.kind]).tolist(), len(program)]:
        end = int(np.searchsorted(rows, i))
        if not follow(states, code, first, second, start, end):
            return False
        start = end
        if not all(_block(block, states, ours) for block in program.blocks.get(i, ())):
            return False
    return True


def _codes(program: Program, ours: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """What each row may do to its qubits."""
    kind = program.kind
    code = np.zeros(len(program), dtype=np.uint8)
    code[kind == KIND["ebit"]] = PAIR
    code[(kind == KIND["swap"]) & (program.condition < 0)] = SWAP
    measured = np.flatnonzero(kind == KIND["measure"])
    code[measured[ours[ends(program.bits, 0, measured)]]] = CLEAR
    code[move_rows(program)] = MOVE
    return code


def move_rows(program: Program) -> Ints:
    """The rows `cx a b` that are followed by `cx b a`: together they move a state to an empty b."""
    kind = program.kind
    cx = np.flatnonzero((kind[:-1] == KIND["cx"]) & (kind[1:] == KIND["cx"]))
    here, then = ([ends(program.operands, k, cx + d) for k in (0, 1)] for d in (0, 1))
    found: Ints = cx[(here[0] == then[1]) & (here[1] == then[0])]
    return found


def _block(block: Program, states: States, ours: NDArray[np.bool_]) -> bool:
    """Whether a block keeps the rules and leaves every state where it was."""
    holds, halves = states.holds.copy(), states.halves.copy()
    if not _level(block, states, ours):
        return False
    leaves = any(np.isin(part.kind, _JUMPS).any() for part in block.walk())
    same = np.array_equal(states.holds, holds)
    states.holds[:], states.halves[:] = holds, halves
    return leaves or same


@kernel
def _follow(
    s: States, code: NDArray[np.uint8], first: Ints, second: Ints, start: int, end: int
) -> bool:
    for i in range(start, end):
        a, b = first[i], second[i]
        if code[i] == PAIR:
            for q in (a, b):
                if s.holds[q] != EMPTY:
                    return False
                _put(s, q, HALF)
                if s.halves[s.module[q]] > s.room[s.module[q]]:
                    return False
        elif code[i] == SWAP:
            s.holds[a], s.holds[b] = s.holds[b], s.holds[a]
        elif code[i] == CLEAR:
            _put(s, a, EMPTY)
        elif s.holds[b] == EMPTY and s.holds[a] != EMPTY:
            _put(s, a, EMPTY)
            _put(s, b, DATA)
    return True


@kernel
def _put(s: States, q: int, what: int) -> None:
    m = s.module[q]
    s.halves[m] += int(what == HALF) - int(s.holds[q] == HALF)
    s.peak[m] = max(s.peak[m], s.halves[m])
    s.holds[q] = what
