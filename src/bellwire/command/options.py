"""Options that several verbs share, and what they say together."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bellwire.command.completion import known
from bellwire.command.values import whole
from bellwire.errors import MachineError, NotSupported, ParseError

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.targets.machine import Machine


MODULES = 4  # of a --topology without --modules
COMM_QUBITS = 2


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
    _about_machine(
        "--machine",
        "-m",
        metavar="FILE|PRESET",
        autocompletion=known("targets.presets.preset_names"),
        help="A machine file (TOML), or a preset (see: bellwire machines list).",
    ),
]
Topology = Annotated[
    str | None,
    _about_machine(
        metavar="SHAPE",
        autocompletion=known("targets.shapes.SHAPES"),
        help="Instead of --machine: complete, line, ring, grid, star, tree or switch.",
    ),
]
Modules = Annotated[
    int | None,
    _about_machine(
        metavar="N", parser=whole(1), help="With --topology: how many modules (default: 4)."
    ),
]
DataQubits = Annotated[
    int | None,
    _about_machine(
        metavar="N",
        parser=whole(1),
        help="With --topology: data qubits per module (default: what fits).",
    ),
]
CommQubits = Annotated[
    int | None,
    _about_machine(
        metavar="N",
        parser=whole(0),
        help="With --topology: communication qubits per module (default: 2).",
    ),
]
Coupling = Annotated[
    str | None,
    _about_machine(
        metavar="all|line|'grid RxC'",
        help="With --topology: coupling inside modules (default: all).",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        metavar="N",
        parser=whole(0),
        help="Where all chance comes from: same seed, same result.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@dataclass(frozen=True)
class MachineChoice:
    """What the machine options say, None where nothing; `machine(qubits)` makes the machine."""

    name: str | None
    topology: str | None
    modules: int | None
    data_qubits: int | None
    comm_qubits: int | None
    coupling: str | None

    @property
    def given(self) -> bool:
        """Whether a machine was named at all."""
        return self.name is not None or self.topology is not None

    @property
    def said(self) -> list[str]:
        """The options that were given, as they are typed."""
        given = [f.name for f in fields(self) if getattr(self, f.name) is not None]
        return [f"--{'machine' if n == 'name' else n.replace('_', '-')}" for n in given]

    def machine(self, qubits: int) -> Machine:
        """Load or make the machine; without --data-qubits one that just fits `qubits`."""
        if self.name is not None:
            return self._named(self.name)
        if self.topology is None and self.said:
            raise MachineError(f"found {self.said[0]} without --topology SHAPE; give both")
        if self.topology is None:
            raise MachineError(
                "found no machine; give --machine FILE|PRESET, or --topology with --modules"
            )
        from bellwire.targets.shapes import make_machine

        modules = self.modules or MODULES
        return make_machine(
            self.topology,
            modules,
            data_qubits=self.data_qubits or -(-max(1, qubits) // modules),
            comm_qubits=COMM_QUBITS if self.comm_qubits is None else self.comm_qubits,
            coupling=self.coupling or "all",
        )

    def _named(self, name: str) -> Machine:
        if len(self.said) > 1:
            raise MachineError(f"found {' and '.join(self.said[:2])}; give one of them")
        from bellwire.targets.load import load_machine

        return load_machine(name)


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


def check_place(path: Path) -> None:
    """Raise ParseError, before the work, where `write_whole` could not write afterwards."""
    if path.is_dir():
        raise ParseError("cannot write: this is a folder; give a file", str(path))
    if not path.parent.is_dir():
        raise ParseError(f"cannot write: there is no folder {path.parent}; make it", str(path))
    if not os.access(path.parent, os.W_OK):
        raise ParseError(f"cannot write into {path.parent}; give another place", str(path))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all. Raises ParseError when it cannot."""
    check_place(path)
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


def refuse(options: dict[str, object], why: str) -> None:
    """Raise NotSupported with `why` for the first of these options that is given."""
    for name, value in options.items():
        if value:
            raise NotSupported(f"found {name}, {why}")


def print_json(data: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    import json

    typer.echo(json.dumps(data, indent=2))
