"""Every rule of every stage catches a program that breaks it, and says where and what."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.program import Program, Qubit, Stage
from bellwire.compiler.verify import verify
from bellwire.errors import ProgramError
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.shapes import make_machine

MACHINE = make_machine("line", 2, data_qubits=1, comm_qubits=1)
ROOMY = make_machine("line", 3, data_qubits=2, comm_qubits=2, coupling="line")

HEAD = """bellwire 1 distributed
qubits q[1] in A
qubits q[1..1] in B
qubits a b in A comm
qubits x y in B comm
bits bellwire[4]
logical q[0] -> q[0] -> q[0]
logical q[1] -> q[1] -> q[1]
"""
TELEGATE = """ebit a x
cat_entangle q[0] a x -> bellwire[0]
cz x q[1]
cat_disentangle x q[0] -> bellwire[1]
"""


def distributed(body: str) -> Program:
    """A DISTRIBUTED program on MACHINE from its operations."""
    return read_text(HEAD + body)[0]


@pytest.mark.parametrize("ports", [(0, 0), (0,), (0, 1, 2), (0, 9), (-1, 0)])
def test_each_logical_qubit_has_a_place_of_its_own(ports: tuple[int, ...]) -> None:
    program = read_text("qubits q[3]\nh q[0]\n")[0]
    program = replace(program, logical=("a", "b"), inputs=(0, 1), outputs=(2, 1))
    assert verify(program) is program
    with pytest.raises(ProgramError, match="logical ones start; give each one of its own"):
        verify(replace(program, inputs=ports))
    with pytest.raises(ProgramError, match="logical ones end; give each one of its own"):
        verify(replace(program, outputs=ports))


def test_a_right_program_comes_back_unchanged() -> None:
    program = distributed(TELEGATE)
    assert verify(program, MACHINE) is program


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("cz q[0] q[1]\n", "spans modules A, B"),
        (TELEGATE + "ebit b y\n", "made, but never ended"),
        (TELEGATE + "ebit a y\n", "a is made a second time"),
        ("cat_entangle q[0] a x -> bellwire[0]\n", "a holds nothing"),
        ("ebit b y\n" + TELEGATE, "holds 2 comm qubits; it has 1"),
        ("ebit b y\n", None),  # protocols written out: a pair may stay unused
        ("ebit a x\nebit b y\n", "module A holds 2 halves; it has 1"),
        (TELEGATE + "ebit b y\ncz y q[1]\n", "half of an unused Bell pair"),
        (TELEGATE.replace("cz", "h q[0]\ncz"), "q[0] has copies; h ends them"),
        (TELEGATE.replace("cz", "x q[0]\ncz"), "a copy missed an X or Y"),
        (TELEGATE.replace("cz", "y q[0]\ny x\ncz"), "a Y on two copies"),
        (TELEGATE.replace("cat_disentangle x q[0]", "cat_disentangle x q[1]"), "are not copies"),
        (TELEGATE + "cz x q[1]\n", "x holds nothing"),
        ("ebit a x\nteleport q[0] a x -> bellwire[0] bellwire[1]\n", "was given away"),
    ],
)
def test_distributed_rules(body: str, said: str | None) -> None:
    if said is None:
        verify(distributed(body), MACHINE)
        return
    with pytest.raises(ProgramError) as caught:
        verify(distributed(body), MACHINE)
    assert said in str(caught.value)


def test_a_flip_on_all_copies_is_right() -> None:
    verify(distributed(TELEGATE.replace("cz", "y q[0]\nx x\ncz")), MACHINE)


MOVED = """ebit a x
cat_entangle q[0] a x -> bellwire[0]
move x d
cz d q[1]
cat_disentangle d q[0] -> bellwire[1]
"""


def with_room(body: str) -> Program:
    """A DISTRIBUTED program on ROOMY with one more data qubit d in B."""
    return read_text(HEAD.replace("bits b", "qubits d in B\nbits b") + body)[0]


def test_a_copy_may_be_moved() -> None:
    program = with_room(MOVED)
    verify(program, ROOMY)
    assert prove(program, read_text("qubits q[2]\ncz q[0] q[1]\n")[0]).equal


def test_a_moved_copy_keeps_the_flips_that_it_has_seen() -> None:
    program = with_room(MOVED.replace("move", "x x\nmove").replace("cz", "y q[0]\ncz"))
    verify(program, ROOMY)
    assert prove(program, read_text("qubits q[2]\ny q[0]\ncz q[0] q[1]\n")[0]).equal


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (MOVED.replace("cz d", "cz x"), "x holds nothing"),
        (MOVED.replace("cz", "h d\ncz"), "d has copies; h ends them"),
        (MOVED.replace("move", "x x\nmove"), "d: a copy missed an X or Y"),
        (MOVED.replace("cz", "x d\ncz"), "a copy missed an X or Y"),
        (MOVED.replace("cat_disentangle d q[0]", "cat_disentangle d q[1]"), "are not copies"),
        (
            MOVED.replace("cz", "ebit y b\nteleport d y b -> bellwire[2] bellwire[3]\ncz"),
            "d still has copies",
        ),
    ],
)
def test_rules_for_moved_copies(body: str, said: str) -> None:
    with pytest.raises(ProgramError, match=re.escape(said)):
        verify(with_room(body), ROOMY)


def lowered() -> Program:
    """A LOWERED program with swaps and e-bits on a machine with coupling."""
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(5)])
    for i, j in ((0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 3)):
        out.append("cx", [i, j])
        out.append("h", [i])
    return run_passes(out.finish(Stage.LOGICAL), ROOMY, recipe("fast")[:-1]).program


def rewritten(program: Program, row: int, **changes: object) -> Program:
    """The program with one operation changed."""
    out = ProgramBuilder.like(program)
    for i, op in enumerate(program.ops):
        out.append_op(replace(op, **changes) if i == row else op)  # type: ignore[arg-type]
    return out.finish(program.stage, program.outputs)


def first(program: Program, name: str) -> int:
    """The first operation of that name."""
    return next(i for i, op in enumerate(program.ops) if op.name == name)


def test_lowered_rules() -> None:
    program = lowered()
    names = [q.name for q in program.qubits]
    verify(program, ROOMY)
    gate, pair = first(program, "cx"), first(program, "ebit")
    broken = {
        "are not coupled": rewritten(
            program, gate, qubits=(names.index("A_data[0]"), names.index("A_comm[1]"))
        ),
        "spans modules": rewritten(
            program, gate, qubits=(names.index("A_data[0]"), names.index("B_data[0]"))
        ),
        "not both communication qubits": rewritten(
            program, pair, qubits=(names.index("A_data[0]"), names.index("B_comm[0]"))
        ),
        "no link between": rewritten(
            program, pair, qubits=(names.index("A_comm[0]"), names.index("C_comm[0]"))
        ),
        "is still to be expanded": rewritten(program, gate, name="move"),
    }
    for said, wrong in broken.items():
        with pytest.raises(ProgramError, match=said):
            verify(wrong, ROOMY)


def test_an_ebit_over_a_state_is_found() -> None:
    program = lowered()
    pair = first(program, "ebit")
    out = ProgramBuilder.like(program)
    for i, op in enumerate(program.ops):
        out.append_op(op)
        if i == pair:
            out.append_op(op)
    with pytest.raises(ProgramError, match="still holds half of a Bell pair"):
        verify(out.finish(program.stage, program.outputs), ROOMY)


def test_scheduled_rules() -> None:
    circuit = read_text("qubits q[2]\ncx q[0] q[1]\nh q[1]\n")[0]
    program = run_passes(circuit, MACHINE, recipe("fast")).program
    assert program.start_ns is not None
    for row in range(1, len(program)):
        early = program.start_ns.copy()
        early[row] = 0
        if early[row] != program.start_ns[row]:
            with pytest.raises(ProgramError):
                verify(replace(program, start_ns=early), MACHINE)


@pytest.mark.parametrize(
    ("column", "value"), [("operands", 99), ("bits", 99), ("angles", float("nan"))]
)
def test_numbers_out_of_range_are_found(column: str, value: float) -> None:
    program = read_text("qubits q[2]\nbits c[1]\nrz(0.5) q[0]\nmeasure q[1] -> c[0]\n")[0]
    ragged = getattr(program, column)
    values = ragged.values.copy()
    values[-1] = value
    with pytest.raises(ProgramError, match="operation"):
        verify(replace(program, **{column: replace(ragged, values=values)}))


def test_wrong_counts_are_found() -> None:
    program = read_text("qubits q[2]\ncz q[0] q[1]\n")[0]
    starts, values = np.array([0, 1]), program.operands.values
    short = replace(program.operands, starts=starts, values=values[:1])
    with pytest.raises(ProgramError, match="the table says"):
        verify(replace(program, operands=short))
    with pytest.raises(ProgramError, match="columns do not fit together"):
        verify(replace(program, operands=replace(short, values=values)))
