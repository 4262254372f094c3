"""Running programs: right counts, chosen backends, seeds, errors."""

from dataclasses import replace

import numpy as np
import pytest
from protocols import PERFECT, add_telegate, builder_on, machine_of, teleport

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit, equals, parity
from bellwire.compiler.program import Qubit, Register, Stage
from bellwire.errors import BackendError, ProgramError, RunError
from bellwire.runtime.execute import prepare

NOISY = replace(PERFECT, t1_ns=1e5, t2_ns=8e4)


def logical(qubits: int, *registers: Register) -> ProgramBuilder:
    return ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)], registers)


def distance(a, b):
    shots_a, shots_b = sum(a.values()), sum(b.values())
    return sum(abs(a.get(k, 0) / shots_a - b.get(k, 0) / shots_b) for k in {*a, *b}) / 2


@pytest.mark.parametrize("backend", ["stabilizer", "aer"])
def test_teleported_state_comes_back(backend):
    machine = machine_of()
    result = prepare(teleport(machine), machine, backend=backend).run(200)
    assert result.counts == {"0": 200}


def test_a_state_that_is_not_clifford_runs_on_aer():
    machine = machine_of()
    result = prepare(teleport(machine, "ry"), machine).run(200)
    assert result.counts == {"0": 200}
    assert result.backend == "folded (statevector)"
    result = prepare(teleport(machine, "ry"), machine, explicit=True).run(200)
    assert result.counts == {"0": 200}
    assert result.backend == "aer (statevector)"


def test_telegates_give_the_counts_of_the_plain_circuit():
    machine = machine_of(3, shape="line", data_qubits=1)
    b = builder_on(machine, 8, user_bits=3)
    plain = logical(3, Register("c", 3))
    for k, (gate, angle) in enumerate((("ry", 0.9), ("h", None), ("rx", 1.1), ("ry", 0.4))):
        angles = [] if angle is None else [angle]
        b.append(gate, [2 * (k % 3)], angles)
        plain.append(gate, [k % 3], angles)
        low = k % 2
        add_telegate(b, 2 * low, 2 * low + 1, 2 * low + 3, 2 * low + 2, (3 + 2 * k, 4 + 2 * k))
        plain.append("cx", [low, low + 1])
    for i in range(3):
        b.append("measure", [2 * i], bits=[i])
        plain.append("measure", [i], bits=[i])
    lowered = prepare(b.finish(Stage.LOWERED), machine, noise=False).run(4000, seed=1)
    direct = prepare(plain.finish(Stage.LOGICAL)).run(20_000, seed=2)
    assert distance(lowered.counts, direct.counts) < 0.04
    assert lowered.pairs == {"made": 16_000, "consumed": 16_000, "expired": 0}
    assert direct.makespan_s == {"mean": 0.0, "p50": 0.0, "p99": 0.0}


@pytest.mark.parametrize("backend", ["stabilizer", "aer", "timing"])
def test_same_seed_same_result(backend):
    machine = machine_of(module=NOISY, state=(0.7, 0.1, 0.1, 0.1), success=0.3)
    prepared = prepare(teleport(machine), machine, backend=backend)
    one, two, other = (
        prepared.run(300, seed=7),
        prepared.run(300, seed=7),
        prepared.run(300, seed=8),
    )
    again = prepare(teleport(machine), machine, backend=backend).run(300, seed=7)
    assert one.to_dict() == two.to_dict() == again.to_dict()
    assert one.to_dict() != other.to_dict()


def test_keys_are_as_qiskit_shows_them():
    b = logical(4, Register("a", 2), Register("loose", None), Register("b", 1))
    b.append("x", [0])
    b.append("x", [2])
    for q in range(4):
        b.append("measure", [q], bits=[q])
    program = b.finish(Stage.LOGICAL)
    for backend in ("stabilizer", "aer"):
        assert prepare(program, backend=backend).run(10).counts == {"0 1 01": 10}


def test_no_user_bits_no_counts():
    machine = machine_of()
    b = builder_on(machine, 1)
    b.append("measure", [0], bits=[0])
    for backend in ("stabilizer", "aer"):
        assert prepare(b.finish(Stage.LOWERED), machine, backend=backend).run(5).counts == {}


@pytest.mark.parametrize("backend", ["stabilizer", "aer"])
def test_parities_and_negations_steer_paulis(backend):
    b = logical(5, Register("c", 5))
    b.append("x", [0])
    b.append("h", [1])
    for q in range(3):
        b.append("measure", [q], bits=[q])
    b.append("x", [3], condition=parity(bit(0), bit(1), bit(2)))
    b.append("x", [4], condition=~parity(bit(0), bit(1)))
    b.append("measure", [3], bits=[3])
    b.append("measure", [4], bits=[4])
    counts = prepare(b.finish(Stage.LOGICAL), backend=backend).run(400).counts
    assert set(counts) == {"01001", "10011"}


def test_register_equality_and_general_formulas_run_on_aer():
    b = logical(4, Register("c", 4))
    b.append("x", [0])
    b.append("measure", [0], bits=[0])
    b.append("measure", [1], bits=[1])
    b.append("h", [2], condition=equals((0, 1), 2))
    b.append("x", [2], condition=equals((0, 1), 1))
    b.append("x", [3], condition=(bit(0) & ~bit(1)) | bit(3))
    b.append("measure", [2], bits=[2])
    b.append("measure", [3], bits=[3])
    result = prepare(b.finish(Stage.LOGICAL)).run(50)
    assert result.backend.startswith("aer")
    assert result.counts == {"1101": 50}


def test_control_flow_runs_on_aer():
    b = logical(2, Register("c", 2))
    b.append("h", [0])
    b.append("measure", [0], bits=[0])
    turn = b.child()
    turn.append("h", [0])
    turn.append("measure", [0], bits=[0])
    b.append("while_loop", [0], bits=[0], condition=bit(0), blocks=[turn])
    five = b.child()
    five.append("x", [1])
    b.append("for_loop", [1], [5], blocks=[five])
    yes, no = b.child(), b.child()
    yes.append("x", [1])
    no.append("id", [1])
    b.append("if_else", [1], condition=bit(0), blocks=[yes, no])
    b.append("measure", [1], bits=[1])
    result = prepare(b.finish(Stage.LOGICAL)).run(100)
    assert result.counts == {"10": 100}


def test_break_leaves_the_loop():
    b = logical(2, Register("c", 2))
    turn, out = b.child(), b.child()
    turn.append("x", [1])
    turn.append("measure", [1], bits=[1])
    out.append("break_loop", [])
    turn.append("if_else", [], condition=bit(1), blocks=[out])
    turn.append("x", [0])
    b.append("for_loop", [0, 1], [3], bits=[1], blocks=[turn])
    b.append("measure", [0], bits=[0])
    assert prepare(b.finish(Stage.LOGICAL)).run(20).counts == {"10": 20}


def test_noise_in_a_while_loop_is_drawn_at_each_turn():
    machine = machine_of(state=(0.5, 0.0, 0.5, 0.0))
    b = builder_on(machine, 1, user_bits=1)
    b.append("x", [0])
    b.append("measure", [0], bits=[0])
    turn = b.child()
    turn.append("ebit", [2, 5])  # an X error flips the parity of the halves half the time
    turn.append("measure", [2], bits=[0])
    turn.append("x", [5], condition=bit(0))
    turn.append("measure", [5], bits=[0])
    b.append("while_loop", [2, 5], bits=[0], condition=bit(0), blocks=[turn])
    result = prepare(b.finish(Stage.LOWERED), machine, backend="aer").run(30)
    assert result.counts == {"0": 30}


def test_conditional_paulis_in_blocks_and_for_loops_run_on_stim():
    b = logical(2, Register("c", 2))
    b.append("x", [0])
    b.append("measure", [0], bits=[0])
    yes, no, body = b.child(), b.child(), b.child()
    yes.append("x", [1])
    no.append("y", [1])
    body.append("h", [1])
    b.append("if_else", [1], condition=bit(0), blocks=[yes, no])
    b.append("for_loop", [1], [4], blocks=[body])
    b.append("measure", [1], bits=[1])
    assert prepare(b.finish(Stage.LOGICAL), backend="stabilizer").run(9).counts == {"11": 9}


def test_all_gates_of_the_table_mean_the_same_on_aer_and_by_matrix():
    from bellwire.compiler.operations import TABLE, Family

    random = np.random.default_rng(0)
    for row in TABLE.values():
        if row.family is not Family.GATE:
            continue
        angles = random.uniform(0, 3, row.angles).tolist()
        b = logical(2, Register("c", 2))
        state = np.zeros(4, dtype=complex)
        b.append("ry", [0], [0.8])
        b.append("ry", [1], [1.9])
        state = np.kron([np.cos(0.4), np.sin(0.4)], [np.cos(0.95), np.sin(0.95)]).astype(complex)
        b.append(row.name, range(row.num_qubits), angles)
        matrix = row.matrix(*angles)
        mixing = np.array([[1, 1j], [1j, 1]]) / np.sqrt(2)  # rx(-pi/2) shows phases
        full = np.kron(mixing, mixing) @ (
            matrix if row.num_qubits == 2 else np.kron(matrix, np.eye(2))
        )
        chances = np.abs(full @ state) ** 2
        for q in range(2):
            b.append("rx", [q], [-np.pi / 2])
            b.append("measure", [q], bits=[q])
        counts = prepare(b.finish(Stage.LOGICAL), backend="aer").run(20_000, seed=1).counts
        for i in range(4):
            key = f"{i & 1}{i >> 1}"
            assert counts.get(key, 0) / 20_000 == pytest.approx(chances[i], abs=0.02), row.name


def test_readout_errors_are_those_of_the_module():
    machine = machine_of()
    fidelities = (0.9, 0.6)
    modules = tuple(
        replace(m, readout=replace(m.readout, fidelity=f))
        for m, f in zip(machine.modules, fidelities)
    )
    machine = replace(machine, modules=modules)
    b = builder_on(machine, 1, user_bits=2)
    b.append("measure", [0], bits=[0])
    b.append("measure", [3], bits=[1])
    for backend in ("stabilizer", "aer"):
        counts = prepare(b.finish(Stage.LOWERED), machine, backend=backend).run(20_000).counts
        assert counts["00"] / 20_000 == pytest.approx(0.54, abs=0.015)
        assert counts["10"] / 20_000 == pytest.approx(0.36, abs=0.015)


def test_a_noisy_program_without_feedback_runs_as_density_matrix():
    machine = machine_of(module=replace(PERFECT, readout=replace(PERFECT.readout, fidelity=0.9)))
    b = builder_on(machine, 1, user_bits=1)
    b.append("t", [0])
    b.append("measure", [0], bits=[0])
    result = prepare(b.finish(Stage.LOWERED), machine, explicit=True).run(10_000)
    assert result.backend == "aer (density_matrix)"
    assert result.counts["1"] / 10_000 == pytest.approx(0.1, abs=0.01)


def test_wide_programs_use_a_matrix_product_state():
    b = logical(30, Register("c", 30))
    b.append("ry", [0], [0.3])
    for q in range(29):
        b.append("cx", [q, q + 1])
    for q in range(30):
        b.append("measure", [q], bits=[q])
    prepared = prepare(b.finish(Stage.LOGICAL))
    assert prepared.sampler.method == "aer (matrix_product_state)"
    counts = prepared.run(10_000).counts
    assert counts["1" * 30] / 10_000 == pytest.approx(np.sin(0.15) ** 2, abs=0.006)
    assert len(counts) == 2


def test_errors_say_what_would_fit():
    b = logical(70, Register("c", 70))
    for q in range(69):
        b.append("crx", [q, q + 1], [0.1])
    for q in range(70):
        b.append("measure", [q], bits=[q])
    program = b.finish(Stage.LOGICAL)
    with pytest.raises(BackendError, match=r"70 qubits at once.*timing takes any number"):
        prepare(program)
    with pytest.raises(BackendError, match="choose one of auto, stabilizer, aer, timing"):
        prepare(program, backend="abacus")
    with pytest.raises(BackendError, match="not a Clifford gate"):
        prepare(program, backend="stabilizer")
    machine = machine_of()
    with pytest.raises(ProgramError, match="compile it first"):
        prepare(program, machine)
    with pytest.raises(ProgramError, match="half compiled"):
        prepare(program.with_stage(Stage.DISTRIBUTED), machine)
    with pytest.raises(RunError, match="shots"):
        prepare(teleport(machine), machine).run(0)


def test_results_of_the_same_program_add_up():
    machine = machine_of(success=0.5)
    prepared = prepare(teleport(machine), machine)
    one, two = prepared.run(100, seed=1), prepared.run(50, seed=2)
    both = one + two
    assert both.shots == 150
    assert both.counts == {"0": 150}
    assert both.pairs["made"] == 150
    assert len(both.makespans_ns) == 150
    assert both.seed is None
    assert "150" in both._repr_html_()
    with pytest.raises(RunError, match="add up"):
        one + prepare(teleport(machine, "x"), machine).run(10)


def test_result_as_json():
    import json

    machine = machine_of(success=0.5)
    found = json.loads(json.dumps(prepare(teleport(machine), machine).run(20, seed=4).to_dict()))
    assert list(found) == [
        "counts", "shots", "makespan_s", "pairs", "attempts", "timelines", "fidelity_estimate",
        "aborted", "backend", "seed",
    ]  # fmt: skip
    assert list(found["makespan_s"]) == ["mean", "p50", "p99"]
    assert list(found["pairs"]) == ["made", "consumed", "expired"]


@pytest.mark.parametrize("stage", [Stage.LOWERED, Stage.SCHEDULED])
def test_a_program_without_qubits_runs(stage):
    result = prepare(ProgramBuilder().finish(stage), machine_of()).run(3, seed=1)
    assert result.counts == {}  # it has no bits
    assert result.fidelity_estimate == 1
