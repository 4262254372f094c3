"""Control flow of Qiskit: kept, simplified or inlined."""

import random

import pytest
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import (
    CASE_DEFAULT,
    Clbit,
    IfElseOp,
    Qubit,
)
from qiskit.circuit.classical import expr, types
from qiskit_outcomes import assert_same_outcome, counter, finish

from bellwire.compiler.conditions import bit, bits_of, equals, negate
from bellwire.compiler.frontends.qiskit import from_qiskit


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
