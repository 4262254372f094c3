"""`bellwire sweep`: every point of a study measured, each row kept, resumed after a kill."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bellwire.command.options import Json, print_json, write_whole
from bellwire.command.values import whole
from bellwire.errors import NotSupported

if TYPE_CHECKING:
    from bellwire.sweeps import SweepResult

MOST_POINTS = 10_000

StudyFile = Annotated[str, typer.Argument(metavar="STUDY", help="A study file (TOML).")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="ROWS",
        help="JSON lines, continued if there (default: STUDY.rows.jsonl beside the study).",
    ),
]
Csv = Annotated[Path | None, typer.Option(metavar="FILE", help="Also write all rows as CSV.")]
Workers = Annotated[
    int | None,
    typer.Option(parser=whole(1), metavar="N", help="Processes (default: all cores); 1: this one."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="A Dask scheduler instead, such as tcp://10.0.0.1:8786."),
]
Part = Annotated[
    str | None,
    typer.Option(metavar="I/N", help="Every N-th point from the I-th on, in a file of its own."),
]
RetryErrors = Annotated[
    bool, typer.Option("--retry-errors", help="Measure points whose row is an error again.")
]
MaxPoints = Annotated[
    int, typer.Option(parser=whole(1), metavar="N", help="Refuse a study that has more points.")
]


def sweep(
    study: StudyFile,
    output: Output = None,
    csv: Csv = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    part: Part = None,
    retry_errors: RetryErrors = False,
    max_points: MaxPoints = MOST_POINTS,
    as_json: Json = False,
) -> None:
    """Compile, and run, every point of a study: circuits x machines x recipes x links x seeds.

    Each row is on the disk as soon as its point is measured. A sweep that was stopped, or killed,
    goes on where it was when the same command is given again; one that is done only prints. A
    point that cannot be done is a row with its error.
    """
    from bellwire.command.progress import rows_shown
    from bellwire.sweeps import sweep as sweep_study

    if workers is not None and scheduler is not None:
        raise NotSupported("found --workers and --scheduler; a cluster has its own workers")
    chosen = _part(part)
    rows = Path(output) if output is not None else _beside(Path(study), chosen)
    try:
        with rows_shown() as tell:
            result = sweep_study(
                study,
                workers=workers,
                scheduler=scheduler,
                output=rows,
                part=chosen,
                retry_errors=retry_errors,
                most_points=max_points,
                tell=tell,
            )
    except KeyboardInterrupt:
        print(f"bellwire: stopped; the same command goes on from {rows}", file=sys.stderr)
        raise
    if csv is not None:
        write_whole(csv, result.to_csv())
    if as_json:
        print_json(result.to_dict())
    else:
        _print_result(result)


def _part(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    if found is None:
        raise NotSupported(f"part: found {text!r}; give such as 1/8")
    return int(found[1]), int(found[2])


def _beside(study: Path, part: tuple[int, int]) -> Path:
    """The file of rows of a study, or of a part of it."""
    if not study.name:  # a folder, as the reader will say
        return study
    middle = "" if part[1] == 1 else ".{}of{}".format(*part)
    return study.with_suffix(f"{middle}.rows.jsonl")


def _print_result(result: SweepResult) -> None:
    from rich.console import Console
    from rich.table import Table

    columns, cells = result.table()
    table = Table(*columns, box=None)
    for row in cells:
        table.add_row(*row)
    # a file or pipe has room for every column
    Console(width=None if sys.stdout.isatty() else 1_000).print(table)
    totals = result.totals
    errors = ", ".join(f"{count} {kind}" for kind, count in totals["errors"].items())
    typer.echo(
        f"{totals['rows']} rows: {totals['done']} done, "
        f"{totals['rows'] - totals['done']} with an error{f' ({errors})' if errors else ''}; "
        f"{totals['shots']:,} shots, {totals['ebits']:,} e-bits, {totals['cpu_s']:.4g} s of CPU"
    )
    there = f" ({result.resumed} were there already)" if result.resumed else ""
    typer.echo(f"rows: {result.output}{there}")
