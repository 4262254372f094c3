"""What circuits of Qiskit are refused for, by name."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import (
    Gate,
    IfElseOp,
    Instruction,
    Parameter,
)
from qiskit.circuit.classical import expr, types

from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.errors import NotSupported


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
