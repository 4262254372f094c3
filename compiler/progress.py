"""How far a long pass has come, told to whoever is watching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Tell = Callable[[float, str], None]

_watched_by: ContextVar[Tell | None] = ContextVar("watched_by", default=None)
_planned: ContextVar[float] = ContextVar("planned", default=0.0)


@contextmanager
def watching(tell: Tell) -> Iterator[None]:
    """Have `tell(share, text)` called along the way: the share of the present pass that has just
    been done (0 to 1), and a few words on what was found so far. Watching changes no result."""
    token = _watched_by.set(tell)
    try:
        yield
    finally:
        _watched_by.reset(token)


@contextmanager
def planned(work: float) -> Iterator[None]:
    """Say how much work a pass is going to do, in any unit; `worked` counts it down."""
    token = _planned.set(work)
    try:
        yield
    finally:
        _planned.reset(token)


def worked(amount: float, text: str, *args: object) -> None:
    """Say that so much of the planned work is done; `text % args` says what was found."""
    tell, whole = _watched_by.get(), _planned.get()
    if tell is not None and whole > 0:
        tell(amount / whole, text % args if args else text)
