"""Programs that are equal are proved so; every mutant is found; the methods agree."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from handmade import logical, qubits, random_clifford, random_logical, spread
from mutants import mutants

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import all_of, bit
from bellwire.compiler.equivalence import EXACT, FLOWS, RANDOM, ROTATIONS, Proof, prove
from bellwire.compiler.operations import TABLE
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.steps import NotClifford
from bellwire.passes.unroll import unroll


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("clifford", [True, False])
@pytest.mark.parametrize("written_out", [True, False])
def test_a_spread_program_is_equal(seed: int, clifford: bool, written_out: bool):
    reference = random_logical(seed, 5, 40, clifford=clifford)
    program = spread(reference, 3, written_out=written_out)
    for method in [EXACT, RANDOM, ROTATIONS] + [FLOWS] * clifford:
        proof = prove(program, reference, method=method)
        assert proof.equal, proof.detail
        assert proof.method == method


@pytest.mark.parametrize("clifford", [True, False])
def test_every_mutant_is_found_by_every_method(clifford: bool):
    reference = random_logical(5 + clifford, 5, 24, clifford=clifford)
    program = spread(reference, 3)
    found = 0
    for what, mutant in mutants(program):
        for method in (EXACT, FLOWS if clifford else RANDOM):
            assert not prove(mutant, reference, method=method).equal, (what, method)
        found += 1
    assert found > 150


@pytest.mark.parametrize("seed", range(40))
def test_exact_and_flows_agree_on_dynamic_programs(seed: int):
    """Equal or not: dropping an operation may or may not matter, both must say the same."""
    program = random_clifford(seed)
    for what, mutant in [("itself", random_clifford(seed)), *list(mutants(program))[:6]]:
        exact, flows = (prove(mutant, program, method=m).equal for m in (EXACT, FLOWS))
        assert exact == flows, what
        assert exact or what != "itself"


def test_what_differs_is_said():
    cz = logical(2, ("cz", (0, 1)))
    cz_z = logical(2, ("cz", (0, 1)), ("z", (0,)))
    proof = prove(cz_z, cz)
    assert proof.method == FLOWS
    assert proof.detail == (
        "X on q[0] at the end comes from +X on q[0] * Z on q[1] at the start in the reference, "
        "from -X on q[0] * Z on q[1] in the program"
    )
    measured = logical(2, ("cz", (0, 1)), ("measure", (1,), (), (0,)), bits=1)
    plain = logical(2, ("cz", (0, 1)), bits=1)
    assert prove(measured, plain).detail == "operation 1 (measure q[1]) destroys X on q[1]"
    assert "the program keeps X on q[1]" in prove(plain, measured).detail
    t = logical(1, ("t", (0,)), ("measure", (0,), (), (0,)), bits=1)
    flipped = logical(1, ("t", (0,)), ("x", (0,)), ("measure", (0,), (), (0,)), bits=1)
    assert "with c[0] = " in prove(flipped, t, method=EXACT).detail
    assert "probability" in prove(flipped, t, method=EXACT).detail


def test_names_must_match():
    one, two = logical(1, ("x", (0,))), logical(2, ("x", (0,)))
    assert prove(two, one).detail == "qubit q[1] is only in the program"
    assert prove(one, two).detail == "qubit q[1] is only in the reference"
    bits = logical(1, ("x", (0,)), bits=2)
    assert prove(one, bits).detail == "bit c[0] is only in the reference"
    assert not prove(one, bits).equal


def test_each_logical_qubit_has_a_place_of_its_own():
    good = logical(2, ("t", (0,)))
    start, end = replace(good, inputs=(1, 1)), replace(good, outputs=(0, 0))
    for method in (EXACT, RANDOM, None):
        proof = prove(start, good, method=method)
        assert (proof.equal, proof.detail) == (
            False,
            "two qubits start in one place in the program",
        )
        proof = prove(good, end, method=method)
        assert (proof.equal, proof.detail) == (
            False,
            "two qubits end in one place in the reference",
        )


def test_qubits_and_bits_are_matched_by_name():
    a = ProgramBuilder(qubits(2), [Register("c", 1), Register("d", None)])
    a.append("t", (0,))
    a.append("cx", (0, 1))
    a.append("measure", (1,), bits=(0,))
    a.append("x", (0,), condition=bit(0))
    b = ProgramBuilder(
        [Qubit("q[1]"), Qubit("q[0]")],
        [Register("bellwire", 2), Register("d", None), Register("c", 1)],
    )
    b.append("t", (1,))
    b.append("cx", (1, 0))
    b.append("measure", (0,), bits=(3,))
    b.append("x", (1,), condition=bit(3))
    for method in (EXACT, RANDOM):
        assert prove(b.finish(Stage.LOGICAL), a.finish(Stage.LOGICAL), method=method).equal


def test_outputs_may_have_moved():
    reference = logical(3, ("cx", (0, 1)), ("t", (2,)))
    b = ProgramBuilder(qubits(3), logical=reference.logical)
    b.append("cx", (0, 1))
    b.append("t", (2,))
    b.append("swap", (1, 2))
    moved = b.finish(Stage.LOWERED, (0, 2, 1))
    stayed = b.finish(Stage.LOWERED)
    for method in (EXACT, RANDOM):
        assert prove(moved, reference, method=method).equal
        assert not prove(stayed, reference, method=method).equal


def test_data_left_entangled_is_found():
    reference = logical(1, ("h", (0,)))
    b = ProgramBuilder(qubits(2), logical=("q[0]",), inputs=(0,))
    b.append("h", (0,))
    b.append("cx", (0, 1))
    for method in (EXACT, FLOWS):
        assert not prove(b.finish(Stage.LOWERED), reference, method=method).equal
    b.append("cx", (0, 1))
    for method in (EXACT, FLOWS):
        assert prove(b.finish(Stage.LOWERED), reference, method=method).equal


@pytest.mark.parametrize("angle", [1e-7, -1e-8, 3e-9])
def test_small_angles_are_seen(angle: float):
    with_it = logical(3, ("h", (0,)), ("cp", (0, 1), (angle,)), ("h", (2,)))
    without = logical(3, ("h", (0,)), ("h", (2,)))
    doubled = logical(3, ("h", (0,)), ("cp", (0, 1), (2 * angle,)), ("h", (2,)))
    for method in (EXACT, RANDOM):
        assert prove(with_it, with_it, method=method).equal
        assert not prove(with_it, without, method=method).equal
        assert not prove(with_it, doubled, method=method).equal


def test_a_smaller_angle_than_rounding_is_seen_by_random_angles():
    with_it = logical(2, ("cp", (0, 1), (2 * math.pi / 2**80,)))
    assert not prove(with_it, logical(2), method=RANDOM).equal


def all_gates(seed: int) -> Program:
    """Each gate of the table once, in random order, some under conditions."""
    import numpy as np

    rng = np.random.default_rng(seed)
    rows = [row for row in TABLE.values() if row.matrix is not None]
    b = ProgramBuilder(qubits(4), [Register("c", 2)])
    b.append("measure", (0,), bits=(0,))
    for i in rng.permutation(len(rows)):
        q = rng.permutation(4).tolist()
        angles = rng.choice([0.3, -0.3, 1.7, math.pi / 4, math.pi], size=rows[i].angles).tolist()
        condition = [None, None, bit(0), all_of(bit(0), ~bit(1))][rng.integers(4)]
        b.append(rows[i].name, q[: rows[i].num_qubits], angles, (), condition)
        if rng.random() < 0.1:
            b.append("measure", q[:1], bits=(1,))
    return b.finish(Stage.LOGICAL)


@pytest.mark.parametrize("seed", range(30))
def test_unrolling_is_seen_through(seed: int):
    program = all_gates(seed)
    for method in (EXACT, RANDOM):
        proof = prove(unroll(program), program, method=method)
        assert proof.equal, proof.detail


@pytest.mark.parametrize("seed", range(10))
def test_one_dropped_gate_is_found_with_conditions_and_angles(seed: int):
    reference = random_logical(seed, 4, 25, clifford=False)
    missed = 0
    for _, mutant in list(mutants(reference))[: len(reference)]:
        assert not prove(mutant, reference, method=EXACT).equal
        missed += prove(mutant, reference, method=RANDOM).equal
    # A dropped rotation is missed when all six draws give it 0: one in 4^6.
    assert missed <= 1


def conditioned_gate() -> Program:
    b = ProgramBuilder(qubits(3), [Register("c", 1)])
    b.append("h", (0,))
    b.append("measure", (0,), bits=(0,))
    b.append("cp", (1, 2), (0.4,), (), bit(0))
    b.append("ry", (1,), (0.7,))
    return b.finish(Stage.LOGICAL)


def test_conditioned_gates_on_copies():
    reference = conditioned_gate()
    program = spread(reference, 3)
    assert program.count("ebit") == 1
    for method in (EXACT, RANDOM):
        assert prove(program, reference, method=method).equal
        for what, mutant in mutants(program):
            if what == "z on q[0] at the end":
                continue  # q[0] was measured: Z does nothing to it
            assert not prove(mutant, reference, method=method).equal, what


def looped(turns: int, *, right: bool = True) -> Program:
    b = ProgramBuilder(qubits(2), [Register("c", 1)])
    turn, yes, no = b.child(), b.child(), b.child()
    turn.append("rx", (0,), (0.3,))
    turn.append("cx", (0, 1))
    turn.append("measure", (1,), bits=(0,))
    turn.append("break_loop", (), (), (), bit(0))
    b.append("for_loop", (0, 1), (float(turns),), (0,), None, [turn])
    yes.append("t", (0,))
    no.append("h" if right else "sx", (0,))
    b.append("if_else", (0,), (), (), bit(0), [yes, no])
    return b.finish(Stage.LOGICAL)


@pytest.mark.parametrize("method", [EXACT, RANDOM])
def test_control_flow(method):
    assert prove(looped(3), looped(3), method=method).equal
    assert not prove(looped(3), looped(4), method=method).equal
    assert not prove(looped(3), looped(3, right=False), method=method).equal


def test_clifford_loops_and_blocks_of_paulis_are_proved_by_flows():
    b = ProgramBuilder(qubits(2), [Register("c", 1)])
    turn, yes, no = b.child(), b.child(), b.child()
    yes.append("x", (1,))
    no.append("z", (1,))
    turn.append("h", (0,))
    turn.append("measure", (0,), bits=(0,))
    turn.append("if_else", (1,), (), (), bit(0), [yes, no])
    b.append("for_loop", (0, 1), (2.0,), (0,), None, [turn])
    plain = ProgramBuilder(qubits(2), [Register("c", 1)])
    for _ in range(2):
        plain.append("h", (0,))
        plain.append("measure", (0,), bits=(0,))
        plain.append("x", (1,), condition=bit(0))
        plain.append("z", (1,), condition=~bit(0))
    program, reference = b.finish(Stage.LOGICAL), plain.finish(Stage.LOGICAL)
    assert prove(program, reference) == prove(reference, program)
    assert prove(program, reference).equal
    assert prove(program, reference).method == FLOWS
    assert prove(program, reference, method=EXACT).equal


def test_the_method_is_chosen_by_the_program():
    clifford = random_logical(0, 5, 20)
    assert prove(clifford, clifford).method == FLOWS
    small = random_logical(0, 5, 20, clifford=False)
    assert prove(small, small).method == EXACT
    large = random_logical(0, 40, 200, clifford=False)
    assert prove(spread(large, 4), large) == Proof(True, ROTATIONS, 0)
    other = random_logical(1, 40, 200, clifford=False)
    proof = prove(spread(large, 4), other)
    assert (proof.equal, proof.method) == (False, RANDOM)
    proof = prove(large, large, method=RANDOM)
    assert (proof.equal, proof.draws) == (True, 6)
    assert "replaced by random multiples" in proof.detail
    with pytest.raises(NotClifford):
        prove(small, small, method=FLOWS)
    with pytest.raises(NotClifford, match="other rotations or another channel"):
        prove(large, other, method=ROTATIONS)


def test_too_large_for_exact_goes_on_with_rotations(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bellwire.compiler.mixture.WORK", 1)
    small = random_logical(0, 5, 30, clifford=False)
    assert prove(small, small).method == ROTATIONS
    late = logical(2, ("measure", (0,), (), (0,)), ("ry", (0,), (0.3,)), bits=1)
    assert prove(late, late).method == RANDOM


def test_same_seed_same_proof():
    small = random_logical(0, 5, 20, clifford=False)
    changed = logical(5, ("t", (0,)))
    assert prove(changed, small, seed=3) == prove(changed, small, seed=3)
