"""Other orders of commuting gates: the same program, and fewer e-bits where room is short."""

from __future__ import annotations

import numpy as np
import pytest
from test_carry_out import checked, random_case, random_plan

from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.program import Program
from bellwire.compiler.verify import verify
from bellwire.passes.carry_out import carry_out
from bellwire.passes.homes import place
from bellwire.passes.optimise_ebits import optimise_ebits
from bellwire.passes.reorder_gates import reordered
from bellwire.passes.static_plan import static_plan
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine


@pytest.mark.parametrize("block", range(10))
def test_another_order_keeps_the_meaning_and_the_limits(block: int) -> None:
    for seed in range(20 * block, 20 * block + 20):
        circuit, placed, machine, homes, rng = random_case(seed)
        again, plan = reordered(placed, random_plan(rng, placed, machine, homes), machine)
        assert sorted(line_of(again)) == sorted(line_of(placed))
        proof = prove(verify(again, machine), placed, seed=seed)
        assert proof.equal, f"{seed}: {proof.detail}"
        proof = prove(checked(carry_out(again, machine, plan), machine), circuit, seed=seed)
        assert proof.equal, f"{seed}: {proof.detail}"


def line_of(program: Program) -> list[str]:
    return [f"{op.name} {op.qubits} {op.angles} {op.bits} {op.condition}" for op in program.ops]


@pytest.mark.parametrize("seed", range(10))
def test_same_input_gives_the_same_order(seed: int) -> None:
    _, placed, machine, homes, rng = random_case(seed)
    plan = random_plan(rng, placed, machine, homes)
    (first, one), (again, two) = (reordered(placed, plan, machine) for _ in range(2))
    assert first == again
    assert np.array_equal(first.source, again.source)
    for name in ("rows", "home", "label", "hold", "flows", "resting"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_what_must_keep_its_order_keeps_it() -> None:
    text = """qubits q[4]
bits c[2]
cz q[0] q[2]
cz q[0] q[3]
barrier q[0]
cz q[0] q[2]
measure q[1] -> c[0]
z q[0] if c[0]
measure q[1] -> c[0]
"""
    placed, machine = layer(text, [0, 0, 1, 1], comm=1)
    again, _ = reordered(placed, static_plan(placed, [0, 0, 1, 1]), machine)
    order = [op.source for op in again.ops]
    assert max(order.index(3), order.index(4)) < order.index(5) < order.index(6)
    assert [op.source for op in again.ops if op.name in ("measure", "z")] == [7, 8, 9]


def layer(text: str, homes: list[int], *, comm: int) -> tuple[Program, Machine]:
    """A circuit placed on two modules without data qubits to spare."""
    machine = make_machine("complete", 2, data_qubits=len(homes) // 2, comm_qubits=comm)
    return place(unroll(read_text(text)[0]), machine, homes), machine


def interleaved(qubits: int) -> tuple[str, list[int]]:
    """One commuting layer: every qubit of one module with every one of the other, the pairs in an
    order in which each session is needed until the end."""
    half = qubits // 2
    pairs = [(i, half + (i + k) % half) for k in range(half) for i in range(half)]
    gates = [f"rzz(0.5) q[{a}] q[{b}]" for a, b in pairs]
    return "\n".join([f"qubits q[{qubits}]", *gates, ""]), [0] * half + [1] * half


@pytest.mark.parametrize("comm", [1, 2])
def test_interleaved_sessions_are_served_one_after_the_other(comm: int) -> None:
    text, homes = interleaved(8)
    placed, machine = layer(text, homes, comm=comm)
    plan = static_plan(placed, homes)
    assert carry_out(placed, machine, plan).count("ebit") == {1: 16, 2: 12}[comm]
    again, other = reordered(placed, plan, machine)
    done = carry_out(again, machine, other)
    assert done.count("ebit") == 4
    assert prove(checked(done, machine), placed).equal
    best = optimise_ebits(placed, machine)
    assert best.plan is not None
    assert carry_out(best, machine, best.plan).count("ebit") == 4


@pytest.mark.parametrize("keep_homes", [False, True])
def test_homes_at_the_start_may_be_given(keep_homes: bool) -> None:
    text, homes = interleaved(8)
    placed, machine = layer(text, homes[::2] + homes[::2], comm=1)
    done = optimise_ebits(placed, machine, keep_homes=keep_homes)
    assert done.plan is not None
    assert not keep_homes or done.plan.start.tolist() == homes[::2] + homes[::2]
    assert prove(verify(done, machine), placed).equal
