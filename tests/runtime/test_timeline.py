"""Sampled timelines: waits for pairs, ages, idle times, capacity; steps of each module."""

from dataclasses import replace

import numpy as np
import pytest
from protocols import add_telegate, builder_on, machine_of, telegate, teleport

from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.timing import makespan_ns
from bellwire.runtime.backends.slots import assign_slots
from bellwire.runtime.split import Step, split
from bellwire.runtime.timeline import sample_timelines


def pairs_program(machine, pairs: int, apart: int = 0) -> Program:
    """Pairs on separate qubits of one link."""
    b = builder_on(machine, 1)
    a, c = machine.module("A").data_qubits, machine.offsets["B"] + machine.module("B").data_qubits
    for k in range(pairs):
        b.append("ebit", [a + k, c + k])
    if apart:
        for k in range(pairs):
            b.append("delay", [a + k], [apart * 1e-9])
            b.append("h", [a + k])
    return b.finish(Stage.LOWERED)


def test_one_pair_waits_one_over_p():
    machine = machine_of(success=0.02, attempt_ns=10)
    spans = sample_timelines(pairs_program(machine, 1), machine, 40_000, 1).makespan_ns / 10
    assert spans.min() >= 1
    assert spans.mean() == pytest.approx(50, rel=0.02)
    assert spans.var() == pytest.approx(0.98 / 0.02**2, rel=0.06)
    assert (spans <= 30).mean() == pytest.approx(1 - 0.98**30, abs=0.01)


@pytest.mark.parametrize(("pairs", "mean"), [(2, 149.75), (4, 207.79), (8, 270.93)])
def test_parallel_pairs_wait_for_the_slowest(pairs, mean):
    machine = machine_of(success=0.01, attempt_ns=10, comm_qubits=8, capacity=8)
    spans = sample_timelines(pairs_program(machine, pairs), machine, 20_000, 2).makespan_ns / 10
    assert spans.mean() == pytest.approx(mean, rel=0.02)


@pytest.mark.parametrize(("capacity", "mean"), [(1, 400), (2, 250)])
def test_capacity_lets_pairs_queue(capacity, mean):
    # Two servers, four exponential jobs: two starts, 1/2 + 1/2 until the last two run, then 3/2.
    machine = machine_of(success=0.01, attempt_ns=10, comm_qubits=4, capacity=capacity)
    spans = sample_timelines(pairs_program(machine, 4), machine, 20_000, 3).makespan_ns / 10
    assert spans.mean() == pytest.approx(mean, rel=0.02)


def test_certain_links_give_the_expected_schedule():
    machine = machine_of(3, data_qubits=1, message_ns=350)
    b = builder_on(machine, 4)
    add_telegate(b, 0, 1, 3, 2, (0, 1))
    add_telegate(b, 2, 3, 5, 4, (2, 3))
    program = b.finish(Stage.LOWERED)
    spans = sample_timelines(program, machine, 5, 0).makespan_ns
    assert set(spans.tolist()) == {makespan_ns(program, machine)}


def test_ages_and_idle_times():
    machine = machine_of(comm_qubits=2)
    b = builder_on(machine, 1)
    b.append("h", [0])
    b.append("ebit", [2, 6])
    b.append("ebit", [3, 7])  # the link has one slot: heralded 1000 ns after the first
    b.append("cx", [2, 3])
    b.append("cx", [0, 2])
    timeline = sample_timelines(b.finish(Stage.LOWERED), machine, 3, 0)
    assert timeline.pairs.tolist() == [1, 2]
    assert timeline.pair_age_ns.tolist() == [[1000] * 3, [0] * 3]
    assert timeline.idle_ns[0].tolist() == [2000 + 60 - 30] * 3
    assert timeline.idle_ns[2].tolist() == [1000] * 3


def test_control_flow_in_timelines():
    machine = machine_of(success=0.5)
    b = builder_on(machine, 1)
    turn, once = b.child(), b.child()
    turn.append("ebit", [2, 5])
    once.append("h", [0])
    b.append("for_loop", [2, 5], [4], blocks=[turn])
    b.append("if_else", [0], condition=bit(0), blocks=[once])
    spans = sample_timelines(b.finish(Stage.LOWERED), machine, 10_000, 4).makespan_ns
    assert spans.mean() == pytest.approx(8000, rel=0.02)
    assert spans.var() == pytest.approx(4 * 0.5 / 0.25 * 1e6, rel=0.08)


def test_each_module_gets_its_steps_in_order():
    machine = machine_of()
    lists = split(telegate(machine), machine)
    assert [(s.doing, s.row) for s in lists["A"]] == [
        ("bell_pair", 0), ("act", 1), ("act", 2), ("send", 3), ("receive", 7), ("act", 7),
    ]  # fmt: skip
    assert [(s.doing, s.row) for s in lists["B"]] == [
        ("bell_pair", 0), ("receive", 3), ("act", 3), ("act", 4), ("act", 5), ("act", 6),
        ("send", 7),
    ]  # fmt: skip
    assert lists["A"][0] == Step("bell_pair", 0, (2,), peer="B")
    assert lists["A"][3] == Step("send", 3, bit=0, peer="B")


def play(lists: dict[str, list[Step]]) -> int:
    """Run all lists side by side until all are done; returns how many messages were sent."""
    left = {m: list(steps) for m, steps in lists.items()}
    posted, sent = [], 0

    def can_do(m: str, step: Step) -> bool:
        if step.doing == "receive":
            return (step.peer, m, step.bit) in posted
        if step.doing == "bell_pair":
            other = left[step.peer][:1]
            return bool(other) and other[0].doing == "bell_pair" and other[0].row == step.row
        return True

    while any(left.values()):
        ready = [m for m, steps in left.items() if steps and can_do(m, steps[0])]
        assert ready, "deadlock"
        step = left[ready[0]].pop(0)
        if step.doing == "bell_pair":
            left[step.peer].pop(0)
        elif step.doing == "send":
            posted.append((ready[0], step.peer, step.bit))
            sent += 1
        elif step.doing == "receive":
            posted.remove((step.peer, ready[0], step.bit))
    assert not posted
    return sent


def test_lists_never_block_each_other():
    random = np.random.default_rng(1)
    machine = machine_of(4, shape="ring", data_qubits=1, comm_qubits=2)
    for _ in range(30):
        b = builder_on(machine, 40)
        bits = iter(range(40))
        for _ in range(20):
            m = int(random.integers(4))
            n = (m + 1) % 4
            near, far = 3 * m + 1 + int(random.integers(2)), 3 * n + 1 + int(random.integers(2))
            add_telegate(b, 3 * m, near, far, 3 * n, (next(bits), next(bits)))
        assert play(split(b.finish(Stage.LOWERED), machine)) == 40


def test_bits_of_blocks_reach_those_who_read_them():
    machine = machine_of(3, data_qubits=1)
    b = builder_on(machine, 2)
    turn = b.child()
    turn.append("measure", [2], bits=[0])
    turn.append("x", [0], condition=bit(0))
    b.append("while_loop", [0, 2], bits=[0], condition=bit(0), blocks=[turn])
    b.append("x", [4], condition=bit(0))
    lists = split(b.finish(Stage.LOWERED), machine)
    flow_a, flow_b = lists["A"][0], lists["B"][0]
    assert [s.doing for s in flow_a.blocks[0]] == ["receive", "act"]
    assert [s.doing for s in flow_b.blocks[0]] == ["act", "send"]
    assert [(s.doing, s.peer) for s in lists["B"][1:]] == [("send", "C")]
    assert [s.doing for s in lists["C"]] == ["receive", "act"]


def test_a_free_communication_qubit_costs_no_slot():
    machine = machine_of(data_qubits=1)
    b = builder_on(machine, 20)
    for k in range(10):
        add_telegate(b, 0, 1, 3, 2, (2 * k, 2 * k + 1))
    program = b.finish(Stage.LOWERED)
    assert len(assign_slots(program, [0] * 4).pools) == 4
    moved = teleport(machine)
    slots = assign_slots(moved, [0] * 4)
    assert len(slots.pools) == 3  # the goal takes over the slot of the source
    assert slots.resets[8] == (slots.rows[8][1],)
    assert len(assign_slots(moved, range(4)).pools) == 4
    assert len(assign_slots(moved, [0] * 4, share=False).pools) == 4


def test_a_herald_comes_once_per_pair_after_its_attempts():
    plain = machine_of(success=0.5)
    late = replace(plain, links=tuple(replace(link, herald_ns=1e4) for link in plain.links))
    program = telegate(plain)
    before, after = (sample_timelines(program, m, 50, 3).makespan_ns for m in (plain, late))
    assert (after - before == 10_000).all()
    assert makespan_ns(program, late) - makespan_ns(program, plain) == 10_000
