"""Runs under scenarios: right results whatever single link is lost, named codes for the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generators import random_program
from protocols import add_telegate

import bellwire
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.equivalence import prove
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.errors import MachineError, ProgramError, RunError
from bellwire.runtime.faults.live import FaultyRun, run_with_faults
from bellwire.runtime.faults.scenario import (
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

GONE = 1e9  # a second: as good as for good, in programs of a millisecond


def machine_of(shape: str, modules: int, *, data: int = 3, comm: int = 2) -> Machine:
    made = bellwire.make_machine(shape, modules, data_qubits=data, comm_qubits=comm)
    return replace(made, links=tuple(replace(link, success=0.3) for link in made.links))


def spread(seed: int, qubits: int, *, gates: int = 30, clifford: bool = True) -> Program:
    """A random circuit whose gates span all qubits, its first qubits measured."""
    rng = np.random.default_rng(seed)
    return random_program(rng, qubits, gates, clifford=clifford, measured=True)


def live(circuit: Program, machine: Machine, *events: Event, **options: object) -> FaultyRun:
    policy = options.pop("policy", None) or Policy()
    done = bellwire.compile(circuit, machine, recipe="fast")
    scenario = Scenario(events, policy)
    return bellwire.run_with_faults(done, scenario, **{"shots": 40, "noise": False} | options)


def assert_right(run: FaultyRun, circuit: Program) -> None:
    """Every shot ended, and whatever was executed does what the circuit does."""
    assert run.result.aborted == {}
    assert sum(v.shots for v in run.variants) == run.result.shots
    for variant in run.variants[:6]:
        assert prove(variant.program, circuit).equal


SHAPES = {"ring": 4, "grid": 6, "complete": 4}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("comm", [1, 2])
@pytest.mark.parametrize("spare", [0, 2])
def test_any_single_link_may_be_lost_at_any_time(shape: str, comm: int, spare: int) -> None:
    modules = SHAPES[shape]
    machine = machine_of(shape, modules, data=2 + spare, comm=comm)
    circuit = spread(comm + 2 * spare, 2 * modules, gates=14)
    done = bellwire.compile(circuit, machine, recipe="fast")
    span = done.report["makespan_s"] * 1e9
    for link in machine.links:
        for share in (0.0, 0.3, 0.7):
            scenario = Scenario((LinkDown(link=link.between, at_ns=share * span),))
            run = bellwire.run_with_faults(done, scenario, shots=10, noise=False, seed=7)
            assert_right(run, circuit)


def distance(one: dict[str, int], other: dict[str, int]) -> float:
    a, b = sum(one.values()), sum(other.values())
    return sum(abs(one.get(k, 0) / a - other.get(k, 0) / b) for k in {*one, *other}) / 2


@pytest.mark.parametrize("clifford", [True, False])
def test_counts_are_those_of_the_circuit(clifford: bool) -> None:
    machine = machine_of("ring", 4, data=2)
    circuit = spread(3, 6, clifford=clifford)
    ideal = bellwire.run(circuit, shots=20_000).counts
    done = bellwire.compile(circuit, machine, recipe="fast")
    used = done.program.ops
    names = {tuple(sorted(str(done.program.qubits[q].module) for q in op.qubits))
             for op in used if op.name == "ebit"}  # fmt: skip
    run = live(circuit, machine, LinkDown(link=min(names), at_ns=20_000), shots=2_000)
    assert run.notes.actions["rerouted"] > 0
    assert sum(run.result.counts.values()) == 2_000
    outcomes = len(ideal)
    assert distance(dict(run.result.counts), dict(ideal)) < 1.5 * (outcomes / 2_000) ** 0.5


def two_modules(comm: int = 1) -> tuple[Program, Machine]:
    """A Bell state between two modules that one link joins."""
    circuit = bellwire.read(
        'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c;'
        "h q[0]; cx q[0], q[1]; c = measure q;"
    )
    return circuit, bellwire.make_machine("line", 2, data_qubits=1, comm_qubits=comm)


@pytest.mark.parametrize(
    ("events", "policy", "code"),
    [
        ([LinkDown(link=("A", "B"))], Policy(remedies=("retry",)), "LINK_LOST"),
        ([LinkDown(link=("A", "B"))], Policy(), "NO_ROUTE"),
        ([ModuleDown(module="B")], Policy(), "MODULE_LOST"),
        ([LinkDown(link=("A", "B"), until_ns=GONE)], Policy(remedies=()), "LINK_LOST"),
        ([DarkCounts(link=("A", "B"), share=0.9)], Policy(error_budget=0.1), "ERROR_BUDGET"),
        ([MessageLoss(probability=1.0)], Policy(), "MESSAGES_LOST"),
        (
            [LinkDown(link=("A", "B"), until_ns=GONE)],
            Policy(patience_ns=2 * GONE, deadline_ns=1e6),
            "TIMEOUT",
        ),
        ([ModuleDown(module="B", at_ns=10_100, until_ns=10_200)], Policy(restarts=0), "RESTARTS"),
    ],
)
def test_what_nothing_can_mend_has_a_name(events: list[Event], policy: Policy, code: str) -> None:
    circuit, machine = two_modules()
    run = live(circuit, machine, *events, policy=policy)
    assert run.result.aborted == {code: 40}
    assert run.result.counts == {}
    assert run.variants == ()


def test_a_link_that_comes_back_is_waited_for() -> None:
    circuit, machine = two_modules()
    run = live(circuit, machine, LinkDown(link=("A", "B"), at_ns=5_000, until_ns=70_000))
    assert_right(run, circuit)
    assert run.notes.actions == {"retried": 40}
    assert set(run.result.counts) == {"00", "11"}
    # the attempt that the outage cut short is made anew: one attempt of 10 us after 70 us
    assert run.notes.recovery_s() == {"count": 40, "mean": 75e-6, "max": 75e-6}
    assert run.result.makespan_s["mean"] > 80e-6


def test_a_module_that_comes_back_has_forgotten_and_the_shot_begins_anew() -> None:
    circuit, machine = two_modules()
    run = live(circuit, machine, ModuleDown(module="B", at_ns=10_100, until_ns=30_000))
    assert_right(run, circuit)
    assert run.notes.actions["restarted"] == 40
    assert run.result.makespan_s["mean"] > 40e-6
    assert run.result.pairs == {"made": 80, "consumed": 40, "expired": 40}


def test_a_half_that_was_lost_before_its_use_is_asked_for_again() -> None:
    machine = bellwire.make_machine("line", 2, data_qubits=1, comm_qubits=1)
    circuit = bellwire.read(
        'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c;'
        + "rx(0.1) q[0]; ry(0.2) q[0];" * 300
        + "cx q[0], q[1]; c = measure q;"
    )
    run = live(circuit, machine, ModuleDown(module="B", at_ns=12_000, until_ns=13_000))
    assert_right(run, circuit)
    assert run.notes.actions["rerequested"] == 40
    assert run.result.pairs == {"made": 80, "consumed": 40, "expired": 40}


def test_a_module_that_never_works_is_left_out() -> None:
    machine = machine_of("ring", 4)
    circuit = spread(5, 9)
    run = live(circuit, machine, ModuleDown(module="C"))
    assert_right(run, circuit)
    assert run.notes.actions["recompiled"] == 40
    assert [m.name for m in run.variants[0].machine.modules] == ["A", "B", "D"]


def test_without_the_circuit_nothing_is_recompiled() -> None:
    machine = machine_of("ring", 4)
    done = bellwire.compile(spread(5, 9), machine, recipe="fast")
    scenario = Scenario((ModuleDown(module="C"),))
    run = run_with_faults(done.program, machine, scenario, shots=5)
    assert run.result.aborted == {"MODULE_LOST": 5}


def test_states_make_room_for_a_detour_and_come_back() -> None:
    machine = machine_of("ring", 4, data=4, comm=1)
    circuit = spread(2, 8)
    done = bellwire.compile(circuit, machine, recipe="fast")
    spared = 0
    for link in machine.links:
        run = bellwire.run_with_faults(
            done, Scenario((LinkDown(link=link.between),)), shots=5, noise=False
        )
        assert_right(run, circuit)
        spared += run.notes.actions["spared"]
    assert spared > 0


def test_a_half_that_an_outage_takes_from_a_detour_is_not_swapped() -> None:
    machine = machine_of("ring", 4, data=2)
    wires = {("B", "C"): 1_000, ("C", "B"): 1_000}  # quick: its half in B waits for the others
    links = (replace(k, success=1, attempt_ns=wires.get(k.between, 30_000)) for k in machine.links)
    machine = replace(machine, links=tuple(links))
    circuit, _ = two_modules()
    b = ProgramBuilder(
        [Qubit(n, n[0], "comm" if "comm" in n else "data") for n in machine.qubit_names()],
        [Register("c", 2), Register("bellwire", 2)],
        logical=["q[0]", "q[1]"],
        inputs=[0, 4],
    )
    b.append("h", [0])
    add_telegate(b, 0, 2, 6, 4, (2, 3))
    b.append("measure", [0], bits=[0])
    b.append("measure", [4], bits=[1])
    program = b.finish(Stage.LOWERED)
    assert prove(program, circuit).equal
    events = (LinkDown(link=("A", "B")), ModuleDown(module="B", at_ns=5_000, until_ns=6_000))
    policy = Policy(remedies=("reroute",))
    run = run_with_faults(program, machine, Scenario(events, policy), shots=10, noise=False)
    assert_right(run, circuit)
    assert +run.notes.actions == {"rerequested": 10, "rerouted": 10}
    assert run.result.makespan_s["mean"] > 60e-6


def test_lost_messages_are_sent_again() -> None:
    circuit, machine = two_modules()
    policy = Policy(message_tries=40)
    run = live(circuit, machine, MessageLoss(probability=0.5), policy=policy, shots=400)
    assert_right(run, circuit)
    # two messages a shot (one each way), each lost once on average: 800 +- sqrt(800 * 2) * 3
    assert abs(run.notes.actions["resent"] - 800) < 120
    clean = live(circuit, machine, shots=400)
    late = run.result.makespan_s["mean"] - clean.result.makespan_s["mean"]
    assert late == pytest.approx(800 / 400 * 10_000e-9, rel=0.15)


@pytest.mark.parametrize(
    ("event", "fidelity"),
    [
        (ClockSkew(link=("A", "B"), skew_ns=-5, lifetime_ns=10), (1 + np.exp(-0.5)) / 2),
        (DarkCounts(share=0.2), 0.8 + 0.2 / 4),
        (Drift(fidelity_per_s=-1e4), 1 - 1e4 * 10_000e-9),
    ],
)
def test_worse_pairs_give_worse_results(event: Event, fidelity: float) -> None:
    circuit, machine = two_modules()
    run = live(circuit, machine, event, noise=True, shots=4_000)
    assert run.variants[0].machine.links[0].fidelity == pytest.approx(fidelity)
    wrong = sum(n for k, n in run.result.counts.items() if k in ("01", "10")) / 4_000
    z_only = isinstance(event, ClockSkew)  # a Z error is not seen in this basis
    expected = 0.0 if z_only else (1 - fidelity) * 2 / 3
    assert wrong == pytest.approx(expected, abs=0.02)
    assert run.result.fidelity_estimate == pytest.approx(1 - expected, abs=1e-6)


def test_dark_counts_come_on_top_and_a_rate_may_drift() -> None:
    circuit, machine = two_modules()
    machine = replace(machine, links=(replace(machine.links[0], success=0.2),))
    plain = live(circuit, machine, shots=2_000).result.makespan_s["mean"]
    dark = live(circuit, machine, DarkCounts(share=0.5), shots=2_000).result.makespan_s["mean"]
    # a pair takes 50 us on average; with as many false heralds 25 us; SE of the mean 1.1 us
    assert plain - dark == pytest.approx(25e-6, abs=5e-6)
    slow = Drift(rate_per_s=-1e4, at_ns=0)  # nothing left after 100 us
    run = live(circuit, machine, slow, shots=200)
    assert set(run.result.aborted) == {"NO_ROUTE"}


def test_same_seed_same_result() -> None:
    machine = machine_of("ring", 4)
    circuit = spread(1, 8)
    events = (LinkDown(link=("A", "B"), at_ns=40_000), MessageLoss(probability=0.2))
    one, two, other = (live(circuit, machine, *events, seed=s) for s in (3, 3, 4))
    assert one.to_dict() == two.to_dict()
    assert one.to_dict() != other.to_dict()


def test_without_events_it_is_a_plain_run() -> None:
    machine = machine_of("grid", 6)
    circuit = spread(9, 12)
    done = bellwire.compile(circuit, machine, recipe="fast")
    plain = bellwire.run(done, shots=1_000)
    run = bellwire.run_with_faults(done, Scenario(), shots=1_000)
    assert len(run.variants) == 1
    assert run.notes.actions == {}
    assert run.result.pairs == plain.pairs
    mean, wanted = run.result.makespan_s["mean"], plain.makespan_s["mean"]
    assert mean == pytest.approx(wanted, rel=0.05)


def test_bad_input_is_refused_before_the_run() -> None:
    circuit, machine = two_modules()
    done = bellwire.compile(circuit, machine)
    with pytest.raises(MachineError, match=r"event 1 \(link_down\): .* no link 'A-C'.* A-B"):
        bellwire.run_with_faults(done, Scenario((LinkDown(link=("A", "C")),)))
    with pytest.raises(RunError, match=r"deadline_ns: found 100; .* takes .* ns when"):
        bellwire.run_with_faults(done, Scenario(policy=Policy(deadline_ns=100)))
    with pytest.raises(MachineError, match="needs the machine"):
        bellwire.run_with_faults(done.program, Scenario())
    with pytest.raises(ProgramError, match="compile it to the end"):
        bellwire.run_with_faults(circuit, Scenario(), machine)
    with pytest.raises(RunError, match="shots"):
        bellwire.run_with_faults(done, Scenario(), shots=0)


def test_pairs_that_are_too_old_are_asked_for_again() -> None:
    circuit, machine = two_modules()
    circuit = bellwire.read(
        'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c;'
        + "rx(0.1) q[0]; ry(0.2) q[0];" * 300  # 18 us, while the pair is there after 10 us
        + "cx q[0], q[1]; c = measure q;"
    )
    machine = replace(machine, links=(replace(machine.links[0], cutoff_ns=5_000),))
    run = live(circuit, machine)
    assert_right(run, circuit)
    assert run.notes.actions == {"rerequested": 40}
    assert run.result.pairs == {"made": 80, "consumed": 40, "expired": 40}
    assert run.result.attempts == 80
    machine = replace(machine, links=(replace(machine.links[0], cutoff_ns=1e-9),))
    slow = Drift(rate_per_s=0.0)
    assert live(circuit, machine, slow).result.aborted in ({}, {"EXPIRED": 40})


def test_waiting_for_a_link_costs_coherence() -> None:
    _, machine = two_modules()
    circuit = bellwire.read(  # a Z error changes the parity
        'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c;'
        "h q[0]; cx q[0], q[1]; h q[0]; h q[1]; c = measure q;"
    )
    machine = replace(machine, modules=tuple(replace(m, t2_ns=1e6) for m in machine.modules))
    outage = LinkDown(link=("A", "B"), at_ns=0, until_ns=50_000)
    plain = live(circuit, machine, noise=True).result
    late = live(circuit, machine, outage, noise=True).result
    assert plain.fidelity_estimate is not None
    assert late.fidelity_estimate is not None
    # the state of q[0] waits 50 us longer, alone; phase flips add up by 2F - 1 = e^(-t/T2)
    wanted = (2 * plain.fidelity_estimate - 1) * np.exp(-50_000 / 1e6)
    assert 2 * late.fidelity_estimate - 1 == pytest.approx(wanted, rel=1e-6)
    assert late.timelines == 16


def test_without_events_the_noise_is_that_of_a_plain_run() -> None:
    machine = bellwire.load_machine("ring4-demo")
    modules = tuple(replace(m, t1_ns=1e6, t2_ns=5e5) for m in machine.modules)
    done = bellwire.compile(
        "examples/circuits/ghz_n6.qasm", replace(machine, modules=modules), recipe="fast"
    )
    plain = bellwire.run(done, shots=4_000)
    run = bellwire.run_with_faults(done, Scenario(), shots=4_000).result
    good = [sum(r.counts.get(k, 0) for k in ("000000", "111111")) / 4_000 for r in (plain, run)]
    assert good[1] == pytest.approx(good[0], abs=0.03)  # 4 standard errors of the difference
    assert plain.fidelity_estimate is not None
    assert run.fidelity_estimate == pytest.approx(plain.fidelity_estimate, abs=0.03)
