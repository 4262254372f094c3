"""`bellwire threshold`: logical error rates over a sweep of noise, and where they cross."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bellwire.command.options import Json, check_place, print_json
from bellwire.command.values import whole

if TYPE_CHECKING:
    from bellwire.threshold import StudyResult

StudyFile = Annotated[str, typer.Argument(metavar="STUDY", help="A study file (TOML).")]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="CSV", help="Counts: continued if there.")
]
Plot = Annotated[
    list[str] | None, typer.Option(metavar="FILE", help="A picture, .png or .svg; may come twice.")
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", parser=whole(1), help="Processes (default: all cores)."),
]


def threshold(
    study: StudyFile,
    output: Output = None,
    plot: Plot = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Sample a study's memory experiments, and say at which noise larger codes stop being better.

    Every count is kept in the CSV file at once: a study that was stopped goes on where it was.
    """
    from bellwire.runtime.threshold.plot import check_plot, draw, save_plot
    from bellwire.threshold import load_study, run_study

    asked = load_study(study)
    for name in plot or ():
        check_plot(name)
        check_place(Path(name))
    asked = replace(asked, output=output or asked.output, workers=workers or asked.workers)
    for warning in asked.warnings():
        print(f"bellwire: warning: {study}: {warning}", file=sys.stderr)
    with _telling() as tell:
        result = run_study(asked, tell=tell)
    for name in plot or ():
        save_plot(draw(result.points, result.thresholds, asked.swept), Path(name))
    if as_json:
        print_json(result.to_dict())
    else:
        _print_result(result)


@contextmanager
def _telling() -> Iterator[Callable[[str], None] | None]:
    """What hears how far the sampling is and shows it; None off a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("building circuits") as status:
        yield lambda text: status.update(text.splitlines()[0] if text else "sampling")


def _print_result(result: StudyResult) -> None:
    from rich.console import Console
    from rich.table import Table

    swept = result.study.swept
    table = Table("basis", "decoder", "d", swept, "shots", "errors", "rate", box=None)
    for p in result.points:
        row = (p.basis, p.decoder, p.distance, f"{p.value:g}", p.shots, p.errors, f"{p.rate:.3g}")
        table.add_row(*map(str, row))
    Console().print(table)
    for t in result.thresholds:
        name = f"{t.basis}, {t.decoder}"
        if t.value is None:
            typer.echo(f"{name}: no threshold within the sweep of {swept}")
        else:
            typer.echo(f"{name}: threshold {swept} = {_pm(t.value, t.error)}, nu {t.nu:.2f}")
        for c in t.crossings:
            where = "none within the sweep" if c.value is None else _pm(c.value, c.error)
            typer.echo(f"  d = {c.distances[0]} and {c.distances[1]} cross: {where}")
    if result.study.output is not None:
        typer.echo(f"counts: {result.study.output}")


def _pm(value: float, error: float | None) -> str:
    return f"{value:.3g}" if error is None else f"{value:.3g} +- {error:.1g}"
