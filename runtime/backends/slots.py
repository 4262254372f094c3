"""Which qubit of the simulator stands for which physical qubit, and when.

A simulator pays for every qubit twice over, so a physical qubit has one only while it holds a
state: a communication qubit is free from its measurement to its next Bell pair.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Program
from bellwire.compiler.waits import int_rows

_MAKES = (KIND["reset"], KIND["ebit"])


@dataclass(frozen=True, slots=True)
class Slots:
    """`rows[i]`: the slots of the operands of operation i (() for a mark); `resets[i]`: those of
    them that hold something old and must be reset first; `pools[s]`: the pool of slot s."""

    rows: tuple[tuple[int, ...], ...]
    resets: tuple[tuple[int, ...], ...]
    pools: tuple[Hashable, ...]


def assign_slots(program: Program, pool: Sequence[Hashable], *, share: bool = True) -> Slots:
    """Give each physical qubit a slot while it holds a state; slots are shared in program order.

    `pool[q]`: qubits of different pools never share a slot (their readouts err differently).
    Blocks of control flow keep the slots of their row. Without `share` each physical qubit that is
    used has a slot of its own.
    """
    operands = int_rows(program.operands)
    dead = _dead_after(program, operands) if share else [[] for _ in operands]
    free: dict[Hashable, list[int]] = {}
    slot: dict[int, int] = {}
    pools: list[Hashable] = []
    used: set[int] = set()
    rows: list[tuple[int, ...]] = []
    resets: list[tuple[int, ...]] = []
    for i, (kind, qubits) in enumerate(zip(program.kind.tolist(), operands)):
        if ROWS[kind].family is Family.MARK:
            rows.append(())
            resets.append(())
            continue
        fresh = [q for q in qubits if q not in slot]
        for q in fresh:
            if free.get(pool[q]):
                slot[q] = heappop(free[pool[q]])
            else:
                slot[q] = len(pools)
                pools.append(pool[q])
        anew = qubits if kind in _MAKES else fresh
        rows.append(tuple(slot[q] for q in qubits))
        resets.append(tuple(slot[q] for q in anew if slot[q] in used))
        used.update(rows[-1])
        for q in dead[i]:
            heappush(free.setdefault(pool[q], []), slot.pop(q))
    return Slots(tuple(rows), tuple(resets), tuple(pools))


def _dead_after(program: Program, operands: list[tuple[int, ...]]) -> list[list[int]]:
    """For each row the operands whose state nobody sees again: they are made anew, or left."""
    out: list[list[int]] = []
    needed: set[int] = set()  # qubits whose state a later operation uses
    rows = list(zip(program.kind.tolist(), operands, program.condition.tolist()))
    for kind, qubits, condition in reversed(rows):
        if ROWS[kind].family is Family.MARK:
            out.append([])
            continue
        out.append([q for q in qubits if q not in needed])
        if kind in _MAKES and condition < 0:
            needed.difference_update(qubits)
        else:
            needed.update(qubits)
    return out[::-1]
