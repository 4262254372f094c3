"""What a shell may complete in the place of an option's value; without any, it offers files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module


def known(place: str, *more: str) -> Callable[[str], list[str]]:
    """Complete with the names in `place`, such as "passes.recipes.RECIPES", and these.

    `place` is a collection of names in bellwire, or a function that gives one; it is imported when
    a shell asks.
    """

    def complete(incomplete: str) -> list[str]:
        module, _, name = place.rpartition(".")
        found = getattr(import_module(f"bellwire.{module}"), name)
        names: Iterable[str] = found() if callable(found) else found
        return [word for word in (*more, *names) if word.startswith(incomplete)]

    return complete
