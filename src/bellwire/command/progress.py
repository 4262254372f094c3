"""Progress on stderr, and only when a person is looking at it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.passes.pipeline import Watcher


@contextmanager
def passes_shown(total: int) -> Iterator[Watcher | None]:
    """A watcher for `run_passes` that draws a bar over `total` passes; None off a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)

        def watch(name: str, program: Program, seconds: float) -> None:
            bar.update(task, advance=1, description=f"{name} done ({len(program)} operations)")

        yield watch


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """A spinner with a text while something takes its time; nothing off a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
