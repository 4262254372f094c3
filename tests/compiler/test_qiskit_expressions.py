"""Conditions of Qiskit: expressions and registers, names and times."""

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import (
    Clbit,
    Duration,
    Qubit,
)
from qiskit.circuit.classical import expr, types

from bellwire.compiler.conditions import equals, evaluate
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.frontends.qiskit_conditions import ConditionReader
from bellwire.compiler.program import Register

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
