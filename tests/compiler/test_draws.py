"""Random Clifford angles and fixed choices: the same for both programs, blind to the writing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import all_of, bit, parity
from bellwire.compiler.draws import Draw, has_choices, straighten
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.errors import NotSupported

PI = math.pi


@pytest.mark.parametrize("number", range(8))
def test_angles_keep_what_exact_rewriting_uses(number: int):
    f = Draw(7, number).quarter_turns
    for a in (0.3, 1.1, 2.7, -3.0, 1e-7, 1e-14, PI / 8, PI / 4, 3 * PI / 4, 100.3):
        assert f(-a) == -f(a) % 4, a
        assert f(a + PI) == (f(a) + 2) % 4 or a < 1e-6, a
        assert f(a - 2 * PI) == f(a) or a < 1e-6, a
    for a in (0.3, 1.1, PI / 8):
        assert f(a + PI / 2) == (f(a) + 1) % 4, a
    assert [f(k * PI / 2) for k in range(-4, 5)] == [0, 1, 2, 3, 0, 1, 2, 3, 0]


def test_angles_are_drawn_anew_and_apart():
    values = np.array([[Draw(0, n).quarter_turns(a) for a in (0.3, 0.31, 1e-9)] for n in range(64)])
    assert all(set(column) == {0, 1, 2, 3} for column in values.T)
    assert (values[:, 0] != values[:, 1]).any()
    again = [Draw(0, n).quarter_turns(0.3) for n in range(64)]
    assert again == values[:, 0].tolist()
    other = [Draw(1, n).quarter_turns(0.3) for n in range(64)]
    assert again != other


def builder(bits: int = 2) -> ProgramBuilder:
    return ProgramBuilder([Qubit("a"), Qubit("b")], [Register("c", bits)])


def names(program: Program) -> list[str]:
    return [op.name for op in program.ops]


def test_paulis_on_parities_stay():
    b = builder()
    b.append("x", (0,), condition=parity(bit(0), bit(1)))
    b.append("rz", (0,), (PI,), condition=~bit(1))
    program = b.finish(Stage.LOGICAL)
    assert not has_choices(program)
    assert straighten(program, Draw(0, 0)) == program


@pytest.mark.parametrize(
    ("name", "condition"), [("h", bit(0)), ("x", all_of(bit(0), bit(1))), ("reset", bit(0))]
)
def test_all_else_is_chosen(name, condition):
    b = builder()
    b.append(name, (0,), condition=condition)
    program = b.finish(Stage.LOGICAL)
    assert has_choices(program)
    taken = {tuple(names(straighten(program, Draw(0, n)))) for n in range(20)}
    assert taken == {(), (name,)}


def test_one_answer_until_a_bit_is_written():
    b = builder()
    b.append("h", (0,), condition=bit(0))
    b.append("s", (0,), condition=bit(0))
    b.append("t", (0,), condition=~bit(0))
    b.append("measure", (1,), bits=(1,))
    b.append("h", (1,), condition=bit(0))
    b.append("measure", (1,), bits=(0,))
    b.append("sdg", (1,), condition=bit(0))
    program = b.finish(Stage.LOGICAL)
    seen = set()
    for n in range(40):
        got = names(straighten(program, Draw(0, n)))
        assert got.count("h") in (0, 2)
        assert ("s" in got) == ("h" in got) == ("t" not in got)
        seen.add(("h" in got, "sdg" in got))
    assert len(seen) == 4


def test_if_else_and_loops_are_written_out():
    b = builder()
    yes, no, turn, way_out = (b.child() for _ in range(4))
    yes.append("h", (0,))
    no.append("s", (0,))
    b.append("if_else", (0,), (), (), bit(0), [yes, no])
    way_out.append("break_loop", ())
    turn.append("t", (0,))
    turn.append("measure", (0,), bits=(1,))
    turn.append("if_else", (), (), (), bit(1), [way_out])
    b.append("for_loop", (0,), (3.0,), (1,), None, [turn])
    program = b.finish(Stage.LOGICAL)
    seen = [tuple(names(straighten(program, Draw(0, n)))) for n in range(40)]
    assert {s[0] for s in seen} == {"h", "s"}
    assert {s.count("t") for s in seen} == {1, 2, 3}


def test_a_block_of_paulis_becomes_conditioned_paulis():
    b = builder()
    yes, no = b.child(), b.child()
    yes.append("x", (0,))
    no.append("z", (1,))
    b.append("if_else", (0, 1), (), (), bit(0), [yes, no])
    got = [(op.name, op.condition) for op in straighten(b.finish(Stage.LOGICAL), Draw(0, 0)).ops]
    assert got == [("x", bit(0)), ("z", ~bit(0))]


def test_while_loops_turn_a_few_times():
    b = builder()
    turn = b.child()
    turn.append("h", (0,))
    b.append("while_loop", (0,), (), (), bit(0), [turn])
    program = b.finish(Stage.LOGICAL)
    assert {len(straighten(program, Draw(0, n))) for n in range(40)} == {0, 1, 2}


def test_huge_loops_are_refused():
    b = builder()
    turn = b.child()
    turn.append("h", (0,))
    b.append("for_loop", (0,), (1e9,), (), None, [turn])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bellwire.compiler.draws.MOST_OPS", 1000)
        with pytest.raises(NotSupported, match="more than 1000 operations"):
            straighten(b.finish(Stage.LOGICAL), Draw(0, 0))
