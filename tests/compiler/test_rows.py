"""Programs made of whole columns hold the operations that lists of operations would hold."""

from __future__ import annotations

import numpy as np
import pytest
from generators import random_program

from bellwire.compiler.bodies import body_ops
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.rows import Piece, each_level, joined, replaced, take, written_out


def program_of(seed: int, *, flow: bool = False) -> Program:
    return random_program(
        np.random.default_rng(seed), 5, 60, dynamic=True, clifford=True, flow=flow
    )


@pytest.mark.parametrize("seed", range(4))
def test_take_keeps_operations_and_their_blocks(seed: int) -> None:
    program = program_of(seed, flow=True)
    rows = np.random.default_rng(seed).permutation(len(program))
    ops = list(program.ops)
    assert list(take(program, rows).ops) == [ops[i] for i in rows.tolist()]
    assert list(take(program, rows[:0]).ops) == []


def test_joined_programs_keep_their_conditions() -> None:
    one, two = program_of(0), program_of(1)
    assert list(joined([one, two]).ops) == [*one.ops, *two.ops]


def test_replaced_puts_rows_in_the_place_of_others() -> None:
    one, two = program_of(2), program_of(3)
    counts = np.ones(len(one), dtype=np.int64)
    counts[[4, 7]] = (0, len(two))
    ops = list(one.ops)
    done = replaced(one, counts, [two], 6 + np.arange(len(two)))
    assert list(done.ops) == [*ops[:4], *ops[5:7], *two.ops, *ops[8:]]


def test_written_out_protocols_are_the_bodies_of_the_table() -> None:
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(4)], [Register("c", 4)])
    out.append("x", (1,), condition=bit(0), source=1)
    out.append("cat_entangle", (2, 1, 3), bits=(2,), source=2)
    out.append("teleport", (3, 2, 0), bits=(3, 1), source=3)
    program = out.finish(Stage.DISTRIBUTED)
    ops = list(program.ops)
    pieces = {
        op.row.kind: [Piece(s.name, s.qubits, (), s.bits, s.condition) for s in op.row.body]
        for op in ops[1:]
    }
    assert list(written_out(program, pieces).ops) == [ops[0], *body_ops(ops[1]), *body_ops(ops[2])]


def test_a_piece_takes_its_angle_and_condition_from_the_row() -> None:
    out = ProgramBuilder([Qubit("a"), Qubit("b")], [Register("c", 1)])
    out.append("crz", (0, 1), (0.5,))
    out.append("crz", (1, 0), (0.25,), condition=bit(0))
    angles = np.array([0.5, 0.25])
    done = written_out(out.finish(Stage.LOGICAL), {KIND["crz"]: [Piece("rz", (1,), (angles / 2,))]})
    assert [(op.qubits, op.angles, op.condition) for op in done.ops] == [
        ((1,), (0.25,), None),
        ((0,), (0.125,), bit(0)),
    ]


def test_every_level_is_changed() -> None:
    program = program_of(6, flow=True)
    done = each_level(program, lambda p: take(p, np.flatnonzero(p.kind != KIND["h"])))
    assert program.count("h") > done.count("h") == 0
    assert done.count("if_else", "for_loop") == program.count("if_else", "for_loop")
