"""What a program costs: e-bits, depth, messages, communication qubits, time, fidelity.

An e-bit is counted when a Bell pair is made on a link: swapping over k middle modules counts k + 1,
moving away and back counts two. Operations in a loop or a branch are counted once.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.compiler.states import halves_peak
from bellwire.compiler.timing import makespan_ns
from bellwire.targets.machine import Machine


def program_metrics(program: Program, machine: Machine) -> dict[str, Any]:
    """Everything that a LOWERED or SCHEDULED program itself tells (see the module's counting rule).

    `makespan_s` and `expected_fidelity` are None before SCHEDULED.
    """
    timed = program.stage is Stage.SCHEDULED
    return {
        "ebits": program.count("ebit"),
        "ebit_depth": ebit_depth(program),
        "swaps_local": program.count("swap"),
        "two_qubit_gates": two_qubit_gates(program),
        "messages": messages(program),
        "makespan_s": makespan_ns(program, machine) * 1e-9 if timed else None,
        "expected_fidelity": expected_fidelity(program, machine) if timed else None,
        "comm_qubits_peak": halves_peak(program, machine),
        "modules": module_use(program, machine),
        "layout": layout(program),
    }


def costs_on_the_way(name: str, program: Program) -> dict[str, int]:
    """What only the program after this pass tells: the gates that span homes (partition), what is
    asked for before protocols are written out (insert_ebits)."""
    if name == "partition":
        return {"spanning_gates": spanning_gates(program)}
    if name == "insert_ebits":
        return {
            "ebit_requests": program.count("ebit"),
            "teleports": program.count("teleport"),
            "cat_sessions": program.count("cat_entangle"),
        }
    return {}


def two_qubit_gates(program: Program) -> int:
    """Gates on two qubits, nested blocks included."""
    return sum(
        len(op.qubits) == 2 and op.row.family is Family.GATE
        for part in program.walk()
        for op in part.ops
    )


def spanning_gates(program: Program) -> int:
    """Two-qubit gates whose qubits have different homes (of a PLACED program)."""
    homes = [q.module for q in program.qubits]
    return sum(
        len(op.qubits) == 2
        and op.row.family is Family.GATE
        and homes[op.qubits[0]] != homes[op.qubits[1]]
        for part in program.walk()
        for op in part.ops
    )


def messages(program: Program) -> int:
    """Measured bits sent to another module: one per bit written and module that reads it."""
    sent = 0
    for part in program.walk():
        writer: dict[int, str | None] = {}
        told: set[tuple[int, str | None]] = set()
        for op in part.ops:
            here = {part.qubits[q].module for q in op.qubits}
            for b in bits_of(op.condition) if op.condition is not None else ():
                for module in here - {writer.get(b)}:
                    sent += b in writer and (b, module) not in told
                    told.add((b, module))
            if op.name == "measure":
                writer[op.bits[0]] = part.qubits[op.qubits[0]].module
                told = {t for t in told if t[0] != op.bits[0]}
    return sent


def ebit_depth(program: Program) -> int:
    """The longest chain of e-bits each of which acts on a state that the one before acted on.

    Nested blocks count as one step each, as deep as their own deepest chain.
    """
    depth: Counter[int] = Counter()  # of qubits
    of_bit: Counter[int] = Counter()
    fresh: set[int] = set()  # halves that have met no state yet
    most = 0
    for op in program.ops:
        if op.name == "ebit":
            fresh |= set(op.qubits)
            for q in op.qubits:
                depth[q] = 0
            continue
        known = [depth[q] for q in op.qubits]
        if op.condition is not None:
            known += [of_bit[b] for b in bits_of(op.condition)]
            fresh -= set(op.qubits)  # corrected by a state that met the other half
        now = max(known, default=0) + _spends(op, fresh)
        now += max((ebit_depth(block) for block in op.blocks), default=0)
        for q in op.qubits:
            depth[q] = now
        for b in op.bits:
            of_bit[b] = now
        if op.name == "reset":
            depth[op.qubits[0]] = 0
        most = max(most, now)
    return most


def _spends(op: Op, fresh: set[int]) -> int:
    """Whether an operation brings a state and a fresh half together (two halves: only joined)."""
    if len(op.qubits) != 2 or op.row.family is not Family.GATE:
        return 0
    first, second = (q in fresh for q in op.qubits)
    fresh -= set(op.qubits)
    return int(first != second)


def module_use(program: Program, machine: Machine) -> dict[str, dict[str, int]]:
    """For each module: data qubits in use at the start, what it has, e-bits it takes part in."""
    used = Counter(program.qubits[q].module for q in program.inputs)
    ebits = Counter(
        part.qubits[q].module
        for part in program.walk()
        for op in part.ops
        if op.name == "ebit"
        for q in op.qubits
    )
    return {
        m.name: {
            "data_used": used[m.name],
            "data_qubits": m.data_qubits,
            "comm_qubits": m.comm_qubits,
            "ebits": ebits[m.name],
        }
        for m in machine.modules
    }


def layout(program: Program) -> dict[str, dict[str, str]]:
    """Where each input qubit starts and ends."""
    names = [q.name for q in program.qubits]
    return {
        "initial": {name: names[q] for name, q in zip(program.logical, program.inputs)},
        "final": {name: names[q] for name, q in zip(program.logical, program.outputs)},
    }
