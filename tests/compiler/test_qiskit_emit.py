"""to_qiskit: what is written runs in Qiskit's tools, and reads back as it was."""

import io

import pytest
from qiskit import QuantumCircuit, qasm3, qpy, transpile
from qiskit_aer import AerSimulator

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import TRUE, Condition, all_of, any_of, bit, negate, parity
from bellwire.compiler.emitters.qiskit import to_qiskit
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.compiler.operations import TABLE, Family
from bellwire.compiler.program import Op, Program, Qubit, Register, Stage
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine


def logical(num_qubits: int = 3, num_bits: int = 3) -> ProgramBuilder:
    """An empty program over q[...] and c[...]."""
    return ProgramBuilder(
        [Qubit(f"q[{i}]") for i in range(num_qubits)], [Register("c", num_bits)], name="test"
    )


def machine_program(stage: Stage) -> tuple[Program, Machine]:
    """A teleport from A to B as expand_protocols writes it: the state 1 ends in B."""
    machine = make_machine("complete", 2, data_qubits=1, comm_qubits=1)
    qubits = [
        Qubit(name, name[0], "comm" if "comm" in name else "data")
        for name in machine.qubit_names()  # A_data[0], A_comm[0], B_data[0], B_comm[0]
    ]
    builder = ProgramBuilder(
        qubits, [Register("c", 1), Register("bellwire", 2)], logical=["q[0]"], inputs=[0]
    )
    builder.append("x", (0,))
    builder.append("ebit", (1, 3))
    builder.append("cx", (0, 1))
    builder.append("h", (0,))
    builder.append("measure", (1,), (), (1,))
    builder.append("measure", (0,), (), (2,))
    builder.append("x", (3,), condition=bit(1))
    builder.append("z", (3,), condition=bit(2))
    builder.append("swap", (3, 2))
    builder.append("measure", (2,), (), (0,))
    return builder.finish(stage, outputs=[2]), machine


def counts(circuit: QuantumCircuit, shots: int = 200, method: str = "stabilizer") -> dict[str, int]:
    """What Aer finds."""
    run = AerSimulator(method=method).run(circuit, shots=shots, seed_simulator=7)
    return dict(run.result().get_counts())


def test_every_gate_row_is_written_and_read() -> None:
    builder = logical(2)
    for name, row in TABLE.items():
        if row.family is Family.GATE:
            builder.append(name, tuple(range(row.num_qubits)), (0.1, 0.2, 0.3)[: row.angles])
    program = builder.finish(Stage.LOGICAL)
    assert from_qiskit(to_qiskit(program)) == program


CONDITIONS = [
    bit(0),
    negate(bit(1)),
    parity(bit(0), bit(2)),
    negate(parity(bit(0), bit(1), bit(2))),
    all_of(bit(0), negate(bit(1)), bit(2)),
    all_of(bit(2), bit(0)),
    any_of(bit(0), all_of(bit(1), parity(bit(0), bit(2)))),
    negate(any_of(bit(1), bit(2))),
]


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_conditions_read_back(condition: Condition) -> None:
    builder = logical()
    builder.append("x", (0,), condition=condition)
    builder.append("measure", (1,), (), (1,), condition=condition)
    child = builder.child()
    child.append("h", (0,))
    child.append("cx", (0, 2), condition=condition)
    builder.append_flow(Op("if_else", (), condition=condition), [child])
    program = builder.finish(Stage.LOGICAL)
    assert from_qiskit(to_qiskit(program)) == program


def test_flow_marks_and_names_read_back() -> None:
    builder = ProgramBuilder(
        [Qubit("a[0]"), Qubit("a[1]"), Qubit("b[0]")], [Register("z", 1), Register("y", 2)]
    )
    builder.append("barrier", (0, 2))
    builder.append("delay", (1,), (1.5e-6,))
    loop = builder.child()
    loop.append("x", (0,))
    jump = loop.child()
    jump.append("break_loop", ())
    loop.append_flow(Op("if_else", (), condition=bit(2)), [jump])
    loop.append("measure", (1,), (), (0,))
    builder.append_flow(Op("while_loop", (), condition=TRUE), [loop])
    turns = builder.child()
    turns.append("reset", (2,))
    builder.append_flow(Op("for_loop", (), (4.0,)), [turns])
    program = builder.finish(Stage.LOGICAL)
    circuit = to_qiskit(program)
    assert [r.name for r in (*circuit.qregs, *circuit.cregs)] == ["a", "b", "z", "y"]
    assert from_qiskit(circuit, name="program") == program


def test_whole_register_is_compared_as_one() -> None:
    builder = logical()
    builder.append("x", (0,), condition=CONDITIONS[4])
    [instruction] = to_qiskit(builder.finish(Stage.LOGICAL)).data
    register, value = instruction.operation.condition
    assert (register.name, value) == ("c", 5)


@pytest.mark.parametrize("stage", [Stage.LOWERED, Stage.SCHEDULED])
def test_lowered_program_runs(stage: Stage) -> None:
    program, machine = machine_program(stage)
    circuit = to_qiskit(program, machine)
    assert [r.name for r in circuit.qregs] == ["A_data", "A_comm", "B_data", "B_comm"]
    assert [r.name for r in circuit.cregs] == ["c", "bellwire"]
    [pair] = circuit.get_instructions("bell_pair")
    assert pair.operation.label == "A-B"
    found = counts(circuit.decompose("bell_pair"))
    assert {key.split()[-1] for key in found} == {"1"}
    assert len(found) == 4
    assert circuit.metadata["bellwire"] == {
        "stage": stage.name,
        "machine": "complete2",
        "layout": {"initial": {"q[0]": "A_data[0]"}, "final": {"q[0]": "B_data[0]"}},
    }


def test_lowered_program_goes_through_the_tools_of_qiskit() -> None:
    circuit = to_qiskit(*machine_program(Stage.LOWERED))
    again = qasm3.loads(qasm3.dumps(circuit))
    assert {k.split()[-1] for k in counts(again.decompose("bell_pair"))} == {"1"}
    file = io.BytesIO()
    qpy.dump(circuit, file)
    file.seek(0)
    [loaded] = qpy.load(file)
    assert loaded == circuit
    plain = circuit.decompose("bell_pair")
    for level in (0, 3):
        made = transpile(plain, basis_gates=["u", "cx", "if_else"], optimization_level=level)
        assert {k.split()[-1] for k in counts(made, method="statevector")} == {"1"}


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("word", range(8))
def test_parities_become_one_if_per_bit(word: int, flip: bool) -> None:
    builder = logical(4, 3)
    builder.add_register(Register("end", 1))
    for i in range(3):
        if word >> i & 1:
            builder.append("x", (i,))
        builder.append("measure", (i,), (), (i,))
    odd = parity(bit(0), bit(1), bit(2))
    builder.append("x", (3,), condition=negate(odd) if flip else odd)
    builder.append("measure", (3,), (), (3,))
    circuit = to_qiskit(builder.finish(Stage.LOWERED))
    tests = [i.operation.condition for i in circuit.get_instructions("if_else")]
    assert [value for _, value in tests] == [True] * 3
    [found] = counts(circuit, 1)
    assert int(found.split()[0]) == (word.bit_count() + flip) % 2


def test_a_lone_bit_and_odd_names() -> None:
    builder = ProgramBuilder(
        [Qubit("left"), Qubit("q(0, 1)"), Qubit("m")], [Register("m", None), Register("c", 2)]
    )
    builder.append("x", (2,))
    builder.append("measure", (2,), (), (0,))
    circuit = to_qiskit(builder.finish(Stage.LOGICAL))
    assert [r.name for r in circuit.qregs] == ["left", "q(0, 1)", "m_q"]
    assert counts(circuit, 10) == {"00 1": 10}


def test_protocols_are_refused() -> None:
    builder = ProgramBuilder([Qubit(f"q[{i}]") for i in range(3)], [Register("bellwire", 1)])
    builder.append("cat_entangle", (0, 1, 2), (), (0,))
    with pytest.raises(NotSupported, match=r"cat_entangle is a protocol.*expand"):
        to_qiskit(builder.finish(Stage.DISTRIBUTED))
