"""Real qubits where all qubits of a module are coupled: every wire keeps one place, no swaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from heapq import heapify, heappop, heappush

import numpy as np

from bellwire.compiler.operations import ROWS, Family
from bellwire.compiler.program import Ints, Program, Qubit, Ragged, Stage
from bellwire.compiler.ragged import widths
from bellwire.compiler.waits import qubit_modules
from bellwire.targets.machine import Machine

_FLOW = np.array([row.family is Family.FLOW for row in ROWS])


def real_qubits(machine: Machine) -> list[Qubit]:
    """The physical qubits of a machine: for each module data first, then communication."""
    return [
        Qubit(f"{m.name}_{role}[{i}]", m.name, role)
        for m in machine.modules
        for role, n in (("data", m.data_qubits), ("comm", m.comm_qubits))
        for i in range(n)
    ]


def settle_wires(
    program: Program, machine: Machine, positions: Sequence[int] | None
) -> Program | None:
    """Put each wire on the lowest free qubit of its role, from its first use to its last.

    `positions` as in `route_locally`. None where that does not do: couplings, control flow, or a
    wire without a free qubit.
    """
    coupled = any(m.edges is not None for m in machine.modules)
    if coupled or _FLOW[program.kind].any():
        return None
    module = qubit_modules(program, machine)
    place = np.full(len(program.qubits), -1, dtype=np.int64)
    inputs = np.array(program.inputs, dtype=np.int64)
    offsets = np.array([machine.offsets[m.name] for m in machine.modules], dtype=np.int64)
    where = _in_order(module[inputs]) if positions is None else np.array(positions)
    place[inputs] = offsets[module[inputs]] + where
    if not _settle_others(program, machine, module, place):
        return None
    return replace(
        program,
        stage=Stage.LOWERED,
        qubits=tuple(real_qubits(machine)),
        inputs=tuple(place[inputs].tolist()),
        outputs=tuple(place[list(program.outputs)].tolist()),
        operands=Ragged(program.operands.starts, place[program.operands.values].astype(np.int32)),
    )


def _in_order(module: Ints) -> Ints:
    """For each entry how many before it are the same."""
    order = np.argsort(module, kind="stable")
    first = np.searchsorted(module[order], module[order])
    out = np.empty(len(module), dtype=np.int64)
    out[order] = np.arange(len(module)) - first
    return out


def _settle_others(program: Program, machine: Machine, module: Ints, place: Ints) -> bool:
    """Fill `place` for all wires that are used; says whether there was a free qubit for each."""
    real = real_qubits(machine)
    taken = set(place[place >= 0].tolist())
    free: dict[tuple[str | None, str], list[int]] = {(q.module, q.role): [] for q in real}
    for p, qubit in enumerate(real):
        if p not in taken:
            free[qubit.module, qubit.role].append(p)
    for heap in free.values():
        heapify(heap)
    for wire, starts_here in _first_and_last_uses(program):
        if starts_here and place[wire] < 0:
            qubit = program.qubits[wire]
            heap = free.get((qubit.module, qubit.role), [])
            if not heap:
                return False
            place[wire] = heappop(heap)
        elif not starts_here:
            p = int(place[wire])
            heappush(free[real[p].module, real[p].role], p)
    return bool((place[list(program.outputs)] >= 0).all())


def _first_and_last_uses(program: Program) -> list[tuple[int, bool]]:
    """(wire, whether this is its first use or its last) in order; outputs have no last use."""
    used = program.operands.values.astype(np.int64)
    row = np.repeat(np.arange(len(program)), widths(program.operands))
    first = np.full(len(program.qubits), -1, dtype=np.int64)
    last = first.copy()
    first[used[::-1]] = np.arange(len(used))[::-1]
    last[used] = np.arange(len(used))
    born = np.flatnonzero(first >= 0)
    born = born[np.argsort(first[born])]
    last[list(program.outputs)] = -1
    gone = np.flatnonzero(last >= 0)
    wires = np.concatenate([born, gone])
    when = np.concatenate([2 * row[first[born]], 2 * row[last[gone]] + 1])
    order = np.argsort(when, kind="stable")
    return list(zip(wires[order].tolist(), (order < len(born)).tolist()))
