"""How long operations take, when each can start, and whether given start times are right.

All times are whole nanoseconds; the wait for a Bell pair is the expected one.
"""

from __future__ import annotations

import numpy as np

from bellwire.compiler.generation import cutoffs_ns
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.purified import pair_of
from bellwire.compiler.ragged import widths
from bellwire.compiler.start_times import start_early
from bellwire.compiler.waits import (
    Waits,
    ebit_links,
    first_homes,
    message_delays_ns,
    qubit_modules,
    waits,
)
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

SWAP_GATES = 3  # a swap is made of three two-qubit gates

_EBIT, _SWAP = KIND["ebit"], KIND["swap"]
_READOUT = (KIND["measure"], KIND["reset"])
_GATE = np.array([row.family is Family.GATE for row in ROWS])
_PROTOCOL = np.array([row.family is Family.PROTOCOL for row in ROWS])


def durations_ns(program: Program, machine: Machine) -> Ints:
    """Expected duration of each operation, shape (len(program),).

    A gate, a measurement and a reset take what their module says (a reset as long as a readout, a
    swap three two-qubit gates), an `ebit` its link's expected wait, a barrier nothing. `if_else`
    takes its longer branch, `while_loop` one turn, `for_loop` all its turns. Raises ProgramError
    for a protocol that is not written out.
    """
    homes = first_homes(program, qubit_modules(program, machine))
    gate, width = _GATE[program.kind], widths(program.operands)
    out = np.zeros(len(program), dtype=np.int64)
    for rows, ns in (
        (gate & (width == 1), [m.gate_1q.ns for m in machine.modules]),
        (gate & (width == 2), [m.gate_2q.ns for m in machine.modules]),
        (np.isin(program.kind, _READOUT), [m.readout.ns for m in machine.modules]),
    ):
        out[rows] = np.ceil(np.array(ns))[homes[rows]]
    out[program.kind == _SWAP] *= SWAP_GATES
    links = ebit_links(program, machine)
    pairs = [pair_of(program, machine, link) for link in machine.links]
    means = np.ceil(np.array([pair.wait_ns for pair in pairs] or [0.0]))
    out[links >= 0] = means[links[links >= 0]]
    for i in np.flatnonzero(program.kind == KIND["delay"]).tolist():
        out[i] = round(float(program.angles.values[program.angles.starts[i]]) * 1e9)
    for i, blocks in program.blocks.items():
        out[i] = _flow_ns(program, i, blocks, machine)
    _refuse_protocols(program)
    return out


def _refuse_protocols(program: Program) -> None:
    left = np.flatnonzero(_PROTOCOL[program.kind] & (program.kind != _EBIT))
    if len(left):
        name = ROWS[program.kind[left[0]]].name
        raise ProgramError(
            f"operation {left[0]} ({name}): a {program.stage.name} program has no times yet; "
            "compile it to LOWERED first"
        )


def _flow_ns(program: Program, row: int, blocks: tuple[Program, ...], machine: Machine) -> int:
    longest = max(makespan_ns(block, machine) for block in blocks)
    name = ROWS[program.kind[row]].name
    if name == "for_loop":
        return longest * turns(program, row)
    if name == "while_loop":
        return longest + turn_message_ns(program, row, machine)
    return longest


def turns(program: Program, row: int) -> int:
    """How many turns a `for_loop` row makes."""
    return int(program.angles.values[program.angles.starts[row]])


def turn_message_ns(program: Program, row: int, machine: Machine) -> int:
    """The time that the condition of a `while_loop` needs to reach all modules of the loop."""
    starts, values = program.operands.starts, program.operands.values
    modules = np.unique(qubit_modules(program, machine)[values[starts[row] : starts[row + 1]]])
    if len(modules) < 2:
        return 0
    return int(message_delays_ns(machine)[np.ix_(modules, modules)].max())


def earliest_starts(program: Program, machine: Machine) -> Ints:
    """Start of each operation when each starts as soon as it may, with expected waits, in ns.

    A pair that is too old when it is needed (compiler/generation.py) is made again.
    """
    wait, durations = waits(program, machine), durations_ns(program, machine)
    return start_early(wait, durations, machine, cutoffs_ns(program, machine))[0]


def start_times_ns(program: Program, machine: Machine) -> Ints:
    """The program's own start times once SCHEDULED, else the earliest ones."""
    if program.stage is Stage.SCHEDULED and program.start_ns is not None:
        return program.start_ns
    return earliest_starts(program, machine)


def makespan_ns(program: Program, machine: Machine) -> int:
    """When the last operation ends, with expected waits, in ns."""
    if not len(program):
        return 0
    return int((start_times_ns(program, machine) + durations_ns(program, machine)).max())


def check_times(program: Program, machine: Machine) -> None:
    """SCHEDULED: start times respect order, durations, messages and the capacity of links.

    Raises ProgramError with the two operations and the times that contradict each other.
    """
    if program.start_ns is None or len(program.start_ns) != len(program):
        raise ProgramError(f"{program.name}: SCHEDULED, but it has no start times; run schedule")
    starts, durations = program.start_ns, durations_ns(program, machine)
    early = np.flatnonzero(starts < 0)
    if len(early):
        raise ProgramError(f"operation {early[0]}: starts at {starts[early[0]]} ns, before 0")
    wait = waits(program, machine)
    after = np.repeat(np.arange(len(program)), np.diff(wait.first))
    ready = (starts + durations)[wait.before] + wait.lag_ns
    late = np.flatnonzero(starts[after] < ready)
    if len(late):
        i, k = int(after[late[0]]), int(late[0])
        raise ProgramError(
            f"operation {i} ({ROWS[program.kind[i]].name}): starts at {starts[i]} ns, waits for "
            f"operation {wait.before[k]} until {ready[k]} ns; run schedule again"
        )
    _check_capacity(program, machine, wait, durations)
    for blocks in program.blocks.values():
        for block in blocks:
            check_times(block, machine)


def _check_capacity(program: Program, machine: Machine, wait: Waits, durations: Ints) -> None:
    assert program.start_ns is not None
    use = [(int(i), int(wait.link[i]), 1) for i in np.flatnonzero(wait.link >= 0)]
    use += [(i, k, machine.links[k].capacity) for i, kept in wait.links.items() for k in kept]
    events = []
    for i, k, slots in use:
        start = int(program.start_ns[i])
        events += [(k, start, slots, i), (k, start + int(durations[i]), -slots, i)]
    busy: dict[int, int] = {}
    for k, ns, change, i in sorted(events):
        busy[k] = busy.get(k, 0) + change
        link = machine.links[k]
        if busy[k] > link.capacity:
            raise ProgramError(
                f"operation {i} ({ROWS[program.kind[i]].name}): at {ns} ns link "
                f"{'-'.join(link.between)} makes {busy[k]} pairs at once; its capacity is "
                f"{link.capacity}"
            )
