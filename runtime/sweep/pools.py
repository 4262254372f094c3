"""Where points are measured: in this process, in others, on a Dask cluster, by any executor.

Kept free of heavy imports: the processes of `local_pool` load it first, before numpy.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Thread, current_thread, main_thread
from typing import Any

from bellwire.errors import NotSupported, RunError

AHEAD = 100  # points given to an executor of unknown size: those that wait cost nothing
CONNECT_S = 20


@dataclass
class Pool:
    """An executor, how many points it is given at a time, and how to begin anew if it breaks.

    `dashboard` is the address of a page that shows what it does.
    """

    executor: Executor
    room: Callable[[], int]
    renew: Callable[[], Executor] | None = None
    dashboard: str | None = None


class InProcess(Executor):
    """Does everything at once, in this thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function and keep what it gives, or raises."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # whatever it is: an executor hands it on
            future.set_exception(error)
        return future


@contextmanager
def pool_of(
    executor: Executor | None, scheduler: str | None, workers: int | None, points: int
) -> Iterator[Pool]:
    """The pool that is asked for: of an executor, of Dask, or of so many processes (None: a process
    for each core, but none without a point)."""
    if executor is not None:
        yield Pool(executor, lambda: max(AHEAD, 2 * (workers or 0)))
    elif scheduler is not None:
        with dask_pool(scheduler) as pool:
            yield pool
    elif min(count := workers or os.cpu_count() or 1, points) <= 1:
        yield Pool(InProcess(), lambda: 1)
    else:
        with local_pool(min(count, points)) as pool:
            yield pool


@contextmanager
def local_pool(workers: int) -> Iterator[Pool]:
    """Processes of this computer, started afresh. They end with this process, however it ends."""
    local = _Processes(workers)
    try:
        yield Pool(local.begin(), lambda: 2 * workers, local.begin)
    finally:
        local.end()


class _Processes:
    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._alive: Connection | None = None
        self._executor: Executor | None = None

    def begin(self) -> Executor:
        self.end()
        context = get_context("spawn")  # a fork would keep locks that are held now
        told, self._alive = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            self._workers, context, initializer=_obey, initargs=(told,)
        )
        with _no_ctrl_c():
            for _ in range(self._workers):  # each starts a process, while none is idle yet
                self._executor.submit(int)
        return self._executor

    def end(self) -> None:
        if self._alive is not None:
            self._alive.close()
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _no_ctrl_c() -> Iterator[None]:
    """Ignore Ctrl-C for a moment; processes that are started meanwhile always do: their parent ends
    them. (Only the main thread can; in others Ctrl-C may make workers complain.)"""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _obey(told: Connection) -> None:
    """Make a worker use one core, and end when the pipe is closed: by the parent, or by the system
    when the parent was killed."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")

    def watch() -> None:
        told.poll(None)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@contextmanager
def dask_pool(scheduler: str) -> Iterator[Pool]:
    """The workers of a Dask cluster, by the address of its scheduler (tcp://HOST:PORT).

    Raises NotSupported without the package, RunError when the scheduler does not answer.
    """
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError:
        raise NotSupported("a scheduler needs a package: pip install 'bellwire[dask]'") from None
    try:
        get_address_host_port(scheduler)  # a Client that takes no address takes long to go
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(
            f"scheduler {scheduler!r}: {why}; give the address that `dask scheduler` prints, such "
            "as tcp://10.0.0.1:8786"
        ) from None
    with client, _quiet("distributed.client"):
        yield Pool(
            client.get_executor(pure=False),
            lambda: max(AHEAD, 2 * sum(client.nthreads().values())),
            dashboard=client.dashboard_link,
        )


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a logger from telling, with a traceback, what is raised as an error anyway."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
