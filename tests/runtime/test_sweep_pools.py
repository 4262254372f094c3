"""Tasks on pools: everything is done once, and workers that die take nobody else with them."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from bellwire.errors import NotSupported, RunError
from bellwire.runtime.sweep.flight import MOST_TRIES, WorkerLost, outcomes
from bellwire.runtime.sweep.pools import AHEAD, InProcess, Pool, local_pool, pool_of


def halved(number: int) -> float:
    """Work that dies at -1 and raises at odd numbers."""
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number / 2


def results(tasks: range | list[int], pool: Pool) -> dict[int, Any]:
    found = [
        (o.task, o.value if o.error is None else repr(o.error))
        for o in outcomes(tasks, halved, pool)
    ]
    assert Counter(task for task, _ in found) == Counter(tasks)
    return dict(found)


WANTED = {n: n / 2 if n % 2 == 0 else repr(ValueError(f"{n} is odd")) for n in range(9)}


def test_in_this_process_and_in_threads() -> None:
    assert results(range(9), Pool(InProcess(), lambda: 1)) == WANTED
    with ThreadPoolExecutor(3) as threads:
        assert results(range(9), Pool(threads, lambda: 5)) == WANTED


def test_no_more_in_flight_than_there_is_room() -> None:
    with ThreadPoolExecutor(3) as threads:
        pool = Pool(threads, lambda: 5)
        flights = [outcome.in_flight for outcome in outcomes(range(0, 40, 2), halved, pool)]
    assert max(flights) == 4
    assert flights[-1] == 0


def test_a_worker_that_dies_is_one_task_lost() -> None:
    with local_pool(2) as pool:
        found = results([*range(9), -1], pool)
    lost = found.pop(-1)
    assert lost.startswith(f"WorkerLost('its worker died {MOST_TRIES} times")
    assert found == WANTED
    assert issubclass(WorkerLost, RunError)


class Broken(Executor):
    """Breaks, or gives up, with the second task."""

    def __init__(self, error: BaseException | None) -> None:
        self.error, self.given = error, 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.given += 1
        future: Future[Any] = Future()
        if self.given == 1:
            future.set_result(0)
        elif self.error is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(self.error)
        return future


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BrokenExecutor("gone"), "the executor broke: a worker died; begin again with a new one"),
        (None, "the executor .or its scheduler. ended before the sweep; begin again"),
    ],
)
def test_an_executor_that_gives_up(error: BaseException | None, said: str) -> None:
    found = outcomes(range(4), halved, Pool(Broken(error), lambda: 1))
    assert next(found).value == 0
    with pytest.raises(RunError, match=said):
        next(found)


def test_who_is_asked() -> None:
    with pool_of(None, None, 4, 1) as alone, pool_of(None, None, 1, 9) as one:
        assert isinstance(alone.executor, InProcess)
        assert isinstance(one.executor, InProcess)
    threads = ThreadPoolExecutor(1)  # it begins no thread before it has work
    with pool_of(threads, None, None, 9) as few, pool_of(threads, None, AHEAD, 9) as many:
        assert (few.executor, few.room()) == (threads, AHEAD)
        assert many.room() == 2 * AHEAD


def test_dask_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    wanted = pytest.raises(NotSupported, match=r"pip install 'bellwire\[dask\]'")
    with wanted, pool_of(None, "tcp://127.0.0.1:8786", None, 9):
        pass
