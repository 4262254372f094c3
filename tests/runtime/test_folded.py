"""Folded programs against the explicit simulation: the same distributions."""

from dataclasses import replace

import numpy as np
import pytest
from circuits import ghz, turned
from protocols import builder_on, machine_of, teleport

import bellwire
from bellwire import run
from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Stage
from bellwire.runtime.backends import folded as backend
from bellwire.runtime.execute import prepare
from bellwire.targets.machine import GateQuality, Link, Module
from bellwire.targets.shapes import make_machine

NOISY = Module(
    "A", 2, 3,
    gate_1q=GateQuality(30, 0.99), gate_2q=GateQuality(60, 0.97), readout=GateQuality(500, 0.97),
    t1_ns=2e5, t2_ns=1e5, attempt_dephasing=1e-3,
)  # fmt: skip
WIRE = Link(("A", "B"), attempt_ns=1000, success=0.5, state=(0.9, 0.05, 0.03, 0.02))


def noisy(shape, modules=3):
    return make_machine(shape, modules, data_qubits=2, comm_qubits=3, module=NOISY, link=WIRE)


def distance(a, b):
    """Total variation distance of two counts."""
    shots_a, shots_b = sum(a.values()), sum(b.values())
    return sum(abs(a.get(k, 0) / shots_a - b.get(k, 0) / shots_b) for k in {*a, *b}) / 2


def bound(outcomes, few):
    """What the distance of samples of the same distribution stays below: its mean is at most
    sqrt(outcomes / (2 pi shots)), and it varies by less than 1 / sqrt(shots)."""
    return np.sqrt(outcomes / (2 * np.pi * few)) + 2.5 / np.sqrt(4 * few)


@pytest.mark.parametrize(
    ("shape", "seed", "feedback"),
    [("ring", 1, False), ("ring", 2, True), ("line", 2, False), ("star", 3, True)],
)
def test_the_same_as_every_pair_and_correction(shape, seed, feedback):
    machine = noisy(shape)
    program = bellwire.compile(
        turned(4, 8, seed, feedback=feedback), machine, recipe="fast"
    ).program
    assert program.count("ebit")
    few = 500
    explicit = prepare(program, machine, backend="aer", explicit=True).run(few, seed=1)
    quick = prepare(program, machine, backend="aer").run(20_000, seed=2)
    assert quick.backend == "folded (statevector)"
    assert explicit.backend == "aer (statevector)"
    assert distance(quick.counts, explicit.counts) < bound(16, few)


def test_the_same_as_stim():
    machine = noisy("ring")
    program = bellwire.compile(ghz(5), machine, recipe="fast").program
    many = prepare(program, machine, backend="stabilizer").run(10_000, seed=1)
    quick = prepare(program, machine, backend="aer").run(10_000, seed=2)
    assert distance(quick.counts, many.counts) < bound(32, 5_000)


def test_a_noiseless_program_gives_the_counts_of_its_circuit():
    machine = noisy("line")
    circuit = turned(4, 10, 5, feedback=True)
    program = bellwire.compile(circuit, machine, recipe="fast").program
    quick = run(program, machine, noise=False, backend="aer", shots=20_000, seed=1)
    plain = run(circuit, backend="aer", shots=20_000, seed=2)
    assert distance(quick.counts, plain.counts) < bound(16, 10_000)


def test_wide_programs_use_a_matrix_product_state(monkeypatch):
    monkeypatch.setattr(backend, "MOST_STATEVECTOR", 2)
    machine = noisy("ring")
    program = bellwire.compile(turned(4, 6, 1), machine, recipe="fast").program
    wide = prepare(program, machine, backend="aer", timelines=0).run(400, seed=1)
    assert wide.backend == "folded (matrix_product_state, Aer)"
    monkeypatch.undo()
    few = prepare(program, machine, backend="aer", timelines=0).run(20_000, seed=1)
    assert distance(wide.counts, few.counts) < bound(16, 400)


def test_same_seed_same_counts():
    machine = noisy("ring")
    program = bellwire.compile(turned(4, 6, 1, feedback=True), machine, recipe="fast").program
    one, again, other = (prepare(program, machine).run(500, seed=s).counts for s in (1, 1, 2))
    assert one == again != other


def test_control_flow_is_simulated_explicitly_and_the_result_says_so():
    machine = machine_of()
    b = builder_on(machine, 1, user_bits=1)
    yes = b.child()
    yes.append("ry", [0], [np.pi])
    b.append("ry", [0], [np.pi])
    b.append("measure", [0], bits=[0])
    b.append("if_else", [0], condition=bit(0), blocks=[yes])
    b.append("measure", [0], bits=[0])
    result = prepare(b.finish(Stage.LOWERED), machine, backend="aer").run(50)
    assert result.counts == {"0": 50}
    assert "not folded: operation 2 (if_else) is control flow" in result.backend


def test_waits_of_each_shot_become_its_noise():
    # A state that waits for a pair keeps its value with the chance 1 - (1 - E[e^(-t/T)]) / 2, and
    # the wait is geometric: E[e^(-x N)] = p e^(-x) / (1 - q e^(-x)).
    machine = machine_of(success=0.1, module=replace(machine_of().modules[0], t1_ns=2e4, t2_ns=2e4))
    program = teleport(machine, "ry")
    shots = 20_000
    counts = prepare(program, machine).run(shots, seed=3)
    assert counts.timelines == shots
    few = prepare(program, machine, timelines=0).run(shots, seed=3)
    assert few.timelines == 0
    # The mean of the decay over waits is above the decay of the mean wait.
    assert counts.counts["0"] > few.counts["0"] + 3 * np.sqrt(shots) / 2
