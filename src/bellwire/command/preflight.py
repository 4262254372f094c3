"""`bellwire preflight`: should this program run on this machine today?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from bellwire.command.options import Json, MachineOption, Seed, print_json, read_input
from bellwire.command.values import number
from bellwire.errors import MachineError

if TYPE_CHECKING:
    from rich.table import Table

    from bellwire.runtime.preflight import LinkReport, ModuleReport, Preflight

Source = Annotated[
    str, typer.Argument(metavar="PROGRAM", help="A program that bellwire wrote; - for stdin.")
]
MaxAge = Annotated[
    float,
    typer.Option(metavar="DAYS", parser=number(0), help="How old the calibration may be."),
]
MinSuccess = Annotated[
    float,
    typer.Option(
        metavar="P", parser=number(0, 1), help="The chance of no error that is wanted, 0 to 1."
    ),
]
Today = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="Count ages to this day (default: today).")
]


def preflight(
    source: Source,
    machine: MachineOption = None,
    min_success: MinSuccess = 0.5,
    max_age_days: MaxAge = 30.0,
    today: Today = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Say whether a program should run: calibration, links, coherence windows, limits, success.

    Exit code 1 when it should not; what is too weak is named, with the number that it needs.
    """
    from bellwire.runtime.preflight import preflight as look
    from bellwire.targets.load import load_machine

    program, found = read_input(source)
    target = load_machine(machine) if machine is not None else found
    if target is None:
        raise MachineError(f"{source}: this program names no machine; give --machine FILE")
    report = look(
        program,
        target,
        min_success=min_success,
        max_age_days=max_age_days,
        today=None if today is None else _date(today),
        seed=seed,
    )
    if as_json:
        print_json(report.to_dict())
    else:
        _print(report)
    if not report.ready:
        raise typer.Exit(1)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MachineError(
            f'--today: found {text!r}; it must be a date like "2026-05-01"'
        ) from None


def _print(report: Preflight) -> None:
    from rich.console import Console

    console = Console(width=100, highlight=False)
    console.print(f"{report.program} on {report.machine}")
    if report.success is not None:
        console.print(
            f"chance of no error {report.success:.4g} (wanted: {report.min_success:g}), "
            f"makespan {report.makespan_s * 1e3:.4g} ms, calibrated {report.calibrated or '?'}"
        )
        console.print(_links(report.links))
        console.print(_modules(report.modules))
    for warning in report.warnings:
        typer.echo(f"warning: {warning}")
    for weak in report.weak:
        typer.echo(f"too weak: {weak}")
    typer.echo("ready" if report.ready else "not ready")


def _links(links: tuple[LinkReport, ...]) -> Table:
    from rich.table import Table

    table = Table(
        "link", "pairs", "fidelity", "needed", "wait", "age", "window", "expired", box=None
    )
    for link in links:
        table.add_row(
            link.name,
            str(link.pairs),
            f"{link.fidelity:.4f}",
            "-" if link.needed is None else f"{link.needed:.4f}",
            _time(link.wait_ns),
            _time(link.age_ns),
            f"{link.window_used:.2%}",
            f"{link.expired:.1%}",
        )
    return table


def _modules(modules: tuple[ModuleReport, ...]) -> Table:
    from rich.table import Table

    table = Table(
        "module", "data", "comm", "longest wait", "window", "gates", "readout", "waiting", box=None
    )
    for m in modules:
        table.add_row(
            m.name,
            f"{m.data_used}/{m.data_qubits}",
            f"{m.comm_used}/{m.comm_qubits}",
            _time(m.longest_wait_ns),
            f"{m.window_used:.2%}",
            *(f"{chance:.2%}" for chance in (m.gates, m.readout, m.waiting)),
        )
    return table


def _time(ns: float) -> str:
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.3g} ns"
