"""Which part of a machine costs a program how much of its success, and what would be enough."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.program import Program
from bellwire.targets.machine import GateQuality, Link, Machine, Module

PERFECT = (1.0, 0.0, 0.0, 0.0)


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
    """Compare the expected fidelity with that of machines of which one part is perfect.

    Largest loss first; parts that cost nothing are left out. For a LOWERED or SCHEDULED program.
    """
    now = _log(program, machine)
    found = [
        Loss(part, cause, _log(program, better) - now) for part, cause, better in _better(machine)
    ]
    return sorted((f for f in found if f.loss > 1e-12), key=lambda f: (-f.loss, f.part, f.cause))


def _log(program: Program, machine: Machine) -> float:
    return math.log(max(expected_fidelity(program, machine), 1e-300))


def _better(machine: Machine) -> Iterator[tuple[str, str, Machine]]:
    """Each part with one of its numbers made perfect."""
    for link in machine.links:
        if link.fidelity < 1:
            perfect = replace(link, state=PERFECT, dark=0.0)
            yield f"link {'-'.join(link.between)}", "pairs", _with_link(machine, perfect)
    for module in machine.modules:
        for cause, better in _better_modules(module):
            if better != module:
                yield f"module {module.name}", cause, _with_module(machine, better)


def _better_modules(module: Module) -> Iterator[tuple[str, Module]]:
    one, two, readout = module.gate_1q, module.gate_2q, module.readout
    yield "gates", replace(module, gate_1q=GateQuality(one.ns), gate_2q=GateQuality(two.ns))
    yield "readout", replace(module, readout=GateQuality(readout.ns))
    yield (
        "waiting",
        replace(
            module,
            t1_ns=math.inf,
            t2_ns=math.inf,
            comm_t1_ns=None,
            comm_t2_ns=None,
            attempt_dephasing=0.0,
        ),
    )


def _with_link(machine: Machine, better: Link) -> Machine:
    links = (better if link.between == better.between else link for link in machine.links)
    return replace(machine, links=tuple(links))


def _with_module(machine: Machine, better: Module) -> Machine:
    modules = (better if m.name == better.name else m for m in machine.modules)
    return replace(machine, modules=tuple(modules))


def too_much(found: list[Loss], success: float, wanted: float) -> tuple[list[Loss], float]:
    """The fewest losses that must shrink for a success of `wanted`, and to which share of what they
    are, all alike. No losses and 1.0 when the success is enough."""
    over = math.log(wanted) - math.log(max(success, 1e-300)) if wanted > 0 else 0.0
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
