"""Schedules chosen for makespan or fidelity: better than plain, and as good as predicted."""

from dataclasses import replace

import numpy as np
import pytest

import bellwire
from bellwire.compiler.frontends.read import read
from bellwire.compiler.generation import Generation
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Program
from bellwire.compiler.timelines import sample_timelines
from bellwire.compiler.verify import verify
from bellwire.errors import NotSupported
from bellwire.pareto import COLUMNS, pareto, to_csv
from bellwire.passes.choose_schedule import policies, prices_to_try, schedules
from bellwire.passes.schedule import schedule
from bellwire.targets.machine import GateQuality, Link, Machine
from bellwire.targets.shapes import make_machine

LINK = Link(
    ("A", "B"), attempt_ns=1000, success=0.1, state=(0.998, 0.001, 0.0005, 0.0005), message_ns=200
)


def machine_of(comm_t2_ns: float = 1e6, t2_ns: float = 1e8, **link: object) -> Machine:
    machine = make_machine("ring", 4, data_qubits=3, comm_qubits=4, link=replace(LINK, **link))
    good = {
        "gate_2q": GateQuality(2000, 0.9999),
        "t1_ns": 1e8,
        "t2_ns": t2_ns,
        "comm_t2_ns": comm_t2_ns,
    }
    return replace(machine, modules=tuple(replace(m, **good) for m in machine.modules))


def circuit_of(layers: int = 20) -> Program:
    """Random Clifford layers and their mirror image, so that all qubits end as they began."""
    random = np.random.default_rng(1)
    gates = []
    for _ in range(layers):
        a, b = random.permutation(8)[:2].tolist()
        gates += [f"h q[{a}];", f"cx q[{a}],q[{b}];"]
    head = ["OPENQASM 2.0;", 'include "qelib1.inc";', "qreg q[8];", "creg c[8];"]
    return read("\n".join([*head, *gates, "barrier q;", *gates[::-1], "measure q -> c;"]))


@pytest.fixture(scope="module")
def compiled():
    machine = machine_of()
    kinds = ("ebits", "makespan", "fidelity")
    return {
        kind: bellwire.compile(circuit_of(), machine, recipe="fast", optimise=kind)
        for kind in kinds
    }


def test_each_is_best_at_what_it_was_chosen_for(compiled):
    found = {k: predict(done.program, done.machine, seed=5) for k, done in compiled.items()}
    assert found["makespan"].makespan_s < 0.8 * found["ebits"].makespan_s
    assert found["makespan"].makespan_s <= found["fidelity"].makespan_s * 1.01
    best, plain = found["fidelity"].fidelity, found["ebits"].fidelity
    assert best > plain * 1.001
    assert best >= found["makespan"].fidelity * 0.999
    for kind, done in compiled.items():
        verify(done.program, done.machine)
        assert done.verify().equal
        assert done.report["optimise"] == kind
        assert done.report["ebits"] == compiled["ebits"].report["ebits"]
    assert compiled["fidelity"].program.generation.policy != "asap"


@pytest.mark.parametrize("kind", ["makespan", "fidelity"])
def test_a_run_confirms_what_was_predicted(compiled, kind):
    done = compiled[kind]
    result = bellwire.run(done, shots=4000, seed=3)
    assert result.backend == "stabilizer"
    spans = result.makespans_ns * 1e-9
    assert abs(spans.mean() / done.report["makespan_s"] - 1) < 0.05
    # Errors that harm no result make a run a little better than the chance of no error.
    right = result.counts["0" * 8] / 4000
    assert -0.01 < right - done.report["expected_fidelity"] < 0.03


def test_a_policy_that_is_given_is_kept():
    wanted = Generation("window", 12_000, buffer=3)
    for kind in ("ebits", "makespan"):
        done = bellwire.compile(
            circuit_of(2), machine_of(), recipe="fast", optimise=kind, generation=wanted
        )
        assert done.program.generation == wanted


def test_prices_are_tried_only_where_they_differ():
    machine = machine_of()
    assert prices_to_try(machine, "fidelity") == ["pairs"]
    assert prices_to_try(machine, "ebits", "time") == ["time"]
    slow = (replace(machine.links[0], success=0.01), *machine.links[1:])
    uneven = replace(machine, links=slow)
    assert prices_to_try(uneven, "makespan") == ["pairs", "time"]
    assert prices_to_try(uneven, "fidelity") == ["pairs", "time"]


def test_policies_follow_waits_and_coherence(compiled):
    program, machine = compiled["ebits"].program, machine_of()
    found = policies(program, machine)
    assert Generation("window", 2 * LINK.wait_ns) in found
    assert Generation("deadline", cutoff_ns=1e5) in found
    assert policies(read("OPENQASM 3.0; qubit q;"), machine) == []
    assert sum(1 for _ in schedules(program, machine, fidelity=False)) == 2


def test_unknown_objectives_are_refused():
    with pytest.raises(NotSupported, match="ebits, makespan, fidelity"):
        bellwire.compile(circuit_of(1), machine_of(), optimise="speed")


def test_the_front_has_what_no_other_way_beats():
    rows = pareto(circuit_of(8), machine_of(), recipes=("fast", "fast"))
    assert len(rows) == 13
    assert all(tuple(row) == COLUMNS for row in rows)
    front = [row for row in rows if row["on_front"]]
    assert min(rows, key=lambda r: r["makespan_s"])["makespan_s"] == min(
        row["makespan_s"] for row in front
    )
    for row in rows:
        beaten = any(
            other["makespan_s"] < row["makespan_s"]
            and other["expected_fidelity"] > row["expected_fidelity"]
            for other in rows
        )
        assert not (beaten and row["on_front"])
    lines = to_csv(rows).splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 14


def test_aggressive_look_ahead_hurts_where_coherence_is_short(compiled):
    # As Pouryousef et al. find (arXiv:2504.20176): too much look-ahead is worse than some.
    machine = machine_of(comm_t2_ns=3e5, t2_ns=3e5)
    ahead = compiled["makespan"].program

    def found(generation: Generation):
        return predict(
            schedule(ahead, machine, generation=generation, critical_path=False), machine
        )

    none, some, most = (
        found(g) for g in (Generation("on_demand"), Generation("window", 5000), Generation())
    )
    for other in (none, most):
        error = np.hypot(some.fidelity_error, other.fidelity_error)
        assert some.fidelity > other.fidelity + 3 * error
    assert most.makespan_s < some.makespan_s < none.makespan_s
    thrown = []
    for window_ns in (5000, 10_000, 40_000):
        short = Generation("window", window_ns, cutoff_ns=5000)
        program = schedule(ahead, machine, generation=short, critical_path=False)
        thrown.append(int(sample_timelines(program, machine, 1000).expired.sum()))
    assert thrown[0] < thrown[1] < thrown[2]
