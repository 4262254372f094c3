"""Options that several verbs share, and what they say together."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bellwire.errors import MachineError, ParseError

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.targets.machine import Machine


def options_of(group: str) -> Callable[..., Any]:
    """Make options that the help shows together under this heading."""
    return partial(typer.Option, rich_help_panel=group)


_about_machine = options_of("Machine")

In = Annotated[
    str,
    typer.Argument(
        metavar="IN", help="A circuit: .qasm (OpenQASM 2 or 3), .stim, .txt; - for stdin."
    ),
]
MachineOption = Annotated[
    str | None,
    _about_machine("--machine", "-m", help="A machine file (TOML) or the name of a preset."),
]
Topology = Annotated[
    str | None,
    _about_machine(help="Instead of --machine: complete, line, ring, grid, star, tree, switch."),
]
Modules = Annotated[int, _about_machine(min=1, help="With --topology: how many modules.")]
DataQubits = Annotated[
    int | None,
    _about_machine(min=1, help="With --topology: data qubits per module (default: what fits)."),
]
CommQubits = Annotated[
    int, _about_machine(min=0, help="With --topology: communication qubits per module.")
]
Coupling = Annotated[
    str, _about_machine(help="With --topology: coupling inside modules: all, line, 'grid RxC'.")
]
Seed = Annotated[
    int, typer.Option(min=0, help="Where all chance comes from: same seed, same result.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@dataclass(frozen=True)
class MachineChoice:
    """What the machine options say; `machine(qubits)` makes the machine."""

    name: str | None
    topology: str | None
    modules: int
    data_qubits: int | None
    comm_qubits: int
    coupling: str

    @property
    def given(self) -> bool:
        """Whether a machine was named at all."""
        return self.name is not None or self.topology is not None

    def machine(self, qubits: int) -> Machine:
        """Load or make the machine; without --data-qubits one that just fits `qubits`."""
        if self.name is not None and self.topology is not None:
            raise MachineError("found --machine and --topology; give one of them")
        if self.name is not None:
            from bellwire.targets.load import load_machine

            return load_machine(self.name)
        if self.topology is None:
            raise MachineError(
                "found no machine; give --machine FILE|PRESET, or --topology with --modules"
            )
        from bellwire.targets.shapes import make_machine

        fits = -(-max(1, qubits) // self.modules)
        return make_machine(
            self.topology,
            self.modules,
            data_qubits=self.data_qubits or fits,
            comm_qubits=self.comm_qubits,
            coupling=self.coupling,
        )


def read_input(source: str) -> tuple[Program, Machine | None]:
    """Read a circuit or one of our program files from a path or, with "-", from stdin."""
    from bellwire.compiler.frontends.read import read_text_of

    text, path = input_text(source)
    return read_text_of(text, path=path)


def input_text(source: str) -> tuple[str, str]:
    """The text of a file or, with "-", of stdin, and its name in messages."""
    from bellwire.compiler.frontends.read import circuit_text

    return (_stdin(), "<stdin>") if source == "-" else (circuit_text(source), source)


def _stdin() -> str:
    from bellwire.targets.files import MOST_CIRCUIT_BYTES, text_of

    return text_of(sys.stdin.buffer.read(MOST_CIRCUIT_BYTES + 1), "<stdin>")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all. Raises ParseError when it cannot."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
        ) as part:
            part.write(text)
        Path(part.name).chmod(0o644)
        Path(part.name).replace(path)
    except OSError as error:
        raise ParseError(
            f"cannot write: {error.strerror}; give another place", str(path)
        ) from error


def print_json(data: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    import json

    typer.echo(json.dumps(data, indent=2))
