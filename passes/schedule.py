"""Give every operation its start time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bellwire.compiler.generation import Generation, with_generation
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.requests import Extra, requests
from bellwire.compiler.rows import take
from bellwire.compiler.states_kernel import states_are_right
from bellwire.compiler.timing import durations_ns, earliest_starts, makespan_ns
from bellwire.compiler.waits import order_waits, with_hardware
from bellwire.errors import ProgramError
from bellwire.passes.list_order import list_order
from bellwire.passes.spread_pairs import spread_pairs
from bellwire.targets.machine import Machine

NO_MORE = Extra(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def schedule(
    program: Program,
    machine: Machine,
    *,
    generation: Generation | None = None,
    critical_path: bool | None = None,
) -> Program:
    """Start each operation as soon as it may, counting on the expected wait for Bell pairs.

    Takes a LOWERED program. `generation` says when pairs are asked for (as the program does, when
    not given). `critical_path`: pairs take turns on the communication qubits, and those that ask
    for the same link or switch are served by the longest path to the end, where that is sooner done
    than as the program says; when not given, for other policies than `asap`. Times are in ns;
    inside a block of control flow they count from the start of its row. Raises ProgramError for an
    earlier stage, DoesNotFit where purification lacks communication qubits.
    """
    if program.stage < Stage.LOWERED:
        raise ProgramError(
            f"schedule: the program is {program.stage.name}; it must be LOWERED first"
        )
    if generation is not None:
        program = with_generation(program, generation)
    if critical_path is None:
        critical_path = program.generation.waits
    return _scheduled(replace(program, start_ns=None), machine, critical_path)


def _scheduled(
    program: Program, machine: Machine, critical_path: bool, *, inside: bool = False
) -> Program:
    blocks = {
        i: tuple(_scheduled(b, machine, critical_path, inside=True) for b in bs)
        for i, bs in program.blocks.items()
    }
    program = replace(program, stage=Stage.SCHEDULED, blocks=blocks, start_ns=None)
    if program.generation.purify:
        program = spread_pairs(program, machine, inside=inside)
    if critical_path:
        program = critical_first(program, machine, inside=inside)
    if program.generation.waits:
        program = _in_order_of_requests(program, machine)
    return replace(program, start_ns=earliest_starts(program, machine))


def critical_first(program: Program, machine: Machine, *, inside: bool = False) -> Program:
    """The same program (or the `inside` of a block) with its rows in another order and its pairs on
    other communication qubits, if pairs asked for at once are then done sooner."""
    best, least = program, _span(program, machine)
    for base in (program, spread_pairs(program, machine, inside=inside)):
        wait = order_waits(base, machine)
        for hold in (False, True) if machine.fabrics else (False,):
            order = list_order(base, machine, wait, NO_MORE, hold=hold)
            again = _taken(base, order, machine)
            span = _span(again, machine)
            if span < least:
                best, least = again, span
    return best


def _span(program: Program, machine: Machine) -> int:
    return makespan_ns(replace(program, generation=_at_once(program)), machine)


def _at_once(program: Program) -> Generation:
    return Generation(purify=program.generation.purify)


def _in_order_of_requests(program: Program, machine: Machine) -> Program:
    """The rows in the order in which they start, when pairs are asked for by the policy."""
    wait, durations = order_waits(program, machine), durations_ns(program, machine)
    extra = requests(
        program, machine, with_hardware(wait, program, machine), durations, anywhere=True
    )
    order = list_order(program, machine, wait, extra, buffer=program.generation.buffer)
    return _taken(program, order, machine)


def _taken(program: Program, order: Ints, machine: Machine) -> Program:
    """The rows in this order, unless a module would then hold too many halves: where states leave
    communication qubits by swaps, their order is not what rows wait for alone."""
    again = take(program, order)
    return again if states_are_right(again, machine) else program
