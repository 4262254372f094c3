"""The chance that a program runs without any error: an estimate that costs no simulation."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from bellwire.compiler.idle import Idle, idle_gaps
from bellwire.compiler.noise_events import (
    disturbed,
    gate_weights,
    idle_weights,
    pair_weights,
)
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.purified import pair_of
from bellwire.compiler.ragged import widths
from bellwire.compiler.timing import turns
from bellwire.compiler.waits import ebit_links, first_homes, qubit_modules
from bellwire.targets.machine import Machine

Cause = tuple[str, str]  # what goes wrong, and on which link or in which module
Budget = dict[Cause, float]  # the logarithm of the chance that none of it happens
IDLE = {"comm": "idle communication qubits", "data": "idle data qubits"}  # by their role
CAUSES = ("Bell pairs", *IDLE.values(), "one-qubit gates", "two-qubit gates", "swaps", "readouts")
Chance = tuple[Cause, float, int]  # of an error, and how many times it is run

_GATE = np.array([row.family is Family.GATE for row in ROWS])


def expected_fidelity(program: Program, machine: Machine, idle: Idle | None = None) -> float:
    """Multiply the chances that each Bell pair, gate, readout and wait brings no error.

    The product over all operations of 1 - (chance of any Pauli error or flip), for a LOWERED or
    SCHEDULED program. It counts errors that cancel or do no harm, so a run does at least as well,
    but for the rare errors that undo each other. `if_else` counts its worse branch, `while_loop`
    one turn, `for_loop` all turns. Noise: compiler/noise_events.py. `idle`: how long qubits wait,
    when not given as the start times say.
    """
    return math.exp(math.fsum(fidelity_budget(program, machine, idle).values()))


def fidelity_budget(program: Program, machine: Machine, idle: Idle | None = None) -> Budget:
    """Split the logarithm of the expected fidelity by cause and place; all values are below 0.

    The cause is one of CAUSES, the place is a link (A-B) or a module. The sum of the values
    is the logarithm of `expected_fidelity`, which says what is counted.
    """
    idle = idle_gaps(program, machine) if idle is None else idle
    return _log_no_error(program, machine, qubit_modules(program, machine), idle)


def _log_no_error(program: Program, machine: Machine, module: Ints, idle: Idle) -> Budget:
    out: Budget = {}
    chances = (*_operations(program, machine, module), *_gaps(program, machine, module, idle))
    for cause, chance, count in chances:
        if count and chance:
            out[cause] = out.get(cause, 0.0) + count * _log_not(chance)
    for i, inner in idle.blocks.items():
        blocks = zip(program.blocks.get(i, ()), inner)
        budgets = [_log_no_error(b, machine, module, w) for b, w in blocks]
        worst = min(budgets, key=lambda budget: math.fsum(budget.values()), default={})
        times = turns(program, i) if program.kind[i] == KIND["for_loop"] else 1
        for cause, loss in worst.items():
            out[cause] = out.get(cause, 0.0) + loss * times
    return out


def _operations(program: Program, machine: Machine, module: Ints) -> Iterator[Chance]:
    """The errors of Bell pairs, readouts and gates, those that are alike together."""
    links = ebit_links(program, machine)
    for link, count in zip(machine.links, _counts(links[links >= 0], len(machine.links))):
        weights = pair_weights(pair_of(program, machine, link).state)
        yield ("Bell pairs", "-".join(link.between)), sum(weights), count
    homes, modules = first_homes(program, module), machine.modules
    for m, count in zip(modules, _counts(homes[program.kind == KIND["measure"]], len(modules))):
        yield ("readouts", m.name), 1 - m.readout.fidelity, count
    gate, swap, width = _GATE[program.kind], program.kind == KIND["swap"], widths(program.operands)
    for cause, rows, args in (
        ("one-qubit gates", gate & (width == 1), (1, "")),
        ("two-qubit gates", gate & (width == 2) & ~swap, (2, "")),
        ("swaps", swap, (2, "swap")),
    ):
        for m, count in zip(modules, _counts(homes[rows], len(modules))):
            yield (cause, m.name), sum(gate_weights(m, *args)), count


def _counts(places: Ints, most: int) -> list[int]:
    """How many times each of `most` places is named."""
    counts: list[int] = np.bincount(places, minlength=most).tolist()
    return counts


def _gaps(program: Program, machine: Machine, module: Ints, idle: Idle) -> Iterator[Chance]:
    """The errors of waiting states, those that are alike together."""
    qubits = idle.where.qubits
    comm = np.array([q.role == "comm" for q in program.qubits], dtype=bool)[qubits]
    for i, m in enumerate(machine.modules):
        for role, cause in IDLE.items():
            coherence = m.coherence_ns(role)
            here = (module[qubits] == i) & (comm == (role == "comm"))
            if min(coherence) == math.inf and not idle.attempts[here].any():
                continue
            waits = np.stack([idle.ns[here], idle.attempts[here]], axis=1)
            for (ns, attempts), count in zip(*np.unique(waits, axis=0, return_counts=True)):
                weights = idle_weights(int(ns), *coherence)
                chance = sum(disturbed(weights, m.attempt_dephasing, float(attempts)))
                yield (cause, m.name), chance, int(count)


def _log_not(chance: float) -> float:
    return math.log1p(-chance) if chance < 1 else -math.inf
