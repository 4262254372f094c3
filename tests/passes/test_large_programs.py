"""Large programs: coarse times keep the limits."""

from __future__ import annotations

import numpy as np
import pytest
from generators import random_program

from bellwire.compiler.equivalence import prove
from bellwire.compiler.verify import verify
from bellwire.passes import polish
from bellwire.passes.annealing.nodes import build, fixed
from bellwire.passes.annealing.room import fill, overfull
from bellwire.passes.carry_out import carry_out
from bellwire.passes.homes import module_homes
from bellwire.passes.optimise_ebits import optimise_ebits
from bellwire.passes.partition import partition, ranked_partitions
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.shapes import make_machine

MACHINE = make_machine("complete", 3, data_qubits=3, comm_qubits=2)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("keep_homes", [False, True])
def test_the_way_of_large_programs_keeps_meaning_and_limits(
    seed: int, keep_homes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polish, "LARGE", 10)
    monkeypatch.setattr(polish, "TIMES", 1)
    rng = np.random.default_rng(seed)
    circuit = random_program(rng, 8, 60, clifford=True, dynamic=True, flow=seed % 2 == 1)
    placed = partition(unroll(circuit, MACHINE), MACHINE, seed=seed)
    planned = optimise_ebits(placed, MACHINE, seed=seed, work_us=100.0, keep_homes=keep_homes)
    assert planned.plan is not None
    if keep_homes:
        assert module_homes(planned, MACHINE) == module_homes(placed, MACHINE)
    done = carry_out(planned, MACHINE, planned.plan)
    verify(planned, MACHINE)
    verify(done, MACHINE)
    assert prove(done, circuit).equal


@pytest.mark.parametrize("most", [1, 5, 40, 10_000])
def test_coarse_times_count_every_qubit_once(most: int) -> None:
    circuit = unroll(random_program(np.random.default_rng(3), 9, 200, flow=True), MACHINE)
    net = build(timeline(circuit), MACHINE, times=most)
    sheet = net.sheet
    assert (np.diff(sheet.when)[np.diff(_owner(net.sheet.first)) == 0] >= 0).all()
    assert (sheet.when <= sheet.last).all()
    marks = fixed(net, np.arange(9) // 3)
    fill(sheet, marks)
    assert (marks.homes == 3).all()
    assert overfull(sheet, marks) == 0


def _owner(first: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(first) - 1), np.diff(first))


def test_homes_at_the_start_are_watched_at_any_coarseness() -> None:
    circuit = unroll(random_program(np.random.default_rng(4), 6, 300), MACHINE)
    net = build(timeline(circuit), MACHINE, times=1)
    marks = fixed(net, np.array([0, 0, 0, 1, 1, 1]))
    marks.home[net.sheet.first[3]] = 0  # a fourth qubit starts in a module for three
    fill(net.sheet, marks)
    assert overfull(net.sheet, marks) > 0


def test_many_edges_leave_only_the_partitions_with_few_spanning_gates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    circuit = unroll(random_program(np.random.default_rng(7), 9, 200), MACHINE)
    clock = timeline(circuit)
    everything = ranked_partitions(clock, MACHINE, seed=0, starts=4)
    monkeypatch.setattr("bellwire.passes.partition.EDGES", 0)
    few = ranked_partitions(clock, MACHINE, seed=0, starts=4)
    assert len(few) == 3 < len(everything)
    assert {tuple(h) for h in few} <= {tuple(h) for h in everything}
