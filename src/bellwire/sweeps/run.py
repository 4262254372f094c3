"""Run a sweep: points that have no row yet are measured, and every row is kept at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from typing import Any

from bellwire.errors import NotSupported
from bellwire.runtime.sweep.flight import Outcome, outcomes
from bellwire.runtime.sweep.pools import Pool, pool_of
from bellwire.runtime.sweep.row_file import Row, RowFile, open_rows
from bellwire.sweeps.measure import failure, measure
from bellwire.sweeps.result import SweepResult
from bellwire.sweeps.study import MOST_POINTS, Point, Study
from bellwire.sweeps.study_file import load_study, read_study


@dataclass(frozen=True)
class Progress:
    """How far a sweep is: rows there (`resumed` of them from a file), with an error, being made."""

    points: int
    done: int
    resumed: int
    failed: int
    in_flight: int
    dashboard: str | None


Tell = Callable[[Progress], None]


def sweep(
    study: Study | Mapping[str, Any] | str | PathLike[str],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    output: str | PathLike[str] | None = None,
    part: tuple[int, int] = (1, 1),
    retry_errors: bool = False,
    most_points: int = MOST_POINTS,
    tell: Tell | None = None,
) -> SweepResult:
    """Measure every point of a study: a Study, a study file, or a dictionary built like one.

    Points are measured by `workers` processes (default: one for each core; 1: in this one), by any
    `executor` of concurrent.futures, or by the Dask cluster of a `scheduler` (its address). Rows
    are the same whoever measures them, but for `cpu_s` and `wall_s`. A point that cannot be done is
    a row with `error` and `error_kind`.

    `output`: a file that keeps each row as soon as it is there; points whose row is in it are not
    measured again (with `retry_errors` those with an error are). A row that ended by another error
    than one of bellwire's, such as a worker that died, is in the result alone. `part` (i, n): only
    every n-th point from the i-th on. `tell` hears how far it is.

    Processes start afresh: a script must call this under `if __name__ == "__main__":`. Raises
    BellwireErrors for a study or file that is wrong, and an executor or scheduler that gives up;
    rows are kept then, too.
    """
    if executor is not None and scheduler is not None:
        raise NotSupported("found an executor and a scheduler; give one of them")
    asked = _study(study, most_points)
    version = _version()
    points = list(asked.points(version, part))
    with ExitStack() as stack:
        file = None
        if output is not None:
            title = {"name": asked.name, "study": asked.digest, "bellwire": version}
            file = stack.enter_context(open_rows(output, title))
        rows = _kept(points, file, retry_errors)
        resumed = len(rows)
        left = [point for point in points if point.key not in rows]
        pool = stack.enter_context(pool_of(executor, scheduler, workers, len(left)))
        for row in _measured(left, pool, file, _Teller(tell, len(points), rows, pool)):
            rows[row["key"]] = row
    ordered = tuple(rows[point.key] for point in points)
    where = None if output is None else str(output)
    return SweepResult(asked.name, version, ordered, asked.varied, resumed, where)


def _study(study: Any, most: int) -> Study:
    if isinstance(study, Study):
        return study
    if isinstance(study, Mapping):
        return read_study(study, most_points=most)
    return load_study(study, most_points=most)


def _version() -> str:
    from bellwire import __version__

    return str(__version__)


def _kept(points: Iterable[Point], file: RowFile | None, retry_errors: bool) -> dict[str, Row]:
    """The rows that need not be measured again."""
    known = {} if file is None else file.rows
    found = {point.key: known[point.key] for point in points if point.key in known}
    return {key: row for key, row in found.items() if not (retry_errors and "error" in row)}


class _Teller:
    """Keeps count for whoever listens."""

    def __init__(self, tell: Tell | None, points: int, rows: Mapping[str, Row], pool: Pool) -> None:
        self._tell, self._points, self._pool = tell, points, pool
        self._resumed = self._done = len(rows)
        self._failed = sum("error" in row for row in rows.values())
        self.say(0)

    def count(self, row: Row, in_flight: int) -> None:
        self._done += 1
        self._failed += "error" in row
        self.say(in_flight)

    def say(self, in_flight: int) -> None:
        if self._tell is not None:
            counts = (self._points, self._done, self._resumed, self._failed, in_flight)
            self._tell(Progress(*counts, self._pool.dashboard))


def _measured(
    points: Iterable[Point], pool: Pool, file: RowFile | None, teller: _Teller
) -> Iterator[Row]:
    for outcome in outcomes(points, measure, pool):
        row = _row(outcome)
        if file is not None and outcome.error is None:
            file.append(row)
        teller.count(row, outcome.in_flight)
        yield row


def _row(outcome: Outcome[Point]) -> Row:
    if outcome.error is None:
        row: Row = outcome.value
        return row
    return {"key": outcome.task.key, **outcome.task.said, **failure(outcome.error)}
