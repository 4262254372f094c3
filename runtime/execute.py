"""Prepare a program once, run it many times."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.noise_events import NOISELESS, NoiseEvents, noise_events
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.timing import turns
from bellwire.errors import BackendError, ProgramError, RunError
from bellwire.runtime.backends.base import Sampler, find_backend
from bellwire.runtime.result import Result
from bellwire.runtime.timeline import Draw, prepare_timelines
from bellwire.targets.machine import Machine

AUTO = ("stabilizer", "aer")  # tried in this order
MOST_TIMELINES = 1_000  # sampled for a backend that keeps a state
_CELLS = 1 << 22  # times kept at once while sampling


@dataclass(frozen=True, eq=False)
class Prepared:
    """A program made ready: `run` it as often as wanted."""

    program: Program
    machine: Machine | None
    sampler: Sampler
    timelines: Draw | None
    fidelity_estimate: float | None
    fingerprint: str

    def run(self, shots: int, seed: int = 0) -> Result:
        """Run; the same seed gives the same result. Raises RunError for less than one shot."""
        if shots < 1:
            raise RunError(f"shots: found {shots}; it must be 1 or more")
        pairs = shots * pairs_of(self.program)
        return Result(
            counts=self.sampler.sample(shots, seed),
            shots=shots,
            makespans_ns=self._makespans(shots, seed),
            pairs={"made": pairs, "consumed": pairs, "expired": 0},
            fidelity_estimate=self.fidelity_estimate,
            backend=self.sampler.method,
            seed=seed,
            program=self.fingerprint,
        )

    def _makespans(self, shots: int, seed: int) -> Ints:
        if self.timelines is None:
            return np.zeros(0, dtype=np.int64)
        if self.sampler.method != "timing":
            shots = min(shots, MOST_TIMELINES)
        rows = len(self.program.qubits) + self.program.count("ebit") + 1
        chunk = max(1, min(shots, _CELLS // rows))
        random = np.random.default_rng([seed, 1])
        sizes = [min(chunk, shots - first) for first in range(0, shots, chunk)]
        return np.concatenate([self.timelines(size, random).makespan_ns for size in sizes])


def prepare(
    program: Program,
    machine: Machine | None = None,
    *,
    backend: str = "auto",
    noise: bool = True,
) -> Prepared:
    """Make a program ready to run on a backend: auto, timing, stabilizer, aer, or one of others'.

    A LOWERED or SCHEDULED program runs on its machine, with the machine's noise unless `noise` is
    false; without a machine it runs without noise and times, as a LOGICAL program always does.
    Raises BackendError when no backend can take it, ProgramError for the stages in between.
    """
    timed = _check_stage(program, machine, noise)
    events = noise_events(program, timed) if timed is not None and noise else NOISELESS
    fidelity = None
    if timed is not None:
        fidelity = expected_fidelity(program, timed) if noise else 1.0
    return Prepared(
        program=program,
        machine=machine,
        sampler=_pick(program, events, backend),
        timelines=None if timed is None else prepare_timelines(program, timed),
        fidelity_estimate=fidelity,
        fingerprint=fingerprint(program),
    )


def _check_stage(program: Program, machine: Machine | None, noise: bool) -> Machine | None:
    """The machine to take times and noise from, None for an ideal run."""
    if program.stage in (Stage.PLACED, Stage.DISTRIBUTED):
        raise ProgramError(
            f"{program.name} is {program.stage.name}: half compiled; compile it to the end first"
        )
    if program.stage is Stage.LOGICAL:
        if machine is not None and noise:
            raise ProgramError(
                f"{program.name} is not compiled for machine {machine.name}; compile it first, or "
                "run it without noise"
            )
        return None
    return machine


def _pick(program: Program, events: NoiseEvents, backend: str) -> Sampler:

    if backend != "auto":
        return find_backend(backend)(program, events)
    reasons = []
    for name in AUTO:
        try:
            return find_backend(name)(program, events)
        except BackendError as error:
            reasons.append(str(error))
    raise BackendError("no backend can run this program: " + "; ".join(reasons))


def pairs_of(program: Program) -> int:
    """How many Bell pairs one shot makes, as its times count them: the worse branch of an
    `if_else`, one turn of a `while_loop`, all turns of a `for_loop`."""
    total = int((program.kind == KIND["ebit"]).sum())
    for i, blocks in program.blocks.items():
        most = max(map(pairs_of, blocks), default=0)
        total += most * (turns(program, i) if program.kind[i] == KIND["for_loop"] else 1)
    return total


def fingerprint(program: Program) -> str:
    """A short name for what a program does: equal programs have equal ones."""
    digest = sha256(repr((program.qubits, program.registers, program.inputs)).encode())
    for part in program.walk():
        columns = (part.kind, part.operands.values, part.angles.values, part.bits.values)
        for column in (*columns, part.condition):
            digest.update(column.tobytes())
        digest.update(repr(part.conditions).encode())
    return digest.hexdigest()[:16]
