"""Transpiling for a modular machine: only Bell pairs between modules, the same behaviour, a right
layout, at all levels, by our own layout and routing and by Qiskit's."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, QuantumRegister, transpile
from qiskit.circuit import ClassicalRegister, Clbit, ControlFlowOp, Parameter
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector
from qiskit.transpiler import TranspilerError, generate_preset_pass_manager
from qiskit.transpiler.preset_passmanagers.plugin import list_stage_plugins

from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.qiskit import from_qiskit
from bellwire.qiskit_reading import read_lowered
from bellwire.targets.machine import Link, Machine, Module
from bellwire.targets.qiskit_backend import qubit_order
from bellwire.targets.shapes import make_machine

OURS = {"layout_method": "bellwire", "routing_method": "bellwire"}
WAYS = {"plain": {}, "ours": OURS}
MACHINES = {
    "ring": make_machine("ring", 4, data_qubits=2, comm_qubits=2),
    "line": make_machine("line", 3, data_qubits=3, comm_qubits=1, coupling="line"),
    "repeater": Machine(
        (
            Module("A", 3, 1, coupling=((0, 3), (1, 3), (2, 3))),  # data qubits meet on the fourth
            Module("R", 0, 2, role="repeater"),
            Module("B", 3, 1),
        ),
        (Link(("A", "R")), Link(("R", "B"))),
    ),
}


def operations(circuit: QuantumCircuit, places: dict[Any, int] | None = None) -> Iterator[tuple]:
    """(name, numbers of its qubits) of all operations, those in blocks too."""
    places = places or {q: i for i, q in enumerate(circuit.qubits)}
    for instruction in circuit.data:
        at = [places[q] for q in instruction.qubits]
        if isinstance(instruction.operation, ControlFlowOp):
            for block in instruction.operation.blocks:
                yield from operations(block, dict(zip(block.qubits, at)))
        elif instruction.name != "barrier":
            yield instruction.name, tuple(at)


def check_pairs(circuit: QuantumCircuit, machine: Machine) -> int:
    """Only Bell pairs along links, on communication qubits just reset; how many there are."""
    names, order = machine.qubit_names(), qubit_order(machine)
    owner = [names[order[i]].rsplit("_", 1)[0] for i in range(circuit.num_qubits)]
    last: dict[int, str] = {}
    pairs = 0
    for name, at in operations(circuit):
        if len({owner[q] for q in at}) > 1:
            assert name == "bell_pair"
            assert machine.link(*(owner[q] for q in at)) is not None
            assert all(q >= machine.data_qubits for q in at)
            assert [last[q] for q in at] == ["reset", "reset"]
            pairs += 1
        last.update(dict.fromkeys(at, name))
    return pairs


def check_same(out: QuantumCircuit, circuit: QuantumCircuit, machine: Machine) -> None:
    """The same channel from where `layout` says that states start to where it says they end."""
    reference = from_qiskit(circuit)
    program = replace(read_lowered(out, machine), logical=reference.logical)
    proof = prove(program, reference, method="exact")
    assert proof, proof.detail


def dynamic_circuit() -> QuantumCircuit:
    """If/else, a loop, a loose bit, a switch, measurement and reset on the way."""
    loose, c, d = Clbit(), ClassicalRegister(2, "c"), ClassicalRegister(5, "d")
    qc = QuantumCircuit(QuantumRegister(5, "a"), c, [loose], d)
    qc.ry(0.7, 0)
    qc.cx(0, 3)
    qc.measure(0, loose)
    with qc.if_test((loose, 1)) as otherwise:
        qc.cx(1, 4)
        qc.crx(0.4, 3, 2)
    with otherwise:
        qc.h(2)
    with qc.for_loop(range(2)):
        qc.cx(4, 0)
        qc.ry(0.3, 4)
    qc.measure(1, c[0])
    qc.reset(1)
    qc.cx(2, 1)
    qc.measure(3, c[1])
    with qc.switch(c) as case, case(2):
        qc.cz(0, 2)
        qc.h(0)
    qc.measure(range(5), d)
    return qc


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MACHINES)
def test_lowered_circuits_do_the_same(name: str, way: str, level: int) -> None:
    machine = MACHINES[name]
    circuit = random_circuit(4 + level % 3, 4, max_operands=3, seed=10 + level)
    out = transpile(
        circuit,
        machine.to_qiskit(),
        optimization_level=level,
        seed_transpiler=level,
        **WAYS[way],
    )
    pairs = check_pairs(out, machine)
    check_same(out, circuit, machine)
    if pairs or way == "ours":
        report = out.metadata["bellwire"]
        assert report["ebits"] == pairs
        peak = report["comm_qubits_peak"]  # Qiskit's order of independent operations is not ours
        assert all(peak[m.name] <= m.comm_qubits for m in machine.modules)


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("way", WAYS)
def test_dynamic_circuits(way: str, level: int) -> None:
    machine, circuit = MACHINES["line"], dynamic_circuit()
    out = transpile(
        circuit, machine.to_qiskit(), optimization_level=level, seed_transpiler=1, **WAYS[way]
    )
    assert check_pairs(out, machine) > 0
    check_same(out, circuit, machine)
    assert [r.name for r in out.cregs] == ["c", "d", "bellwire"]
    assert out.clbits[2] == circuit.clbits[2]  # the user's loose bit; none of ours is loose
    assert len(out.clbits) == 8 + len(out.cregs[-1])


@pytest.mark.parametrize("level", [0, 3])
@pytest.mark.parametrize(
    "options",
    [
        {"routing_method": "bellwire"},
        {"routing_method": "bellwire", "layout_method": "trivial"},
        {"layout_method": "bellwire"},
        {**OURS, "initial_layout": [7, 5, 3, 1, 0]},
        {**OURS, "initial_layout": [8, 9, 3, 1, 0]},  # two communication qubits
        {"initial_layout": [7, 5, 3, 1, 0]},
    ],
    ids=str,
)
def test_layouts_of_others(options: dict[str, Any], level: int) -> None:
    machine, circuit = MACHINES["ring"], random_circuit(5, 4, max_operands=2, seed=2)
    out = transpile(
        circuit, machine.to_qiskit(), optimization_level=level, seed_transpiler=1, **options
    )
    check_pairs(out, machine)
    check_same(out, circuit, machine)
    given = options.get("initial_layout", ())
    if given and max(given) < machine.data_qubits:
        assert out.layout.initial_index_layout(filter_ancillas=True) == list(given)


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("way", WAYS)
def test_unbound_parameters_stay(way: str, level: int) -> None:
    machine, x, y = MACHINES["ring"], Parameter("x"), Parameter("y")
    circuit = QuantumCircuit(5)
    for i in range(4):
        circuit.ry(x * (i + 1), i)
        circuit.crx(y, i, i + 1)
        circuit.rxx(x + y, 0, i + 1)
    out = transpile(
        circuit, machine.to_qiskit(), optimization_level=level, seed_transpiler=1, **WAYS[way]
    )
    assert set(out.parameters) == {x, y}
    check_pairs(out, machine)
    values = {x: 0.3, y: -1.1}
    check_same(out.assign_parameters(values), circuit.assign_parameters(values), machine)


def test_an_angle_that_is_negated_stays_unbound() -> None:
    machine, x = MACHINES["ring"], Parameter("x")
    circuit = QuantumCircuit(3)
    circuit.h([0, 1])
    circuit.cx(0, 2)
    for gate in (circuit.h, lambda q: circuit.ry(x, q), circuit.h, lambda q: circuit.rx(x, q)):
        gate(1)
    circuit.cx(1, 2)
    out = transpile(circuit, machine.to_qiskit(), optimization_level=0, **OURS)
    assert set(out.parameters) == {x}
    check_same(out.assign_parameters({x: 0.3}), circuit.assign_parameters({x: 0.3}), machine)


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MACHINES)
def test_swaps_move_what_they_should(name: str, way: str, level: int) -> None:
    machine = MACHINES[name]
    circuit = QuantumCircuit(5)
    circuit.x(0)
    circuit.ry(0.4, 1)
    circuit.swap(0, 4)  # qubit 4 was idle
    circuit.cx(4, 3)
    circuit.iswap(1, 3)
    for control, target in ((2, 4), (4, 2), (2, 4)):
        circuit.cx(control, target)
    circuit.cp(0.3, 2, 3)
    circuit.swap(3, 4)
    options = {"optimization_level": level, "seed_transpiler": level, **WAYS[way]}
    out = transpile(circuit, machine.to_qiskit(), **options)
    check_pairs(out, machine)
    check_same(out, circuit, machine)
    wanted = Statevector(circuit).probabilities_dict()
    circuit.measure_all()
    done = transpile(circuit, machine.to_qiskit(), **options)
    job = machine.to_qiskit().run(done, shots=400, noise=False, seed_simulator=1)
    found = job.result().get_counts()
    for key in {*found, *wanted}:
        assert abs(found.get(key, 0) / 400 - wanted.get(key, 0)) < 0.12


@pytest.mark.parametrize("way", WAYS)
def test_a_circuit_for_one_module_stays_in_it(way: str) -> None:
    machine = MACHINES["line"]
    circuit = random_circuit(3, 4, max_operands=2, seed=5)
    out = transpile(
        circuit, machine.to_qiskit(), optimization_level=2, seed_transpiler=1, **WAYS[way]
    )
    assert check_pairs(out, machine) == 0
    assert not out.clbits
    check_same(out, circuit, machine)


@pytest.mark.parametrize("way", WAYS)
def test_same_seed_same_circuit(way: str) -> None:
    machine, circuit = MACHINES["line"], random_circuit(6, 4, max_operands=2, seed=3)
    options = {"optimization_level": 2, "seed_transpiler": 7, **WAYS[way]}
    first = transpile(circuit, machine.to_qiskit(), **options)
    assert transpile(circuit, machine.to_qiskit(), **options) == first
    assert transpile([circuit] * 2, machine.to_qiskit(), num_processes=2, **options)[1] == first


def test_a_target_alone_is_enough_for_our_routing() -> None:
    machine, circuit = MACHINES["ring"], random_circuit(5, 4, max_operands=2, seed=3)
    out = transpile(circuit, target=machine.to_qiskit().target, seed_transpiler=1, **OURS)
    assert check_pairs(out, machine) == out.metadata["bellwire"]["ebits"] > 0
    check_same(out, circuit, machine)


def test_a_user_s_register_of_our_name_is_refused() -> None:
    circuit = QuantumCircuit(QuantumRegister(5), ClassicalRegister(1, "bellwire"))
    circuit.cx(0, range(1, 5))
    with pytest.raises(TranspilerError, match="register 'bellwire'"):
        transpile(circuit, MACHINES["ring"].to_qiskit(), **OURS)


@pytest.mark.parametrize("way", WAYS)
def test_a_user_may_have_registers_of_the_name_comm(way: str) -> None:
    machine = MACHINES["ring"]
    circuit = QuantumCircuit(QuantumRegister(5, "comm"), ClassicalRegister(2, "q"))
    circuit.h(0)
    circuit.cx(0, range(1, 5))
    named = QuantumCircuit(QuantumRegister(5, "q"), ClassicalRegister(2, "comm"))
    named.compose(circuit, range(5), range(2), inplace=True)
    for each in (circuit, named):
        out = transpile(each, machine.to_qiskit(), seed_transpiler=1, **WAYS[way])
        assert check_pairs(out, machine) > 0
        check_same(out, each, machine)


@pytest.mark.parametrize("options", [{}, OURS], ids=["plain", "ours"])
def test_a_plain_target_is_refused(options: dict[str, str]) -> None:
    circuit, backend = random_circuit(5, 4, max_operands=2, seed=3), MACHINES["ring"].to_qiskit()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(TranspilerError, match=r"backend=machine\.to_qiskit"):
            transpile(circuit, backend, basis_gates=["cx", "u"], **options)


def test_too_large_a_circuit_is_told_what_would_fit() -> None:
    backend = MACHINES["ring"].to_qiskit()
    circuit = random_circuit(9, 2, max_operands=2, seed=3)
    with pytest.raises(TranspilerError, match=r"maximum \(8\)"):
        transpile(circuit, backend, **OURS)
    with pytest.raises(TranspilerError, match="3 data qubits per module would fit"):
        generate_preset_pass_manager(1, backend, **OURS).run(circuit)


def test_plugins_load_and_are_light() -> None:
    for stage in ("layout", "routing", "scheduling"):
        assert "bellwire" in list_stage_plugins(stage)
    code = (
        "import sys; import bellwire.qiskit_plugin\n"
        "print([m for m in sys.modules if m.startswith(('bellwire.', 'cirq', 'stim', 'numba'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['bellwire.qiskit_plugin']"


def test_fewer_e_bits_than_by_qiskit_s_own_layout() -> None:
    machine = make_machine("ring", 4, data_qubits=3, comm_qubits=2)
    ebits = []
    for options in ({"layout_method": "sabre"}, *WAYS.values()):
        total = 0
        for seed in range(2):
            circuit = random_circuit(9, 6, max_operands=2, seed=seed)
            out = transpile(circuit, machine.to_qiskit(), seed_transpiler=seed, **options)
            total += check_pairs(out, machine)
        ebits.append(total)
    assert max(ebits[1:]) < 0.8 * ebits[0]
    assert np.all(np.array(ebits) > 0)
