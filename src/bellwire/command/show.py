"""`bellwire show`: what a program or circuit is and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bellwire.command.options import Json, MachineOption, print_json, read_input, refuse
from bellwire.errors import MachineError

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.targets.machine import Machine

Source = Annotated[str, typer.Argument(metavar="PROGRAM|CIRCUIT", help="A file; - for stdin.")]
Ops = Annotated[bool, typer.Option("--ops", help="Print the text form instead.")]
Ebits = Annotated[
    bool, typer.Option("--ebits", help="List every e-bit: its link, its purpose, its gates.")
]
Against = Annotated[
    str | None,
    typer.Option(metavar="CIRCUIT", help="With --ebits: the circuit, for a lower bound."),
]


def show(
    source: Source,
    ops: Ops = False,
    ebits: Ebits = False,
    against: Against = None,
    machine: MachineOption = None,
    as_json: Json = False,
) -> None:
    """Show a program's facts and costs, its e-bits, or its operations one per line."""
    from bellwire.compiler.emitters.text import to_text
    from bellwire.targets.load import load_machine

    if ops:
        refuse({"--ebits": ebits, "--json": as_json}, "which does not go with --ops; take one out")
    if not ebits:
        refuse({"--against": against}, "which goes with --ebits; give both")
    program, found = read_input(source)
    target = load_machine(machine) if machine is not None else found
    if ops:
        typer.echo(to_text(program, target), nl=False)
    elif ebits:
        from bellwire.command.show_ebits import show_ebits

        show_ebits(program, None if against is None else _bound(against, source, target), as_json)
    else:
        _facts(program, target, as_json)


def _bound(circuit: str, source: str, machine: Machine | None) -> int:
    from bellwire.passes.fuse_gates import fuse_gates
    from bellwire.passes.lower_bound import lower_bound
    from bellwire.passes.unroll import unroll

    if machine is None:
        raise MachineError(f"{source}: this program names no machine; give --machine FILE")
    return lower_bound(unroll(fuse_gates(read_input(circuit)[0])), machine)


def _facts(program: Program, machine: Machine | None, as_json: bool) -> None:
    from bellwire.compiler.describe import program_facts
    from bellwire.compiler.metrics import program_metrics, two_qubit_gates
    from bellwire.compiler.program import Stage

    facts: dict[str, object] = {"name": program.name, **program_facts(program)}
    if program.stage >= Stage.LOWERED and machine is not None:
        facts |= program_metrics(program, machine)
    else:
        facts["two_qubit_gates"] = two_qubit_gates(program)
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        typer.echo(f"{key.replace('_', ' '):18} {value}")
