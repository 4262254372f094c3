"""Which part of a machine costs a program how much of its success, and what would be enough."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from bellwire.compiler.fidelity import IDLE, fidelity_budget
from bellwire.compiler.program import Program
from bellwire.targets.machine import Machine

_PAIRS, _READOUT = "Bell pairs", "readouts"


@dataclass(frozen=True, slots=True)
class Loss:
    """What one number of one part costs: -log of the chance that it brings no error.

    `part` is "link A-B" or "module A"; `cause` is pairs, gates, readout or waiting.
    """

    part: str
    cause: str
    loss: float

    @property
    def chance(self) -> float:
        """The chance of an error from here."""
        return -math.expm1(-self.loss)


def losses(program: Program, machine: Machine) -> list[Loss]:
    """Share out the expected infidelity (compiler/fidelity.py), largest loss first.

    For a LOWERED or SCHEDULED program. Together they are -log of the expected fidelity.
    """
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for (cause, place), log in fidelity_budget(program, machine).items():
        kind = "link" if cause == _PAIRS else "module"
        found[f"{kind} {place}", _name(cause)] -= log
    rows = [Loss(part, cause, loss) for (part, cause), loss in found.items() if loss > 1e-12]
    return sorted(rows, key=lambda row: (-row.loss, row.part, row.cause))


def _name(cause: str) -> str:
    if cause == _PAIRS:
        return "pairs"
    if cause in IDLE.values():
        return "waiting"
    return "readout" if cause == _READOUT else "gates"


def too_much(found: list[Loss], log_success: float, wanted: float) -> tuple[list[Loss], float]:
    """The fewest losses that must shrink for a success of `wanted`, and to which share of what they
    are, all alike. No losses and 1.0 when the success is enough."""
    over = math.log(wanted) - log_success if wanted > 0 else 0.0
    if over <= 0:
        return [], 1.0
    weak: list[Loss] = []
    together = 0.0
    for loss in found:
        weak.append(loss)
        together += loss.loss
        if together > over:
            break
    return weak, max(0.0, 1 - over / together) if together else 0.0
