"""Progress on stderr, and only when a person is looking at it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bellwire.compiler.progress import watching

if TYPE_CHECKING:
    from bellwire.compiler.program import Program
    from bellwire.passes.pipeline import Watcher


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
