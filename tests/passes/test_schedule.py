"""Start times: order, durations, messages, capacity of links, control flow."""

from dataclasses import replace

import numpy as np
import pytest

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.idle import idle_gaps
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.timing import check_times, durations_ns, makespan_ns
from bellwire.compiler.waits import message_delays_ns
from bellwire.errors import MachineError, ProgramError
from bellwire.passes.schedule import schedule
from bellwire.targets.machine import GateQuality, Link, Machine, Module
from bellwire.targets.shapes import make_machine

# 30 ns, 60 ns and 500 ns per gate and readout; pairs take 1000 / success ns, messages 200 ns.
WIRE = Link(("A", "B"), attempt_ns=1000, success=0.25, message_ns=200)


def machine_of(modules: int = 2, *, shape: str = "line", comm: int = 2, **link: object) -> Machine:
    return make_machine(shape, modules, data_qubits=2, comm_qubits=comm, link=replace(WIRE, **link))


def builder_on(machine: Machine, bits: int = 4) -> ProgramBuilder:
    qubits = [
        Qubit(name, name.split("_")[0], "comm" if "comm" in name else "data")
        for name in machine.qubit_names()
    ]
    return ProgramBuilder(qubits, [Register("bellwire", bits)], logical=[], inputs=[])


def times(b: ProgramBuilder, machine: Machine) -> list[int]:
    program = schedule(b.finish(Stage.LOWERED), machine)
    check_times(program, machine)
    return program.start_ns.tolist()


def test_operations_take_what_the_machine_says():
    machine = machine_of()
    b = builder_on(machine)
    for name, qubits in (("h", [0]), ("cx", [0, 1]), ("swap", [0, 1]), ("reset", [0])):
        b.append(name, qubits)
    b.append("measure", [1], bits=[0])
    b.append("barrier", [0, 1])
    b.append("delay", [0], [1e-6])
    b.append("ebit", [2, 6])
    program = b.finish(Stage.LOWERED)
    assert durations_ns(program, machine).tolist() == [30, 60, 180, 500, 500, 0, 1000, 4000]
    assert times(b, machine) == [0, 30, 90, 270, 270, 770, 770, 0]
    assert makespan_ns(program, machine) == 4000


def test_a_corrected_teleport_waits_for_pair_and_message():
    machine = machine_of()
    b = builder_on(machine)
    b.append("ebit", [2, 6])
    b.append("cx", [0, 2])
    b.append("measure", [2], bits=[0])
    b.append("x", [6], condition=bit(0))
    b.append("z", [0], condition=bit(0))
    assert times(b, machine) == [0, 4000, 4060, 4760, 4560]


def test_telegate_latency_is_the_sum_of_its_parts():
    machine = machine_of()
    b = builder_on(machine)
    b.append("ebit", [2, 6])
    b.append("cx", [0, 2])
    b.append("measure", [2], bits=[0])
    b.append("x", [6], condition=bit(0))
    b.append("cx", [6, 4])
    b.append("h", [6])
    b.append("measure", [6], bits=[1])
    b.append("z", [0], condition=bit(1))
    herald, two, readout, message, one = 4000, 60, 500, 200, 30
    expected = herald + two + readout + message + one + two + one + readout + message + one
    assert makespan_ns(b.finish(Stage.LOWERED), machine) == expected


def test_messages_hop_and_unlinked_modules_are_refused():
    machine = machine_of(3)
    assert message_delays_ns(machine).tolist() == [[0, 200, 400], [200, 0, 200], [400, 200, 0]]
    b = builder_on(machine)
    b.append("measure", [0], bits=[0])
    b.append("x", [8], condition=bit(0))
    assert times(b, machine) == [0, 900]
    apart = replace(machine, links=machine.links[:1])
    with pytest.raises(MachineError, match="no links lead there"):
        schedule(b.finish(Stage.LOWERED), apart)


@pytest.mark.parametrize(("capacity", "second"), [(1, 4000), (2, 0)])
def test_pairs_of_one_link_share_its_capacity(capacity, second):
    machine = machine_of(capacity=capacity)
    b = builder_on(machine)
    b.append("ebit", [2, 6])
    b.append("ebit", [3, 7])
    assert times(b, machine) == [0, second]


def test_pairs_of_different_links_come_at_once():
    machine = machine_of(3)
    b = builder_on(machine)
    b.append("ebit", [2, 6])
    b.append("ebit", [7, 10])
    assert times(b, machine) == [0, 0]


def test_a_bit_is_written_again_only_after_its_readers():
    machine = machine_of()
    b = builder_on(machine)
    b.append("measure", [0], bits=[0])
    b.append("x", [4], condition=bit(0))
    b.append("measure", [1], bits=[0])
    assert times(b, machine) == [0, 700, 730]


def test_control_flow_counts_the_longer_branch_one_turn_or_all_turns():
    machine = machine_of()
    b = builder_on(machine)
    short, long, turn, three = (b.child() for _ in range(4))
    short.append("h", [0])
    long.append("h", [0])
    long.append("cx", [0, 1])
    turn.append("measure", [0], bits=[0])
    turn.append("x", [4], condition=bit(0))
    three.append("h", [0])
    b.append("if_else", [0, 1], condition=bit(0), blocks=[short, long])
    b.append("while_loop", [0, 4], bits=[0], condition=bit(0), blocks=[turn])
    b.append("for_loop", [0], [3], blocks=[three])
    program = b.finish(Stage.LOWERED)
    assert durations_ns(program, machine).tolist() == [90, 730 + 200, 90]
    done = schedule(program, machine)
    check_times(done, machine)
    assert done.start_ns.tolist() == [0, 90, 1020]
    assert done.blocks[0][1].start_ns.tolist() == [0, 30]
    assert done.blocks[0][1].stage is Stage.SCHEDULED


def test_a_block_keeps_the_links_that_it_uses():
    machine = machine_of()
    b = builder_on(machine)
    block = b.child()
    block.append("ebit", [2, 6])
    b.append("if_else", [2, 6], condition=bit(0), blocks=[block])
    b.append("ebit", [3, 7])
    assert times(b, machine) == [0, 4000]


def test_nothing_starts_before_a_break_is_decided():
    machine = machine_of()
    b = builder_on(machine)
    loop, out = b.child(), b.child()
    out.append("break_loop", [])
    loop.append("measure", [0], bits=[0])
    loop.append("if_else", [], condition=bit(0), blocks=[out])
    loop.append("h", [1])
    b.append("for_loop", [0, 1], [2], blocks=[loop])
    done = schedule(b.finish(Stage.LOWERED), machine)
    assert done.blocks[0][0].start_ns[2] >= 500


def test_earlier_stages_and_protocols_are_refused():
    machine = machine_of()
    b = builder_on(machine)
    b.append("teleport", [0, 2, 6], bits=[0, 1])
    with pytest.raises(ProgramError, match="LOWERED first"):
        schedule(b.finish(Stage.DISTRIBUTED), machine)
    with pytest.raises(ProgramError, match="teleport"):
        schedule(b.finish(Stage.LOWERED), machine)


def wrong(program: Program, row: int, change: int) -> Program:
    starts = program.start_ns.copy()
    starts[row] += change
    return replace(program, start_ns=starts)


def test_check_times_finds_each_start_that_is_too_early():
    machine = machine_of()
    b = builder_on(machine)
    b.append("ebit", [2, 6])
    b.append("ebit", [3, 7])
    b.append("cx", [0, 2])
    b.append("measure", [2], bits=[0])
    b.append("x", [6], condition=bit(0))
    program = schedule(b.finish(Stage.LOWERED), machine)
    check_times(program, machine)
    check_times(wrong(program, 4, 1000), machine)
    for row, word in ((1, "capacity"), (2, "waits"), (3, "waits"), (4, "waits")):
        with pytest.raises(ProgramError, match=word):
            check_times(wrong(program, row, -1), machine)
    with pytest.raises(ProgramError, match="before 0"):
        check_times(wrong(program, 0, -1), machine)


def test_states_wait_only_while_they_are_held():
    machine = machine_of()
    b = builder_on(machine)
    b.append("h", [0])
    b.append("ebit", [2, 6])  # qubit 4 is still in |0> and loses nothing
    b.append("cx", [0, 2])  # qubit 0 waited 3970 ns
    b.append("measure", [2], bits=[0])
    b.append("cx", [6, 4])  # half 6 is used at once
    b.append("ebit", [2, 7])  # what is left in 2 does not matter
    gaps = idle_gaps(schedule(b.finish(Stage.LOWERED), machine), machine).gaps
    assert [(g.row, g.qubit, g.ns) for g in gaps] == [(2, 0, 3970)]


def test_random_programs_are_scheduled_right_and_tight():
    random = np.random.default_rng(5)
    machine = Machine(
        (
            Module("A", 3, 2),
            Module("B", 2, 1, gate_2q=GateQuality(90)),
            Module("C", 2, 3, readout=GateQuality(300)),
        ),
        (replace(WIRE, capacity=2, between=("A", "C")), replace(WIRE, between=("B", "C"))),
    )
    homes = [range(5), range(5, 8), range(8, 13)]
    comm = [range(3, 5), range(7, 8), range(10, 13)]
    for _ in range(30):
        b = builder_on(machine, 3)
        for _ in range(60):
            module = int(random.integers(3))
            pick = random.permutation(homes[module])[:2].tolist()
            kind = random.integers(4)
            if kind == 0:
                b.append("cx", pick)
            elif kind == 1:
                b.append("measure", pick[:1], bits=[int(random.integers(3))])
            elif kind == 2:
                b.append("x", pick[:1], condition=bit(int(random.integers(3))))
            elif module < 2:
                b.append("ebit", [int(random.choice(comm[module])), int(random.choice(comm[2]))])
        program = schedule(b.finish(Stage.LOWERED), machine)
        check_times(program, machine)
        later = (program.start_ns > 0) & (program.kind != KIND["ebit"])  # pairs queue in order
        for row in np.flatnonzero(later).tolist():
            with pytest.raises(ProgramError):
                check_times(wrong(program, row, -1), machine)
