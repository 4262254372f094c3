"""Blocks of control flow have plans of their own, and end as they begin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generators import fill_program, random_machine

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.verify import verify
from bellwire.passes.carried_cost import spent
from bellwire.passes.carry_out import carry_out
from bellwire.passes.connect_ebits import connect_ebits
from bellwire.passes.expand_protocols import expand_protocols
from bellwire.passes.homes import place
from bellwire.passes.insert_ebits import insert_ebits
from bellwire.passes.optimise_blocks import optimise_blocks
from bellwire.passes.optimise_ebits import optimise_ebits
from bellwire.passes.partition import partition
from bellwire.passes.route_locally import route_locally
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine


def nested(rng: np.random.Generator, qubits: int, depth: int) -> Program:
    """Blocks of a dozen gates, some of them in one another."""
    names = [Qubit(f"q[{i}]") for i in range(qubits)]
    out = ProgramBuilder(names, [Register("c", 3), Register("d", None)], name="nested")
    _nest(rng, out, range(qubits), depth)
    return out.finish(Stage.LOGICAL)


def _nest(rng: np.random.Generator, out: ProgramBuilder, qubits: range, depth: int) -> None:
    for _ in range(2 if depth else 0):
        name = str(rng.choice(["if_else", "for_loop"]))
        blocks = [out.child() for _ in range(1 + int(name == "if_else" and rng.random() < 0.5))]
        for block in blocks:
            _nest(rng, block, qubits, depth - 1)
            fill_program(rng, block, qubits, int(rng.integers(6, 14)), dynamic=True)
        used = sorted({q for b in blocks for q in b._qubits})
        bits = sorted({x for b in blocks for x in b._bits})
        when, turns = (bit(int(rng.integers(4))), []) if name == "if_else" else (None, [2.0])
        out.append(name, used, turns, bits, when, blocks)
        fill_program(rng, out, qubits, 6, dynamic=True)


def written_out(program: Program, machine: Machine) -> Program:
    """On real qubits, every stage verified."""
    for step in (connect_ebits, expand_protocols, route_locally):
        program = verify(step(program, machine), machine)
    return program


@pytest.mark.parametrize("seed", range(16))
def test_nested_blocks_mean_the_same_and_cost_no_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(3, 6))
    circuit = nested(rng, qubits, 1 + seed % 2)
    machine = random_machine(rng, qubits)
    placed = partition(unroll(circuit), machine, starts=2)
    planned = optimise_ebits(placed, machine, starts=2, least_us=3e4)
    done = insert_ebits(planned, machine)
    assert prove(written_out(done, machine), circuit, seed=seed).equal
    if planned.plan is not None:
        plain = replace(planned, plan=replace(planned.plan, inner={}))
        assert spent(done, machine) <= spent(insert_ebits(plain, machine), machine)


LOOP = "repeat 4 {{\n{}}}\n"


def loop(body: str) -> Program:
    """A circuit of six qubits that runs a body four times."""
    return read_text("qubits q[6]\nh q[0]\n" + LOOP.format(body))[0]


def test_a_state_moves_inside_a_loop_and_comes_back() -> None:
    """Six segments of q[0] meet another module: a move there and back costs two e-bits."""
    circuit = loop("cz q[0] q[3]\nh q[0]\nh q[3]\ncz q[0] q[4]\nh q[0]\nh q[4]\n" * 3)
    machine = make_machine("complete", 2, data_qubits=4, comm_qubits=2)
    placed = place(circuit, machine, [0, 0, 0, 1, 1, 1])
    fixed = static_plan(placed, [0, 0, 0, 1, 1, 1])
    planned = optimise_blocks(placed, machine, fixed, seed=0, work_us=1e3, most_us=1e6)
    assert carry_out(placed, machine, fixed).count("ebit") == 6
    done = carry_out(placed, machine, planned)
    assert done.count("ebit") == 2
    assert prove(written_out(done, machine), circuit).equal


def test_a_fourier_transform_in_a_loop() -> None:
    body = "".join(
        f"h q[{i}]\n" + "".join(f"cp({3 / 2 ** (j - i)}) q[{i}] q[{j}]\n" for j in range(i + 1, 6))
        for i in range(6)
    )
    circuit, machine = loop(body), make_machine("line", 3, data_qubits=3, comm_qubits=3)
    placed = partition(circuit, machine)
    planned = optimise_ebits(placed, machine)
    assert planned.plan is not None
    fixed = insert_ebits(replace(planned, plan=replace(planned.plan, inner={})), machine)
    done = insert_ebits(planned, machine)
    assert done.count("ebit") <= fixed.count("ebit")
    assert prove(written_out(done, machine), circuit).equal


def test_gates_in_a_loop_count_once_per_turn() -> None:
    clock = timeline(loop("cz q[0] q[3]\nrepeat 3 {\ncz q[4] q[3]\n}\n"))
    assert dict(clock.inner[0]) == {(0, 3): 4, (3, 4): 12}
