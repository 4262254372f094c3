"""Where qubits that hold a state have to wait, according to the start times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Program
from bellwire.compiler.timing import durations_ns, makespan_ns, start_times_ns
from bellwire.compiler.waits import int_rows
from bellwire.targets.machine import Machine

_MAKES = (KIND["reset"], KIND["ebit"])
_MARKS = (KIND["barrier"], KIND["delay"])


@dataclass(frozen=True, slots=True)
class Gap:
    """A qubit waits for `ns` before operation `row`; row -1 is the end of a block."""

    row: int
    qubit: int
    ns: int


@dataclass(frozen=True, slots=True)
class Idle:
    """The gaps of one level and, by row, those of its blocks; `holding` are the qubits that hold
    a state at the end."""

    gaps: tuple[Gap, ...]
    blocks: dict[int, tuple[Idle, ...]]
    holding: frozenset[int]


def idle_gaps(
    program: Program,
    machine: Machine,
    *,
    holding: Iterable[int] = (),
    until_ns: int | None = None,
) -> Idle:
    """Find the time that each state spends waiting between two operations.

    A qubit holds a state from its first gate or its Bell pair on, until it is reset or made into a
    Bell pair again; in |0> it has nothing to lose. A block of control flow starts with the states
    that are held outside (`holding`) and ends at `until_ns`.
    """
    starts = start_times_ns(program, machine).tolist()
    durations = durations_ns(program, machine).tolist()
    last_end = dict.fromkeys(holding, 0)  # of the qubits that hold a state
    gaps: list[Gap] = []
    inside: dict[int, tuple[Idle, ...]] = {}
    rows = zip(
        program.kind.tolist(),
        int_rows(program.operands),
        program.condition.tolist(),
        starts,
        durations,
    )
    for i, (kind, qubits, condition, start, ns) in enumerate(rows):
        if kind in _MARKS:
            continue
        if kind in _MAKES and condition < 0:
            for q in qubits:
                last_end.pop(q, None)
        else:
            gaps += [
                Gap(i, q, start - last_end[q]) for q in qubits if start > last_end.get(q, start)
            ]
        if ROWS[kind].family is Family.FLOW:
            inside[i] = _inside(program, machine, i, [q for q in last_end if q in qubits], ns)
            qubits = tuple({*qubits} & {*last_end, *(q for b in inside[i] for q in b.holding)})
        if kind != KIND["reset"]:
            last_end.update(dict.fromkeys(qubits, start + ns))
        elif condition >= 0 and qubits[0] in last_end:
            last_end[qubits[0]] = start + ns
    if until_ns is not None:
        gaps += [Gap(-1, q, until_ns - end) for q, end in last_end.items() if until_ns > end]
    return Idle(tuple(gaps), inside, frozenset(last_end))


def _inside(
    program: Program, machine: Machine, row: int, holding: list[int], ns: int
) -> tuple[Idle, ...]:
    """The gaps in the blocks of a control-flow row that takes `ns`."""
    blocks = program.blocks.get(row, ())
    one_turn = ROWS[program.kind[row]].name == "for_loop"
    return tuple(
        idle_gaps(b, machine, holding=holding, until_ns=makespan_ns(b, machine) if one_turn else ns)
        for b in blocks
    )
