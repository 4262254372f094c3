"""Folding: the circuit that is left, and what each single error does to it, exactly."""

import numpy as np
import pytest
from protocols import add_telegate, builder_on, choi_test, machine_of, teleport

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit, evaluate
from bellwire.compiler.error_effects import error_effects
from bellwire.compiler.folding import fold
from bellwire.compiler.pauli_images import pauli_images
from bellwire.compiler.program import Op, Program, Stage
from bellwire.errors import NotSupported
from bellwire.runtime.backends.mps import with_errors
from bellwire.runtime.counts import user_width


def own_bits(program: Program) -> range:
    return range(user_width(program), sum(r.width for r in program.registers))


def chances(program: Program) -> dict[tuple[int, ...], float]:
    """The exact distribution of the user's bits, by all branches of a plain statevector."""
    zero = np.zeros((2,) * len(program.qubits), dtype=complex)
    zero[(0,) * zero.ndim] = 1
    branches = [((False,) * sum(r.width for r in program.registers), zero)]
    for op in program.ops:
        branches = [after for before in branches for after in advanced(op, *before)]
    out: dict[tuple[bool, ...], float] = {}
    for bits, state in branches:
        key = bits[: user_width(program)]
        out[key] = out.get(key, 0.0) + float(np.vdot(state, state).real)
    return {key: chance for key, chance in out.items() if chance > 1e-12}


def advanced(op, bits, state):
    """What a branch becomes by one operation."""
    if op.condition is not None and not evaluate(op.condition, lambda b: bits[b]):
        return [(bits, state)]
    if op.name in ("measure", "reset"):
        out = []
        for outcome in (0, 1):
            part = np.zeros_like(state)
            here = (slice(None),) * op.qubits[0]
            part[(*here, outcome if op.name == "measure" else 0)] = state[(*here, outcome)]
            new = [*bits]
            if op.bits:
                new[op.bits[0]] = bool(outcome)
            if np.vdot(part, part).real > 1e-14:
                out.append((tuple(new), part))
        return out
    if op.name == "ebit":
        done = [(bits, state)]
        for step in op.row.body:
            one = Op(step.name, tuple(op.qubits[k] for k in step.qubits))
            done = [after for before in done for after in advanced(one, *before)]
        return done
    width = len(op.qubits)
    matrix = op.row.matrix(*op.angles).reshape((2,) * (2 * width))
    moved = np.tensordot(matrix, state, axes=(range(width, 2 * width), op.qubits))
    return [(bits, np.moveaxis(moved, range(width), op.qubits))]


def with_error(program: Program, row: int, name: str, qubit: int, *, after: bool) -> Program:
    """The program with one Pauli more, before or after a row."""
    b = ProgramBuilder.like(program)
    for i, op in enumerate(program.ops):
        if i == row and not after:
            b.append(name, [qubit])
        b.append_op(op)
        if i == row and after:
            b.append(name, [qubit])
    return b.finish(Stage.LOWERED)


def with_flip(program: Program, row: int) -> Program:
    """The program with a measurement whose outcome is written wrongly."""
    (qubit,) = list(program.ops)[row].qubits
    return with_error(
        with_error(program, row, "x", qubit, after=True), row, "x", qubit, after=False
    )


def session(two_way: bool = False) -> Program:
    """A copy serves two turned gates while its source has one of its own; then a teleport."""
    machine = machine_of(data_qubits=2, comm_qubits=1)
    b = builder_on(machine, 4, user_bits=3)
    s, near, t, far = 0, 2, 3, 5
    b.append("ry", [s], [0.7])
    b.append("ry", [1], [0.4])
    b.append("ry", [t], [1.1])
    b.append("ebit", [near, far])
    b.append("cx", [s, near])
    b.append("measure", [near], bits=[3])
    b.append("x", [far], condition=bit(3))
    b.append("rzz", [far, t], [0.9])
    b.append("cp", [s, 1], [0.8])
    b.append("ry", [t], [0.3])
    b.append("x", [far])
    b.append("x", [s])
    b.append("cx", [far, t])
    b.append("crx", [far, t], [0.5])
    b.append("h", [far])
    b.append("measure", [far], bits=[4])
    b.append("z", [s], condition=bit(4))
    b.append("rx", [s], [1.3])
    if two_way:
        b.append("ebit", [near, far])
        b.append("cx", [s, near])
        b.append("h", [s])
        b.append("measure", [near], bits=[5])
        b.append("measure", [s], bits=[6])
        b.append("x", [far], condition=bit(5))
        b.append("z", [far], condition=bit(6))
        b.append("rzz", [far, t], [0.6])
        b.append("rx", [far], [0.2])
        b.append("measure", [far], bits=[0])
    else:
        b.append("measure", [s], bits=[0])
        b.append("ry", [t], [0.5], condition=bit(0))
    b.append("rx", [1], [0.5])
    b.append("measure", [1], bits=[1])
    b.append("ry", [t], [0.1])
    b.append("measure", [t], bits=[2])
    return b.finish(Stage.LOWERED)


def swapped() -> Program:
    """A turned state and a copy of it over a repeater."""
    machine = machine_of(3, data_qubits=1, comm_qubits=2)
    b = builder_on(machine, 4, user_bits=2)
    b.append("ry", [0], [0.7])
    b.append("ry", [6], [0.2])
    b.append("ebit", [1, 4])
    b.append("ebit", [5, 7])
    b.append("cx", [4, 5])
    b.append("h", [4])
    b.append("measure", [5], bits=[2])
    b.append("measure", [4], bits=[3])
    b.append("x", [7], condition=bit(2))
    b.append("z", [7], condition=bit(3))
    b.append("cx", [0, 1])
    b.append("measure", [1], bits=[4])
    b.append("x", [7], condition=bit(4))
    b.append("rzz", [7, 6], [0.8])
    b.append("rx", [6], [0.9])
    b.append("h", [7])
    b.append("measure", [7], bits=[5])
    b.append("z", [0], condition=bit(5))
    b.append("rx", [0], [0.5])
    b.append("measure", [0], bits=[0])
    b.append("measure", [6], bits=[1])
    return b.finish(Stage.LOWERED)


PROGRAMS = {
    "teleport": lambda: teleport(machine_of(data_qubits=1), "ry"),
    "telegate": lambda: choi_test(machine_of()),
    "session": session,
    "session and teleport": lambda: session(True),
    "swap": swapped,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_folded_circuit_measures_the_same(name):
    program = PROGRAMS[name]()
    folded = fold(program, own_bits(program))
    assert folded.circuit.count("ebit") == 0
    assert len(folded.circuit.qubits) <= len(program.inputs)
    assert chances(folded.circuit) == pytest.approx(chances(program))
    assert error_effects(folded).coins == ()


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_single_error_does_the_same(name):
    program = PROGRAMS[name]()
    folded = fold(program, own_bits(program))
    effects = error_effects(folded)
    seen: dict[int, dict] = {}

    def same(broken: Program, effect: int) -> None:
        if effect not in seen:
            seen[effect] = chances(with_errors(folded.circuit, effects.landings, effect))
        assert chances(broken) == pytest.approx(seen[effect])

    for row, op in enumerate(program.ops):
        places = enumerate(op.qubits) if len(op.qubits) > 1 or row % 2 else ()
        for k, q in places:
            x, z = effects.after[row][k]
            same(with_error(program, row, "x", q, after=True), x)
            same(with_error(program, row, "z", q, after=True), z)
            x, z = effects.before[row][k]
            same(with_error(program, row, "y", q, after=False), x ^ z)
        if op.name == "measure":
            same(with_flip(program, row), effects.flip.get(row, 0))


def test_a_correction_that_is_missing_is_a_coin():
    machine = machine_of()
    b = builder_on(machine, 2, user_bits=1)
    b.append("h", [0])
    b.append("ebit", [2, 5])
    b.append("cx", [0, 2])
    b.append("measure", [2], bits=[1])
    b.append("measure", [5], bits=[0])
    program = b.finish(Stage.LOWERED)
    effects = error_effects(fold(program, own_bits(program)))
    assert [[effects.landings[0].what], list(effects.coins)] == [["flip"], [1]]


def test_pairs_that_the_user_measures_are_simulated():
    machine = machine_of()
    b = builder_on(machine, 1, user_bits=2)
    b.append("ebit", [2, 5])
    b.append("measure", [2], bits=[0])
    b.append("measure", [5], bits=[1])
    program = b.finish(Stage.LOWERED)
    folded = fold(program, own_bits(program))
    assert chances(folded.circuit) == pytest.approx({(0, 0): 0.5, (1, 1): 0.5})


def test_a_copied_chain_is_one_wire():
    machine = machine_of(data_qubits=4)
    b = builder_on(machine, 1, user_bits=4)
    b.append("h", [0])
    for q in range(3):
        b.append("cx", [q, q + 1])
    for q in range(4):
        b.append("measure", [q], bits=[q])
    program = b.finish(Stage.LOWERED)
    folded = fold(program, own_bits(program))
    assert len(folded.circuit.qubits) == 1
    assert chances(folded.circuit) == pytest.approx(chances(program))


def test_what_cannot_be_folded_is_named():
    b = builder_on(machine_of(), 1)
    b.append("for_loop", [0], [2], blocks=[b.child()])
    with pytest.raises(NotSupported, match=r"operation 0 \(for_loop\) is control flow"):
        fold(b.finish(Stage.LOWERED), range(1))
    c = builder_on(machine_of(), 1)
    c.append("ebit", [2, 5])
    c.append("measure", [2], bits=[0])
    c.append("h", [0], condition=bit(0))
    with pytest.raises(NotSupported, match="no Pauli under a parity"):
        fold(c.finish(Stage.LOWERED), range(1))


def test_images_of_paulis():
    assert pauli_images("cx", ()) == ((((0, 0), (1, 0)), ((0, 1),)), (((1, 0),), ((0, 1), (1, 1))))
    assert pauli_images("rz", (0.3,)) == ((None, ((0, 1),)),)
    assert pauli_images("s", ()) == ((((0, 0), (0, 1)), ((0, 1),)),)
    assert pauli_images("rzz", (0.3,))[1] == (None, ((1, 1),))


def test_telegate_effects_follow_the_theory():
    machine = machine_of()
    first = machine.offsets["B"]
    b = builder_on(machine, 2)
    b.append("ry", [0], [0.3])
    b.append("ry", [first], [0.4])
    add_telegate(b, 0, 2, first + 2, first, (0, 1))
    program = b.finish(Stage.LOWERED)
    effects = error_effects(fold(program, own_bits(program)), outputs=True)

    def where(effect: int) -> set[tuple[int, int]]:
        return {
            (landing.wire, landing.place)
            for k, landing in enumerate(effects.landings)
            if effect >> k & 1 and landing.what == "end"
        }

    # An X of the pair is an X on the target, a Z of it a Z on the control.
    x, z = effects.after[2][1]
    assert where(x) == {(first, 0)}
    assert where(z) == {(0, 1)}
