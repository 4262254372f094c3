"""`bellwire run --faults`: run under a scenario and say what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from bellwire.command.options import read_input
from bellwire.errors import MachineError

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.runtime.faults.live import FaultyRun
    from bellwire.targets.machine import Machine


def run_faults(
    program: Program, machine: Machine | None, scenario: str, circuit: str, **options: Any
) -> FaultyRun:
    """Run a program while the events of a scenario file happen.

    `circuit`: the file that it is compiled from anew where that is a circuit. Raises MachineError
    without a machine.
    """
    from bellwire.api import run_with_faults
    from bellwire.compiler.program import Stage

    if machine is None:
        raise MachineError("--faults: found a circuit without a machine; give --machine FILE")
    again = None if circuit == "-" else read_input(circuit)[0]
    if again is not None and again.stage is not Stage.LOGICAL:
        again = None
    return run_with_faults(program, scenario, machine, circuit=again, **options)


def print_faults(run: FaultyRun) -> None:
    """Say what went wrong in the shots, and what was done about it."""
    from rich.console import Console
    from rich.table import Table

    from bellwire.runtime.faults.load import event_to_dict

    console = Console()
    table = Table("event", "where", "what", box=None)
    for event in run.scenario.events:
        rest = {
            k: v for k, v in event_to_dict(event).items() if k not in ("kind", "link", "module")
        }
        words = ", ".join(f"{key} {value:g}" for key, value in rest.items())
        table.add_row(event.kind, event.where or "all", words)
    console.print(table)
    done = {k: n for k, n in run.notes.actions.items() if n}
    typer.echo("actions: " + (", ".join(f"{n:,} {k}" for k, n in done.items()) or "none"))
    took = run.notes.recovery_s()
    if took["count"]:
        typer.echo(
            f"recovery: {took['mean'] * 1e3:.4g} ms on average, {took['max'] * 1e3:.4g} ms at most"
        )
    for code, shots in sorted(run.notes.aborted.items()):
        typer.echo(f"aborted: {shots:,} shots, {code}")
    typer.echo(f"executed: {len(run.variants)} different programs, each verified by rule")
