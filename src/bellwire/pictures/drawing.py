"""Which picture of what: the one function behind every `draw` method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bellwire.compiler.operations import Operation
from bellwire.compiler.program import Program
from bellwire.errors import MachineError, NotSupported
from bellwire.pictures.svg import Picture
from bellwire.runtime.result import Result
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    from bellwire.api import Compiled
    from bellwire.pictures.timeline import Window


def draw(
    thing: Program | Compiled | Machine | Result | Operation,
    kind: str | None = None,
    *,
    machine: Machine | None = None,
    window: Window | None = None,
) -> Picture:
    """Draw a program, a compiled circuit, a machine, a result, or an operation with a protocol.

    `kind`, the first is the default: of a program "timeline", "partition", "ebits", "fidelity" or
    "network"; of a machine "network"; of a result "makespan" or "counts"; of a row of the
    operations table "protocol". `machine`: that of a Program; without it time is counted in steps,
    and there is no "fidelity" or "network". `window`: from when to when a timeline shows, in ns.
    Raises NotSupported for other things and kinds, MachineError for a machine that is missing.
    """
    if isinstance(thing, Machine):
        kinds: _Kinds = {"network": lambda: _network(thing)}
    elif isinstance(thing, Result):
        kinds = _of_result(thing)
    elif isinstance(thing, Operation):
        kinds = {"protocol": lambda: _protocol(thing)}
    else:
        program = thing if isinstance(thing, Program) else getattr(thing, "program", None)
        if not isinstance(program, Program):
            raise NotSupported(
                f"found a {type(thing).__name__}; "
                "draw a Program, Compiled, Machine, Result or Operation"
            )
        kinds = _of_program(program, machine or getattr(thing, "machine", None), window)
    wanted = next(iter(kinds)) if kind is None else kind
    if wanted not in kinds:
        raise NotSupported(f"kind: found {wanted!r}; it must be one of {', '.join(kinds)}")
    return kinds[wanted]()


_Kinds = Mapping[str, Callable[[], Picture]]


def _network(machine: Machine) -> Picture:
    from bellwire.pictures.network import network

    return network(machine)


def _protocol(row: Operation) -> Picture:
    from bellwire.pictures.protocol import protocol

    return protocol(row)


def _of_result(result: Result) -> _Kinds:
    from bellwire.pictures.bars import counts, makespans

    return {
        "makespan": lambda: makespans(result.makespans_ns, result.backend),
        "counts": lambda: counts(result.counts, result.shots),
    }


def _of_program(program: Program, machine: Machine | None, window: Window | None) -> _Kinds:
    from bellwire.compiler.ebit_uses import ebit_uses
    from bellwire.compiler.fidelity import fidelity_budget
    from bellwire.pictures.bars import ebits_by_source, waterfall
    from bellwire.pictures.partition import partition
    from bellwire.pictures.timeline import timeline
    from bellwire.pictures.times import times_of

    def known() -> Machine:
        if machine is None:
            raise MachineError(f"{program.name}: this picture needs the machine; give machine=")
        return machine

    return {
        "timeline": lambda: timeline(times_of(program, machine), window),
        "partition": lambda: partition(times_of(program, machine)),
        "ebits": lambda: ebits_by_source(ebit_uses(program), program.name),
        "fidelity": lambda: waterfall(fidelity_budget(program, known()), program.name),
        "network": lambda: _network(known()),
    }
