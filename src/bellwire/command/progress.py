"""Progress on stderr, and only when a person is looking at it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bellwire.compiler.progress import watching

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.passes.pipeline import Watcher
    from bellwire.sweeps import Progress


@contextmanager
def passes_shown(total: int) -> Iterator[Watcher | None]:
    """A watcher for `run_passes` that draws a bar over `total` passes and what the long ones tell;
    None off a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)
        done = share = 0.0

        def watch(name: str, program: Program, seconds: float) -> None:
            nonlocal done, share
            done, share = done + 1, 0.0
            text = f"{name} done ({len(program)} operations)"
            bar.update(task, completed=done, description=text)

        def tell(more: float, text: str) -> None:
            nonlocal share
            share = min(1.0, share + more)
            bar.update(task, completed=done + share, description=f"best so far: {text}")

        with watching(tell):
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


@contextmanager
def rows_shown() -> Iterator[Callable[[Progress], None]]:
    """What hears how far a sweep is: it draws a bar with the time left, on a terminal alone, and
    says once where the dashboard is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    shown = sys.stderr.isatty()
    with Bar(*columns, console=Console(stderr=True), transient=True, disable=not shown) as bar:
        task = bar.add_task("rows")
        said: set[str] = set()

        def tell(now: Progress) -> None:
            if now.dashboard is not None and now.dashboard not in said:
                said.add(now.dashboard)
                print(f"bellwire: dashboard: {now.dashboard}", file=sys.stderr)
            failed = f", {now.failed} with an error" if now.failed else ""
            text = f"rows ({now.in_flight} in flight{failed})"
            bar.update(task, completed=now.done, total=now.points, description=text)

        yield tell
