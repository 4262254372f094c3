"""`bellwire show`: what a program or circuit is and costs."""

from __future__ import annotations

from typing import Annotated

import typer

from bellwire.command.options import Json, print_json, read_input

Source = Annotated[str, typer.Argument(metavar="PROGRAM|CIRCUIT", help="A file; - for stdin.")]
Ops = Annotated[bool, typer.Option("--ops", help="Print the text form instead.")]


def show(source: Source, ops: Ops = False, as_json: Json = False) -> None:
    """Show a program's facts and costs, or its operations one per line."""
    from bellwire.compiler.describe import program_facts
    from bellwire.compiler.emitters.text import to_text
    from bellwire.compiler.metrics import program_metrics, two_qubit_gates
    from bellwire.compiler.program import Stage

    program, machine = read_input(source)
    if ops:
        typer.echo(to_text(program, machine), nl=False)
        return
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
