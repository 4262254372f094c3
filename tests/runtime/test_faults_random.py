"""Random scenarios on random machines: every shot ends or has a named code, nothing is wrong.

100 scenarios by default; BELLWIRE_FUZZ=N tries at least 1,000.
"""

from __future__ import annotations

import os
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from generators import random_program

from bellwire.api import recompiler
from bellwire.compiler.equivalence import prove
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Program
from bellwire.compiler.states import EMPTY, follow_states
from bellwire.compiler.timing import durations_ns, makespan_ns
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.runtime.faults.live import Variant, run_with_faults
from bellwire.runtime.faults.load import read_scenario_toml, write_scenario_toml
from bellwire.runtime.faults.scenario import (
    REMEDIES,
    ClockSkew,
    DarkCounts,
    Drift,
    Event,
    LinkDown,
    MessageLoss,
    ModuleDown,
    Policy,
    Scenario,
)
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

FUZZ = int(os.environ.get("BELLWIRE_FUZZ", "0"))
SCENARIOS = max(1000, FUZZ // 10) if FUZZ else 100
CHUNK = 10
CODES = {
    "LINK_LOST", "NO_ROUTE", "MODULE_LOST", "EXPIRED", "MESSAGES_LOST", "ERROR_BUDGET", "TIMEOUT",
    "RESTARTS",
}  # fmt: skip
SPAN_NS = 200_000
SHAPES = ("ring", "complete", "grid", "line", "star")


def random_event(rng: np.random.Generator, machine: Machine) -> Event:
    at = int(rng.integers(0, SPAN_NS)) * int(rng.random() < 0.7)
    until = inf if rng.random() < 0.4 else at + int(rng.integers(1, SPAN_NS))
    when = {"at_ns": at, "until_ns": until}
    links = [None, *(link.between for link in machine.links)]
    link = links[int(rng.integers(len(links)))]
    module = machine.modules[int(rng.integers(len(machine.modules)))].name
    kind = int(rng.integers(0, 8))
    if kind < 2 and machine.links:
        return LinkDown(link=link or machine.links[0].between, **when)
    if kind < 4:
        return ModuleDown(module=module, **when)
    if kind == 4:
        return ClockSkew(link=link, skew_ns=rng.normal() * 5, lifetime_ns=7, **when)
    if kind == 5:
        return DarkCounts(link=link, share=rng.random() * 0.9, **when)
    if kind == 6:
        fidelity, rate = rng.normal(size=2) * 1e3
        return Drift(link=link, fidelity_per_s=fidelity, rate_per_s=rate * 3, **when)
    return MessageLoss(link=link, probability=rng.random(), **when)


def random_policy(rng: np.random.Generator) -> Policy:
    return Policy(
        remedies=tuple(r for r in REMEDIES if rng.random() < 0.75),
        patience_ns=None if rng.random() < 0.3 else int(rng.integers(0, SPAN_NS)),
        requests=int(rng.integers(1, 20)),
        restarts=int(rng.integers(0, 5)),
        deadline_ns=inf if rng.random() < 0.7 else 10 * SPAN_NS,
        error_budget=1.0 if rng.random() < 0.6 else float(rng.random()),
    )


def random_network(
    rng: np.random.Generator, qubits: int, *, shapes: tuple[str, ...] = SHAPES, most: int = 5
) -> Machine:
    """Modules that just hold the qubits, or a little more."""
    shape = str(rng.choice(shapes))
    modules = 6 if shape == "grid" else int(rng.integers(2 + (shape == "ring"), most + 1))
    room = -(-qubits // modules) + int(rng.integers(0, 3))
    comm = int(rng.integers(1, 4))
    made = make_machine(shape, modules, data_qubits=room, comm_qubits=comm)
    chances = rng.uniform(0.2, 1, len(made.links))
    links = (replace(link, success=chance) for link, chance in zip(made.links, chances))
    return replace(made, links=tuple(links))


def random_case(seed: int) -> tuple[Program, Machine, Scenario]:
    rng = np.random.default_rng([seed, 77])
    qubits = int(rng.integers(3, 8))
    circuit = random_program(
        rng,
        qubits,
        int(rng.integers(8, 25)),
        clifford=seed % 3 != 0,
        dynamic=seed % 2 == 1,
        flow=seed % 5 == 0,
        measured=seed % 2 == 0,
    )
    machine = random_network(rng, qubits)
    events = tuple(random_event(rng, machine) for _ in range(int(rng.integers(1, 6))))
    return circuit, machine, Scenario(events, random_policy(rng))


def audit(variant: Variant, machine: Machine, scenario: Scenario) -> None:
    """Check with the times of one shot that no qubit does two things at once or in another order
    than the program says, that nothing works while it is down, that no outage hits a state."""
    program, starts = variant.program, variant.starts_ns[0]
    durations = durations_ns(program, variant.machine)
    down = [e for e in scenario.events if isinstance(e, LinkDown | ModuleDown)]
    ends: dict[int, int] = {}
    holding: dict[int, int] = {}  # since when
    rows = zip(program.ops, starts.tolist(), durations.tolist())
    for (op, start, ns), (holds, _) in zip(rows, follow_states(program, variant.machine)):
        if op.row.family is Family.MARK:
            continue
        first = start + ns - 1 if op.name == "ebit" else start  # when a pair was asked for is free
        names = {str(program.qubits[q].module) for q in op.qubits}
        for event in down:
            on_link = isinstance(event, LinkDown) and set(event.link or names) == names
            about = event.where in names or (on_link and op.name == "ebit")
            hit = (
                event.at_ns < start + ns and (start or op.name != "ebit") and first < event.until_ns
            )
            assert not (about and hit and ns), f"{op} at {start} during {event}"
        for q in op.qubits:
            assert first >= ends.get(q, 0), f"{op} at {start}, its qubit is busy until {ends[q]}"
            if q in holding and op.name not in ("ebit", "reset") and holds[q] != EMPTY:
                lost = [
                    e for e in down
                    if e.where == program.qubits[q].module and holding[q] < e.at_ns < start
                ]  # fmt: skip
                assert not lost, f"{op} at {start}: its state was lost: {lost}"
            ends[q] = holding[q] = start + ns if op.name != "ebit" or start else 0


def live_through(seed: int) -> None:
    circuit, machine, scenario = random_case(seed)
    assert read_scenario_toml(write_scenario_toml(scenario), "", machine) == scenario
    program = run_passes(circuit, machine, recipe("fast", seed=seed)).program
    again = recompiler(circuit, seed=seed) if seed % 4 else None
    options = {"shots": 8, "seed": seed, "noise": False, "backend": "timing"}
    run = run_with_faults(program, machine, scenario, recompile=again, **options)
    finished = sum(variant.shots for variant in run.variants)
    assert finished + sum(run.result.aborted.values()) == 8
    assert len(run.result.makespans_ns) == finished
    assert set(run.result.aborted) <= CODES
    assert run.result.pairs["expired"] >= 0
    for variant in run.variants:
        proof = prove(variant.program, circuit, seed=seed)
        assert proof.equal, f"seed {seed}: {proof.detail}"
    one = run_with_faults(program, machine, scenario, recompile=again, **options | {"shots": 1})
    for variant in one.variants:
        audit(variant, machine, scenario)


@pytest.mark.parametrize("first", range(0, SCENARIOS, CHUNK))
def test_random_scenarios_end_finished_or_with_a_name(first: int) -> None:
    for seed in range(first, first + CHUNK):
        live_through(seed)


def lose_a_link(seed: int) -> None:
    """Lose one link of a 2-connected network for good, at any time of a shot."""
    rng = np.random.default_rng([seed, 78])
    qubits = int(rng.integers(6, 10))
    circuit = random_program(rng, qubits, 20, clifford=seed % 2 == 0, measured=True)
    machine = random_network(rng, qubits, shapes=("ring", "grid", "complete"))
    if len(machine.modules) < 3:
        return
    program = run_passes(circuit, machine, recipe("fast", seed=seed)).program
    used = sorted({
        tuple(sorted(str(program.qubits[q].module) for q in op.qubits))
        for op in program.ops if op.name == "ebit"
    })  # fmt: skip
    link = used[int(rng.integers(len(used)))] if used else machine.links[0].between
    at = int(rng.random() * makespan_ns(program, machine))
    scenario = Scenario((LinkDown(link=link, at_ns=at),))
    again = recompiler(circuit, seed=seed)
    options = {"seed": seed, "noise": False, "backend": "timing", "recompile": again}
    for shots in (6, 1):
        run = run_with_faults(program, machine, scenario, shots=shots, **options)
        assert run.result.aborted == {}, f"seed {seed}: {run.result.aborted}"
        for variant in run.variants:
            assert prove(variant.program, circuit, seed=seed).equal, f"seed {seed}"
            if shots == 1:
                audit(variant, machine, scenario)


@pytest.mark.parametrize("first", range(0, SCENARIOS, CHUNK))
def test_one_link_lost_for_good_is_lived_through(first: int) -> None:
    for seed in range(first, first + CHUNK, 1 if FUZZ else 2):
        lose_a_link(seed)
