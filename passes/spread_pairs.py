"""Let Bell pairs take turns on the communication qubits of a module: they can be made ahead.

A communication qubit that is used again at once cannot hold the next pair before it is needed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Ints, Program, Ragged
from bellwire.compiler.purified import scratch_qubits
from bellwire.compiler.waits import qubit_modules
from bellwire.errors import DoesNotFit
from bellwire.targets.machine import Machine

SMALL = 50_000  # rows; plain Python takes about 0.1 s for them
NONE = -1


def spread_pairs(program: Program, machine: Machine, *, inside: bool = False) -> Program:
    """Give each half of a pair the communication qubit of its module that is free for longest.

    Takes a LOWERED program. Only where all qubits of a module are coupled, and only qubits that no
    block of control flow uses and that hold nothing at the start and the end. Those that
    purification needs are left free; raises DoesNotFit where they cannot be. `inside` a block only
    its own qubits are known to be free.
    """
    values = program.operands.values.astype(np.int64)
    module = qubit_modules(program, machine)
    loose = _loose(program, machine, module, values)
    scratch = scratch_qubits(program, machine)
    room = loose.copy()
    room[scratch] = False
    if inside:
        room &= np.bincount(values, minlength=len(room)) > 0
    again = values.copy()
    fits = _rename.sized(len(program), small=SMALL)(
        program.operands.starts, values, program.kind == KIND["ebit"], module, loose, room, again
    )
    if not fits or np.isin(again, scratch).any():
        raise DoesNotFit(
            f"{program.name}: it leaves no communication qubit free for purification; give modules "
            "one more"
        )
    operands = Ragged(program.operands.starts, again.astype(program.operands.values.dtype))
    return replace(program, operands=operands)


def _loose(program: Program, machine: Machine, module: Ints, values: Ints) -> NDArray[np.bool_]:
    """The qubits that may change places: nothing happens to them before their first pair."""
    all_coupled = np.array([m.edges is None for m in machine.modules])
    comm = np.array([q.role == "comm" for q in program.qubits])
    loose: NDArray[np.bool_] = comm & all_coupled[module]
    loose[[*program.inputs, *program.outputs]] = False
    starts = program.operands.starts
    for i in program.blocks:
        loose[values[starts[i] : starts[i + 1]]] = False
    first = np.full(len(loose), NONE)
    rows = np.repeat(np.arange(len(program)), np.diff(starts))
    first[values[::-1]] = rows[::-1]
    used = np.flatnonzero(first >= 0)
    loose[used[program.kind[first[used]] != KIND["ebit"]]] = False
    return loose


@kernel
def _rename(
    starts: Ints,
    values: Ints,
    ebit: NDArray[np.bool_],
    module: Ints,
    loose: NDArray[np.bool_],
    room: NDArray[np.bool_],
    again: Ints,
) -> bool:
    """Write new qubits, with `room` for halves, into `again`; false where there are too few. A half
    has its qubit from its `ebit` to the last row before the next `ebit` there."""
    last, seen = np.zeros(len(values), dtype=np.bool_), np.zeros(len(module), dtype=np.bool_)
    for i in range(len(ebit) - 1, -1, -1):
        for k in range(starts[i], starts[i + 1]):
            last[k] = not seen[values[k]]
            seen[values[k]] = not ebit[i]
    place, busy = np.arange(len(module)), np.zeros(len(module), dtype=np.bool_)
    freed = np.full(len(module), NONE)
    for i in range(len(ebit)):
        for k in range(starts[i], starts[i + 1]):
            q = values[k]
            if not loose[q]:
                continue
            if ebit[i]:
                place[q] = _longest_free(q, module, room, busy, freed)
                if place[q] < 0:
                    return False
                busy[place[q]] = True
            again[k] = place[q]
            if last[k]:
                busy[place[q]] = False
                freed[place[q]] = i
    return True


@kernel
def _longest_free(
    q: int, module: Ints, room: NDArray[np.bool_], busy: NDArray[np.bool_], freed: Ints
) -> int:
    best, m = NONE, module[q]
    low, high = q, q
    while low > 0 and module[low - 1] == m:
        low -= 1
    while high + 1 < len(module) and module[high + 1] == m:
        high += 1
    for w in range(low, high + 1):
        if room[w] and not busy[w] and (best < 0 or freed[w] < freed[best]):
            best = w
    return best
