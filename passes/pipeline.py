"""Run passes one after the other and verify what each one promises."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bellwire.compiler.metrics import costs_on_the_way
from bellwire.compiler.program import Program
from bellwire.compiler.verify import verify
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

__all__ = [
    "Pass",
    "Passed",
    "Watcher",
    "pass_name",
    "run_passes",
]

Pass = Callable[[Program, Machine], Program]
Watcher = Callable[[str, Program, float], None]


@dataclass(frozen=True)
class Passed:
    """The last program; those after the passes that were to be kept; how long each pass took (CPU
    seconds); the costs that only a program on the way tells (`costs_on_the_way`)."""

    program: Program
    after: dict[str, Program]
    seconds: dict[str, float]
    costs: dict[str, int]


def pass_name(a_pass: Pass) -> str:
    """The function's name, options left out."""
    inner: Any = a_pass
    while isinstance(inner, partial):
        inner = inner.func
    return str(getattr(inner, "__name__", inner))


def run_passes(
    program: Program,
    machine: Machine,
    passes: Iterable[Pass],
    *,
    watcher: Watcher | None = None,
    keep: Container[str] = (),
) -> Passed:
    """Run passes in order, verifying before the first and after each that changes the program.

    `keep` names the passes whose programs stay in `after`; the others are let go, because large
    ones fill the memory. `watcher(name, program, seconds)` is told after each pass. Raises
    ProgramError naming the pass whose result breaks a rule.
    """
    seconds: dict[str, float] = {}
    after: dict[str, Program] = {}
    costs: dict[str, int] = {}
    now = verify(program, machine)
    for a_pass in passes:
        name, start = pass_name(a_pass), time.process_time()
        result = a_pass(now, machine)
        changed, now = result is not now, result
        seconds[name] = seconds.get(name, 0.0) + time.process_time() - start
        try:
            if changed:
                verify(now, machine)
        except ProgramError as error:
            raise ProgramError(f"after pass {name}: {error}") from error
        costs |= costs_on_the_way(name, now)
        if name in keep:
            after[name] = now
        if watcher is not None:
            watcher(name, now, seconds[name])
    return Passed(now, after, seconds, costs)
