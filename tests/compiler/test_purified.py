"""Purified pairs: their state, their wait, the qubit that they need, and where they pay."""

import math
from dataclasses import replace

import numpy as np
import pytest

import bellwire
from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.frontends.read import read
from bellwire.compiler.generation import Generation
from bellwire.compiler.metrics import program_metrics
from bellwire.compiler.operations import KIND
from bellwire.compiler.purified import improved_links, purified_pair, scratch_qubits
from bellwire.compiler.timelines import sample_timelines
from bellwire.compiler.timing import durations_ns
from bellwire.compiler.verify import verify
from bellwire.errors import DoesNotFit, NotSupported, ProgramError
from bellwire.passes.schedule import schedule
from bellwire.runtime.faults.plan import Plan
from bellwire.runtime.telemetry.of_run import measure_run
from bellwire.targets.link import Link
from bellwire.targets.machine import GateQuality, Machine
from bellwire.targets.noise import store_pair, werner_state
from bellwire.targets.purification import purify_best
from bellwire.targets.shapes import make_machine

GHZ = read("""OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[4];
h q[0]; cx q[0],q[1]; cx q[1],q[2]; cx q[2],q[3];
measure q -> c;
""")
BOTH = Generation(purify=("A-B",))


def machine_of(fidelity: float = 0.9, *, comm: int = 2, t2_ns: float = math.inf, **link) -> Machine:
    wire = Link(
        ("A", "B"), attempt_ns=100, success=0.1, state=werner_state(fidelity), message_ns=50
    )
    machine = make_machine("line", 2, data_qubits=2, comm_qubits=comm, link=replace(wire, **link))
    return replace(machine, modules=tuple(replace(m, t2_ns=t2_ns) for m in machine.modules))


def purified(machine: Machine):
    return purified_pair(machine.links[0], *machine.modules)


@pytest.mark.parametrize(
    ("fidelity", "after", "chance"), [(0.7, 0.73529, 0.68), (0.8, 0.83815, 0.76889)]
)
def test_a_perfect_round_is_that_of_the_papers(fidelity, after, chance):
    # Bennett et al. 1996, eqs. for two Werner pairs; the first round of DEJMPS is the same.
    pair = purified(machine_of(fidelity))
    assert (pair.state[0], pair.kept) == pytest.approx((after, chance), abs=1e-5)
    assert pair.raw_pairs == pytest.approx(2 / chance, abs=1e-4)
    assert pair.wait_ns == pytest.approx((2 * 1000 + 60 + 500 + 50) / pair.kept)


def test_the_basis_of_the_rarest_error_is_chosen():
    # The pair of an ion-trap link: .9871 where its Z-type error is caught, .9631 where it is not.
    state = (0.9695, 0.0185, 0.0060, 0.0060)
    assert purified(machine_of(state=state)).state[0] == pytest.approx(0.9871, abs=2e-4)


def test_the_first_pair_ages_while_the_second_is_made():
    machine = machine_of(t2_ns=20_000)
    link, memory = machine.links[0], machine.modules[0].coherence_ns("comm")
    attempts = np.arange(1, 1000)
    weight = link.success * (1 - link.success) ** (attempts - 1)
    aged = sum(
        w * np.array(store_pair(link.state, n * 100, first=memory, second=memory))
        for n, w in zip(attempts.tolist(), weight)
    )
    state, chance = purify_best(tuple(aged), link.state)
    # The rotation before the check is exact here: gates have no errors.
    checked = store_pair(state, 610, first=memory, second=memory)
    assert purified(machine).state == pytest.approx(checked, abs=1e-6)
    assert purified(machine).kept == pytest.approx(chance, abs=1e-6)


def test_sampled_waits_have_the_expected_mean():
    machine = machine_of(0.8)
    program = bellwire.compile(GHZ, machine, recipe="fast", generation=BOTH).program
    drawn = sample_timelines(program, machine, 20_000, 3, detail=True)
    pair = purified(machine)
    for sampled, mean in (
        (drawn.latency_ns[0], pair.wait_ns),
        (drawn.tries[0], pair.raw_pairs / 0.1),
    ):
        assert abs(sampled.mean() - mean) < 4 * sampled.std() / 20_000**0.5 + 1


def test_programs_leave_a_qubit_free_and_mean_the_same():
    machine = machine_of(comm=3)
    done = bellwire.compile(GHZ, machine, recipe="fast", generation=BOTH)
    verify(done.program, machine)
    assert done.verify().equal
    scratch = scratch_qubits(done.program, machine)
    assert [done.program.qubits[q].name for q in scratch] == ["A_comm[2]", "B_comm[2]"]
    assert not np.isin(done.program.operands.values, scratch).any()
    pair = durations_ns(done.program, machine)[done.program.kind == KIND["ebit"]]
    assert pair.tolist() == [math.ceil(purified(machine).wait_ns)]
    assert done.report["ebits"] == 2
    assert done.report["ebits_expected"] == pytest.approx(purified(machine).raw_pairs)


def test_purified_pairs_of_a_module_are_made_one_after_the_other():
    machine = machine_of(comm=4, capacity=2)
    circuit = read(
        'OPENQASM 2.0; include "qelib1.inc"; qreg q[4]; h q[0]; h q[2]; cx q[0],q[1]; cx q[1],q[2];'
        " cx q[2],q[3]; h q[1]; h q[3]; cx q[3],q[0]; cx q[0],q[2]; h q[2]; cx q[2],q[1];"
    )
    done = bellwire.compile(circuit, machine, recipe="fast", generation=BOTH)
    starts = done.program.start_ns[done.program.kind == KIND["ebit"]]
    assert len(starts) > 1
    assert (np.diff(np.sort(starts)) >= math.ceil(purified(machine).wait_ns)).all()


def test_verify_finds_a_program_that_uses_the_qubit():
    machine = machine_of()
    program = bellwire.compile(GHZ, machine, recipe="fast").program
    moved = program.operands.values.copy()
    comm = machine.offsets["A"] + 2
    moved[moved == comm] = comm + 1
    wrong = replace(program, operands=replace(program.operands, values=moved), generation=BOTH)
    with pytest.raises(ProgramError, match=r"A_comm\[1\] is kept for purification"):
        verify(wrong, machine)


def test_what_cannot_be_purified_is_refused_by_name():
    with pytest.raises(DoesNotFit, match="module A: purification takes two"):
        bellwire.compile(GHZ, machine_of(comm=1), recipe="fast", generation=BOTH)
    with pytest.raises(ProgramError, match="no link 'A-C'; it has A-B"):
        bellwire.compile(GHZ, machine_of(), recipe="fast", generation=Generation(purify=("A-C",)))
    with pytest.raises(ProgramError, match="names of links"):
        Generation(purify="A-B")


def test_it_pays_where_pairs_are_bad_and_memories_good():
    good, short = machine_of(), machine_of(t2_ns=20_000)
    assert improved_links(good) == ("A-B",)
    assert improved_links(machine_of(comm=1)) == ()
    bad_gates = tuple(replace(m, gate_2q=GateQuality(60, 0.9)) for m in good.modules)
    assert improved_links(replace(good, modules=bad_gates)) == ()
    best = bellwire.compile(GHZ, good, recipe="fast", optimise="fidelity")
    assert best.program.generation.purify == ("A-B",)
    plain = bellwire.compile(GHZ, good, recipe="fast")
    # Measured bits do not show the Z errors of a GHZ state.
    state = purified(good).state
    assert best.report["expected_fidelity"] == pytest.approx(state[0] + state[1])
    assert plain.report["expected_fidelity"] == pytest.approx(0.9 + 0.1 / 3)
    hurried = bellwire.compile(GHZ, short, recipe="fast", optimise="fidelity")
    assert hurried.program.generation.purify == ()


def test_runs_see_the_better_pair():
    machine = machine_of(0.8)
    found = []
    for generation in (Generation(), BOTH):
        done = bellwire.compile(GHZ, machine, recipe="fast", generation=generation)
        counts = bellwire.run(done, shots=20_000, seed=1).counts
        found.append(1 - (counts["0000"] + counts["1111"]) / 20_000)
    pairs = werner_state(0.8), purified(machine).state
    # Errors with a flip (X and Y) on the pair show in the bits, Z errors do not.
    for wrong, state in zip(found, pairs):
        flips = state[2] + state[3]
        assert abs(wrong - flips) < 4 * math.sqrt(flips / 20_000)
    again = schedule(done.program, machine)
    assert expected_fidelity(again, machine) == pytest.approx(pairs[1][0])
    assert program_metrics(again, machine)["ebits"] == 2


def test_what_is_measured_counts_raw_pairs_and_checks():
    machine = machine_of(0.8)
    program = bellwire.compile(GHZ, machine, recipe="fast", generation=BOTH).program
    measured = measure_run(program, machine, 1_000, 3)
    good, bad = (measured.total("dqc_purify_total", result=result) for result in ("ok", "fail"))
    assert good == 1_000  # one e-bit a shot
    kept, chance = good / (good + bad), 0.76889
    assert abs(kept - chance) < 4 * math.sqrt(chance * (1 - chance) / (good + bad))
    raw = measured.total("dqc_link_attempts_total", outcome="herald")
    assert raw == 2 * (good + bad)
    fates = [measured.total("dqc_pairs_total", fate=fate) for fate in ("consumed", "purified")]
    assert fates == [good, raw - good]
    tries = raw + measured.total("dqc_link_attempts_total", outcome="fail")
    assert raw / tries == pytest.approx(0.1, rel=0.05)


def test_faults_refuse_what_they_do_not_know():
    done = bellwire.compile(GHZ, machine_of(), recipe="fast", generation=BOTH)
    with pytest.raises(NotSupported, match="purified pairs"):
        Plan(done.program, done.machine)
