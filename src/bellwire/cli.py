"""The `bellwire` command: verbs, exit codes, and how errors are said.

Exit codes: 0 done; 1 the check asked for failed; 2 bad input or usage (one line on stderr).
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from bellwire.command.compile import compile_
from bellwire.command.epilogs import FRONT, VERBS
from bellwire.command.machines import machines
from bellwire.command.preflight import preflight
from bellwire.command.prove import verify
from bellwire.command.report import report
from bellwire.command.run import run
from bellwire.command.show import show
from bellwire.command.sweep import sweep
from bellwire.command.threshold import threshold
from bellwire.command.usage import UsageError, usage_line
from bellwire.errors import BellwireError

app = typer.Typer(
    name="bellwire",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
    epilog=str(FRONT),
)
for name, verb in (
    ("compile", compile_),
    ("run", run),
    ("verify", verify),
    ("preflight", preflight),
    ("show", show),
    ("report", report),
    ("sweep", sweep),
    ("threshold", threshold),
):
    app.command(name, epilog=str(VERBS[name]))(verb)
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
    between modules but Bell pairs and classical messages. Each verb has its own --help.
    """


def main() -> None:
    """Run the command; every error of ours is one line on stderr and exit code 2."""
    try:
        code = app(prog_name="bellwire", standalone_mode=False)
        sys.stdout.flush()
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help has been printed
            sys.exit(2)
        _fail(usage_line(error))
    except BellwireError as error:
        _fail(f"bellwire: {error}")
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code or 0)


def _fail(message: str) -> NoReturn:
    print(" ".join(message.split()), file=sys.stderr)
    sys.exit(2)
