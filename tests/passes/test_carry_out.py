"""Carrying out plans: any plan on any machine keeps the meaning and the limits.

Text cases name the homes at the start and, for each two-qubit gate and operand, `home:label/hold`;
`pytest --update-cases` rewrites what is expected.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from generators import random_machine, random_program

from bellwire.compiler.emitters.text import to_text
from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.verify import verify
from bellwire.errors import NotSupported, ProgramError
from bellwire.passes import carry_out as carrying
from bellwire.passes import gate_segments
from bellwire.passes.annealing.nodes import build, meetings
from bellwire.passes.carry_out import carry_out
from bellwire.passes.carrying import foresight
from bellwire.passes.connect_ebits import connect_ebits
from bellwire.passes.cover import cover_sessions
from bellwire.passes.expand_protocols import expand_protocols
from bellwire.passes.homes import place
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

CASES = sorted((Path(__file__).resolve().parent.parent / "cases" / "carry_out").glob("*.txt"))


def lines(text: str, key: str) -> list[list[str]]:
    """The words of all lines `# key: ...` of a case."""
    head = f"# {key}:"
    return [x[len(head) :].split() for x in text.splitlines() if x.startswith(head)]


def mask(letters: str) -> int:
    return sum(1 << ord(letter) - 65 for letter in letters)


def case_plan(text: str, program: Program, homes: list[int]) -> Plan:
    """The plan of a case: as said for its gates, the homes of the start for its blocks."""
    plan = static_plan(program, homes)
    for t, operands in enumerate(lines(text, "gate")):
        for i, words in enumerate(operands):
            home, rest = words.split(":")
            label, hold = rest.split("/")
            plan.home[t, i] = ord(home) - 65
            plan.label[t, i], plan.hold[t, i] = mask(label), mask(hold)
    return plan


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    given, _, expected = path.read_text().partition("---\n")
    [[shape, count, *options]] = lines(given, "machine")
    sizes = {f"{k}_qubits": int(v) for k, v in (o.split("=") for o in options)}
    machine = make_machine(shape, int(count), **sizes)  # type: ignore[arg-type]
    homes = [ord(letter) - 65 for letter in lines(given, "start")[0]]
    circuit = read_text(given)[0]
    placed = place(circuit, machine, homes)
    done = carry_out(placed, machine, case_plan(given, placed, homes))
    lowered = checked(done, machine)
    assert prove(lowered, circuit).equal
    if request.config.getoption("--update-cases"):
        path.write_text(f"{given}---\n{to_text(done)}")
        return
    assert to_text(done) == expected


def checked(done: Program, machine: Machine) -> Program:
    """The program written out, every stage verified."""
    assert verify(done, machine).stage is Stage.DISTRIBUTED
    connected = verify(connect_ebits(done, machine), machine)
    return verify(expand_protocols(connected, machine), machine)


def random_homes(rng: np.random.Generator, qubits: int, machine: Machine) -> list[int]:
    slots = [m for m, module in enumerate(machine.modules) for _ in range(module.data_qubits)]
    return [int(m) for m in rng.permutation(slots)[:qubits]]


def random_plan(
    rng: np.random.Generator, program: Program, machine: Machine, homes: list[int]
) -> Plan:
    """Any homes, labels and holds at all, most of them impossible within the limits."""
    base, modules = static_plan(program, homes), len(machine.modules)
    shape = base.home.shape
    moved = rng.random(shape) < rng.choice([0.1, 0.5, 1.0])
    home = np.where(moved, rng.integers(modules, size=shape), base.home)
    masks = rng.integers(1 << modules, size=(3, *shape))
    resting = [random_homes(rng, len(homes), machine) for _ in base.flows]
    return Plan(
        base.start,
        base.rows,
        home,
        masks[0] & masks[1] | np.int64(1) << home,
        masks[2],
        base.flows,
        np.array(resting, dtype=np.int64).reshape(len(resting), len(homes)),
    )


def random_case(seed: int) -> tuple[Program, Program, Machine, list[int], np.random.Generator]:
    """A circuit, the same placed, its machine and homes."""
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(2, 8))
    gates = int(rng.integers(5, 40))
    circuit = unroll(random_program(rng, qubits, gates, dynamic=seed % 2 > 0, flow=seed % 3 == 0))
    machine = random_machine(rng, qubits)
    homes = random_homes(rng, qubits, machine)
    return circuit, place(circuit, machine, homes), machine, homes, rng


@pytest.mark.parametrize("block", range(20))
def test_any_plan_keeps_the_meaning_and_the_limits(block: int) -> None:
    for seed in range(20 * block, 20 * block + 20):
        circuit, placed, machine, homes, rng = random_case(seed)
        done = carry_out(placed, machine, random_plan(rng, placed, machine, homes))
        proof = prove(checked(done, machine), circuit, seed=seed)
        assert proof.equal, f"{seed}: {proof.detail}"


def network_case(seed: int) -> tuple[Program, Program, Machine, Plan]:
    """A circuit, the same placed, a network where copies grow along trees, and any plan at all."""
    rng = np.random.default_rng(seed)
    qubits, modules = int(rng.integers(3, 10)), int(rng.integers(4, 9))
    data, comm = qubits // modules + int(rng.integers(1, 4)), int(rng.integers(2, 7))
    shape = str(rng.choice(["line", "tree", "ring", "grid"]))
    machine = make_machine(shape, modules, data_qubits=data, comm_qubits=comm)
    homes = random_homes(rng, qubits, machine)
    circuit = unroll(random_program(rng, qubits, int(rng.integers(20, 80))))
    placed = place(circuit, machine, homes)
    plan = random_plan(rng, placed, machine, homes)
    if seed % 2:
        plan = consistent_plan(rng, placed, homes)
    return circuit, placed, machine, plan


# Of these some opened a copy from itself: notes of a tree that led in a circle once the home moved.
@pytest.mark.parametrize("seed", [*range(20), 62, 74, 78, 94, 96, 108, 128, 148, 196, 211, 218])
def test_any_plan_on_a_network_keeps_the_meaning_and_the_limits(seed: int) -> None:
    circuit, placed, machine, plan = network_case(seed)
    done = carry_out(placed, machine, plan)
    proof = prove(checked(done, machine), circuit, seed=seed)
    assert proof.equal, proof.detail


def test_the_input_is_there_in_its_order() -> None:
    _, placed, machine, homes, rng = random_case(14)
    done = carry_out(placed, machine, random_plan(rng, placed, machine, homes))
    ours = {"ebit", "cat_entangle", "cat_disentangle", "teleport", "move", "swap_ebits"}
    wanted = [(op.name, op.source, op.angles) for op in placed.ops]
    found = iter((op.name, op.source, op.angles) for op in done.ops if op.name not in ours)
    assert all(row in found for row in wanted)  # in this order, flips of copies between them


def roomy(seed: int) -> tuple[Program, Machine, list[int], np.random.Generator]:
    """A placed circuit without control flow on a machine that is never short of anything."""
    rng = np.random.default_rng(seed)
    machine = make_machine("complete", 4, data_qubits=24, comm_qubits=24)
    homes = rng.integers(4, size=8).tolist()
    circuit = unroll(random_program(rng, 8, 60))
    return place(circuit, machine, homes), machine, homes, rng


def consistent_plan(rng: np.random.Generator, program: Program, homes: list[int]) -> Plan:
    """Random homes and labels; what two labels of a segment share may be held between them."""
    base, modules = static_plan(program, homes), 4
    plan = random_plan(rng, program, make_machine("complete", modules, data_qubits=8), homes)
    segment = gate_segments.gate_segments(program)
    hold = np.zeros_like(plan.hold)
    before: dict[int, tuple[int, int]] = {}
    for t, row in enumerate(base.rows.tolist()):
        for i in (0, 1):
            q = int(program.operands.values[program.operands.starts[row] + i])
            if q in before and segment[before[q]] == segment[t, i]:
                shared = plan.label[before[q]] & plan.label[t, i] & plan.hold[t, i]
                hold[before[q]] = shared & ~(1 << plan.home[before[q]])
            before[q] = (t, i)
    return Plan(base.start, base.rows, plan.home, plan.label, hold, base.flows, base.resting)


def plan_cost(program: Program, plan: Plan) -> int:
    """Copies opened, moves that no copy pays for, gates whose labels do not meet."""
    cost, home, held = 0, plan.start.copy(), np.zeros(len(plan.start), dtype=np.int64)
    label = plan.start * 0
    for t, row in enumerate(plan.rows.tolist()):
        for i in (0, 1):
            q = int(program.operands.values[program.operands.starts[row] + i])
            here = int(plan.home[t, i])
            cost += here != home[q] and not label[q] >> here & 1
            new = int(plan.label[t, i] & ~held[q] & ~(1 << here))
            cost += new.bit_count()
            home[q], held[q], label[q] = here, plan.hold[t, i], plan.label[t, i]
        cost += not plan.label[t, 0] & plan.label[t, 1]
    return cost


@pytest.mark.parametrize("seed", range(30))
def test_a_plan_costs_at_most_what_it_says(seed: int) -> None:
    program, machine, homes, rng = roomy(seed)
    plan = consistent_plan(rng, program, homes)
    done = carry_out(program, machine, plan)
    assert done.count("ebit") <= plan_cost(program, plan)


@pytest.mark.parametrize("seed", range(20))
def test_a_static_plan_costs_its_cover_at_most(seed: int) -> None:
    program, machine, homes, _ = roomy(seed)
    plan = static_plan(program, homes)
    cover = cover_sessions(meetings(build(timeline(program), machine)), np.array(homes))
    assert plan_cost(program, plan) == len(cover)
    done = carry_out(program, machine, plan)
    assert done.count("teleport", "move") == 0
    assert done.count("ebit") <= len(cover)  # fewer where two copies happen to meet


@pytest.mark.parametrize("seed", range(30))
def test_compiled_kernels_write_the_same_program(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, placed, machine, homes, rng = random_case(seed)
    plan = random_plan(rng, placed, machine, homes)
    plain, again = (carry_out(placed, machine, plan) for _ in range(2))
    assert plain == again
    for file in (carrying, foresight, gate_segments):
        monkeypatch.setattr(file, "SMALL", -1)
    compiled = carry_out(placed, machine, plan)
    assert compiled == plain
    assert np.array_equal(compiled.source, plain.source)


def test_refusals_say_what_is_wrong() -> None:
    circuit = unroll(read_text("qubits q[2]\ncz q[0] q[1]\n")[0])
    machine = make_machine("complete", 2, data_qubits=1)
    placed = place(circuit, machine, [0, 1])
    other = static_plan(place(read_text("qubits q[2]\n")[0], machine, [0, 1]), [0, 1])
    with pytest.raises(ProgramError, match="the plan is for 0 gates, it has 1"):
        carry_out(placed, machine, other)
    many = make_machine("line", 63, data_qubits=1)
    with pytest.raises(NotSupported, match="found 63 modules; at most 62"):
        carry_out(place(circuit, many, [0, 1]), many, static_plan(placed, [0, 1]))
    ours = read_text("qubits q[2]\nbits bellwire[1]\ncz q[0] q[1]\n")[0]
    with pytest.raises(NotSupported, match="bellwire"):
        carry_out(place(ours, machine, [0, 1]), machine, static_plan(placed, [0, 1]))
