"""The chance that a program runs without any error: an estimate that costs no simulation."""

from __future__ import annotations

import math
from itertools import chain

from bellwire.compiler.noise_events import NoiseEvents, noise_events
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program
from bellwire.compiler.timing import turns
from bellwire.targets.machine import Machine


def expected_fidelity(program: Program, machine: Machine) -> float:
    """Multiply the chances that each Bell pair, gate, readout and wait brings no error.

    The product over all operations of 1 - (chance of any Pauli error or flip), for a LOWERED or
    SCHEDULED program. It counts errors that cancel or do no harm, so a run does at least as well,
    but for the rare errors that undo each other. `if_else` counts its worse branch, `while_loop`
    one turn, `for_loop` all turns. Noise: compiler/noise_events.py.
    """
    return no_error(program, noise_events(program, machine))


def no_error(program: Program, events: NoiseEvents) -> float:
    """The same for events that are known already."""
    return math.exp(_log_no_error(program, events))


def _log_no_error(program: Program, events: NoiseEvents) -> float:
    channels = chain(*events.before.values(), *events.after.values(), events.at_end)
    errors = chain((c.error for c in channels), events.flips.values())
    out = math.fsum(map(_log_not, errors))
    for i, inner in events.blocks.items():
        worst = min(_log_no_error(b, e) for b, e in zip(program.blocks[i], inner))
        out += worst * (turns(program, i) if program.kind[i] == KIND["for_loop"] else 1)
    return out


def _log_not(chance: float) -> float:
    return math.log1p(-chance) if chance < 1 else -math.inf
