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

Chance = tuple[float, int]  # of an error, and how many times it is run

_GATE = np.array([row.family is Family.GATE for row in ROWS])


def expected_fidelity(program: Program, machine: Machine, idle: Idle | None = None) -> float:
    """Multiply the chances that each Bell pair, gate, readout and wait brings no error.

    The product over all operations of 1 - (chance of any Pauli error or flip), for a LOWERED or
    SCHEDULED program. It counts errors that cancel or do no harm, so a run does at least as well,
    but for the rare errors that undo each other. `if_else` counts its worse branch, `while_loop`
    one turn, `for_loop` all turns. Noise: compiler/noise_events.py. `idle`: how long qubits wait,
    when not given as the start times say.
    """
    return math.exp(log_fidelity(program, machine, idle))


def log_fidelity(program: Program, machine: Machine, idle: Idle | None = None) -> float:
    """The logarithm of the expected fidelity, which may be too small for a number."""
    idle = idle_gaps(program, machine) if idle is None else idle
    return _log_no_error(program, machine, qubit_modules(program, machine), idle)


def _log_no_error(program: Program, machine: Machine, module: Ints, idle: Idle) -> float:
    chances = (*_operations(program, machine, module), *_gaps(program, machine, module, idle))
    out = math.fsum(count * _log_not(chance) for chance, count in chances if count)
    for i, inner in idle.blocks.items():
        blocks = zip(program.blocks.get(i, ()), inner)
        worst = min((_log_no_error(b, machine, module, w) for b, w in blocks), default=0.0)
        out += worst * (turns(program, i) if program.kind[i] == KIND["for_loop"] else 1)
    return out


def _operations(program: Program, machine: Machine, module: Ints) -> Iterator[Chance]:
    """The errors of Bell pairs, readouts and gates, those that are alike together."""
    links = ebit_links(program, machine)
    for link, count in zip(machine.links, _counts(links[links >= 0], len(machine.links))):
        yield sum(pair_weights(pair_of(program, machine, link).state)), count
    homes, modules = first_homes(program, module), machine.modules
    for m, count in zip(modules, _counts(homes[program.kind == KIND["measure"]], len(modules))):
        yield 1 - m.readout.fidelity, count
    gate, swap, width = _GATE[program.kind], program.kind == KIND["swap"], widths(program.operands)
    for rows, args in (
        (gate & (width == 1), (1, "")),
        (gate & (width == 2) & ~swap, (2, "")),
        (swap, (2, "swap")),
    ):
        for m, count in zip(modules, _counts(homes[rows], len(modules))):
            yield sum(gate_weights(m, *args)), count


def _counts(places: Ints, most: int) -> list[int]:
    """How many times each of `most` places is named."""
    counts: list[int] = np.bincount(places, minlength=most).tolist()
    return counts


def _gaps(program: Program, machine: Machine, module: Ints, idle: Idle) -> Iterator[Chance]:
    """The errors of waiting states, those that are alike together."""
    qubits = idle.where.qubits
    comm = np.array([q.role == "comm" for q in program.qubits], dtype=bool)[qubits]
    for i, m in enumerate(machine.modules):
        for role in ("data", "comm"):
            coherence = m.coherence_ns(role)
            here = (module[qubits] == i) & (comm == (role == "comm"))
            if min(coherence) == math.inf and not idle.attempts[here].any():
                continue
            waits = np.stack([idle.ns[here], idle.attempts[here]], axis=1)
            for (ns, attempts), count in zip(*np.unique(waits, axis=0, return_counts=True)):
                weights = idle_weights(int(ns), *coherence)
                yield sum(disturbed(weights, m.attempt_dephasing, float(attempts))), int(count)


def _log_not(chance: float) -> float:
    return math.log1p(-chance) if chance < 1 else -math.inf
