"""When the operations of a program happen, and in which modules: what the pictures start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.timing import durations_ns, start_times_ns
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

_UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns"))
_MARK = np.array([row.family is Family.MARK for row in ROWS])
# What an operation is drawn as, by the colour of the theme.
KINDS = {
    "turn": "one-qubit gate",
    "gate": "two-qubit gate",
    "measure": "measure, reset",
    "pair": "Bell pair",
    "flow": "control flow",
}
NO_KIND = len(KINDS)  # barriers and delays


@dataclass(frozen=True, eq=False, slots=True)
class Times:
    """Of each operation of a program: `start`, `end`, and `kind` (place in KINDS, NO_KIND for
    marks); of each qubit: `module` (place in `modules`). Times are in ns with a machine, expected
    waits included; without one (`steps`) each operation takes one step."""

    program: Program
    modules: tuple[str, ...]
    module: Ints
    start: Ints
    end: Ints
    kind: Ints
    steps: bool

    @property
    def span(self) -> int:
        """When the last operation ends."""
        return int(self.end.max()) if len(self.end) else 0


def times_of(program: Program, machine: Machine | None = None) -> Times:
    """Find when everything happens in a LOWERED or SCHEDULED program. Raises NotSupported for
    earlier stages."""
    if program.stage < Stage.LOWERED:
        raise NotSupported(
            f"{program.name}: found a {program.stage.name} program; "
            "compile it to the end to draw it"
        )
    modules = _modules(program, machine)
    place = {name: i for i, name in enumerate(modules)}
    module = np.array([place[str(q.module)] for q in program.qubits], dtype=np.int64)
    if machine is None:
        start, end = _steps(program)
    else:
        start = start_times_ns(program, machine)
        end = start + durations_ns(program, machine)
    return Times(program, modules, module, start, end, _kinds(program), machine is None)


def _modules(program: Program, machine: Machine | None) -> tuple[str, ...]:
    """The modules that the program uses, in the order of the machine and with all of it."""
    if machine is not None:
        return tuple(m.name for m in machine.modules)
    return tuple(dict.fromkeys(str(q.module) for q in program.qubits))


def _kinds(program: Program) -> Ints:
    wide = np.diff(program.operands.starts) > 1
    families = np.array([list(Family).index(row.family) for row in ROWS])[program.kind]
    out = np.where(wide, 1, 0)
    out[families == list(Family).index(Family.MEASURE)] = 2
    out[program.kind == KIND["ebit"]] = 3
    out[families == list(Family).index(Family.FLOW)] = 4
    out[_MARK[program.kind]] = NO_KIND
    return out.astype(np.int64)


def _steps(program: Program) -> tuple[Ints, Ints]:
    """Each operation one step after the last one on its qubits."""
    free = [0] * len(program.qubits)
    start = []
    marks = _MARK[program.kind].tolist()
    for qubits, mark in zip(program.operands.lists(), marks):
        at = max((free[q] for q in qubits), default=0)
        for q in qubits:
            free[q] = at + (not mark)
        start.append(at)
    begin = np.array(start, dtype=np.int64)
    return begin, begin + ~_MARK[program.kind]


def time_text(value: float, steps: bool = False) -> str:
    """A time in the largest unit that leaves 1 or more, or a number of steps."""
    if steps:
        return f"{value:,.0f} step{'' if value == 1 else 's'}"
    size, unit = time_unit(value)
    return f"{value / size:.4g} {unit}"


def time_unit(ns: float) -> tuple[float, str]:
    """The largest unit that leaves 1 or more: its length in ns, its name."""
    return next((u for u in _UNITS if abs(ns) >= u[0]), _UNITS[-1])
