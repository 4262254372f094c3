"""`bellwire machines`: list, show and check machine descriptions."""

from __future__ import annotations

from typing import Annotated

import typer

from bellwire.command.completion import known
from bellwire.command.epilogs import VERBS
from bellwire.command.options import Json, print_json

Name = Annotated[
    str,
    typer.Argument(
        metavar="FILE|PRESET",
        autocompletion=known("targets.presets.preset_names"),
        help="A machine file or the name of a preset.",
    ),
]

machines = typer.Typer(no_args_is_help=True, help="List, show and check machine descriptions.")


@machines.command("list", epilog=str(VERBS["machines list"]))
def list_machines() -> None:
    """List the machines that come with bellwire."""
    from bellwire.targets.load import load_machine
    from bellwire.targets.presets import preset_names

    for name in preset_names():
        machine = load_machine(name)
        typer.echo(f"{name:24} {len(machine.modules)} modules, {machine.data_qubits} data qubits")


@machines.command("show", epilog=str(VERBS["machines show"]))
def show_machine(name: Name, as_json: Json = False) -> None:
    """Show a machine: modules, links, and where its numbers come from."""
    from bellwire.targets.describe import machine_text
    from bellwire.targets.load import load_machine, machine_to_dict

    machine = load_machine(name)
    if as_json:
        print_json(machine_to_dict(machine))
    else:
        typer.echo(machine_text(machine))


@machines.command("check", epilog=str(VERBS["machines check"]))
def check_machine(name: Name) -> None:
    """Check a machine file; says nothing else when it is right."""
    from bellwire.targets.load import load_machine

    machine = load_machine(name)
    typer.echo(f"{name}: right ({len(machine.modules)} modules, {len(machine.links)} links)")
