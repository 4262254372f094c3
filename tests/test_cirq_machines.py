"""Modular machines in Cirq: the transformer, the device, the sampler, there and back again."""

from __future__ import annotations

import math

import cirq
import numpy as np
import pytest
import sympy

import bellwire
from bellwire.cirq import ModularDevice, ModularSampler, ModularTransformer, transformer
from bellwire.cirq_reading import read_cirq
from bellwire.compiler.program import Stage
from bellwire.errors import BellwireError, DoesNotFit, NotSupported
from bellwire.families import families
from bellwire.open_angles import bind_program

LINE = bellwire.make_machine("line", 3, data_qubits=2, comm_qubits=1, coupling="line")
Q = cirq.LineQubit.range(5)
S = sympy.Symbol("s")


def ghz() -> cirq.Circuit:
    """A GHZ state of five qubits."""
    return cirq.Circuit(cirq.H(Q[0]), [cirq.CNOT(a, b) for a, b in zip(Q, Q[1:])])


def turned() -> cirq.Circuit:
    """cos(s pi/2)|00000> + sin(s pi/2)|11111> up to phases, measured."""
    steps = [cirq.X(Q[0]) ** S, [cirq.CNOT(a, b) for a, b in zip(Q, Q[1:])]]
    return cirq.Circuit(steps, (cirq.ZZ**S).on(Q[0], Q[4]), cirq.measure(*Q, key="m"))


def test_the_transformed_circuit_fits_the_device_and_does_the_same() -> None:
    device = ModularDevice(LINE)
    circuit = cirq.testing.random_circuit(Q, 6, 0.8, random_state=3)
    out, initial, final = transformer(LINE).route_circuit(circuit)
    device.validate_circuit(out)
    assert set(initial) == set(circuit.all_qubits())
    wanted = cirq.Simulator().simulate(circuit).final_state_vector
    simulator = cirq.Simulator(seed=1)
    for _ in range(3):  # other outcomes of the measurements between
        result = simulator.simulate(out)
        ends = [final[initial[q]] for q in sorted(circuit.all_qubits())]
        found = result.density_matrix_of(ends)
        assert abs(wanted.conj() @ found @ wanted) == pytest.approx(1, abs=1e-5)


def test_it_is_a_transformer_among_others() -> None:
    context = cirq.TransformerContext(logger=cirq.TransformerLogger())
    compiled = transformer("ring4-demo", recipe="fast")
    assert isinstance(compiled, ModularTransformer)
    circuit = ghz() + cirq.Circuit(cirq.measure(q, key=f"c[{i}]") for i, q in enumerate(Q))
    out = compiled(circuit, context=context)
    out = cirq.drop_negligible_operations(cirq.drop_empty_moments(out), context=context)
    assert isinstance(out, cirq.Circuit)
    counts = cirq.Simulator(seed=1).run(out, repetitions=40)
    rows = np.hstack([counts.measurements[f"c[{i}]"] for i in range(5)])
    assert {tuple(row) for row in rows.tolist()} == {(0,) * 5, (1,) * 5}
    with pytest.raises(DoesNotFit):
        compiled(cirq.Circuit(cirq.X.on_each(*cirq.LineQubit.range(13))))


def test_what_the_device_refuses() -> None:
    device = ModularDevice(LINE)
    a, b, c = (cirq.NamedQubit(f"{name}_data[0]") for name in "ABC")
    a1, a_comm, b_comm, c_comm = (
        cirq.NamedQubit(n) for n in ("A_data[1]", "A_comm[0]", "B_comm[0]", "C_comm[0]")
    )
    link = "bellwire.link A B"
    device.validate_operation(cirq.CZ(a, a1))
    device.validate_operation(cirq.X(a).with_classical_controls("k"))
    device.validate_operation(cirq.measure(a, b, c, key="k"))
    device.validate_operation(cirq.CNOT(a_comm, b_comm).with_tags(link))
    for wrong, words in (
        (cirq.CZ(a, b), "spans modules A and B"),
        (cirq.CNOT(b, c).with_classical_controls("k"), "spans modules B and C"),
        (cirq.CNOT(a_comm, b_comm), "spans modules A and B"),
        (cirq.CNOT(a_comm, c_comm).with_tags("bellwire.link A C"), "no link joins modules A and C"),
        (cirq.CNOT(a, b).with_tags(link), "A, B make pairs on communication qubits"),
        (cirq.CZ(a1, a_comm), "not coupled in module A"),
        (cirq.CCZ(a, a1, a_comm), "decompose"),
        (cirq.X(Q[0]), "no qubit of machine"),
        (cirq.CircuitOperation(cirq.FrozenCircuit(cirq.CZ(a, c))), "spans modules A and C"),
    ):
        with pytest.raises(ValueError, match=words):
            device.validate_operation(wrong)
    graph = device.metadata.nx_graph
    assert graph.has_edge(a, a1)
    assert graph.edges[a_comm, b_comm]["link"] is LINE.link("A", "B")
    assert not graph.has_edge(a_comm, c_comm)


def test_a_sweep_is_compiled_once() -> None:
    sampler = ModularSampler(LINE, seed=1, noise=False, recipe="fast")
    points = [0.15, 0.3, 0.62, 0.85]
    results = sampler.run_sweep(turned(), cirq.Points("s", points), repetitions=400)
    assert sampler.compilations == 1
    for s, result in zip(points, results):
        assert result.params == cirq.ParamResolver({"s": s})
        assert result.measurements["m"].shape == (400, 5)
        share = result.histogram(key="m")[31] / 400
        assert share == pytest.approx(math.sin(s * math.pi / 2) ** 2, abs=4 * 0.5 / 20)
    again = [sampler.run(turned(), {"s": s}, repetitions=5) for s in points]
    assert sampler.compilations == 1
    assert all(set(r.histogram(key="m")) <= {0, 31} for r in again)
    special = sampler.run(turned(), {"s": 1.0}, repetitions=20)  # X is another gate than X**s
    assert special.histogram(key="m") == {31: 20}


def test_the_sampler_runs_what_the_transformer_made() -> None:
    circuit = ghz() + cirq.Circuit(cirq.measure(*Q, key="m"))
    out = transformer(LINE)(circuit)
    program, _ = read_cirq(out, LINE)
    made = bellwire.compile(circuit, LINE).program
    assert program.stage is Stage.LOWERED
    assert program.count("ebit") == made.count("ebit") == out_links(out)
    result = ModularSampler(LINE, seed=2, noise=False).run(out, repetitions=60)
    rows = np.hstack([result.measurements[f"m[{i}]"] for i in range(5)])
    assert {tuple(row) for row in rows.tolist()} == {(0,) * 5, (1,) * 5}
    names = [cirq.NamedQubit(n) for n in ("A_data[0]", "B_data[0]")]
    with pytest.raises(BellwireError, match="spans modules A, B"):
        ModularSampler(LINE).run(cirq.Circuit(cirq.CZ(*names), cirq.measure(*names)))


def test_symbols_stay() -> None:
    t = sympy.Symbol("t")
    circuit = cirq.Circuit(
        cirq.X(Q[0]) ** S,
        cirq.CNOT(Q[0], Q[1]),
        (cirq.ZZ ** (S - 2 * t)).on(Q[1], Q[2]),
        cirq.rx(t)(Q[2]),
        (cirq.CZ**0.5).on(Q[2], Q[3]),
        cirq.YPowGate(exponent=t + 0.25)(Q[3]),
        cirq.CNOT(Q[3], Q[0]),
    )
    out, initial, final = transformer(LINE, recipe="fast").route_circuit(circuit)
    assert cirq.parameter_names(out) == {"s", "t"}
    for values in ({"s": 0.3, "t": -1.7}, {"s": 1.0, "t": 0.0}):
        wanted = cirq.Simulator().simulate(circuit, values).final_state_vector
        found = cirq.Simulator(seed=2).simulate(out, values)
        ends = [final[initial[q]] for q in sorted(circuit.all_qubits())]
        density = found.density_matrix_of(ends)
        assert abs(wanted.conj() @ density @ wanted) == pytest.approx(1, abs=1e-5)
    with pytest.raises(NotSupported, match="s: an angle is no sum"):
        transformer(LINE)(cirq.Circuit(cirq.rx(sympy.sin(S))(Q[0])))


def out_links(circuit: cirq.Circuit) -> int:
    """The Bell pairs of a circuit."""
    tags = [str(tag) for op in circuit.all_operations() for tag in op.tags]
    return sum(tag.startswith("bellwire.link") for tag in tags)


def test_keys_measured_again_noise_and_seeds() -> None:
    circuit = cirq.Circuit(
        cirq.X(Q[0]), cirq.measure(Q[0], key="a b"), cirq.measure(Q[1], Q[0], key="kl"),
        cirq.X(Q[1]), cirq.measure(Q[1], Q[0], key="kl"),
    )  # fmt: skip
    result = ModularSampler(LINE, noise=False).run(circuit, repetitions=3)
    assert result.records["kl"].tolist() == [[[0, 1], [1, 1]]] * 3
    assert result.records["a b"].tolist() == [[[1]]] * 3
    noisy = cirq.Circuit(ghz(), cirq.measure(*Q, key="m"))
    runs = [
        ModularSampler("nv-delft-2021", seed=s, recipe="fast").run(cut(noisy), repetitions=60)
        for s in (1, 1, 2)
    ]
    first, same, other = (r.measurements["m"].tolist() for r in runs)
    assert first == same != other
    assert len(runs[0].histogram(key="m")) > 2


def cut(circuit: cirq.Circuit) -> cirq.Circuit:
    """The part of a circuit on its first three qubits."""
    kept = [op for op in circuit.all_operations() if set(op.qubits) <= set(Q[:3])]
    return cirq.Circuit(kept, cirq.measure(*Q[:3], key="m"))


def test_families_of_programs() -> None:
    circuit = cirq.Circuit(cirq.rx(0.2)(Q[0]), cirq.CNOT(Q[0], Q[1]), (cirq.CZ**S)(Q[0], Q[1]))
    programs = [bellwire.read(cirq.resolve_parameters(circuit, {"s": s})) for s in (0.3, 1.0, 0.7)]
    found = families(programs, programs[:1])
    assert sorted(family.members for family in found) == [(0, 2), (1,)]
    [pair] = [family for family in found if len(family.members) == 2]
    assert pair.values.shape == (2, 1)
    for i, values in zip(pair.members, pair.values):
        assert bind_program(pair.program, values) == programs[i]
