"""The `bellwire` command: verbs, exit codes, and how errors are said.

Exit codes: 0 done; 1 the check asked for failed; 2 bad input or usage (one line on stderr).
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from bellwire.command.compile import compile_
from bellwire.command.machines import machines
from bellwire.command.preflight import preflight
from bellwire.command.prove import verify
from bellwire.command.report import report
from bellwire.command.run import run
from bellwire.command.show import show
from bellwire.command.sweep import sweep
from bellwire.command.threshold import threshold
from bellwire.errors import BellwireError

app = typer.Typer(
    name="bellwire",
    help="Compile circuits for modular quantum computers, prove the result, and run it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)
app.command("compile")(compile_)
app.command("run")(run)
app.command("verify")(verify)
app.command("preflight")(preflight)
app.command("show")(show)
app.command("report")(report)
app.command("sweep")(sweep)
app.command("threshold")(threshold)
app.add_typer(machines, name="machines")


def _version(wanted: bool) -> None:
    if wanted:
        from bellwire import __version__

        typer.echo(f"bellwire {__version__}")
        raise typer.Exit


@app.callback()
def front(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compile circuits for modular quantum computers, prove the result, and run it.

    A circuit (OpenQASM 2 or 3, Stim) is split over the modules of a machine; nothing crosses
    between modules but Bell pairs and classical messages. Start with

        bellwire compile circuit.qasm --topology ring --modules 4 --data-qubits 4 -o program.qasm

        bellwire run program.qasm --shots 1000
    """


def main() -> None:
    """Run the command; every error of ours is one line on stderr and exit code 2."""
    try:
        app()
    except BellwireError as error:
        print(f"bellwire: {_one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _one_line(error: BellwireError) -> str:
    return " ".join(str(error).split())
