"""`bellwire compile` for Stim circuits with detectors or noise: they stay Stim circuits."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bellwire.command.completion import known
from bellwire.command.options import (
    MODULES,
    MachineChoice,
    options_of,
    print_json,
    write_whole,
)
from bellwire.command.values import number
from bellwire.errors import NotSupported

if TYPE_CHECKING:
    import stim

    from bellwire.passes.qec.distance import Distance
    from bellwire.passes.qec.distribute import Distributed
    from bellwire.targets.machine import Machine

_about_stim = options_of("Stim circuits with detectors or noise")

Cut = Annotated[
    list[str] | None,
    _about_stim(
        metavar="TEST",
        help="Homes by coordinates, such as 'x<=5'; n cuts make 2^n modules.",
    ),
]
HomesFile = Annotated[
    Path | None,
    _about_stim("--homes", metavar="FILE", help="Homes from TOML or JSON, qubit = module."),
]
Pairs = Annotated[
    str | None,
    _about_stim(
        metavar="MODE",
        autocompletion=known("passes.qec.layout.MODES"),
        help="Bell pairs: per_gate (default), packet, safe_packet, ghz, or direct (none).",
    ),
]
Corrections = Annotated[
    str | None,
    _about_stim(
        metavar="explicit|frame",
        autocompletion=known("passes.qec.distribute.CORRECTIONS"),
        help="Explicit feedback (default), or a Pauli frame.",
    ),
]
GateError = Annotated[
    float | None,
    _about_stim("--p", metavar="P", parser=number(), help="Uniform noise of local operations."),
]
LinkError = Annotated[
    float | None,
    _about_stim("--p-link", metavar="P", parser=number(), help="Noise of direct spanning gates."),
]
BellInfidelity = Annotated[
    float | None,
    _about_stim(metavar="Q", parser=number(), help="1 - fidelity of Bell pairs (Werner)."),
]

NOT_FOR_STIM = (
    "which is not for Stim circuits with detectors or noise (these are always checked to stay "
    "deterministic); take it out"
)


@dataclass(frozen=True)
class Spread:
    """What the options for Stim circuits say; None is not given."""

    cut: list[str] | None
    homes: Path | None
    pairs: str | None
    corrections: str | None
    p: float | None
    p_link: float | None
    bell_infidelity: float | None

    @property
    def given(self) -> list[str]:
        """The options that were given, as they are typed."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return [
            f"--{name.replace('_', '-')}"
            for name, value in values.items()
            if value not in (None, [])
        ]


def stim_circuit(text: str, path: str, spread: Spread) -> stim.Circuit | None:
    """The circuit, when it has to stay a Stim circuit: it has detectors, noise or the like, or
    there are options for such. None for all others.

    Raises ParseError for wrong text, NotSupported for such options with another kind of circuit.
    """
    from bellwire.compiler.frontends.read import kind_of

    if kind_of(text, path) != "stim":
        if spread.given:
            raise NotSupported(
                f"{path}: found {spread.given[0]}, which is for Stim circuits alone; take it out"
            )
        return None
    import stim

    from bellwire.compiler.frontends.stim_lines import parse_with_lines
    from bellwire.passes.qec.stim_text import is_protected

    parse_with_lines(text, path)  # says which line is wrong
    circuit = stim.Circuit(f"{text}\n")
    return circuit if spread.given or is_protected(circuit) else None


def compile_stim(
    circuit: stim.Circuit,
    spread: Spread,
    choice: MachineChoice,
    *,
    output: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Spread the circuit, write it, and print what it costs."""
    from bellwire.passes.qec.distribute import distribute

    if output not in (None, "-") and Path(str(output)).suffix != ".stim":
        raise NotSupported(
            f"output {output!r}: a circuit with detectors or noise stays Stim; give a .stim file"
        )
    machine = choice.machine(circuit.num_qubits) if choice.given else None
    noise = _noise(spread, machine)
    done = distribute(
        circuit,
        _homes(circuit, spread, machine, choice.modules or MODULES, seed),
        pairs=spread.pairs or "per_gate",
        corrections=spread.corrections or "explicit",
        noise=noise,
    )
    report = {**done.report, "link_distance": done.link_distances(), "seed": seed}
    text = f"{done.circuit}\n"
    if output == "-":
        typer.echo(text, nl=False)
    elif output is not None:
        write_whole(Path(output), text)
    if as_json:
        print_json(report)
    elif output != "-":
        _print_summary(done, report, output)


def _homes(
    circuit: stim.Circuit, spread: Spread, machine: Machine | None, modules: int, seed: int
) -> dict[int, int]:
    from bellwire.passes.qec.assign import by_cut, by_file, by_metis, by_packets

    if spread.cut and spread.homes:
        raise NotSupported("found --cut and --homes; give one of them")
    if spread.cut:
        return by_cut(circuit, *spread.cut)
    if spread.homes:
        return by_file(circuit, spread.homes)
    room = None if machine is None else [m.data_qubits for m in machine.modules]
    assign = by_packets if spread.pairs in ("packet", "safe_packet") else by_metis
    return assign(circuit, len(room) if room else modules, seed=seed, room=room)


def _noise(spread: Spread, machine: Machine | None) -> Any:
    from bellwire.passes.qec.noise import Noise

    given = {
        name: value
        for name in ("p", "p_link", "bell_infidelity")
        if (value := getattr(spread, name)) is not None
    }
    if spread.p_link is not None and spread.pairs != "direct":
        raise NotSupported("found --p-link without --pairs direct; give --bell-infidelity")
    if machine is None:
        return Noise(**given)
    if given:
        name = next(iter(given)).replace("_", "-")
        raise NotSupported(f"found --{name} and a machine, which has its own noise; give one")
    return machine


def _print_summary(done: Distributed, report: dict[str, Any], output: str | None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None)
    table.add_row("circuit", f"{len(done.homes)} qubits, {report['rounds']} rounds")
    for key in ("qubits", "comm_qubits"):
        table.add_row(f"{key.replace('_', ' ')} by module", " ".join(str(n) for n in report[key]))
    for key in ("spanning_gates", "ebits"):
        each = report[f"{key}_per_round"]
        table.add_row(
            key.replace("_", " ").replace("ebit", "e-bit"), f"{report[key]} ({each:g} per round)"
        )
    for observable, distance in enumerate(report["link_distance"]):
        table.add_row(f"observable {observable}", _flipped(distance))
    if output is not None:
        table.add_row("written to", output)
    Console().print(table)


def _flipped(distance: Distance) -> str:
    if distance is None:
        return "links alone never flip it"
    if distance == "unknown":
        return "links can flip it: by how many faults is unknown (errors flip over two detectors)"
    return f"{distance} faults of links"
