"""Shots under a scenario: tries, remedies, giving up. What was executed is a Program again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from bellwire.compiler.noise_events import waiting_harms
from bellwire.compiler.program import Ints, Program, Stage
from bellwire.compiler.verify import verify
from bellwire.errors import BellwireError, ProgramError, RunError
from bellwire.runtime.counts import add_counts
from bellwire.runtime.execute import fingerprint
from bellwire.runtime.faults.attempt import Attempt
from bellwire.runtime.faults.course import Course, Wire, with_states, without
from bellwire.runtime.faults.detour import Detour, with_detours
from bellwire.runtime.faults.load import event_to_dict
from bellwire.runtime.faults.notes import GaveUp, Lost, Notes
from bellwire.runtime.faults.plan import Plan
from bellwire.runtime.faults.scenario import Scenario
from bellwire.runtime.faults.variant import Variant, run_variant
from bellwire.runtime.faults.walk import Done, walk
from bellwire.runtime.result import Result
from bellwire.targets.machine import BellState, Machine

Recompile = Callable[[Machine], Program]
"""Makes the program anew for a part of the machine. Raises BellwireError when it does not fit."""

Parts = tuple[frozenset[str], frozenset[Wire]]  # modules, links
MOST_TIMELINES = 16  # of shots that executed the same, each with the noise of its own waits
NOTHING: Parts = (frozenset(), frozenset())


@dataclass(frozen=True, eq=False)
class FaultyRun:
    """The result of a run under a scenario, what happened in it, and what was executed."""

    result: Result
    notes: Notes
    scenario: Scenario
    variants: tuple[Variant, ...]

    def to_dict(self) -> dict[str, object]:
        """A JSON object: that of the result, and `faults`."""
        events = [event_to_dict(event) for event in self.scenario.events]
        return self.result.to_dict() | {"faults": self.notes.to_dict(events)}


def run_with_faults(
    program: Program,
    machine: Machine,
    scenario: Scenario,
    *,
    shots: int = 1024,
    seed: int = 0,
    backend: str = "auto",
    noise: bool = True,
    recompile: Recompile | None = None,
) -> FaultyRun:
    """Run a LOWERED or SCHEDULED program while the events of a scenario happen in every shot.

    Each shot ends, or is in `aborted` of the result under the code of the reason: LINK_LOST,
    NO_ROUTE, MODULE_LOST, EXPIRED, MESSAGES_LOST, ERROR_BUDGET, TIMEOUT, RESTARTS. What was
    executed (with pairs over other paths) is verified, and run on the backend with the start times
    and the links as they were on average. Same seed, same result. Raises MachineError for a
    scenario that is not about this machine, RunError for a deadline that nobody can meet.
    """
    if shots < 1:
        raise RunError(f"shots: found {shots}; it must be 1 or more")
    if program.stage < Stage.LOWERED:
        raise ProgramError(f"{program.name} is {program.stage.name}; compile it to the end first")
    course = Course(machine, scenario)
    verify(program, machine)
    live = _Live(program, course, scenario, recompile)
    for shot in range(shots):
        live.shot(np.random.default_rng([seed, 2, shot]))
    return live.finish(shots, seed, backend, noise)


@dataclass
class _Group:
    """Shots that executed the same program."""

    plan: Plan
    detours: tuple[Detour, ...]
    shots: int = 0
    starts_ns: list[Ints] = field(default_factory=list)
    states: dict[Wire, list[BellState]] = field(default_factory=dict)

    def add(self, done: Done, course: Course, timelines: int) -> None:
        """Add a shot; the start times of the first `timelines` are noted."""
        self.shots += 1
        if self.shots <= timelines:
            self.starts_ns.append(np.maximum(0, np.array(done.starts_ns(), dtype=np.int64)))
        for wire, herald in done.pairs:
            if course.changes[wire]:
                self.states.setdefault(wire, []).append(course.state(wire, herald))

    def variant(self) -> Variant:
        """What these shots executed. Raises ProgramError if it broke a rule."""
        machine = with_states(self.plan.machine, {w: _mean(s) for w, s in self.states.items()})
        lowered = with_detours(self.plan.program, self.detours)
        verify(lowered, machine)
        return Variant(lowered, machine, self.shots, self.detours, tuple(self.starts_ns))


def _mean(states: list[BellState]) -> BellState:
    a, z, x, y = np.mean(np.array(states), axis=0).tolist()
    return a, z, x, y


class _Live:
    def __init__(
        self, program: Program, course: Course, scenario: Scenario, recompile: Recompile | None
    ) -> None:
        self.course, self.scenario, self.policy = course, scenario, scenario.policy
        self.recompile, self.notes = recompile, Notes()
        self.plans: dict[Parts, Plan | None] = {NOTHING: Plan(program, course.machine)}
        self.groups: dict[tuple[int, tuple[Detour, ...]], _Group] = {}
        self.makespans: list[int] = []
        self.timelines = MOST_TIMELINES if waiting_harms(course.machine) else 1
        self._check_deadline()

    @property
    def first(self) -> Plan:
        """The program as it was given."""
        plan = self.plans[NOTHING]
        assert plan is not None
        return plan

    def _check_deadline(self) -> None:
        quickest, deadline = self.first.quickest_ns, self.policy.deadline_ns
        if deadline < quickest:
            raise RunError(
                f"{self.scenario.name}: policy: deadline_ns: found {deadline:g}; "
                f"{self.first.program.name} takes {quickest} ns when every attempt succeeds"
            )

    def shot(self, random: np.random.Generator) -> None:
        """One shot, with as many tries as the policy allows."""
        plan, begin = self.first, 0
        try:
            for _ in range(self.policy.restarts + 1):
                try:
                    done = walk(Attempt(plan, self.course, self.policy, self.notes, random, begin))
                except Lost as lost:
                    plan, begin = self._anew(plan, lost)
                else:
                    self._finished(plan, done)
                    return
            raise GaveUp("RESTARTS", begin)
        except GaveUp as reason:
            self.notes.aborted[reason.code] += 1

    def _finished(self, plan: Plan, done: Done) -> None:
        key = (id(plan), done.detours)
        group = self.groups.setdefault(key, _Group(plan, done.detours))
        group.add(done, self.course, self.timelines)
        self.notes.consumed.update(wire for wire, _ in done.pairs)
        self.makespans.append(done.end_ns)

    def _anew(self, plan: Plan, lost: Lost) -> tuple[Plan, int]:
        """The program to begin anew with, and when. Raises GaveUp when there is none."""
        ns = lost.at_ns
        if self.policy.allows("restart") and lost.code == "MODULE_LOST":
            back = self._back(plan, ns)
            if back is not None:
                self._note("restarted", back - ns)
                return plan, back
        parts = self.course.lost(ns)
        if parts == NOTHING and self.policy.allows("restart"):
            self._note("restarted", 0)
            return plan, ns
        if not self.policy.allows("recompile") or self.recompile is None:
            raise GaveUp(lost.code, ns)
        healthy = self._plan(parts)
        if healthy is None:
            raise GaveUp(lost.code, ns)
        self._note("recompiled", 0)
        return healthy, ns

    def _note(self, action: str, ns: int) -> None:
        self.notes.actions[action] += 1
        self.notes.recoveries_ns.append(ns)

    def _back(self, plan: Plan, ns: int) -> int | None:
        """When all modules of a program work, if that is soon."""
        back = ns
        patience = self.policy.patience_of(self.course.machine)
        for module in plan.machine.index:
            outage = self.course.module_outage(module, ns)
            if outage is not None and outage[0] <= ns:
                if outage[1] - ns > patience:
                    return None
                back = max(back, int(outage[1]))
        return back

    def _plan(self, parts: Parts) -> Plan | None:
        """The program for the machine without these parts; None where it does not fit."""
        if parts not in self.plans:
            assert self.recompile is not None
            try:
                machine = without(self.course.machine, *parts)
                program = self.recompile(machine)
                self.plans[parts] = Plan(verify(program, machine), machine)
            except BellwireError:
                self.plans[parts] = None
        return self.plans[parts]

    def finish(self, shots: int, seed: int, backend: str, noise: bool) -> FaultyRun:
        """Run what was executed on the backend, and add everything up."""
        variants = tuple(group.variant() for group in self.groups.values())
        ran = [run_variant(v, [seed, 3, k], backend, noise) for k, v in enumerate(variants)]
        fidelity = sum(v.shots * r.fidelity for v, r in zip(variants, ran))
        finished = sum(v.shots for v in variants)
        made, consumed = self.notes.made, self.notes.consumed.total()
        return FaultyRun(
            Result(
                counts=reduce(add_counts, (r.counts for r in ran), {}),
                shots=shots,
                makespans_ns=np.array(self.makespans, dtype=np.int64),
                pairs={"made": made, "consumed": consumed, "expired": made - consumed},
                fidelity_estimate=fidelity / finished if finished else None,
                backend=" and ".join(dict.fromkeys(r.method for r in ran)) or backend,
                seed=seed,
                program=fingerprint(self.first.program),
                aborted=dict(self.notes.aborted),
                attempts=self.notes.attempts,
                timelines=sum(len(v.starts_ns) for v in variants)
                if self.timelines > 1 and noise
                else 0,
            ),
            self.notes,
            self.scenario,
            variants,
        )
