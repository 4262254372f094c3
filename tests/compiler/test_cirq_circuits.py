"""Cirq circuits in and out: exact gates, the same counts with feed-forward, named refusals."""

import itertools
import math
import random
import warnings

import cirq
import numpy as np
import pytest
import sympy

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import all_of, any_of, bit, evaluate, negate, parity
from bellwire.compiler.emitters.cirq import to_cirq
from bellwire.compiler.frontends.cirq import from_cirq
from bellwire.compiler.frontends.cirq_conditions import condition_of
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.operations import TABLE, Family
from bellwire.compiler.program import Op, Program, Qubit, Register, Stage
from bellwire.errors import NotSupported

Q = cirq.LineQubit.range(4)
POWERS = (1, 0.5, -0.5, 0.25, -0.25, -1, 2, 3, 0.3, -2.7, 3.5, 1e-9, -1e-9)
POWER_GATES = (
    *(cirq.XPowGate, cirq.YPowGate, cirq.ZPowGate, cirq.HPowGate),
    *(cirq.CXPowGate, cirq.CYPowGate, cirq.CZPowGate, cirq.SwapPowGate, cirq.ISwapPowGate),
    *(cirq.XXPowGate, cirq.YYPowGate, cirq.ZZPowGate, cirq.CCXPowGate, cirq.CCZPowGate),
)
GATES = (
    *(kind(exponent=t, global_shift=s) for kind in POWER_GATES for t in POWERS for s in (0, 0.3)),
    *(cirq.rx(0.3), cirq.ry(-4.1), cirq.rz(1e-9), cirq.riswap(0.3), cirq.givens(0.7)),
    *(cirq.PhasedXPowGate(phase_exponent=p, exponent=t) for p in (0.2, -1.3) for t in (1, 0.4)),
    cirq.PhasedXZGate(x_exponent=0.3, z_exponent=-0.7, axis_phase_exponent=0.45),
    cirq.PhasedISwapPowGate(phase_exponent=0.2, exponent=0.6),
    *(cirq.FSimGate(0.3, 0.8), cirq.PhasedFSimGate(0.3, 0.1, 0.2, 0.4, 0.5), cirq.ms(0.4)),
    *(cirq.CSWAP, cirq.CCX.controlled(), cirq.I, cirq.IdentityGate(3), cirq.CCYPowGate()),
    *(cirq.QuantumFourierTransformGate(3), cirq.PhaseGradientGate(num_qubits=3, exponent=0.5)),
    *(cirq.DiagonalGate([0.1, 0.2, 0.5, 0.9]), cirq.ThreeQubitDiagonalGate(list(range(8)))),
    *(cirq.QubitPermutationGate([1, 2, 0]), cirq.DensePauliString("XYZ")),
    *(cirq.MatrixGate(cirq.testing.random_unitary(2**n, random_state=n)) for n in (1, 2, 3)),
    *(cirq.ControlledGate(g) for g in (cirq.rx(0.3), cirq.ry(2.0), cirq.rz(0.3), cirq.H, cirq.X)),
    *(cirq.ControlledGate(g, control_values=[0]) for g in (cirq.Y, cirq.S, cirq.X**0.3)),
    cirq.ControlledGate(cirq.XPowGate(exponent=0.3, global_shift=0.2)),
    cirq.ControlledGate(cirq.ISWAP**0.3),
    cirq.ControlledGate(cirq.GlobalPhaseGate(1j), 2),
    cirq.ControlledGate(cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=7))),
    cirq.SingleQubitCliffordGate.X_sqrt,
    cirq.ParallelGate(cirq.H, 3),
)


def unitary_of(program: Program):
    """The matrix of a Program of gates, its first qubit the highest bit."""
    n = len(program.qubits)
    state = np.eye(2**n, dtype=complex).reshape((2,) * n + (2**n,))
    for op in program.ops:
        assert op.row.matrix is not None, op
        matrix = op.row.matrix(*op.angles).reshape((2,) * (2 * len(op.qubits)))
        state = cirq.targeted_left_multiply(matrix, state, op.qubits)
    return state.reshape(2**n, 2**n)


def same_up_to_phase(a, b) -> bool:
    return abs(np.trace(a.conj().T @ b)) / len(a) > 1 - 1e-12 and np.allclose(
        a * b.flat[np.argmax(abs(b))], b * a.flat[np.argmax(abs(b))], atol=1e-7
    )


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_every_gate_is_exact(gate: cirq.Gate) -> None:
    circuit = cirq.Circuit(gate.on(*Q[: gate.num_qubits()]))
    program = from_cirq(circuit)
    assert all(op.row.num_qubits <= 2 for op in program.ops)
    assert same_up_to_phase(unitary_of(program), cirq.unitary(circuit))


@pytest.mark.parametrize("power", [1e-9, -1e-12])
def test_small_angles_stay(power: float) -> None:
    program = from_cirq(cirq.Circuit(cirq.X(Q[0]) ** power, (cirq.CZ**power).on(*Q[:2])))
    assert [op.angles[0] for op in program.ops] == [math.pi * power] * 2


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if row.family is Family.GATE])
def test_every_row_is_written_exactly(name: str) -> None:
    row, rng = TABLE[name], random.Random(name)
    builder = ProgramBuilder([Qubit("a"), Qubit("b")])
    builder.append(name, range(row.num_qubits), [rng.uniform(-7, 7) for _ in range(row.angles)])
    program = builder.finish(Stage.LOGICAL)
    circuit = to_cirq(program)
    wanted = unitary_of(program)
    order = [cirq.NamedQubit("a"), cirq.NamedQubit("b")]
    assert same_up_to_phase(circuit.unitary(qubits_that_should_be_present=order), wanted)
    again = from_cirq(cirq.Circuit(circuit, cirq.I.on_each(*order)))
    assert same_up_to_phase(unitary_of(again), wanted)
    assert next(again.ops).name == name


def outcomes(circuit: cirq.Circuit, keys: list[str], runs: int = 250) -> dict[tuple, float]:
    """How often each outcome of the keys, in this order, came up."""
    result = cirq.Simulator(seed=5).run(circuit, repetitions=runs)
    columns = np.concatenate([result.records[k][:, -1, :] for k in keys], axis=1)
    found, counts = np.unique(columns, axis=0, return_counts=True)
    return {tuple(row): c / runs for row, c in zip(found.tolist(), counts.tolist())}


def far(a: dict[tuple, float], b: dict[tuple, float]) -> float:
    """The total variation distance."""
    return sum(abs(a.get(k, 0) - b.get(k, 0)) for k in {*a, *b}) / 2


def random_dynamic(rng: random.Random) -> cirq.Circuit:
    """Gates, measurements, resets and all sorts of classical controls on three qubits."""
    s, t = sympy.symbols("s t")
    controls = [
        lambda: ["s"],
        lambda: ["s", "t"],
        lambda: [sympy.Xor(s, t)],
        lambda: [(s + t) % 2],
        lambda: [sympy.Or(s, sympy.Not(t))],
        lambda: [cirq.BitMaskKeyCondition("w", bitmask=2)],
        lambda: [sympy.Eq(sympy.Symbol("w"), rng.randrange(4))],
        lambda: [sympy.Symbol("w") >= rng.randrange(4)],
        lambda: ["w"],
    ]
    ops = [cirq.H.on_each(*Q[:3]), cirq.measure(Q[0], key="s"), cirq.measure(Q[1], key="t")]
    ops += [cirq.H.on_each(*Q[:3]), cirq.measure(*Q[:2], key="w", invert_mask=(True,))]
    for _ in range(8):
        a, b = rng.sample(Q[:3], 2)
        made = [cirq.X(a), cirq.CX(a, b), cirq.ry(1.1)(a), cirq.SWAP(a, b) ** 0.5, cirq.reset(a)]
        op = rng.choice(made)
        ops.append(op.with_classical_controls(*rng.choice(controls)()))
    inner = cirq.FrozenCircuit(cirq.ry(0.4)(Q[0]), cirq.CX(Q[0], Q[2]))
    ops.append(cirq.CircuitOperation(inner, repetitions=rng.choice([2, 3, -2])))
    ops.append(cirq.CircuitOperation(inner).with_classical_controls("s"))
    return cirq.Circuit(ops, cirq.measure(*Q[:3], key="end"))


@pytest.mark.parametrize("seed", range(6))
def test_dynamic_circuits_behave_alike(seed: int) -> None:
    circuit = random_dynamic(random.Random(seed))
    program = from_cirq(circuit)
    assert [r.name for r in program.registers] == ["s", "t", "w", "end"]
    written = to_cirq(program)
    bits = [name for name in program.bit_names if name[0] in "se"]
    assert far(outcomes(circuit, ["s", "end"]), outcomes(written, bits)) < 0.2
    fixed = "bits s[1] t[1] w[2] end[3]"
    assert from_cirq(written).registers == read_text(fixed)[0].registers


def row_of(op: Op) -> tuple:
    """What an operation is, without its place: Cirq's moments reorder what commutes."""
    angles = tuple(round(a, 12) for a in op.angles)
    return (op.name, op.qubits, angles, op.bits, str(op.condition))


def test_reading_back_what_we_wrote_is_the_same_program() -> None:
    program, _ = read_text(
        "qubits A_data[2] B_data[1]\nbits c[2] done[1]\nh A_data[0]\n"
        "crx(pi/3) A_data[0] B_data[0]\n"
        "measure A_data[0] -> c[0]\nmeasure A_data[1] -> c[1]\nx B_data[0] if c[0]\n"
        "t B_data[0] if c[0] & !c[1]\nmeasure B_data[0] -> done[0]"
    )
    again = from_cirq(to_cirq(program))
    assert again.qubits == program.qubits
    assert again.registers == program.registers
    assert sorted(map(row_of, again.ops)) == sorted(map(row_of, program.ops))


def test_values_that_are_overwritten_keep_a_key_of_their_own() -> None:
    program, _ = read_text(
        "qubits q[2]\nbits c[1]\nx q[0]\nmeasure q[0] -> c[0]\nx q[1] if c[0]\n"
        "reset q[0]\nmeasure q[0] -> c[0]\nx q[1] if c[0]\nmeasure q[1] -> c[0]"
    )
    circuit = to_cirq(program)
    result = cirq.Simulator(seed=1).run(circuit).measurements
    assert {k: int(v[0, 0]) for k, v in result.items()} == {"c[0].0": 1, "c[0].1": 0, "c[0]": 1}


TELEGATE = """bellwire 1 lowered
qubits A_data[1] in A
qubits A_comm[1] in A comm
qubits B_data[1] in B
qubits B_comm[1] in B comm
bits c[2] bellwire[2]
logical q[0] -> A_data[0] -> A_data[0]
logical q[1] -> B_data[0] -> B_data[0]
h A_data[0]
ebit A_comm[0] B_comm[0]
cx A_data[0] A_comm[0]
measure A_comm[0] -> bellwire[0]
x B_comm[0] if bellwire[0]
cx B_comm[0] B_data[0]
h B_comm[0]
measure B_comm[0] -> bellwire[1]
z A_data[0] if !(bellwire[1] ^ bellwire[0])
z A_data[0] if !bellwire[0]
h A_data[0]
h B_data[0]
measure A_data[0] -> c[0]
measure B_data[0] -> c[1]
"""


def test_a_lowered_program_runs_in_cirq() -> None:
    program, _ = read_text(TELEGATE)
    circuit = to_cirq(program)
    tags = [op.tags for op in circuit.all_operations() if op.tags]
    assert tags == [("bellwire.link A B",)]
    assert set(outcomes(circuit, ["c[0]", "c[1]"], 100)) == {(0, 0), (1, 1)}
    assert circuit.all_measurement_key_names() == {"c[0]", "c[1]", "bellwire[0]", "bellwire[1]"}


def test_blocks_and_loops_are_written_straight() -> None:
    program, _ = read_text(
        "qubits q[2]\nbits c[2]\nrepeat 3 {\n x q[0]\n}\nmeasure q[0] -> c[0]\n"
        "if c[0] {\n h q[1]\n if !c[0] {\n  x q[1]\n }\n h q[1]\n x q[1]\n} else {\n y q[1]\n}\n"
        "barrier\nmeasure q[1] -> c[1]"
    )
    assert outcomes(to_cirq(program), ["c[0]", "c[1]"], 20) == {(1, 1): 1.0}


def random_formula(rng: random.Random, depth: int):
    if depth == 0:
        return bit(rng.randrange(3))
    make = rng.choice([all_of, any_of, parity, lambda a, b: negate(a)])
    return make(random_formula(rng, depth - 1), random_formula(rng, depth - 1))


@pytest.mark.parametrize("seed", range(20))
def test_any_condition_comes_back_with_the_same_truth(seed: int) -> None:
    condition = random_formula(random.Random(seed), 3)
    builder = ProgramBuilder([Qubit("a")], [Register("c", 3)])
    for b in range(3):
        builder.append("measure", [0], (), [b])
    builder.append("h", [0], (), (), condition)
    again = from_cirq(to_cirq(builder.finish(Stage.LOGICAL)))
    found = [op.condition for op in again.ops if op.name == "h"]
    for values in itertools.product((False, True), repeat=3):
        got = any(c is None or evaluate(c, values.__getitem__) for c in found)
        assert got == evaluate(condition, values.__getitem__)


@pytest.mark.parametrize("mask", [None, 0, 1, 5, 9])
@pytest.mark.parametrize("target", [0, 1, 4, 5])
@pytest.mark.parametrize("equal", [True, False])
def test_masks_agree_with_cirq(mask: int | None, target: int, equal: bool) -> None:
    control = cirq.BitMaskKeyCondition("m", -1, target, equal, mask)
    condition = condition_of([control], lambda key, index: (0, 1, 2))
    for digits in itertools.product((0, 1), repeat=3):
        store = cirq.ClassicalDataDictionaryStore()
        store.record_measurement(cirq.MeasurementKey("m"), digits, Q[:3])
        assert evaluate(condition, lambda b, d=digits: bool(d[b])) == control.resolve(store)


def test_keys_become_registers() -> None:
    again = cirq.FrozenCircuit(cirq.measure(Q[0], key="m"))
    circuit = cirq.Circuit(
        cirq.measure(Q[0], Q[1], key="a b"),
        cirq.CircuitOperation(again, repetitions=3),
        cirq.X(Q[1]).with_classical_controls(cirq.KeyCondition(cirq.MeasurementKey("m"), 1)),
        cirq.measure(Q[2], key="bellwire"),
        cirq.measure_single_paulistring(cirq.X(Q[0]) * cirq.Y(Q[1]), key="p"),
    )
    with pytest.warns(UserWarning, match=r"'a b' is a_b, 'bellwire' is bellwire_1"):
        program = from_cirq(circuit)
    sizes = {r.name: r.size for r in program.registers}
    assert sizes == {"a_b": 2, "m": 1, "m_1": 1, "m_2": 1, "bellwire_1": 1, "p": 1}
    condition = next(op for op in program.ops if op.condition).condition
    assert condition == bit(program.bit_names.index("m_1[0]"))


def test_loops_stay_loops_where_nothing_is_measured() -> None:
    inner = cirq.FrozenCircuit(cirq.X(Q[0]), cirq.CX(Q[0], Q[1]))
    program = from_cirq(cirq.Circuit(cirq.CircuitOperation(inner, repetitions=10**9)))
    (op,) = program.ops
    assert (op.name, op.angles, len(op.blocks[0])) == ("for_loop", (1e9,), 2)


def test_qubits_are_sorted_and_named() -> None:
    grid = cirq.GridQubit.rect(2, 2)
    program = from_cirq(cirq.Circuit(cirq.H.on_each(*reversed(grid))))
    assert program.logical == tuple(map(str, grid))


SYMBOL = sympy.Symbol("angle")
LONG = cirq.FrozenCircuit(cirq.measure(Q[0], key="m"))
REFUSED = [
    (cirq.depolarize(0.1)(Q[0]), "noise"),
    (cirq.amplitude_damp(0.1)(Q[0]), "noise"),
    (cirq.rx(SYMBOL)(Q[0]), "angle: symbols without a value"),
    (cirq.IdentityGate(qid_shape=(3,))(cirq.LineQid(0, 3)), "3 levels"),
    (cirq.measure(Q[0], key="m", confusion_map={(0,): np.eye(2)}), "confusion map"),
    (cirq.CircuitOperation(LONG, repetitions=10**7), "unrolls to 10,000,000"),
    (
        cirq.CircuitOperation(
            LONG, use_repetition_ids=False, repeat_until=cirq.KeyCondition(cirq.MeasurementKey("m"))
        ),
        "repeat_until",
    ),
]


@pytest.mark.parametrize(("operation", "says"), REFUSED, ids=lambda x: str(x)[:20])
def test_what_is_not_carried_is_named(operation: cirq.Operation, says: str) -> None:
    with pytest.raises(NotSupported, match=says):
        from_cirq(cirq.Circuit(operation))


NOT_WRITTEN = [
    ("while c[0] {\n x q[0]\n}", "line 3: while_loop"),
    ("if c[0] {\n measure q[0] -> c[0]\n}", "rewrites the bits"),
    ("measure q[1] -> c[1]\nmeasure q[0] -> c[0] if c[1]", "under a condition"),
    ("repeat 9999999 {\n x q[0]\n}", "unrolls to"),
    ("repeat 2 {\n break\n}", "break_loop"),
]


@pytest.mark.parametrize(("line", "says"), NOT_WRITTEN)
def test_what_cirq_cannot_do_is_named(line: str, says: str) -> None:
    program, _ = read_text(f"qubits q[2]\nbits c[2]\n{line}")
    with pytest.raises(NotSupported, match=says):
        to_cirq(program)


def test_a_plain_circuit_gives_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_cirq(cirq.Circuit(cirq.H(Q[0]), cirq.measure(Q[0], key="c[0]")))
