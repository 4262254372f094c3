"""Should this program run on this machine today? What its numbers are against what is needed."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np

from bellwire.compiler.generation import cutoffs_ns
from bellwire.compiler.metrics import module_use
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.purified import pair_of
from bellwire.compiler.states import halves_peak
from bellwire.compiler.timelines import Timelines, TimelineSampler
from bellwire.compiler.verify import verify
from bellwire.compiler.waits import ebit_links, qubit_modules
from bellwire.errors import MachineError, ProgramError
from bellwire.runtime.losses import Loss, losses, too_much
from bellwire.targets.machine import Link, Machine, Module

MIN_SUCCESS = 0.5
MAX_AGE_DAYS = 30.0
MOST_EXPIRED = 0.5  # of the pairs that are made
TIMELINES = 200
MOST_SAMPLES = 20_000_000  # of operations in all timelines


@dataclass(frozen=True, slots=True)
class LinkReport:
    """One link: `fidelity` of its pairs, what it has to be at least (`needed`; None: not used),
    mean wait for a pair, mean age of its pairs at their first use, the share of the coherence
    window (cut-off, or T2 of communication qubits) that they use, the share that expires."""

    name: str
    pairs: int
    fidelity: float
    needed: float | None
    wait_ns: float
    age_ns: float
    window_used: float
    expired: float


@dataclass(frozen=True, slots=True)
class ModuleReport:
    """One module: qubits used and there, the longest mean wait of a data qubit and its share of T2,
    the chance of an error from gates, readouts and waiting."""

    name: str
    data_used: int
    data_qubits: int
    comm_used: int
    comm_qubits: int
    longest_wait_ns: float
    window_used: float
    gates: float
    readout: float
    waiting: float


@dataclass(frozen=True, slots=True)
class Weak:
    """Something that should not run as it is: which number of which part, what it is, what it
    should be."""

    part: str
    number: str
    found: str
    needed: str

    def __str__(self) -> str:
        return f"{self.part}: {self.number} is {self.found}; needed: {self.needed}"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found; `ready` when nothing is too weak.

    `success` is the chance of no error at all, less than the fidelity of what can be seen;
    `makespan_s` the mean of sampled timelines.
    """

    program: str
    machine: str
    success: float | None
    min_success: float
    makespan_s: float
    calibrated: str | None
    links: tuple[LinkReport, ...] = ()
    modules: tuple[ModuleReport, ...] = ()
    weak: tuple[Weak, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def ready(self) -> bool:
        """Whether it should run."""
        return not self.weak

    def to_dict(self) -> dict[str, Any]:
        """A JSON object."""
        return {"ready": self.ready} | asdict(self)


def preflight(
    program: Program,
    machine: Machine,
    *,
    min_success: float = MIN_SUCCESS,
    max_age_days: float = MAX_AGE_DAYS,
    today: date | None = None,
    seed: int = 0,
) -> Preflight:
    """Look whether a LOWERED or SCHEDULED program should run on a machine.

    Checked: the rules of its stage (links that exist, communication and data qubits), the age of
    the calibration, how pairs and states use their coherence windows in sampled timelines, and the
    expected success (compiler/fidelity.py), for which it says what is too weak. Raises ProgramError
    for a program that is not compiled, MachineError for numbers that make no sense.
    """
    if program.stage < Stage.LOWERED:
        raise ProgramError(f"{program.name} is {program.stage.name}; compile it to the end first")
    if not 0 <= min_success <= 1:
        raise MachineError(f"min success: found {min_success:g}; it must be from 0 to 1")
    if not max_age_days >= 0:
        raise MachineError(f"max age: found {max_age_days:g} days; it must be 0 or more")
    calibrated, weak, warnings = _calibration(machine, max_age_days, today or date.today())
    try:
        verify(program, machine)
        shots = max(1, min(TIMELINES, MOST_SAMPLES // max(1, len(program))))
        drawn = TimelineSampler(program, machine).sample(shots, seed, detail=True)
    except (ProgramError, MachineError) as error:
        weak.append(Weak("program", "a rule", f"broken ({error})", f"it kept on {machine.name}"))
        return Preflight(
            program.name, machine.name, None, min_success, 0.0, calibrated, weak=tuple(weak),
            warnings=tuple(warnings),
        )  # fmt: skip
    found = losses(program, machine)
    success = -math.fsum(loss.loss for loss in found)
    weakest, share = too_much(found, success, min_success)
    links = _links(program, machine, drawn, _may_cost(found, weakest, share, success, min_success))
    modules = _modules(program, machine, drawn, found)
    weak += [_weak_loss(loss, share, machine) for loss in weakest]
    weak += _windows(links, modules, machine)
    return Preflight(
        program=program.name,
        machine=machine.name,
        success=math.exp(success),
        min_success=min_success,
        makespan_s=float(drawn.makespan_ns.mean()) / 1e9,
        calibrated=calibrated,
        links=links,
        modules=modules,
        weak=tuple(weak),
        warnings=tuple(warnings),
    )


def _calibration(
    machine: Machine, most_days: float, today: date
) -> tuple[str | None, list[Weak], list[str]]:
    """When the machine was calibrated, and what is to be said about it."""
    words = machine.calibration.get("date")
    if words is None:
        text = "calibration: the machine does not say when it was calibrated"
        return None, [], [f'{text}; add [calibration] date = "YYYY-MM-DD"']
    try:
        day = datetime.fromisoformat(words).date()
    except ValueError:
        raise MachineError(
            f'calibration.date: found {words!r}; it must be a date like "2026-05-01"'
        ) from None
    age = (today - day).days
    if age < 0:
        return words, [], [f"calibration: {words} is in the future"]
    if age > most_days:
        needed = f"at most {most_days:g} days"
        return words, [Weak("machine", "age of the calibration", f"{age} days", needed)], []
    return words, [], []


def _may_cost(
    found: list[Loss], weakest: list[Loss], share: float, success: float, wanted: float
) -> dict[str, float]:
    """What the pairs of each link may cost: less where they are too weak, else what is left of the
    budget on top. Infinite where nothing is wanted. `success` is a logarithm."""
    room = math.inf if wanted <= 0 else max(0.0, success - math.log(wanted))
    pairs = {loss.part: loss.loss + room for loss in found if loss.cause == "pairs"}
    pairs |= {loss.part: loss.loss * share for loss in weakest if loss.cause == "pairs"}
    return defaultdict(lambda: room, pairs)


def _links(
    program: Program, machine: Machine, drawn: Timelines, may_cost: dict[str, float]
) -> tuple[LinkReport, ...]:
    place = ebit_links(program, machine)[drawn.pairs]
    cutoffs = cutoffs_ns(program, machine).tolist()
    out = []
    for k, link in enumerate(machine.links):
        name, pair = "-".join(link.between), pair_of(program, machine, link)
        pairs = int(sum((ebit_links(part, machine) == k).sum() for part in program.walk()))
        mine = drawn.age_ns[place == k]
        age = float(mine.mean()) if mine.size else 0.0
        made, expired = int(drawn.made[k]), int(drawn.expired[k])
        out.append(
            LinkReport(
                name,
                pairs,
                pair.state[0],
                math.exp(-may_cost[f"link {name}"] / pairs) if pairs else None,
                pair.wait_ns,
                age,
                age / _window_ns(link, machine, cutoffs[k]),
                expired / made if made else 0.0,
            )
        )
    return tuple(out)


def _window_ns(link: Link, machine: Machine, cutoff_ns: float) -> float:
    """How long a pair is worth keeping: until its cut-off, or the T2 of its worse end."""
    ends = (machine.module(end).coherence_ns("comm")[1] for end in link.between)
    return min(cutoff_ns, *ends)


def _modules(
    program: Program, machine: Machine, drawn: Timelines, found: list[Loss]
) -> tuple[ModuleReport, ...]:
    use, peak = module_use(program, machine), halves_peak(program, machine)
    home = qubit_modules(program, machine)
    chance = {(loss.part, loss.cause): loss.chance for loss in found}
    gaps = TimelineSampler(program, machine).gaps
    means = drawn.gap_ns.mean(axis=1) if drawn.gap_ns.size else np.zeros(len(gaps.rows))
    out = []
    for k, m in enumerate(machine.modules):
        mine = means[home[gaps.qubits] == k]
        longest = float(mine.max(initial=0.0))
        costs = (chance.get((f"module {m.name}", c), 0.0) for c in ("gates", "readout", "waiting"))
        out.append(
            ModuleReport(
                m.name,
                use[m.name]["data_used"],
                m.data_qubits,
                peak[m.name],
                m.comm_qubits,
                longest,
                longest / m.t2_ns,
                *costs,
            )
        )
    return tuple(out)


def _windows(
    links: tuple[LinkReport, ...], modules: tuple[ModuleReport, ...], machine: Machine
) -> list[Weak]:
    """What does not fit in its coherence window, whatever the success."""
    out = []
    for link in links:
        if link.expired > MOST_EXPIRED:
            found, needed = f"{link.expired:.0%} of the pairs", f"at most {MOST_EXPIRED:.0%}"
            out.append(Weak(f"link {link.name}", "share that expires", found, needed))
        if link.window_used > 1:
            found = f"{link.window_used:.3g} times the coherence window"
            out.append(Weak(f"link {link.name}", "mean age of its pairs", found, "at most once"))
    for module in modules:
        if module.window_used > 1:
            found = f"{module.longest_wait_ns:.4g} ns"
            needed = f"at most T2 = {machine.module(module.name).t2_ns:.4g} ns"
            out.append(Weak(f"module {module.name}", "longest mean wait", found, needed))
    return out


def _weak_loss(loss: Loss, share: float, machine: Machine) -> Weak:
    """Say a loss by the number of the machine that it comes from."""
    if loss.cause == "pairs":
        link = next(k for k in machine.links if f"link {'-'.join(k.between)}" == loss.part)
        return Weak(loss.part, "fidelity", f"{link.fidelity:.4g}", _better(link.fidelity, share))
    module = machine.module(loss.part.removeprefix("module "))
    number, value = _worst(module, loss.cause)
    if loss.cause != "waiting":
        return Weak(loss.part, number, f"{value:.6g}", _better(value, share))
    needed = f"about {value / share:.4g} ns or more" if share > 0 else "infinite"
    return Weak(loss.part, number, f"{value:.4g} ns", needed)


def _better(fidelity: float, share: float) -> str:
    """The fidelity with `share` of the errors."""
    return f"{1 - (1 - fidelity) * share:.6g} or more"


def _worst(module: Module, cause: str) -> tuple[str, float]:
    """The name and value of the number behind a loss."""
    if cause == "gates":
        return "fidelity of 2q gates", module.gate_2q.fidelity
    if cause == "readout":
        return "fidelity of the readout", module.readout.fidelity
    return "T2", min(module.t2_ns, module.coherence_ns("comm")[1])
