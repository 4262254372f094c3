"""What a program costs: e-bits, depth, messages, communication qubits, time, fidelity.

An e-bit is counted when a Bell pair is made on a link: swapping over k middle modules counts k + 1,
moving away and back counts two, a purified pair two (expected are more: the check may fail).
Operations in a loop or a branch are counted once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.depth import ebit_depth
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.purified import pair_of
from bellwire.compiler.ragged import ends, ragged, take_rows, widths
from bellwire.compiler.states import halves_peak
from bellwire.compiler.waits import ebit_links, qubit_modules
from bellwire.targets.machine import Machine

_GATE = np.array([row.family is Family.GATE for row in ROWS])


def program_metrics(program: Program, machine: Machine) -> dict[str, Any]:
    """Everything that a LOWERED or SCHEDULED program itself tells (see the module's counting rule).

    `makespan_s` and `expected_fidelity` (compiler/prediction.py) are None before SCHEDULED.
    """
    found = predict(program, machine) if program.stage is Stage.SCHEDULED else None
    ebits, expected = ebits_of(program, machine)
    return {
        "ebits": ebits,
        "ebits_expected": expected,
        "ebit_depth": ebit_depth(program),
        "swaps_local": program.count("swap"),
        "two_qubit_gates": two_qubit_gates(program),
        "messages": messages(program),
        "makespan_s": found.makespan_s if found else None,
        "expected_fidelity": found.fidelity if found else None,
        "comm_qubits_peak": halves_peak(program, machine),
        "modules": module_use(program, machine),
        "layout": layout(program),
    }


def ebits_of(program: Program, machine: Machine) -> tuple[int, float]:
    """How many pairs all operations make on links: in one try each (two for a purified pair), and
    expected. Operations in a loop or a branch are counted once."""
    pairs = [pair_of(program, machine, link) for link in machine.links]
    made = np.zeros(len(pairs), dtype=np.int64)
    for part in program.walk():
        link = ebit_links(part, machine)
        made += np.bincount(link[link >= 0], minlength=len(pairs))
    least = sum(int(n) * (1 + (pair.kept < 1)) for n, pair in zip(made, pairs))
    return least, float(sum(n * pair.raw_pairs for n, pair in zip(made, pairs)))


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
    return sum(len(_pairs(part)) for part in program.walk())


def spanning_gates(program: Program) -> int:
    """Two-qubit gates whose qubits have different homes (of a PLACED program)."""
    number: dict[str | None, int] = {}
    homes = np.array([number.setdefault(q.module, len(number)) for q in program.qubits])
    total = 0
    for part in program.walk():
        rows = _pairs(part)
        a, b = (homes[ends(part.operands, k, rows)] for k in (0, 1))
        total += int((a != b).sum())
    return total


def _pairs(program: Program) -> Ints:
    """The rows that are gates on two qubits, one level."""
    return np.flatnonzero(_GATE[program.kind] & (widths(program.operands) == 2))


def messages(program: Program) -> int:
    """Measured bits sent to another module: one per bit written and module that reads it."""
    number: dict[str | None, int] = {}
    homes = np.array([number.setdefault(q.module, len(number)) for q in program.qubits] or [0])
    return sum(_messages(part, homes, len(number)) for part in program.walk())


def _messages(program: Program, homes: Ints, modules: int) -> int:
    """The messages of one level: of each measurement the modules, not its own, that read its bit
    before the next measurement into that bit."""
    rows = np.flatnonzero(program.kind == KIND["measure"])
    bits, writers = ends(program.bits, 0, rows), homes[ends(program.operands, 0, rows)]
    order = np.lexsort((rows, bits))
    after = len(program) + 1  # a time of writing or reading is bit * after + row
    times, writers = (bits * after + rows)[order], writers[order]
    row, bit, reader = _reads(program, homes)
    latest = np.searchsorted(times, bit * after + row) - 1
    known = latest >= 0
    latest, bit, reader = latest[known], bit[known], reader[known]
    sent = (times[latest] // after == bit) & (writers[latest] != reader)
    return len(np.unique(latest[sent] * modules + reader[sent]))


def _reads(program: Program, homes: Ints) -> tuple[Ints, Ints, Ints]:
    """Row, bit and module of everything that is read, as columns."""
    rows = np.flatnonzero(program.condition >= 0)
    read = take_rows(
        ragged([bits_of(c) for c in program.conditions]), program.condition[rows].astype(np.int64)
    )
    width = widths(program.operands)[rows]
    found = [np.zeros((3, 0), dtype=np.int64)]
    for place in range(int(width.max(initial=0))):
        here = np.flatnonzero(width > place)
        own, count = take_rows(read, here), widths(read)[here]
        module = homes[ends(program.operands, place, rows[here])]
        found.append(np.stack([np.repeat(rows[here], count), own.values, np.repeat(module, count)]))
    row, bit, module = np.concatenate(found, axis=1)
    return row, bit, module


def module_use(program: Program, machine: Machine) -> dict[str, dict[str, int]]:
    """For each module: data qubits in use at the start, what it has, e-bits it takes part in."""
    module = qubit_modules(program, machine)
    ebits = np.zeros(len(machine.modules), dtype=np.int64)
    for part in program.walk():
        rows = np.flatnonzero(part.kind == KIND["ebit"])
        for k in (0, 1):
            ebits += np.bincount(module[ends(part.operands, k, rows)], minlength=len(ebits))
    used = np.bincount(module[list(program.inputs)], minlength=len(ebits))
    return {
        m.name: {
            "data_used": int(used[i]),
            "data_qubits": m.data_qubits,
            "comm_qubits": m.comm_qubits,
            "ebits": int(ebits[i]),
        }
        for i, m in enumerate(machine.modules)
    }


def layout(program: Program) -> dict[str, dict[str, str]]:
    """Where each input qubit starts and ends."""
    names = [q.name for q in program.qubits]
    return {
        "initial": {name: names[q] for name, q in zip(program.logical, program.inputs)},
        "final": {name: names[q] for name, q in zip(program.logical, program.outputs)},
    }
