"""The text form: exact round trip at every stage, and errors that say where and what to do."""

import math
import random

import pytest

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import all_of, any_of, bit, negate, parity
from bellwire.compiler.emitters.text import angle_text, to_text
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.frontends.text_words import read_angle
from bellwire.compiler.operations import ROWS
from bellwire.compiler.program import Op, Program, Qubit, Register, Stage
from bellwire.errors import ParseError, ProgramError
from bellwire.targets.shapes import make_machine

REGISTERS = (
    Register("c", 3),
    Register("flag", None),
    Register("odd name", 2),
    Register("if", None),
    Register("c[0]", None),
    Register("empty", 0),
)
NAMES = ("q[0]", "q[1]", "q[3]", "q[4]", "a b", "q(0)", "q(0, 1)", "if", 'say "hi"\n', "x[0]", "ψ")


def random_condition(rng: random.Random, depth: int = 2):
    if depth == 0 or rng.random() < 0.4:
        return bit(rng.randrange(7))
    make = rng.choice([all_of, any_of, parity, lambda a, b: negate(a)])
    return make(random_condition(rng, depth - 1), random_condition(rng, depth - 1))


def fill(builder: ProgramBuilder, rng: random.Random, count: int, depth: int = 2) -> None:
    """Append random rows of every family, with conditions, sources, start times and blocks."""
    flows = {"if_else": (1, 2), "while_loop": (1,), "for_loop": (1,)}
    for _ in range(count):
        row = rng.choice(ROWS)
        places = range(len(builder.qubits))
        size = row.num_qubits if not row.any_qubits else rng.randrange(4)
        qubits, start = rng.sample(places, size), rng.randrange(10**6)
        if row.name in flows:
            if depth:
                blocks = [builder.child() for _ in range(rng.choice(flows[row.name]))]
                for block in blocks:
                    fill(block, rng, 3, depth - 1)
                turns = (float(rng.randrange(9)),) * row.angles
                test = random_condition(rng) if row.name != "for_loop" else None
                op = Op(row.name, tuple(qubits), turns, (), test)
                builder.append_flow(op, blocks, () if rng.random() < 0.5 else None)
            continue
        angles = [rng.choice([rng.uniform(-9, 9), math.pi / 8, 1e-300, 0.0])] * row.angles
        bits = rng.sample(range(8), row.bits)
        test = random_condition(rng) if rng.random() < 0.3 else None
        builder.append(row.name, qubits, angles, bits, test, (), 7, start)


def random_program(seed: int) -> Program:
    rng = random.Random(seed)
    stage = Stage(seed % 5)
    homes = [None] if stage is Stage.LOGICAL else ["A", "B", "odd module"]
    qubits = [Qubit(n, rng.choice(homes), rng.choice(["data", "comm"])) for n in NAMES]
    builder = ProgramBuilder(
        qubits,
        REGISTERS,
        logical=("in[0]", "in put") if seed % 2 else None,
        inputs=(3, 1) if seed % 2 else None,
        name=rng.choice(["program", "adder 4"]),
    )
    fill(builder, rng, 12)
    return builder.finish(stage, (5, 2) if seed % 2 else None)


@pytest.mark.parametrize("seed", range(60))
def test_round_trip_is_exact_at_every_stage(seed: int) -> None:
    program = random_program(seed)
    text = to_text(program)
    again, machine = read_text(text)
    assert again == program
    assert machine is None
    assert again.name == program.name
    assert to_text(again) == text


def test_machine_comes_back() -> None:
    machine = make_machine("ring", 3, data_qubits=2, comm_qubits=1, coupling="line")
    roles = [n.split("_")[1][:4] for n in machine.qubit_names()]
    qubits = [Qubit(n, n[0], r) for n, r in zip(machine.qubit_names(), roles)]
    builder = ProgramBuilder(qubits, (Register("bellwire", 2),), logical=["q[0]"], inputs=[0])
    builder.append("ebit", (2, 5), start_ns=1200)
    text = to_text(builder.finish(Stage.SCHEDULED), machine)
    again, found = read_text(text)
    assert found == machine
    assert again == builder.finish(Stage.SCHEDULED)
    assert "qubits A_data[2] in A\nqubits A_comm[1] in A comm\n" in text
    assert "logical q[0] -> A_data[0] -> A_data[0]\n@1200 ebit A_comm[0] B_comm[0]\n" in text


def test_a_program_without_inputs_comes_back() -> None:
    program = ProgramBuilder([Qubit("a")], logical=()).finish(Stage.LOGICAL)
    assert read_text(to_text(program))[0] == program


HAND_WRITTEN = """
# a comment with a "quote and a $
qubits q[2]   # two of them
bits c[2] f
h q[0]
cp(-3*pi/4) q[0] q[1]
measure q[0] -> c[0]
x q[1] if c[0] ^ f
repeat 3 {
    if !c[0] {
        break
    } else {
        continue
    }
}
"""


def test_hand_written_text() -> None:
    program, _ = read_text(HAND_WRITTEN)
    ops = list(program.ops)
    assert program.stage is Stage.LOGICAL
    assert program.registers == (Register("c", 2), Register("f", None))
    assert [(op.name, op.source) for op in ops] == [
        ("h", 5),
        ("cp", 6),
        ("measure", 7),
        ("x", 8),
        ("for_loop", 9),
    ]
    assert ops[1].angles == (-3 * math.pi / 4,)
    assert ops[3].condition == parity(bit(0), bit(2))
    inner = next(iter(ops[4].blocks[0].ops))
    assert (inner.name, inner.condition, len(inner.blocks)) == ("if_else", negate(bit(0)), 2)


@pytest.mark.parametrize("angle", [math.pi, -math.pi / 2, 3 * math.pi / 8, 0.1, 1e-17, 1e300, 5.0])
def test_angles_are_exact(angle: float) -> None:
    assert read_angle(angle_text(angle)) == angle


def test_round_angles_are_written_with_pi() -> None:
    assert angle_text(math.pi / 4) == "pi/4"
    assert angle_text(-3 * math.pi / 2) == "-3*pi/2"
    assert angle_text(0.5) == "0.5"


QUBITS = "qubits q[2]\nbits c[1]\n"
WRONG = [
    ("cx q[0] q[0]", 3, 4, "twice"),
    ("ccx q[0] q[1]", 3, 1, "did you mean cx?"),
    ("  h q[7]", 3, 5, "qubit q[7] is unknown"),
    ("rz q[0]", 3, 1, "1 angle; found 0"),
    ("rz(fast) q[0]", 3, 4, "-3*pi/4"),
    ("rz(nan) q[0]", 3, 4, "'nan'"),
    ("rz(1_0) q[0]", 3, 4, "'1_0'"),
    ("h q[0] q[1]", 3, 1, "takes 1 qubit"),
    ("measure q[0]", 3, 1, "1 bit; found 0"),
    ("measure q[0] -> d[0]", 3, 17, "bit d[0] is unknown"),
    ("x q[0] if c[0] & ", 3, 1, "a bit is missing"),
    ("x q[0] if", 3, 8, "found 'if'"),
    ("x q[0] if " + "(" * 3000, 3, 1, "nests"),
    ("x q[0] if " + "!" * 3000 + "c[0]", 3, 1, "nests"),
    ("if c[0] {", 3, 1, "never closed"),
    ("}", 3, 1, "no open block"),
    ("} else {", 3, 1, "no `if` block"),
    ("if c[0] {\n} else {\n} else {\n}", 5, 1, "no `if` block"),
    ("unless c[0] {", 3, 1, "write `if COND {`"),
    ("repeat 1.5 {\n}", 3, 8, "whole number"),
    ("repeat 1 {\n" * 60, 53, 1, "deep"),
    ("@5 h q[0]", 3, 1, "scheduled"),
    ("h q[0]\nqubits r[1]", 4, 1, "after the first operation"),
    ("qubits q[1]", 3, 8, "declared twice"),
    ("qubits r[0]", 3, 8, "how many"),
    ("qubits r[99999999]", 3, 8, "at most"),
    ("bits c[4]", 3, 6, "declared twice"),
    ("bits c[1..2]", 3, 6, "how many"),
    ("bellwire 9 logical", 3, 10, "version '9'"),
    ("bellwire 1 fast", 3, 12, "stage 'fast'"),
    ("machine {", 3, 1, "not JSON"),
    ("machine 7", 3, 1, "JSON object"),
    ("logical q[0] -> q[1]", 3, 9, "NAME -> START -> END"),
    (r'h "\q"', 3, 3, "JSON"),
    ("h $0", 3, 3, "$"),
]


@pytest.mark.parametrize(("line", "at", "column", "says"), WRONG)
def test_errors_say_where_and_what_to_do(line: str, at: int, column: int, says: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_text(QUBITS + line, "case.txt")
    assert (caught.value.line, caught.value.column) == (at, column)
    assert says in caught.value.message
    assert str(caught.value).startswith(f"case.txt:{at}:{column}: ")


def test_two_qubits_of_one_name_are_not_written() -> None:
    program = ProgramBuilder([Qubit("a"), Qubit("a")]).finish(Stage.LOGICAL)
    with pytest.raises(ProgramError, match="two places are called a"):
        to_text(program)
