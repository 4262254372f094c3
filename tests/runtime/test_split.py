"""Lists of steps, one per module, and the simulator qubits that a program takes."""

import numpy as np
from protocols import add_telegate, builder_on, machine_of, telegate, teleport

from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Stage
from bellwire.runtime.backends.slots import assign_slots
from bellwire.runtime.split import Step, split


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
