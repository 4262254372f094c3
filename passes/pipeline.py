"""Run passes one after the other and verify what each one promises."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bellwire.compiler.program import Program
from bellwire.compiler.verify import verify
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

Pass = Callable[[Program, Machine], Program]
Watcher = Callable[[str, Program, float], None]


@dataclass(frozen=True)
class Passed:
    """The last program, the one after each pass, and how long each pass took (CPU seconds)."""

    program: Program
    after: dict[str, Program]
    seconds: dict[str, float]


def pass_name(a_pass: Pass) -> str:
    """The function's name, options left out."""
    inner: Any = a_pass
    while isinstance(inner, partial):
        inner = inner.func
    return str(getattr(inner, "__name__", inner))


def run_passes(
    program: Program, machine: Machine, passes: Iterable[Pass], *, watcher: Watcher | None = None
) -> Passed:
    """Run passes in order, verifying before the first and after each.

    `watcher(name, program, seconds)` is told after each pass. Raises ProgramError naming the pass
    whose result breaks a rule.
    """
    seconds: dict[str, float] = {}
    after: dict[str, Program] = {}
    now = verify(program, machine)
    for a_pass in passes:
        name, start = pass_name(a_pass), time.process_time()
        now = a_pass(now, machine)
        seconds[name] = seconds.get(name, 0.0) + time.process_time() - start
        try:
            verify(now, machine)
        except ProgramError as error:
            raise ProgramError(f"after pass {name}: {error}") from error
        after[name] = now
        if watcher is not None:
            watcher(name, now, seconds[name])
    return Passed(now, after, seconds)
