"""Tasks given to a pool and what becomes of them, in the order in which they end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from bellwire.errors import RunError
from bellwire.runtime.sweep.pools import Pool

MOST_TRIES = 3  # of a task whose worker dies

Task = TypeVar("Task")


class WorkerLost(RunError):
    """The workers that a task was given to died."""


@dataclass(frozen=True)
class Outcome(Generic[Task]):
    """What a task gave or, where it raised, its error; `in_flight`: how many are being done now."""

    task: Task
    value: Any
    error: BaseException | None
    in_flight: int


def outcomes(
    tasks: Iterable[Task], work: Callable[[Task], Any], pool: Pool
) -> Iterator[Outcome[Task]]:
    """Have `work` called on each task by the pool's workers.

    A worker that dies takes the tasks of its whole pool with it. They are tried again, one at a
    time, so that the one that kills its worker is found and no other suffers for it. Raises
    RunError when the executor gives up and cannot be renewed.
    """
    flight = _Flight(iter(tasks), work, pool)
    try:
        while flight.fill():
            yield from flight.land()
    finally:
        for future in flight.flying:
            future.cancel()


class _Flight(Generic[Task]):
    def __init__(self, tasks: Iterator[Task], work: Callable[[Task], Any], pool: Pool) -> None:
        self.tasks, self.work, self.pool = tasks, work, pool
        self.flying: dict[Future[Any], tuple[Task, int]] = {}  # how often its worker died
        # Ctrl-C in a SimpleQueue leaves no lock behind; in concurrent.futures.wait it can
        self.ended: SimpleQueue[Future[Any]] = SimpleQueue()
        self.suspects: deque[tuple[Task, int]] = deque()  # they were there when a worker died

    def fill(self) -> bool:
        """Give the pool what it has room for; whether anything is in flight."""
        if self.suspects:
            if not self.flying:
                self._submit(*self.suspects.popleft())
            return True
        room = self.pool.room()
        while len(self.flying) < room and (task := next(self.tasks, None)) is not None:
            self._submit(task, 0)
        return bool(self.flying)

    def land(self) -> Iterator[Outcome[Task]]:
        """What became of the next future that ends."""
        broken: list[tuple[Task, int]] = []
        yield from self._take(broken)
        if broken:
            while self.flying:  # a broken pool loses them all, but for those that were just done
                yield from self._take(broken)
            yield from self._begin_anew(broken)

    def _take(self, broken: list[tuple[Task, int]]) -> Iterator[Outcome[Task]]:
        future = self.ended.get()
        task, deaths = self.flying.pop(future)
        error = _error_of(future)
        if isinstance(error, BrokenExecutor):
            broken.append((task, deaths + 1))
        else:
            yield Outcome(task, None if error else future.result(), error, len(self.flying))

    def _submit(self, task: Task, deaths: int) -> None:
        try:
            future = self.pool.executor.submit(self.work, task)
        except BrokenExecutor as error:  # a worker died while there was nothing to do
            future = Future()
            future.set_exception(error)
        self.flying[future] = task, deaths
        future.add_done_callback(self.ended.put)

    def _begin_anew(self, broken: list[tuple[Task, int]]) -> Iterator[Outcome[Task]]:
        if self.pool.renew is None:
            raise RunError("the executor broke: a worker died; begin again with a new one")
        self.pool.executor = self.pool.renew()
        for task, deaths in broken:
            if deaths < MOST_TRIES:
                self.suspects.append((task, deaths))
            else:
                lost = WorkerLost(f"its worker died {MOST_TRIES} times; was there enough memory?")
                yield Outcome(task, None, lost, 0)


def _error_of(future: Future[Any]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError:
        raise RunError(
            "the executor (or its scheduler) ended before the sweep; begin again with a new one"
        ) from None
