"""`bellwire report`: one HTML page about a compiled program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bellwire.command.options import (
    MachineOption,
    check_place,
    input_text,
    read_input,
    write_whole,
)

Source = Annotated[str, typer.Argument(metavar="PROGRAM", help="A compiled file; - for stdin.")]
Out = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE.html", help="The HTML file to write.")
]
Circuit = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The circuit it came from, to show its source lines."),
]


def report(
    source: Source,
    out: Out,
    circuit: Circuit = None,
    machine: MachineOption = None,
) -> None:
    """Write a report of a compiled program: an interactive page that needs nothing else.

    It has the timeline, where each qubit is when, all e-bits with their source lines, the fidelity
    budget and the network, and opens in any browser, offline.
    """
    from bellwire.compiler.verify import verify
    from bellwire.pictures.report import report_page
    from bellwire.targets.load import load_machine

    check_place(out)
    program, found = read_input(source)
    target = load_machine(machine) if machine is not None else found
    if target is not None:
        verify(program, target)
    text = None if circuit is None else input_text(circuit)[0]
    write_whole(out, report_page(program, target, source=text))
    typer.echo(f"{out}: open it in a browser")
