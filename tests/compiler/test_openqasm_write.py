"""Writing OpenQASM 3: it reads back to the same Program, and Qiskit reads the same operations."""

import random

import numpy as np
import pytest
import qiskit.qasm3
from generators import random_machine, random_program
from qasm3_oracle import CASES, by_grammar
from qiskit.circuit import QuantumCircuit

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import all_of, any_of, bit, equals, evaluate, less, negate, parity
from bellwire.compiler.emitters.openqasm import to_openqasm3
from bellwire.compiler.frontends.openqasm import read_program_qasm3, read_qasm3
from bellwire.compiler.operations import ROWS, TABLE, Family
from bellwire.compiler.program import Op, Program, Qubit, Register, Stage
from bellwire.errors import NotSupported, ParseError
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

MACHINE = make_machine("ring", 3, data_qubits=2, comm_qubits=2)
BITS = [Register("c", 3), Register("flag", None), Register("bellwire", 4)]
PLAIN = [r.name for r in ROWS if r.family in (Family.GATE, Family.MEASURE)]


def physical(stage: Stage = Stage.SCHEDULED) -> ProgramBuilder:
    qubits = [Qubit(n, n[0], n[2:6]) for n in MACHINE.qubit_names()]
    return ProgramBuilder(qubits, BITS, logical=["q[0]", "q[1]"], inputs=[1, 5], name="made")


def check(program: Program, machine: Machine | None = MACHINE) -> str:
    """Write, read back, compare; returns the text."""
    text = to_openqasm3(program, machine)
    back, found = read_program_qasm3(text, "made.qasm")
    assert back == program
    assert by_grammar(text) == program
    assert found == (machine if program.stage > Stage.LOGICAL else None)
    return text


def random_condition(rng: random.Random, depth: int = 2):
    if depth == 0 or rng.random() < 0.4:
        return bit(rng.randrange(8))
    make = rng.choice([all_of, any_of, parity, lambda a, b: negate(a)])
    return make(random_condition(rng, depth - 1), random_condition(rng, depth - 1))


def some_condition(rng: random.Random):
    while True:
        found = rng.choice(
            [
                random_condition(rng),
                equals(range(3), rng.randrange(8)),
                less(range(4, 8), rng.randrange(16)),
                parity(*(bit(b) for b in rng.sample(range(8), 3))),
            ]
        )
        truths = {evaluate(found, lambda b, v=v: bool(v >> b & 1)) for v in range(256)}
        if len(truths) == 2:  # one that never changes is written as what is left of it
            return found


def fill(builder: ProgramBuilder, rng: random.Random, count: int, depth: int, loop: bool) -> None:
    for _ in range(count):
        start, test = rng.randrange(10**6), some_condition(rng) if rng.random() < 0.4 else None
        kind = rng.choice(["plain"] * 6 + ["ebit", "move", "barrier", "delay", "flow", "jump"])
        if kind == "plain":
            row = TABLE[rng.choice(PLAIN)]
            at = rng.sample(range(12), row.num_qubits)
            angles = [rng.choice([rng.uniform(-9, 9), 1e-300, 0.0, -1e22])] * row.angles
            bits = rng.sample(range(8), row.bits)
            builder.append(row.name, at, angles, bits, test, start_ns=start)
        elif kind == "flow" and depth:
            _fill_flow(builder, rng, depth, loop, start)
        elif kind == "jump" and loop:
            name = rng.choice(["break_loop", "continue_loop"])
            builder.append(name, rng.choice([(), (1, 2)]), bits=rng.choice([(), (3,)]))
        elif kind in ("ebit", "move"):
            builder.append(kind, rng.sample(range(12), 2), (), (), test, start_ns=start)
        elif kind in ("barrier", "delay"):
            at = rng.sample(range(12), 1 if kind == "delay" else 3)
            angles = [rng.uniform(0, 1e-6)] * (kind == "delay")
            builder.append(kind, at, angles, (), test, start_ns=start)


def _fill_flow(
    builder: ProgramBuilder, rng: random.Random, depth: int, loop: bool, start: int
) -> None:
    name = rng.choice(["if_else", "if_else", "while_loop", "for_loop"])
    blocks = [builder.child() for _ in range(rng.choice([1, 2]) if name == "if_else" else 1)]
    for block in blocks:
        fill(block, rng, rng.randrange(4), depth - 1, loop or name != "if_else")
    used = sorted({q for b in blocks for q in b.used_qubits})
    bits = sorted({b for block in blocks for b in block.used_bits})
    if rng.random() < 0.3:
        used, bits = sorted({*used, 0, 7}), sorted({*bits, 2})
    angles = (float(rng.randrange(1, 9)),) if name == "for_loop" else ()
    test = None if name == "for_loop" else some_condition(rng)
    builder.append(name, used, angles, bits, test, blocks, start_ns=start)


@pytest.mark.parametrize("seed", range(40))
def test_round_trip_of_anything(seed: int) -> None:
    rng = random.Random(seed)
    for stage in (Stage.SCHEDULED, Stage.LOWERED):
        builder = physical()
        fill(builder, rng, 12, 3, False)
        check(builder.finish(stage, [4, 1]), MACHINE if seed % 2 else None)


@pytest.mark.parametrize("seed", range(30))
def test_round_trip_of_circuits(seed: int) -> None:
    program = random_program(np.random.default_rng(seed), 4, 25, dynamic=True, flow=True)
    check(program)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_round_trip_of_cases(case) -> None:
    check(read_qasm3(case.read_text()))


@pytest.mark.parametrize("seed", range(6))
def test_compiled_programs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = random_program(rng, 5, 20, dynamic=True, flow=True)
    machine = random_machine(rng, 5)
    done = run_passes(program, machine, recipe("default", seed=seed)).program
    text = check(done, machine)
    circuit = qiskit.qasm3.loads(text)
    assert count_in(circuit, "bell_pair") == done.count("ebit")


def count_in(circuit: QuantumCircuit, name: str) -> int:
    here = sum(i.name == name for i in circuit.data)
    blocks = [b for i in circuit.data for b in getattr(i.operation, "blocks", ())]
    return here + sum(count_in(b, name) for b in blocks)


def test_every_row_is_read_by_qiskit_as_itself() -> None:
    builder = ProgramBuilder([Qubit(f"q[{i}]") for i in range(3)], [Register("c", 2)])
    for row in ROWS:
        if row.family in (Family.GATE, Family.MEASURE) and row.name != "id":
            at, angles = range(row.num_qubits), [0.1 * (i + 1) for i in range(row.angles)]
            builder.append(row.name, at, angles, range(row.bits))
            if row.family is Family.MEASURE:
                builder.append(row.name, at, angles, range(row.bits), ~bit(1))
    builder.append("delay", [0], [1.5e-7])
    builder.append("barrier", [0, 2])
    program = builder.finish(Stage.LOGICAL)
    text = check(program)
    circuit = qiskit.qasm3.loads(text)
    assert [i.name for i in circuit.data if i.name != "if_else"] == [
        op.name for op in program.ops if op.condition is None
    ]


def test_what_comes_out_is_as_promised() -> None:
    builder = physical()
    builder.append("ebit", (2, 6), start_ns=0)
    builder.append("cx", (0, 2), start_ns=10)
    builder.append("measure", (2,), bits=(4,), start_ns=20)
    builder.append("x", (6,), condition=bit(4), start_ns=30)
    builder.append("z", (6,), condition=parity(bit(4), bit(5)), start_ns=40)
    builder.append("u", (0,), (0.1, 0.2, 0.3), condition=~bit(3), start_ns=50)
    text = check(builder.finish(Stage.SCHEDULED))
    lines = text.splitlines()
    assert lines[0] == "OPENQASM 3.0;"
    assert lines[1].startswith('@bellwire.program {"stage": "SCHEDULED"')
    start = lines.index("gate bell_pair a, b { h a; cx a, b; }")
    assert lines[2:start] == ['include "stdgates.inc";']
    assert lines[start + 1 :] == [
        *("qubit[2] A_data;", "qubit[2] A_comm;", "qubit[2] B_data;", "qubit[2] B_comm;"),
        *("qubit[2] C_data;", "qubit[2] C_comm;"),
        *("bit[3] c;", "bit[1] flag;", "bit[4] bellwire;"),
        *("@bellwire.start 0", "reset A_comm[0];", "reset B_comm[0];"),
        *("@bellwire.link A B", "bell_pair A_comm[0], B_comm[0];"),
        *("@bellwire.start 10", "cx A_data[0], A_comm[0];"),
        *("@bellwire.start 20", "bellwire[0] = measure A_comm[0];"),
        *("@bellwire.start 30", "if (bellwire[0]) { x B_comm[0]; }"),
        *("@bellwire.start 40", "@bellwire.condition bellwire[0] ^ bellwire[1]"),
        *("if (bellwire[0]) { z B_comm[0]; }", "@bellwire.part"),
        "if (bellwire[1]) { z B_comm[0]; }",
        *("@bellwire.start 50", "if (!flag[0]) { U(0.1, 0.2, 0.3) A_data[0]; }"),
    ]


def test_circuits_are_written_plainly() -> None:
    text = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nqubit a;\nbit[2] c;\nbit b;\n'
    text += "h q[0];\ncx q[0], a;\nc[0] = measure q[0];\nif (c == 2) { x a; }\n"
    assert to_openqasm3(read_qasm3(text)) == text


def test_memory_of_a_machine_without_comm_qubits() -> None:
    machine = make_machine("line", 1, data_qubits=2, comm_qubits=0)
    builder = ProgramBuilder([Qubit(n, "A") for n in machine.qubit_names()])
    text = check(builder.finish(Stage.LOWERED), machine)
    assert "A_comm" not in text


def test_names_that_cannot_stand_in_a_file() -> None:
    names = ["a b", "q[0]", "q[2]", "if", "ψ", "$0", "x"]
    registers = [Register(n, s) for n, s in (("c 1", 2), ("h", None), ("if", 1), ("r_", 0))]
    builder = ProgramBuilder([Qubit(n) for n in names], registers)
    builder.append("h", [6])
    builder.append("x", [0], condition=bit(2))
    text = check(builder.finish(Stage.LOGICAL))
    assert qiskit.qasm3.loads(text).num_qubits == 7


def test_same_name_for_qubits_and_bits_of_two_modules() -> None:
    builder = physical()
    builder.registers[:] = [Register("A_data", 2), Register("bell_pair", None)]
    builder.append("measure", [0], bits=[2], start_ns=3)
    check(builder.finish(Stage.SCHEDULED))


def test_conditions_that_never_change() -> None:
    builder = ProgramBuilder([Qubit("q[0]")], [Register("c", 2)])
    never, always = all_of(bit(0), ~bit(0)), any_of(bit(0), ~bit(0))
    block, other = builder.child(), builder.child()
    block.append("s", [0])
    other.append("t", [0])
    builder.append("x", [0], condition=never)
    builder.append("y", [0], condition=always)
    builder.append("if_else", [0], condition=never, blocks=[block, other])
    builder.append("if_else", [0], condition=always, blocks=[block, other])
    text = to_openqasm3(builder.finish(Stage.LOGICAL))
    assert text.splitlines()[-3:] == ["y q[0];", "t q[0];", "s q[0];"]


def test_wide_formula_stays_whole() -> None:
    builder = ProgramBuilder([Qubit("q[0]")], [Register("c", 12)])
    builder.append("h", [0], condition=parity(*(bit(i) for i in range(12))))
    text = check(builder.finish(Stage.LOGICAL))
    assert "if (c[0] ^ c[1]" in text


@pytest.mark.parametrize("stage", [Stage.PLACED, Stage.DISTRIBUTED])
def test_protocols_are_not_written(stage: Stage) -> None:
    with pytest.raises(NotSupported, match=stage.name):
        to_openqasm3(physical().finish(stage))


def test_protocol_rows_are_named() -> None:
    builder = physical()
    builder.append("teleport", (0, 2, 6), bits=(4, 5))
    with pytest.raises(NotSupported, match="teleport"):
        to_openqasm3(builder.finish(Stage.LOWERED))


TAMPERED = [
    ("if (bellwire[1]) { z B_comm[0]; }", "if (bellwire[2]) { z B_comm[0]; }", "do not do"),
    ("@bellwire.part\nif (bellwire[1]) { z B_comm[0]; }", "", "do not do"),
    ("bellwire[0] ^ bellwire[1]", "bellwire[0] ^ nobody", "nobody"),
    ("bellwire[0] ^ bellwire[1]", "bellwire[0] ^", "a bit is missing"),
    ("@bellwire.start 10\n", "@bellwire.start soon\n", "start time"),
    ('"stage": "SCHEDULED"', '"stage": "DONE"', "makes no sense"),
    ('"inputs": [1, 5]', '"inputs": [1, 99]', "does not fit"),
    ('"inputs": [1, 5]', '"inputs": 7', "makes no sense"),
    ('"modules": {', '"modules": {"A_data": 3, "x": {', "not JSON"),
    ("@bellwire.program {", "@bellwire.program [", "not JSON"),
    ('"data_qubits": 2', '"data_qubits": -2', "a wrong machine in the header: .*data_qubits"),
]


@pytest.mark.parametrize(("old", "new", "said"), TAMPERED)
def test_a_file_that_was_changed_is_refused(old: str, new: str, said: str) -> None:
    builder = physical()
    builder.append("cx", (0, 2), start_ns=10)
    builder.append("z", (6,), condition=parity(bit(4), bit(5)), start_ns=40)
    text = to_openqasm3(builder.finish(Stage.SCHEDULED), MACHINE)
    assert old in text
    with pytest.raises(ParseError, match=said):
        read_qasm3(text.replace(old, new), "changed.qasm")


def test_a_missing_reset_is_no_bell_pair() -> None:
    builder = physical()
    builder.append("ebit", (2, 6), start_ns=0)
    text = to_openqasm3(builder.finish(Stage.SCHEDULED)).replace("reset B_comm[0];\n", "")
    assert [op.name for op in read_qasm3(text).ops] == ["reset", "h", "cx"]


def test_a_user_gate_called_bell_pair_is_a_gate() -> None:
    text = 'include "stdgates.inc"; gate bell_pair a, b { h a; cx a, b; } qubit[2] q;'
    program = read_qasm3(text + "reset q[0]; reset q[1]; bell_pair q[0], q[1];")
    assert [op.name for op in program.ops] == ["reset", "reset", "h", "cx"]


def test_parities_that_qiskit_cannot_read_are_split_for_it() -> None:
    builder = ProgramBuilder([Qubit("q[0]")], [Register("c", 3)])
    builder.append("x", [0], condition=parity(bit(0), bit(1), bit(2)))
    builder.append("y", [0], condition=~parity(bit(0), bit(2)))
    builder.append("h", [0], condition=any_of(bit(0), bit(2)))
    program = builder.finish(Stage.LOGICAL)
    circuit = qiskit.qasm3.loads(check(program))
    assert [i.name for i in circuit.data] == ["if_else"] * 3 + ["y"] + ["if_else"] * 3
    assert isinstance(next(program.ops), Op)
