"""Control flow and conditions of Qiskit: kept, simplified, or refused by name."""

import random

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import (
    CASE_DEFAULT,
    Clbit,
    Duration,
    Gate,
    IfElseOp,
    Instruction,
    Parameter,
    Qubit,
)
from qiskit.circuit.classical import expr, types
from qiskit_aer import AerSimulator

from bellwire.compiler.conditions import bit, bits_of, equals, evaluate, negate
from bellwire.compiler.emitters.qiskit import to_qiskit
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.frontends.qiskit_conditions import ConditionReader
from bellwire.compiler.program import Op, Register
from bellwire.errors import NotSupported


def outcome(circuit: QuantumCircuit) -> str:
    """The one result of a circuit that leaves nothing to chance."""
    result = AerSimulator(method="stabilizer").run(circuit, shots=1, seed_simulator=1).result()
    [found] = result.get_counts()
    return str(found)


def assert_same_outcome(circuit: QuantumCircuit) -> list[Op]:
    """Check that reading and writing changes no result, and that a second turn changes nothing."""
    program = from_qiskit(circuit)
    written = to_qiskit(program)
    assert outcome(written) == outcome(circuit)
    again = from_qiskit(written)
    assert again == program
    return list(program.ops)


def counter(value: int, size: int = 3) -> QuantumCircuit:
    """A circuit whose register c holds `value`, and a spare qubit `size` with register d."""
    circuit = QuantumCircuit(QuantumRegister(size + 2, "q"), ClassicalRegister(size, "c"))
    circuit.add_register(ClassicalRegister(2, "d"))
    for i in range(size):
        if value >> i & 1:
            circuit.x(i)
        circuit.measure(i, i)
    return circuit


def finish(circuit: QuantumCircuit) -> QuantumCircuit:
    """Measure the two spare qubits."""
    circuit.measure(circuit.qubits[-2:], circuit.clbits[-2:])
    return circuit


@pytest.mark.parametrize("value", [0, 1, 5])
def test_register_condition(value: int) -> None:
    circuit = counter(value)
    with circuit.if_test((circuit.cregs[0], 5)):
        circuit.x(3)
    ops = assert_same_outcome(finish(circuit))
    assert [op.condition for op in ops if op.condition] == [equals([0, 1, 2], 5)]


def test_lone_rows_carry_their_condition() -> None:
    circuit = QuantumCircuit(3, 3)
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.cp(0.3, 0, 1)
    with circuit.if_test((circuit.clbits[1], 0)):
        circuit.measure(2, 2)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.reset(0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.barrier(0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.dcx(0, 1)
    ops = list(from_qiskit(circuit).ops)
    assert [op.name for op in ops] == ["cp", "measure", "reset", "if_else", "if_else"]
    assert [op.condition for op in ops[:3]] == [bit(1), negate(bit(1)), bit(0)]
    assert [op.name for op in ops[4].blocks[0].ops] == ["cx", "cx"]


@pytest.mark.parametrize("value", [0, 1])
def test_else(value: int) -> None:
    circuit = counter(value, 1)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.x(1)
        circuit.x(2)
    with otherwise:
        circuit.x(2)
    ops = assert_same_outcome(finish(circuit))
    assert len(next(op for op in ops if op.name == "if_else").blocks) == 2


def test_empty_blocks_go() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        pass
    with otherwise:
        circuit.x(0)
    with circuit.if_test((circuit.clbits[0], 1)):
        pass
    [op] = from_qiskit(circuit).ops
    assert (op.name, op.condition) == ("x", negate(bit(0)))


def test_impossible_and_certain_conditions() -> None:
    circuit = QuantumCircuit(1, 2)
    with circuit.if_test((circuit.cregs[0], 4)) as otherwise:
        circuit.x(0)
    with otherwise:
        circuit.y(0)
    with circuit.while_loop(expr.lift(False)):
        circuit.x(0)
    assert [(op.name, op.condition) for op in from_qiskit(circuit).ops] == [("y", None)]


def test_for_loop_is_kept() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop(range(2, 9, 3)):
        circuit.x(0)
    circuit.measure(0, 0)
    ops = assert_same_outcome(circuit)
    assert (ops[0].name, ops[0].angles, ops[0].qubits) == ("for_loop", (3.0,), (0,))


def test_for_loop_with_its_variable_is_unrolled() -> None:
    circuit = QuantumCircuit(1, 1)
    with circuit.for_loop((0, 3, -1)) as turn:
        circuit.rx(turn * 0.5, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.rz(turn + 1, 0)
    ops = list(from_qiskit(circuit).ops)
    assert [op.angles[0] for op in ops] == [0.0, 1.0, 1.5, 4.0, -0.5, 0.0]
    assert [op.condition for op in ops] == [None, bit(0)] * 3


def test_for_loop_with_a_variable_of_run_time() -> None:
    circuit = counter(2, 2)
    body = QuantumCircuit(circuit.qubits, circuit.clbits, *circuit.cregs)
    turn = expr.Var.new("turn", types.Uint(2))
    body.add_input(turn)
    with body.if_test(expr.equal(turn, circuit.cregs[0])):
        body.x(2)
    circuit.for_loop(range(3), turn, body, circuit.qubits, circuit.clbits)
    ops = list(from_qiskit(circuit).ops)
    assert [op.condition for op in ops[-3:]] == [equals([0, 1], v) for v in range(3)]


@pytest.mark.parametrize("jump", ["break_loop", "continue_loop"])
def test_while_with_a_jump(jump: str) -> None:
    circuit = counter(1, 1)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.x(1)
        circuit.x(0)
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 0)):
            circuit.x(2)
            getattr(circuit, jump)()
        circuit.x(1)
    ops = assert_same_outcome(finish(circuit))
    loop = next(op for op in ops if op.name == "while_loop")
    assert [op.name for op in list(loop.blocks[0].ops)[3].blocks[0].ops] == ["x", jump]


def test_lone_break() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    with circuit.for_loop(range(4)):
        circuit.measure(0, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.break_loop()
        circuit.x(1)
    circuit.measure(1, 1)
    assert_same_outcome(circuit)


@pytest.mark.parametrize("value", range(8))
@pytest.mark.parametrize("changes", [False, True])
def test_switch(value: int, changes: bool) -> None:
    circuit = counter(value)
    with circuit.switch(circuit.cregs[0]) as case:
        with case(1, 2):
            circuit.x(3)
            if changes:
                circuit.x(0)
                circuit.measure(0, 0)
        with case(3):
            circuit.x(4)
        with case(5):
            circuit.x(3)
            circuit.x(4)
        with case(CASE_DEFAULT):
            circuit.y(4)
    assert_same_outcome(finish(circuit))


def test_switch_on_a_bit_and_on_an_expression() -> None:
    circuit = QuantumCircuit(1, 2)
    with circuit.switch(circuit.clbits[1]) as case, case(True):
        circuit.x(0)
    with circuit.switch(expr.bit_and(circuit.cregs[0], 2)) as case, case(2):
        circuit.y(0)
    assert [op.condition for op in from_qiskit(circuit).ops] == [bit(1), bit(1)]


def test_box_is_inlined() -> None:
    circuit = QuantumCircuit(2, 1)
    with circuit.box():
        circuit.h(1)
        circuit.measure(1, 0)
    assert [(op.name, op.qubits, op.bits) for op in from_qiskit(circuit).ops] == [
        ("h", (1,), ()),
        ("measure", (1,), (0,)),
    ]


def test_instruction_with_bits_is_inlined() -> None:
    inner = QuantumCircuit(2, 1)
    inner.x(0)
    inner.measure(0, 0)
    inner.reset(1)
    circuit = QuantumCircuit(3, 3)
    circuit.append(inner.to_instruction(), [2, 1], [2])
    assert [(op.name, op.qubits, op.bits) for op in from_qiskit(circuit).ops] == [
        ("x", (2,), ()),
        ("measure", (2,), (2,)),
        ("reset", (1,), ()),
    ]


def test_body_with_bits_of_its_own() -> None:
    body = QuantumCircuit([Qubit(), Qubit()], [Clbit(), Clbit()])
    body.cx(0, 1)
    with body.if_test((body.clbits[1], 1)):
        body.x(1)
    circuit = QuantumCircuit(3, 3)
    circuit.append(IfElseOp((circuit.clbits[0], 1), body), [2, 0], [0, 2])
    [op] = from_qiskit(circuit).ops
    inner = list(op.blocks[0].ops)
    assert [(o.name, o.qubits, o.condition) for o in inner] == [
        ("cx", (2, 0), None),
        ("x", (0,), bit(2)),
    ]
    assert op.qubits == (0, 2)


FORMULAS = {
    "xor": lambda a, b, p, q: expr.bit_xor(p, expr.bit_xor(q, a[1])),
    "logic": lambda a, b, p, q: expr.logic_or(p, expr.logic_and(expr.logic_not(q), a[2])),
    "bit_not": lambda a, b, p, q: expr.bit_not(p),
    "equal": lambda a, b, p, q: expr.equal(a, b),
    "not_equal": lambda a, b, p, q: expr.not_equal(a, 5),
    "less": lambda a, b, p, q: expr.less(a, b),
    "less_constant": lambda a, b, p, q: expr.less(a, 6),
    "constant_less": lambda a, b, p, q: expr.less(3, a),
    "less_equal": lambda a, b, p, q: expr.less_equal(a, b),
    "greater": lambda a, b, p, q: expr.greater(a, b),
    "greater_equal": lambda a, b, p, q: expr.greater_equal(a, 3),
    "masked": lambda a, b, p, q: expr.equal(expr.bit_and(a, expr.bit_or(b, 4)), 4),
    "xored": lambda a, b, p, q: expr.equal(expr.bit_xor(a, b), expr.bit_not(b)),
    "index": lambda a, b, p, q: expr.index(a, 2),
    "index_by_register": lambda a, b, p, q: expr.index(a, b),
    "cast": lambda a, b, p, q: expr.cast(a, types.Bool()),
    "shift": lambda a, b, p, q: expr.equal(expr.shift_left(a, 1), expr.shift_right(b, 1)),
    "bool_equal": lambda a, b, p, q: expr.equal(p, q),
}


def reference(node: expr.Expr, values: dict[object, int]) -> int:
    """Evaluate an expression with plain integers."""
    mask = 1 if isinstance(node.type, types.Bool) else (1 << node.type.width) - 1
    if isinstance(node, expr.Var):
        return values[node.var]
    if isinstance(node, expr.Value):
        return int(node.value)
    if isinstance(node, expr.Cast):
        inner = reference(node.operand, values)
        return int(inner != 0) if isinstance(node.type, types.Bool) else inner & mask
    if isinstance(node, expr.Unary):
        return ~reference(node.operand, values) & mask
    if isinstance(node, expr.Index):
        return reference(node.target, values) >> reference(node.index, values) & 1
    a, b = reference(node.left, values), reference(node.right, values)
    results = {
        "BIT_AND": a & b,
        "BIT_OR": a | b,
        "BIT_XOR": a ^ b,
        "LOGIC_AND": a & b,
        "LOGIC_OR": a | b,
        "EQUAL": a == b,
        "NOT_EQUAL": a != b,
        "LESS": a < b,
        "LESS_EQUAL": a <= b,
        "GREATER": a > b,
        "GREATER_EQUAL": a >= b,
        "SHIFT_LEFT": a << b,
        "SHIFT_RIGHT": a >> b,
    }
    return int(results[node.op.name]) & mask


@pytest.mark.parametrize("name", FORMULAS)
def test_expressions(name: str) -> None:
    a, b = ClassicalRegister(3, "a"), ClassicalRegister(3, "b")
    bits = {x: i for i, x in enumerate((*a, *b))}
    node = FORMULAS[name](a, b, a[0], b[1])
    condition = ConditionReader(bits, {}).read(node)
    for word in range(64):
        values = {a: word & 7, b: word >> 3} | {x: word >> i & 1 for x, i in bits.items()}
        if name == "index_by_register" and values[b] > 2:
            continue
        truth = [bool(word >> i & 1) for i in range(6)]
        assert evaluate(condition, truth.__getitem__) == reference(node, values), word


def test_registers_that_share_bits_and_loose_bits() -> None:
    loose = Clbit()
    first = ClassicalRegister(2, "c")
    second = ClassicalRegister(name="e", bits=[first[1], loose])
    third = ClassicalRegister(name="f", bits=[first[0], first[1]])
    circuit = QuantumCircuit([Qubit()], first, second, third, [Clbit()])
    with circuit.if_test((second, 2)):
        circuit.x(0)
    with circuit.if_test((third, 3)):
        circuit.x(0)
    program = from_qiskit(circuit)
    assert program.registers == (Register("c", 2), Register("e_1", None), Register("bit3", None))
    assert program.logical == ("qubit0",)
    wanted = [equals([1, 2], 2), equals([0, 1], 3)]
    assert [op.condition for op in program.ops] == wanted


def test_names_and_order_are_kept() -> None:
    circuit = QuantumCircuit(QuantumRegister(2, "a"), ClassicalRegister(1, "z"), name="mine")
    circuit.add_register(ClassicalRegister(3, "b"), QuantumRegister(1, "anc"))
    program = from_qiskit(circuit)
    assert program.name == "mine"
    assert program.logical == ("a[0]", "a[1]", "anc[0]")
    assert program.registers == (Register("z", 1), Register("b", 3))
    assert from_qiskit(circuit, name="other").name == "other"


@pytest.mark.parametrize(
    ("duration", "unit", "seconds"),
    [(100, "ns", 1e-7), (2.5, "us", 2.5e-6), (1, "ms", 1e-3), (3, "ps", 3e-12), (2, "s", 2.0)],
)
def test_delay(duration: float, unit: str, seconds: float) -> None:
    circuit = QuantumCircuit(1)
    circuit.delay(duration, 0, unit)
    [op] = from_qiskit(circuit).ops
    assert op.angles[0] == pytest.approx(seconds)


def test_delay_in_dt_and_as_expression() -> None:
    circuit = QuantumCircuit(1)
    circuit.delay(40, 0)
    circuit.delay(expr.lift(Duration.us(3)), 0)
    angles = [op.angles[0] for op in from_qiskit(circuit, dt_s=5e-10).ops]
    assert angles == pytest.approx([2e-8, 3e-6])


def _with_variable(circuit: QuantumCircuit) -> None:
    circuit.add_var("hits", expr.lift(5, types.Uint(4)))


def _with_stretch(circuit: QuantumCircuit) -> None:
    circuit.delay(circuit.add_stretch("slack"), 0)


def _with_arithmetic(circuit: QuantumCircuit) -> None:
    with circuit.if_test(expr.equal(expr.add(circuit.cregs[0], 1), 2)):
        circuit.x(0)


def _with_jump_and_variable(circuit: QuantumCircuit) -> None:
    with circuit.for_loop(range(3)) as turn:
        circuit.rx(turn, 0)
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.break_loop()


def _deep(circuit: QuantumCircuit) -> None:
    body = QuantumCircuit(2, 2)
    body.x(0)
    for _ in range(60):
        outer = QuantumCircuit(2, 2)
        outer.append(IfElseOp((outer.clbits[0], 1), body), [0, 1], [0, 1])
        outer.x(1)
        body = outer
    circuit.append(IfElseOp((circuit.clbits[0], 1), body), [0, 1], [0, 1])


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda c: c.rx(Parameter("theta") + Parameter("phi"), 0), "unbound parameters phi, theta"),
        (_with_variable, "run-time variables hits"),
        (_with_stretch, "instruction 0: a delay whose length is computed"),
        (_with_arithmetic, "instruction 0: ADD in a condition"),
        (_with_jump_and_variable, "instruction 0: a for loop that uses its variable"),
        (_deep, "instruction 0: blocks nested deeper than 50"),
        (lambda c: c.delay(3, 0), "instruction 0: a delay in dt"),
        (lambda c: c.append(Gate("magic", 2, []), [0, 1]), "instruction 0: magic has no def"),
        (lambda c: c.append(Instruction("peek", 1, 1, []), [0], [0]), "instruction 0: peek has"),
        (lambda c: c.save_statevector(), "instruction 0: save_statevector has no def"),
        (lambda c: c.rx(float("nan"), 0), "instruction 0: angle nan is not finite"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_by_name(build: object, words: str) -> None:
    circuit = QuantumCircuit(2, 2)
    build(circuit)  # type: ignore[operator]
    with pytest.raises(NotSupported, match=words):
        from_qiskit(circuit)


def _random_block(circuit: QuantumCircuit, rng: random.Random, depth: int) -> None:
    for _ in range(rng.randint(1, 4)):
        kind = rng.choice(["x", "cx", "measure", "reset", "if", "else", "for", "xor", "switch"])
        a, b = rng.sample(range(4), 2)
        clbit = circuit.clbits[rng.randrange(4)]
        if kind in ("x", "reset"):
            getattr(circuit, kind)(a)
        elif kind == "cx":
            circuit.cx(a, b)
        elif kind == "measure" or depth == 0:
            circuit.measure(a, rng.randrange(4))
        elif kind == "if":
            with circuit.if_test((clbit, rng.randint(0, 1))):
                _random_block(circuit, rng, depth - 1)
        elif kind == "else":
            with circuit.if_test((circuit.cregs[0], rng.randrange(4))) as otherwise:
                _random_block(circuit, rng, depth - 1)
            with otherwise:
                _random_block(circuit, rng, depth - 1)
        elif kind == "for":
            with circuit.for_loop(range(rng.randint(0, 3))):
                _random_block(circuit, rng, depth - 1)
                with circuit.if_test((clbit, 1)):
                    rng.choice([circuit.break_loop, circuit.continue_loop])()
                circuit.x(a)
        elif kind == "xor":
            with circuit.if_test(expr.bit_xor(clbit, circuit.clbits[a])):
                _random_block(circuit, rng, depth - 1)
        else:
            with circuit.switch(circuit.cregs[0]) as case:
                with case(rng.randrange(2), 2):
                    _random_block(circuit, rng, depth - 1)
                with case(CASE_DEFAULT):
                    _random_block(circuit, rng, depth - 1)


@pytest.mark.parametrize("seed", range(40))
def test_random_dynamic_circuits(seed: int) -> None:
    rng = random.Random(seed)
    circuit = QuantumCircuit(4)
    circuit.add_register(ClassicalRegister(2, "c"), ClassicalRegister(2, "d"))
    for _ in range(4):
        _random_block(circuit, rng, 3)
    circuit.add_register(ClassicalRegister(4, "end"))
    circuit.measure(range(4), range(4, 8))
    program = from_qiskit(circuit)
    bits = {b for part in program.walk() for c in part.conditions for b in bits_of(c)}
    assert bits <= set(range(4))
    assert_same_outcome(circuit)
