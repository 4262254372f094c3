"""When pairs are asked for: policies, buffers, cut-offs, critical path; what files keep of them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bellwire.compiler import requests, start_times
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.emitters.openqasm import to_openqasm3
from bellwire.compiler.emitters.text import to_text
from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.read import read_text_of
from bellwire.compiler.generation import Generation
from bellwire.compiler.idle import idle_gaps
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.timelines import sample_timelines
from bellwire.compiler.timing import durations_ns, makespan_ns
from bellwire.compiler.verify import verify
from bellwire.compiler.waits import order_waits
from bellwire.errors import ParseError, ProgramError
from bellwire.passes import list_order
from bellwire.passes.schedule import schedule
from bellwire.targets.machine import Link, Machine
from bellwire.targets.shapes import make_machine

# 30, 60 and 500 ns per gate and readout; pairs take 1000 ns, messages 200 ns.
WIRE = Link(("A", "B"), attempt_ns=100, success=0.1, message_ns=200)


def machine_of(modules: int = 2, *, comm: int = 2, shape: str = "line", **link: object) -> Machine:
    return make_machine(shape, modules, data_qubits=2, comm_qubits=comm, link=replace(WIRE, **link))


def builder_on(machine: Machine, bits: int = 8) -> ProgramBuilder:
    qubits = [
        Qubit(name, name.split("_")[0], "comm" if "comm" in name else "data")
        for name in machine.qubit_names()
    ]
    inputs = [i for i, q in enumerate(qubits) if q.role == "data"]
    names = [qubits[i].name for i in inputs]
    return ProgramBuilder(qubits, [Register("bellwire", bits)], logical=names, inputs=inputs)


def add_telegate(b: ProgramBuilder, qubits: tuple[int, int, int, int], bits: tuple[int, int]):
    """A cx from data qubit a to data qubit d over the pair (b, c)."""
    a, near, far, d = qubits
    b.append("ebit", [near, far])
    b.append("cx", [a, near])
    b.append("measure", [near], bits=[bits[0]])
    b.append("x", [far], condition=bit(bits[0]))
    b.append("cx", [far, d])
    b.append("h", [far])
    b.append("measure", [far], bits=[bits[1]])
    b.append("z", [a], condition=bit(bits[1]))


def late_gate(machine: Machine, before: int) -> Program:
    """A gate between modules whose control is busy for `before` ns first."""
    b = builder_on(machine)
    b.append("delay", [0], [before * 1e-9])
    add_telegate(b, (0, 2, 6, 4), (0, 1))
    return b.finish(Stage.LOWERED)


def pair_starts(program: Program) -> list[int]:
    return program.start_ns[program.kind == KIND["ebit"]].tolist()


@pytest.mark.parametrize(
    ("generation", "asked"),
    [
        (Generation(), 0),
        (Generation("on_demand"), 5000),
        (Generation("window", 0), 5000),
        (Generation("window", 1000), 4000),
        (Generation("window", 9000), 0),
        (Generation("deadline"), 5000 - 2200),
        (Generation(buffer=1), 0),
    ],
)
def test_a_pair_is_asked_for_when_the_policy_says(generation, asked):
    machine = machine_of()
    b = builder_on(machine)
    for ns in (2500, 1500, 1000):
        b.append("delay", [0], [ns * 1e-9])
    add_telegate(b, (0, 2, 6, 4), (0, 1))
    program = schedule(b.finish(Stage.LOWERED), machine, generation=generation)
    verify(program, machine)
    assert pair_starts(program) == [asked]


def test_the_event_in_the_middle_of_another_wait_is_its_end():
    # The control of the second gate is the target of the first: it is ready after pair 1.
    machine = machine_of(capacity=2)
    b = builder_on(machine)
    add_telegate(b, (0, 2, 6, 4), (0, 1))
    add_telegate(b, (4, 7, 3, 1), (2, 3))
    program = b.finish(Stage.LOWERED)
    ready = 1000 + 60 + 500 + 200 + 30 + 60  # of qubit 4
    for window, asked in ((0, ready), (800, ready - 800), (1200, 1000), (1840, 1000), (1850, 0)):
        done = schedule(program, machine, generation=Generation("window", window))
        verify(done, machine)
        assert pair_starts(done) == [0, asked]


def test_swapped_pairs_are_needed_by_what_their_join_serves():
    machine = machine_of(3)
    b = builder_on(machine)
    b.append("delay", [0], [5e-6])
    b.append("ebit", [2, 6])
    b.append("ebit", [7, 10])
    b.append("cx", [6, 7])
    b.append("h", [6])
    b.append("measure", [6], bits=[0])
    b.append("measure", [7], bits=[1])
    b.append("x", [10], condition=bit(1))
    b.append("z", [2], condition=bit(0))
    b.append("cx", [0, 2])
    program = schedule(b.finish(Stage.LOWERED), machine, generation=Generation("on_demand"))
    assert pair_starts(program) == [5000, 5000]


def test_a_buffer_of_one_waits_for_the_use_of_the_pair_before():
    machine = machine_of()
    b = builder_on(machine)
    b.append("delay", [0], [5e-6])
    add_telegate(b, (0, 2, 6, 4), (0, 1))
    add_telegate(b, (1, 3, 7, 5), (2, 3))
    program = b.finish(Stage.LOWERED)
    assert sorted(pair_starts(schedule(program, machine))) == [0, 1000]
    done = schedule(program, machine, generation=Generation(buffer=1))
    verify(done, machine)
    # Either gate may come first; the other pair waits until the first has been used.
    assert sorted(pair_starts(done)) in ([0, 1060], [0, 5060])


def test_a_pair_that_is_too_old_is_made_again():
    machine = machine_of(cutoff_ns=3000)
    kept, made_again = (schedule(late_gate(machine, ns), machine) for ns in (3900, 4500))
    for program, start in ((kept, 3900), (made_again, 4500 + 1000 // 4)):
        verify(program, machine)
        assert program.start_ns[program.kind == KIND["cx"]][0] == start


def test_a_pair_that_was_made_again_is_no_older_than_its_cut_off():
    machine = machine_of()
    for cutoff_ns, age in ((math.inf, 8000), (3000, 3000)):
        made = Generation(cutoff_ns=cutoff_ns)
        program = schedule(late_gate(machine, 9000), machine, generation=made)
        gaps = idle_gaps(program, machine)
        pair = gaps.where.after == np.flatnonzero(program.kind == KIND["ebit"])[0]
        # The near half is used first, the far one a gate, a readout and a message later.
        assert gaps.ns[pair].tolist() == [age, age + 60 + 500 + 200]


@pytest.mark.parametrize("cutoff_ns", [300, 1000, 3000])
def test_the_expected_wait_for_another_pair_is_the_mean_of_sampled_ones(cutoff_ns):
    machine = machine_of()
    program = schedule(
        late_gate(machine, 20_000), machine, generation=Generation(cutoff_ns=cutoff_ns)
    )
    spans = sample_timelines(program, machine, 20_000, seed=1).makespan_ns
    error = spans.std() / len(spans) ** 0.5
    # Attempts come in steps of 100 ns, of which the formula for exponential waits knows nothing.
    assert abs(spans.mean() - makespan_ns(program, machine)) < 4 * error + 100


def test_the_longest_path_is_served_first():
    machine = machine_of()
    b = builder_on(machine)
    add_telegate(b, (0, 2, 6, 4), (0, 1))
    add_telegate(b, (1, 3, 7, 5), (2, 3))
    b.append("delay", [5], [9e-6])
    program = b.finish(Stage.LOWERED)
    plain, critical = schedule(program, machine), schedule(program, machine, critical_path=True)
    verify(critical, machine)
    assert makespan_ns(plain, machine) - makespan_ns(critical, machine) == 1000


def random_program(seed: int, machine: Machine, rows: int = 40) -> Program:
    """Telegates along random links and gates inside modules."""
    random = np.random.default_rng(seed)
    b = builder_on(machine, 2 * rows)
    at, comm = machine.offsets, machine.modules[0].comm_qubits
    for k in range(rows):
        m = machine.modules[int(random.integers(len(machine.modules)))].name
        b.append("cx" if random.random() < 0.5 else "cz", [at[m], at[m] + 1])
        link = machine.links[int(random.integers(len(machine.links)))]
        x, y = (at[end] for end in link.between)
        near, far = (at[end] + 2 + int(random.integers(comm)) for end in link.between)
        add_telegate(
            b, (x + int(random.integers(2)), near, far, y + int(random.integers(2))),
            (2 * k, 2 * k + 1),
        )  # fmt: skip
    return b.finish(Stage.LOWERED)


GENERATIONS = [
    Generation(),
    Generation("on_demand"),
    Generation("window", 700),
    Generation("window", 4000, cutoff_ns=2000),
    Generation("deadline", buffer=2),
    Generation(buffer=1),
]


def circuit_of(program: Program) -> Program:
    """The gates that a random program does, without modules."""
    data = [i for i, q in enumerate(program.qubits) if q.role == "data"]
    b = ProgramBuilder([Qubit(program.qubits[i].name) for i in data])
    source: dict[int, int] = {}  # the data qubit whose copy a communication qubit holds
    for op in program.ops:
        if op.name == "ebit":
            far = op.qubits[1]
        elif op.name in ("cx", "cz"):
            x, y = op.qubits
            if x in data and y in data:
                b.append(op.name, [data.index(x), data.index(y)])
            elif x in data:
                source[far] = x
            else:
                b.append(op.name, [data.index(source[x]), data.index(y)])
    return b.finish(Stage.LOGICAL)


@pytest.mark.parametrize("generation", GENERATIONS, ids=lambda g: f"{g.policy}-{g.buffer}")
def test_random_programs_stay_what_they_are(generation):
    machine = machine_of(4, shape="ring", capacity=2)
    for seed in range(4):
        program = random_program(seed, machine)
        done = schedule(program, machine, generation=generation, critical_path=True)
        verify(done, machine)
        assert prove(done, circuit_of(program)).equal
        asked = schedule(program, machine, critical_path=True)
        if math.isinf(generation.cutoff_ns):
            assert done.start_ns.max() >= asked.start_ns.max() * 0.98


def test_a_buffer_holds_in_random_programs():
    machine = machine_of(4, shape="ring", capacity=2, comm=3)
    for seed in range(4):
        done = schedule(random_program(seed, machine), machine, generation=Generation(buffer=1))
        wait = order_waits(done, machine)
        use = requests.needs(done, wait).use
        ends = done.start_ns + durations_ns(done, machine)
        for link in range(len(machine.links)):
            pairs = np.flatnonzero(wait.link == link)
            earlier, later = pairs[:-1], pairs[1:]
            can_wait = use[earlier] < later  # the others are needed for the use of the one before
            assert can_wait.any()
            assert (done.start_ns[later] >= ends[use[earlier]])[can_wait].all()


def test_plain_and_compiled_give_the_same_schedule(monkeypatch):
    machine = machine_of(4, shape="ring", capacity=2, cutoff_ns=3000)
    program = random_program(9, machine)
    plain = [schedule(program, machine, generation=g) for g in GENERATIONS]
    for module in (requests, start_times, list_order):
        monkeypatch.setattr(module, "SMALL", 0)
    assert [schedule(program, machine, generation=g) for g in GENERATIONS] == plain


@pytest.mark.parametrize("write", [to_openqasm3, to_text])
def test_files_keep_the_policy(write):
    machine = machine_of()
    b = builder_on(machine)
    block = b.child()
    add_telegate(block, (0, 2, 6, 4), (2, 3))
    b.append("measure", [1], bits=[0])
    b.append_flow(next(_if_else().ops), [block])
    wanted = Generation("window", 1500.5, 2, 1e6, ("A-B",))
    program = schedule(b.finish(Stage.LOWERED), machine, generation=wanted)
    again, _ = read_text_of(write(program, machine))
    assert again == program
    assert again.blocks[1][0].generation == wanted
    plain = schedule(program, machine, generation=Generation())
    assert "generation" not in write(plain, machine)


def _if_else() -> Program:
    b = builder_on(machine_of())
    b.append("if_else", [], condition=bit(0), blocks=[b.child()])
    return b.finish(Stage.LOWERED)


@pytest.mark.parametrize(
    ("generation", "text"),
    [
        (Generation(), "asap"),
        (Generation("on_demand"), "on demand"),
        (
            Generation("window", 1500.0, 2, 1e6, ("A-B", "B-C")),
            "window 1500 ns, at most 2 ahead, cut-off 1e+06 ns, purified on A-B B-C",
        ),
    ],
)
def test_policies_in_words(generation, text):
    assert str(generation) == text


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"policy": "soon"}, "one of asap"),
        ({"policy": "window", "window_ns": -1}, "window_ns"),
        ({"policy": "window", "window_ns": math.nan}, "window_ns"),
        ({"policy": "asap", "window_ns": 5}, "left out"),
        ({"buffer": -1}, "whole number"),
        ({"buffer": 1.5}, "whole number"),
        ({"cutoff_ns": 0}, "above 0"),
    ],
)
def test_impossible_policies_are_refused(said, word):
    with pytest.raises(ProgramError, match=word):
        Generation(**said)


@pytest.mark.parametrize("said", ['{"policy": "soon"}', '{"how": 1}', "[]", "{"])
def test_wrong_policies_in_files_are_refused(said):
    with pytest.raises(ParseError, match="generation"):
        read_text_of(f"bellwire 1 lowered\ngeneration {said}\nqubits q[1]\n")
