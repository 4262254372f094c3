"""Qiskit circuits, odd ones among them: control flow, overlapping registers, opaque gates."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan, pi
from random import Random

import numpy as np
from driver import Format
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import (
    Annotation,
    BoxOp,
    Gate,
    Instruction,
    Parameter,
    ParameterExpression,
    ParameterVector,
    Store,
)
from qiskit.circuit.classical import expr, types
from qiskit.circuit.library import (
    DiagonalGate,
    Initialize,
    MCXGate,
    PauliEvolutionGate,
    PauliGate,
    Permutation,
    PermutationGate,
    QFTGate,
    StatePreparation,
    UnitaryGate,
    get_standard_gate_name_mapping,
)
from qiskit.quantum_info import Clifford, SparsePauliOp, random_clifford, random_unitary

from bellwire.compiler.frontends.qiskit import from_qiskit

STANDARD = [g for g in get_standard_gate_name_mapping().values() if isinstance(g, Gate)]
ANGLES = (0.0, pi / 2, 0.3, -7.5, 1e-300, 1e300, nan, inf, Parameter("a"), 2 * Parameter("b") + 1)
MOST_QUBITS = 4


def some_circuit(rng: Random) -> QuantumCircuit:
    """A circuit that only a program would write."""
    circuit = QuantumCircuit(QuantumRegister(MOST_QUBITS, "q"), ClassicalRegister(3, "c"))
    if rng.random() < 0.3:  # registers may share bits
        circuit.add_register(QuantumRegister(bits=circuit.qubits[1:3], name="over"))
        circuit.add_register(ClassicalRegister(bits=circuit.clbits[:2], name="under"))
    if rng.random() < 0.2:
        circuit.add_bits([*QuantumRegister(1, "lone"), *ClassicalRegister(1, "loose")])
    circuit.global_phase = rng.choice((0, 0, 1.5))
    _fill(rng, circuit, 3)
    return circuit


def _fill(rng: Random, circuit: QuantumCircuit, depth: int) -> None:
    for _ in range(rng.randrange(7)):
        rng.choice(_ADDERS if depth else _ADDERS[:-1])(rng, circuit, depth)


def _on(rng: Random, circuit: QuantumCircuit, width: int) -> list[object]:
    return rng.sample(circuit.qubits, width)


def _standard(rng: Random, circuit: QuantumCircuit, _: int) -> None:
    gate = rng.choice(STANDARD)
    if gate.num_qubits <= circuit.num_qubits:
        made = gate.copy()
        made.params = [rng.choice(ANGLES) for _ in gate.params]
        circuit.append(made, _on(rng, circuit, gate.num_qubits))


def _changed(rng: Random, circuit: QuantumCircuit, _: int) -> None:
    gate = rng.choice([g for g in STANDARD if g.num_qubits <= 2]).copy()
    gate.params = [0.4] * len(gate.params)
    change: Callable[[], Gate] = rng.choice(
        (
            lambda: gate.control(1, ctrl_state=0, annotated=True),
            lambda: gate.control(1),
            lambda: gate.power(0.5, annotated=True),
            lambda: gate.power(rng.choice((-2, 3, 0.25))),
            lambda: gate.inverse(annotated=True),
        )
    )
    made = change()
    circuit.append(made, _on(rng, circuit, made.num_qubits))


def _own(rng: Random, circuit: QuantumCircuit, _: int) -> None:
    name = rng.choice(
        ("mine", "h", "cx", "ebit", "bell_pair", "weird name", "", "measure", "\u00e9")
    )
    width = rng.randrange(1, 4)
    gate = rng.choice((Gate, Instruction))(name, width, rng.choice((0, 0, 1)), [])
    if gate.num_clbits and isinstance(gate, Gate):
        return
    if rng.random() < 0.6:
        inside = QuantumCircuit(width, gate.num_clbits)
        for _ in range(rng.randrange(4)):
            _standard(rng, inside, 0)
        gate.definition = inside
    circuit.append(gate, _on(rng, circuit, width), rng.sample(circuit.clbits, gate.num_clbits))


def _library(rng: Random, circuit: QuantumCircuit, _: int) -> None:
    seed = rng.randrange(9)
    made = rng.choice(
        (
            lambda: UnitaryGate(random_unitary(4, seed=seed)),
            lambda: UnitaryGate(random_unitary(8, seed=seed)),
            lambda: random_clifford(2, seed=seed).to_instruction(),
            lambda: Clifford.from_label("XZ").to_instruction(),
            lambda: PauliGate("XIZ"),
            lambda: PermutationGate([2, 0, 1]),
            lambda: Permutation(3, [1, 0, 2]).to_instruction(),
            lambda: DiagonalGate([1, 1j, -1, 1]),
            lambda: Initialize([1, 0]),
            lambda: Initialize("01"),
            lambda: StatePreparation([0.6, 0.8]),
            lambda: MCXGate(3),
            lambda: QFTGate(3),
            lambda: PauliEvolutionGate(SparsePauliOp(["XX", "ZI"], [1, 0.5]), 0.2),
            lambda: PauliEvolutionGate(SparsePauliOp(["XX"]), Parameter("t")),
        )
    )()
    if made.num_qubits <= circuit.num_qubits:
        circuit.append(made, _on(rng, circuit, made.num_qubits))


def _simple(rng: Random, circuit: QuantumCircuit, _: int) -> None:
    q, c = rng.choice(circuit.qubits), rng.choice(circuit.clbits)
    rng.choice(
        (
            lambda: circuit.measure(q, c),
            lambda: circuit.reset(q),
            lambda: circuit.barrier(),
            lambda: circuit.barrier(q),
            lambda: circuit.delay(rng.choice((0, 10, 10**12)), q, rng.choice(("dt", "ns"))),
            lambda: circuit.rx(ParameterVector("v", 3)[1], q),
            lambda: circuit.store(c, True),
            lambda: circuit.append(Store(expr.lift(c), expr.lift(False)), [], []),
            lambda: circuit.p(np.float32(0.5), q),
            lambda: circuit.p(np.int64(1), q),
        )
    )()


def _condition(rng: Random, circuit: QuantumCircuit) -> object:
    bit, register = rng.choice(circuit.clbits), rng.choice(circuit.cregs)
    return rng.choice(
        (
            lambda: (bit, rng.randrange(2)),
            lambda: (register, rng.randrange(1 << register.size)),
            lambda: expr.lift(bit),
            lambda: expr.logic_not(bit),
            lambda: expr.bit_xor(bit, rng.choice(circuit.clbits)),
            lambda: expr.less(register, 2),
            lambda: expr.equal(expr.bit_and(register, 1), 1),
            lambda: expr.greater_equal(expr.cast(register, types.Uint(8)), 3),
            lambda: expr.index(register, 0),
            lambda: expr.lift(True),
        )
    )()


def _block(rng: Random, circuit: QuantumCircuit, depth: int) -> None:
    inside = circuit.copy_empty_like()
    inside.global_phase = 0
    _fill(rng, inside, depth - 1)
    if rng.random() < 0.1:
        rng.choice((inside.break_loop, inside.continue_loop))()
    qubits, bits = circuit.qubits, circuit.clbits
    loop: list[ParameterExpression | None] = [None, Parameter("a")]
    steps = rng.choice((range(3), range(10**12), (1, 5, 2), ()))
    rng.choice(
        (
            lambda: circuit.if_test(_condition(rng, circuit), inside, qubits, bits),
            lambda: circuit.if_else(_condition(rng, circuit), inside, inside, qubits, bits),
            lambda: circuit.while_loop(_condition(rng, circuit), inside, qubits, bits),
            lambda: circuit.for_loop(steps, rng.choice(loop), inside, qubits, bits),
            lambda: circuit.switch(
                rng.choice(circuit.cregs), [(0, inside), ((1, 2), inside)], qubits, bits
            ),
            lambda: circuit.append(BoxOp(inside), qubits, bits),
            lambda: circuit.append(BoxOp(inside, annotations=[Annotation()]), qubits, bits),
        )
    )()


_ADDERS = (_standard, _standard, _standard, _changed, _own, _library, _simple, _simple, _block)


def read(circuit: QuantumCircuit) -> object:
    """As it is; circuits that Qiskit itself refuses to build never come here."""
    return from_qiskit(circuit)


def write(rng: Random) -> QuantumCircuit:
    """The next circuit that Qiskit lets us build."""
    from qiskit.exceptions import QiskitError

    while True:
        try:
            return some_circuit(rng)
        except (QiskitError, TypeError):
            continue


_READY = QuantumCircuit(2, 1)
_READY.h(0)
_READY.cx(0, 1)
_READY.measure(0, 0)

FORMAT = Format("qiskit", write, read, 20_000, (_READY,))
