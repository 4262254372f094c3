"""Reading OpenQASM 3: what Qiskit's importer takes means the same to us, and we take more."""

import math
from pathlib import Path

import pytest
from qasm3_oracle import CASES, by_grammar, by_qiskit, plain, same_meaning, same_unitary
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit.classical import expr

from bellwire.compiler.conditions import to_text as condition_text
from bellwire.compiler.frontends.openqasm import read_program_qasm3, read_qasm3
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.program import Program, Register, Stage

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def read(text: str) -> Program:
    return read_qasm3(HEAD + text)


def rows(text: str) -> list[tuple]:
    return [(op.name, op.qubits, op.angles) for op in read(text).ops]


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_case_means_what_it_means_to_qiskit(case: Path) -> None:
    text = case.read_text()
    assert same_meaning(read_qasm3(text), by_qiskit(text))


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_fast_terminals_change_nothing(case: Path) -> None:
    text = case.read_text()
    fast, slow = read_qasm3(text), by_grammar(text)
    assert fast == slow
    assert fast.source.tolist() == slow.source.tolist()


def test_registers_keep_name_and_order() -> None:
    program = read("bit[2] c; qubit[2] q; bit d; qubit a; creg e[1]; output bit[3] f;")
    assert [q.name for q in program.qubits] == ["q[0]", "q[1]", "a"]
    assert program.registers == (
        *(Register("c", 2), Register("d", None), Register("e", 1), Register("f", 3)),
    )
    assert program.stage is Stage.LOGICAL
    assert program.logical == ("q[0]", "q[1]", "a")
    assert program.inputs == program.outputs == (0, 1, 2)


def test_source_is_the_line() -> None:
    program = read("qubit[2] q;\nbit c;\nh q;\n\nif (c) {\n  x q[0];\n  y q[1];\n}")
    assert [op.source for op in program.ops] == [5, 5, 7]
    assert [op.source for op in list(program.ops)[-1].blocks[0].ops] == [8, 9]


def test_program_is_named_after_the_file() -> None:
    assert read_qasm3("qubit q;", "folder/adder.qasm").name == "adder"


def test_qubits_declared_after_a_block_are_known_in_it() -> None:
    program = read("qubit a; bit[2] c; if (c[0]) { x a; y a; } qubit b;")
    assert program.blocks[0][0].logical == ("a", "b")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("sin(1)", math.sin(1)),
        ("arccos(0.5) + arcsin(0.5) - arctan(2)", math.acos(0.5) + math.asin(0.5) - math.atan(2)),
        ("cos(pi/3) * tan(0.5)", math.cos(math.pi / 3) * math.tan(0.5)),
        ("sqrt(2)**2", math.sqrt(2) ** 2),
        ("exp(1) - ln(3) + log(2)", math.e - math.log(3) + math.log(2)),
        ("-2**2", -4.0),
        ("2**3**2", 512.0),
        ("2**-1", 0.5),
        ("pow(2, 3) + mod(7, 4)", 11.0),
        ("7 % 4 + floor(2.7) + ceiling(2.1)", 8.0),
        ("popcount(7)", 3.0),
        ("n * half + int(3.9)", 5.0),
        ("(1 << 4) | 3 & 2 ^ 1", 19.0),
        ("float(3) / 2", 1.5),
        ("true + (1 < 2) * 3", 4.0),
        ("float[64](n) + uint[8](7) + angle(0.5)", 11.5),
        ("10ns / 4ns", 2.5),
    ],
)
def test_constant_expressions(expression: str, value: float) -> None:
    text = f"const int n = 4; const float half = 1/2.0; qubit q; rx({expression}) q;"
    assert rows(text)[0][2] == pytest.approx((value,), abs=1e-12)


@pytest.mark.parametrize(
    ("test", "formula"),
    [
        ("c[0] ^ c[1]", "c0 ^ c1"),
        ("c[0] == 1", "c0"),
        ("c[0] == 0", "!c0"),
        ("c[0] != true", "!c0"),
        ("1 == c[0]", "c0"),
        ("c[0] == 2", None),
        ("c != 3", "!(c0 & c1 & !c2)"),
        ("c < 3", "!c2 & (!c1 | !c0)"),
        ("c[0] & !c[1] | c[2]", "(c0 & !c1) | c2"),
        ("c[0] && (c[1] || !c[2])", "c0 & (c1 | !c2)"),
        ("c", "c0 | c1 | c2"),
        ("!c", "!(c0 | c1 | c2)"),
        ("bool(c[0])", "c0"),
        ("uint[3](c) == 1", "c0 & !c1 & !c2"),
        ("(c ^ 2) == 1", "c0 & c1 & !c2"),
        ("(c & 3) == 2", "!c0 & c1"),
        ("c[0:1] == c[1:2]", None),
        ("d", "d"),
        ("c[{2, 0}] == 1", "c2 & !c0"),
    ],
)
def test_conditions_are_formulas(test: str, formula: str | None) -> None:
    program = read(f"qubit q; bit[3] c; bit d; if ({test}) x q;")
    names = ("c0", "c1", "c2", "d")
    for values in range(16):
        bits = {n: values >> i & 1 for i, n in enumerate(names)}
        holds = _holds(program, values)
        if formula is not None:
            python = formula.replace("!", " 1^").replace("d", "d")
            assert holds == bool(eval(_python(formula), {}, bits)), python
    assert program.count("x") == (test != "c[0] == 2")


def _python(formula: str) -> str:
    return (
        formula.replace("!", " not ").replace("&", " and ").replace("|", " or ").replace("^", "!=")
    )


def _holds(program: Program, values: int) -> bool:
    from bellwire.compiler.conditions import evaluate

    op = next(program.ops, None)
    return op is not None and evaluate(op.condition, lambda b: bool(values >> b & 1))


def test_orders_of_a_register() -> None:
    for sign, python in (
        ("<", int.__lt__),
        ("<=", int.__le__),
        (">", int.__gt__),
        (">=", int.__ge__),
    ):
        for limit in range(-1, 6):
            program = read(f"qubit q; bit[2] c; if (c {sign} {limit}) x q;")
            mirrored = read(f"qubit q; bit[2] c; if (c {sign} {limit}) x q;")
            for values in range(4):
                settled = len(program) == 1 and next(program.ops).condition is None
                assert (settled or _holds(program, values)) == python(values, limit)
            assert program == mirrored


def test_a_lone_operation_carries_the_condition() -> None:
    program = read("qubit[2] q; bit[2] c; if (c[0]) { cx q[0], q[1]; } if (c[1]) { reset q[0]; }")
    assert [(op.name, op.condition.index) for op in program.ops] == [("cx", 0), ("reset", 1)]


def test_loops_without_use_of_their_variable_are_kept() -> None:
    program = read("qubit q; for int i in [1:1000000000] { x q; }")
    [op] = program.ops
    assert (op.name, op.angles, len(op.blocks[0])) == ("for_loop", (1e9,), 1)
    assert rows("qubit[3] q; for int i in [0:2] { rx(i * pi) q[2 - i]; }") == [
        ("rx", (2,), (0.0,)),
        ("rx", (1,), (math.pi,)),
        ("rx", (0,), (2 * math.pi,)),
    ]


def test_loop_in_a_gate_and_jumps() -> None:
    assert rows(
        "gate three(a) q { for int i in [1:3] { rz(i * a) q; } } qubit q; three(0.5) q;"
    ) == [
        ("rz", (0,), (0.5,)),
        ("rz", (0,), (1.0,)),
        ("rz", (0,), (1.5,)),
    ]
    program = read("qubit q; bit c; for int i in [0:9] { x q; if (c) { break; } continue; }")
    assert program.count("break_loop", "continue_loop") == 2


def test_switch() -> None:
    text = "qubit q; bit[2] c; switch (c) { case 0, 2 { x q; } case 1 { y q; } default { z q; } }"
    found = {
        values: [op.name for op in read(text).ops if _truth(op, values)] for values in range(4)
    }
    assert found == {0: ["x"], 1: ["y"], 2: ["x"], 3: ["z"]}


def _truth(op, values: int) -> bool:
    from bellwire.compiler.conditions import evaluate

    return evaluate(op.condition, lambda b: bool(values >> b & 1))


def test_switch_looks_once() -> None:
    """A case that changes the target must not make a later case run."""
    program = read(
        "qubit q; bit[2] c; switch (c) { case 0 { c[0] = measure q; x q; } case 1 { y q; } }"
    )
    [op] = program.ops
    assert op.name == "if_else"
    assert [inner.name for inner in op.blocks[1].ops] == ["y"]
    assert rows("const int n = 2; qubit q; switch (n) { case 1 { x q; } case 2 { y q; } }") == [
        ("y", (0,), ())
    ]


def test_what_qiskit_writes_and_cannot_read() -> None:
    circuit = QuantumCircuit(3, 2)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test(expr.bit_xor(*(expr.lift(b) for b in circuit.clbits))):
        circuit.x(2)
    with circuit.if_test(expr.less(circuit.cregs[0], 2)):
        circuit.y(2)
    with circuit.switch(circuit.cregs[0]) as case:
        with case(1):
            circuit.z(2)
        with case(2):
            circuit.h(2)
            circuit.x(1)
    circuit.rzz(0.25, 0, 1)
    circuit.iswap(1, 2)
    circuit.sxdg(0)
    circuit.ecr(0, 1)
    circuit.rccx(0, 1, 2)
    ours = read_qasm3(qasm3.dumps(circuit))
    theirs = from_qiskit(circuit)
    end = len(theirs) - [op.name for op in theirs.ops][::-1].index("sxdg")
    assert plain(ours)[: end - 1] == plain(theirs)[: end - 1]
    assert ours.count("rzz", "iswap", "sxdg") == 3


@pytest.mark.parametrize("name", ["rzz", "iswap", "sxdg", "cx"])
def test_own_definition_of_a_row_counts_by_its_meaning(name: str) -> None:
    right = {
        "rzz": "gate rzz(t) a, b { cx a, b; rz(t) b; cx a, b; }",
        "iswap": "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }",
        "sxdg": "gate sxdg a { s a; h a; s a; }",
        "cx": "gate cx a, b { h b; cz a, b; h b; }",
    }[name]
    wrong = right.replace("cx a, b;", "cx b, a;").replace("h a; s a;", "h a;").replace("cz", "cy")
    call = {"rzz": "rzz(0.3) q[0], q[1];", "sxdg": "sxdg q[0];"}.get(name, f"{name} q[0], q[1];")
    head = "OPENQASM 3;\nqubit[2] q;\n"
    assert [op.name for op in read_qasm3(f"{head}{right} {call}").ops] == [name]
    assert len(read_qasm3(f"{head}{wrong} {call}")) > 1


def test_constants_in_loops_and_gates_keep_their_scope() -> None:
    text = """const float a = 0.5;
gate g q { rx(a) q; }
qubit q;
for int a in [1:2] { g q; ry(a) q; }
{ const float a = 3.5; g q; rz(a) q; }
rz(a) q;
"""
    angles = [row[2][0] for row in rows(text)]
    assert angles == [0.5, 1, 0.5, 2, 0.5, 3.5, 0.5]


def test_deep_and_long_inputs_are_read() -> None:
    assert rows(f"qubit q; rx({'(' * 90}1{')' * 90}) q;")[0][2] == (1.0,)
    assert rows(f"qubit q; rx({'1+' * 20000}1) q;")[0][2] == (20001.0,)
    assert rows(f"qubit q; rx({'-' * 20000}1) q;")[0][2] == (1.0,)
    assert len(read("qubit q; bit c;" + "if (c) " * 40 + "x q;")) == 1


def test_empty_programs() -> None:
    assert len(read_qasm3("OPENQASM 3.0;")) == 0
    assert len(read_qasm3("// nothing\n")) == 0
    assert len(read("qubit[0] q; bit[0] c; h q; c = measure q; reset q;")) == 0


def test_pragmas_and_annotations_change_nothing() -> None:
    text = "#pragma one\npragma two three\nqubit q;\n@a.b c d\nx q;\n"
    assert rows(text) == [("x", (0,), ())]


def test_versions() -> None:
    for version in ("3", "3.0", "3.1"):
        assert len(read_qasm3(f"OPENQASM {version};\nqubit q; U(0,0,0) q;")) == 1


def test_a_plain_circuit_has_no_machine() -> None:
    program, machine = read_program_qasm3(HEAD + "qubit q; x q;")
    assert machine is None
    assert program == read("qubit q; x q;")


def test_phase_counts_under_a_control_only() -> None:
    from qasm3_oracle import matrix

    text = "gate g a {{ gphase(0.7); x a; }} qubit[2] q; {} g {};"
    alone = matrix(read(text.format("", "q[0]")))
    assert same_unitary(alone, matrix(read("qubit[2] q; x q[0];")))
    under = matrix(read(text.format("ctrl @", "q[0], q[1]")))
    assert same_unitary(under, matrix(read("qubit[2] q; p(0.7) q[0]; cx q[0], q[1];")))


def test_condition_text_of_a_parity() -> None:
    program = read("qubit q; bit[2] c; if (c[0] ^ c[1]) { h q; }")
    assert condition_text(next(program.ops).condition, str) == "0 ^ 1"
