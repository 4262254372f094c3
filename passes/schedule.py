"""Give every operation its start time."""

from __future__ import annotations

from dataclasses import replace

from bellwire.compiler.program import Program, Stage
from bellwire.compiler.timing import earliest_starts
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine


def schedule(program: Program, machine: Machine) -> Program:
    """Start each operation as soon as it may, counting on the expected wait for Bell pairs.

    Takes a LOWERED program and keeps its order. Times are in ns; inside a block of control flow
    they count from the start of its row. Raises ProgramError for an earlier stage.
    """
    if program.stage < Stage.LOWERED:
        raise ProgramError(
            f"schedule: the program is {program.stage.name}; it must be LOWERED first"
        )
    blocks = {i: tuple(schedule(b, machine) for b in bs) for i, bs in program.blocks.items()}
    starts = earliest_starts(program, machine)
    return replace(program, stage=Stage.SCHEDULED, start_ns=starts, blocks=blocks)
