"""Switches: one connection for each module, ports, reconfiguration, batches of the same pair."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.timing import durations_ns, makespan_ns
from bellwire.compiler.verify import verify
from bellwire.compiler.waits import ebit_links
from bellwire.errors import ProgramError
from bellwire.passes import list_order
from bellwire.passes.schedule import schedule
from bellwire.targets.machine import Fabric, Link, Machine
from bellwire.targets.shapes import make_machine

WIRE = Link(("M0", "M1"), attempt_ns=100, success=0.1, message_ns=0)


def machine_of(modules: int, *, ports: int = 4, reconfigure_ns: float = 300, comm: int = 4, **link):
    machine = make_machine(
        "complete", modules, data_qubits=1, comm_qubits=comm, link=replace(WIRE, **link)
    )
    names = tuple(m.name for m in machine.modules)
    return replace(machine, fabrics=(Fabric("switch", names, ports, reconfigure_ns),))


def pairs_on(machine: Machine, *wanted: tuple[int, int, int, int]) -> Program:
    """Pairs between module a, its communication qubit i, and module b, its qubit j."""
    return _builder(machine, wanted).finish(Stage.LOWERED)


def _builder(machine: Machine, wanted) -> ProgramBuilder:
    qubits = [
        Qubit(name, name.split("_")[0], "comm" if "comm" in name else "data")
        for name in machine.qubit_names()
    ]
    b = ProgramBuilder(qubits, [Register("bellwire", 1000)], logical=[], inputs=[])
    size = machine.modules[0].size
    for k, (a, i, c, j) in enumerate(wanted):
        near, far = a * size + 1 + i, c * size + 1 + j
        b.append("ebit", [near, far])
        b.append("measure", [near], bits=[2 * k])
        b.append("measure", [far], bits=[2 * k + 1])
    return b


def pair_starts(program: Program) -> list[int]:
    return [op.start_ns for op in program.ops if op.name == "ebit"]


def test_a_new_partner_waits_for_the_last_pair_and_the_switch():
    machine = machine_of(3)
    program = pairs_on(machine, (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 2, 0), (1, 2, 2, 1))
    assert pair_starts(schedule(program, machine)) == [0, 1000, 2300, 3600]
    free = replace(machine, fabrics=())
    assert pair_starts(schedule(program, free)) == [0, 1000, 0, 0]


def test_no_more_connections_than_ports():
    program = ((0, 0, 1, 0), (2, 0, 3, 0))
    for ports, second in ((4, 0), (2, 1300)):
        machine = machine_of(4, ports=ports)
        assert pair_starts(schedule(pairs_on(machine, *program), machine)) == [0, second]


def test_parallel_attempts_share_a_connection():
    machine = machine_of(3, capacity=2)
    program = pairs_on(machine, (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 2, 0), (0, 3, 2, 1))
    assert pair_starts(schedule(program, machine)) == [0, 0, 1300, 1300]


def test_a_block_that_uses_the_switch_has_it_alone():
    machine = machine_of(3)
    b = _builder(machine, [(0, 0, 1, 0)])
    block = b.child()
    block.append("ebit", [2, 11])
    block.append("measure", [2], bits=[10])
    block.append("measure", [11], bits=[11])
    b.append("if_else", [2, 11], bits=[10, 11], condition=bit(900), blocks=[block])
    b.append("ebit", [8, 13])
    program = schedule(b.finish(Stage.LOWERED), machine)
    assert program.start_ns[3] == 1300
    assert program.start_ns[4] == 1300 + 1500 + 300


def wrong_times(program: Program, machine: Machine) -> list[str]:
    """What is impossible for the switch, found from the start times alone."""
    fabric, links = machine.fabrics[0], ebit_links(program, machine)
    ends = program.start_ns + durations_ns(program, machine)
    made = [(int(program.start_ns[i]), int(ends[i]), machine.links[links[i]].between)
            for i in np.flatnonzero(links >= 0)]  # fmt: skip
    found = []
    for m in fabric.modules:
        own = sorted(row for row in made if m in row[2])
        for one, other in pairwise(own):
            if one[2] != other[2] and other[0] < one[1] + fabric.reconfigure_ns:
                found.append(f"{m}: {one} {other}")
    for start, _, _ in made:
        at_once = {pair for begin, end, pair in made if begin <= start < end}
        if len(at_once) > fabric.ports // 2:
            found.append(f"ports: {start}")
    return found


def random_pairs(seed: int, machine: Machine, rows: int = 60) -> Program:
    random = np.random.default_rng(seed)
    wanted = []
    for _ in range(rows):
        a, c = random.permutation(len(machine.modules))[:2].tolist()
        wanted.append((a, int(random.integers(4)), c, int(random.integers(4))))
    return pairs_on(machine, *wanted)


@pytest.mark.parametrize(("ports", "capacity"), [(2, 1), (4, 1), (6, 3)])
def test_random_programs_keep_what_a_switch_can_do(ports, capacity):
    machine = machine_of(6, ports=ports, capacity=capacity)
    for seed in range(5):
        program = random_pairs(seed, machine)
        plain, batched = schedule(program, machine), schedule(program, machine, critical_path=True)
        for done in (plain, batched):
            verify(done, machine)
            assert wrong_times(done, machine) == []
        assert makespan_ns(batched, machine) <= makespan_ns(plain, machine)
        assert wrong_times(schedule(program, replace(machine, fabrics=())), machine)


def test_pairs_of_the_same_modules_are_made_together():
    # In turn they would need seven changes of the switch; together one.
    machine = machine_of(3, reconfigure_ns=5000)
    turns = [(0, k, 1 + k % 2, k // 2) for k in range(4)]
    program = pairs_on(machine, *turns)
    plain, batched = schedule(program, machine), schedule(program, machine, critical_path=True)
    assert makespan_ns(plain, machine) - makespan_ns(batched, machine) == 2 * 5000
    longer = random_pairs(3, machine)
    shorter = makespan_ns(schedule(longer, machine, critical_path=True), machine)
    assert shorter < 0.7 * makespan_ns(schedule(longer, machine), machine)


def test_verify_finds_a_pair_without_its_connection():
    machine = machine_of(3)
    program = schedule(pairs_on(machine, (0, 0, 1, 0), (0, 1, 2, 0)), machine)
    starts = program.start_ns.copy()
    starts[3] -= 1
    with pytest.raises(ProgramError, match="waits for operation 0 until 1300 ns"):
        verify(replace(program, start_ns=starts), machine)


def test_plain_and_compiled_give_the_same_order(monkeypatch):
    machine = machine_of(6, capacity=2)
    program = random_pairs(1, machine)
    plain = schedule(program, machine, critical_path=True)
    monkeypatch.setattr(list_order, "SMALL", 0)
    assert schedule(program, machine, critical_path=True) == plain
