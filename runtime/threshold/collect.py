"""Sample the points of a study on all cores; what was counted is kept in a CSV file at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bellwire.errors import NotSupported, ParseError
from bellwire.runtime.threshold.study import Study
from bellwire.runtime.threshold.tasks import Point, custom_decoders, point_of, tasks_of

if TYPE_CHECKING:
    from bellwire.runtime.threshold.tasks import Build

Tell = Callable[[str], None]


def collect(study: Study, build: Build, *, tell: Tell | None = None) -> list[Point]:
    """Sample every point up to the study's shots or errors; points in order.

    `build` makes the circuit of a study, a basis, a distance and a value. Counts go to the study's
    `output` as they come; those that it has already, by circuit and decoder, are taken from there
    and only what is missing is sampled. `tell` hears how far it is. sinter draws its own seeds:
    counts differ from run to run.

    Raises NotSupported without sinter or a decoder, ParseError for a CSV file of something else.
    """
    try:
        import pymatching  # noqa: F401
        import sinter
    except ImportError:
        raise NotSupported("threshold studies need packages: pip install 'bellwire[qec]'") from None
    tasks = list(tasks_of(study, build))
    output = None if study.output is None else Path(study.output)
    if output is not None:
        mend(output)
    progress: Any = None if tell is None else lambda done: tell(done.status_message)
    try:
        counted = sinter.collect(
            num_workers=study.workers or os.cpu_count() or 1,
            tasks=tasks,
            hint_num_tasks=len(tasks),
            max_shots=study.max_shots,
            max_errors=study.max_errors,
            save_resume_filepath=output,
            progress_callback=progress,
            custom_decoders=custom_decoders(study),
        )
    except OSError as error:
        raise ParseError(f"{error.strerror}; give another output", str(output or "")) from None
    asked = {task.strong_id() for task in tasks}  # a file may have counts of other studies too
    return sorted(point_of(study, stats) for stats in counted if stats.strong_id in asked)


def mend(path: Path) -> None:
    """Take away a last line that was cut off when its writer was killed.

    Raises ParseError for a file that is none of ours, or cannot be written.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            return
        text = path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        if not _is_counts(whole or text, cut=not whole):
            raise ParseError("found no counts of a study; give another output", str(path))
        if not whole:
            path.unlink()
        elif whole != text:
            path.write_bytes(whole)
    except OSError as error:
        raise ParseError(f"{error.strerror}; give another output", str(path)) from None


def _is_counts(text: bytes, *, cut: bool) -> bool:
    """Whether a file begins as sinter's do; `cut`: it is a beginning of that line alone."""
    import sinter

    header: bytes = sinter.CSV_HEADER.encode()
    return header.startswith(text) if cut else text.split(b"\n", 1)[0].rstrip() == header
