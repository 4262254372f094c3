"""Prepare a program once, run it many times."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from bellwire.compiler.idle import no_idle
from bellwire.compiler.noise_events import (
    NOISELESS,
    NoiseEvents,
    noise_events,
    waiting_harms,
    waiting_weights,
)
from bellwire.compiler.operations import KIND
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.timelines import TimelineSampler, disturbances, sampled_idle
from bellwire.compiler.timing import turns
from bellwire.errors import BackendError, ProgramError, RunError
from bellwire.runtime.backends.base import Backend, Sampler, find_backend
from bellwire.runtime.backends.folded import FoldedSampler
from bellwire.runtime.counts import add_counts
from bellwire.runtime.result import Result
from bellwire.runtime.room import Need, check_room
from bellwire.targets.machine import Machine

AUTO = ("stabilizer", "aer")  # tried in this order
MOST_TIMELINES = 1_000  # makespans sampled for a backend that keeps a state, and large programs
MOST_SAMPLES = 20_000_000  # operation-samples for them, where it can be more
MOST_WAITS = 4_000_000  # waits noted for a folded program
MOST_ROWS = 100_000  # operations written for a simulator in all of them together


@dataclass(frozen=True, eq=False)
class Prepared:
    """A program made ready: `run` it as often as wanted.

    `sampler` knows the noise of the expected waits; `backend` made it, and makes the samplers of
    `timelines` sampled ones when memories decay.
    """

    program: Program
    machine: Machine | None
    backend: Backend
    sampler: Sampler
    times: TimelineSampler | None
    timelines: int
    fidelity_estimate: float | None
    fingerprint: str

    def run(self, shots: int, seed: int = 0) -> Result:
        """Run; the same seed gives the same result. Raises RunError for less than one shot, and for
        more than the free memory can hold."""
        if shots < 1:
            raise RunError(f"shots: found {shots}; it must be 1 or more")
        check_room(self._needs(shots), shots, min(shots, self.timelines))
        counts, timelines = self._sample(shots, seed)
        spans, expired, attempts = self._timings(shots, seed)
        consumed = shots * pairs_of(self.program)
        return Result(
            counts=counts,
            shots=shots,
            makespans_ns=spans,
            pairs={"made": consumed + expired, "consumed": consumed, "expired": expired},
            attempts=attempts,
            timelines=timelines,
            fidelity_estimate=self.fidelity_estimate,
            backend=self.sampler.method,
            seed=seed,
            program=self.fingerprint,
        )

    def _needs(self, shots: int) -> list[Need]:
        """What a run keeps in memory."""
        needs = []
        if self.times is not None:
            sampled = self._spans(shots) / shots
            needs.append(Need("makespans", per_shot=3 * 8 * sampled))
            # Noted and joined, turned into chances; one by one for a circuit of each timeline.
            cells = 3 if isinstance(self.sampler, FoldedSampler) else 1
            noted = 8 * (2 * self.times.cells(True) + 3 * cells * len(self.times.gaps.rows))
            needs.append(Need("waits in sampled timelines", per_timeline=noted))
        if isinstance(self.sampler, FoldedSampler):
            needs.append(Need("statevectors", once=self.sampler.state_bytes))
            needs.append(Need("errors and bits of shots", per_shot=self.sampler.shot_bytes))
        return needs

    def _spans(self, shots: int) -> int:
        """How many makespans are sampled: not all where states are kept."""
        most = max(MOST_TIMELINES, MOST_SAMPLES // max(1, len(self.program)))
        return shots if self.sampler.method == "timing" else min(shots, most)

    def _sample(self, shots: int, seed: int) -> tuple[dict[str, int], int]:
        """The counts, and from how many sampled timelines their noise is."""
        if not self.timelines or self.times is None or self.machine is None:
            return self.sampler.sample(shots, seed), 0
        count = min(shots, self.timelines)
        if isinstance(self.sampler, FoldedSampler):
            return self._sample_folded(self.sampler, self.machine, count, shots, seed), count
        counts: dict[str, int] = {}
        waits = sampled_idle(self.program, self.machine, self.times, count, seed)
        for k, idle in enumerate(waits):
            sampler = self.backend(self.program, noise_events(self.program, self.machine, idle))
            part = len(range(k, shots, count))
            counts = add_counts(counts, sampler.sample(part, _seed(seed, k)))
        return counts, count

    def _sample_folded(
        self, sampler: FoldedSampler, machine: Machine, count: int, shots: int, seed: int
    ) -> dict[str, int]:
        """The same in one go: shot k waits as timeline k does, modulo their number."""
        assert self.times is not None
        gaps = self.times.gaps
        drawn = self.times.sample(count, seed, detail=True)
        weights = waiting_weights(
            self.program,
            machine,
            gaps,
            drawn.gap_ns,
            disturbances(self.program, machine, gaps, drawn),
        )
        events = noise_events(self.program, machine, no_idle(gaps))
        return sampler.sample_waiting(shots, seed, events, gaps, weights)

    def _timings(self, shots: int, seed: int) -> tuple[Ints, int, int]:
        """Makespans, of not all shots where states are kept; the pairs that
        expired and the attempts in all shots, as in these."""
        if self.times is None:
            return np.zeros(0, dtype=np.int64), 0, 0
        sampled = self._spans(shots)
        drawn = self.times.sample(sampled, seed)
        expired, attempts = int(drawn.expired.sum()), int(drawn.attempts.sum())
        return drawn.makespan_ns, expired * shots // sampled, attempts * shots // sampled


def prepare(
    program: Program,
    machine: Machine | None = None,
    *,
    backend: str = "auto",
    noise: bool = True,
    timelines: int | None = None,
    explicit: bool = False,
) -> Prepared:
    """Make a program ready to run on a backend: auto, timing, stabilizer, aer, or one of others'.

    A LOWERED or SCHEDULED program runs on its machine, with the machine's noise unless `noise` is
    false; without a machine it runs without noise and times, as a LOGICAL program always does.
    Where waiting costs fidelity, the shots of a run are shared out over that many sampled
    `timelines` (by default one for each shot of a folded program, else up to 256), each with the
    noise of its own waits; 0: the noise of the expected waits. `explicit`: aer simulates every
    Bell pair and correction, instead of folding them away.
    Raises BackendError when no backend can take it, ProgramError for the stages in between.
    """
    if timelines is not None and timelines < 0:
        raise RunError(f"timelines: found {timelines}; it must be 0 or more")
    timed = _check_stage(program, machine, noise)
    events = noise_events(program, timed) if timed is not None and noise else NOISELESS
    fidelity = None
    if timed is not None:
        fidelity = predict(program, timed).fidelity if noise else 1.0
    chosen, sampler = pick(program, events, backend, explicit=explicit)
    waits = timed is not None and noise and waiting_harms(timed) and sampler.method != "timing"
    if timelines is None:
        timelines = _noises(program, sampler)
    return Prepared(
        program=program,
        machine=machine,
        backend=chosen,
        sampler=sampler,
        times=None if timed is None else TimelineSampler(program, timed),
        timelines=timelines if waits else 0,
        fidelity_estimate=fidelity,
        fingerprint=fingerprint(program),
    )


def _noises(program: Program, sampler: Sampler) -> int:
    """Over how many timelines the shots of a run are shared out."""
    if isinstance(sampler, FoldedSampler):
        return max(16, MOST_WAITS // max(1, len(program)))
    most = 16 if sampler.method.startswith("aer") else 256
    return max(1, min(most, MOST_ROWS // max(1, len(program))))


def _seed(seed: int, timeline: int) -> int:
    """A seed far from the others: Aer takes seed + 1, seed + 2, ... for the next shots."""
    return int(np.random.SeedSequence([seed, timeline]).generate_state(1)[0])


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


def pick(
    program: Program, events: NoiseEvents, backend: str, *, explicit: bool = False
) -> tuple[Backend, Sampler]:
    """The backend of that name, or with "auto" the first that can run a program, and its sampler.

    Raises BackendError when none can.
    """
    if backend != "auto":
        chosen = find_backend(backend, explicit=explicit)
        return chosen, chosen(program, events)
    reasons = []
    for name in AUTO:
        chosen = find_backend(name, explicit=explicit)
        try:
            return chosen, chosen(program, events)
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
