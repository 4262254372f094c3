"""Stabilizer flows against Stim, numba against numpy, GF(2) algebra, speed at size."""

from __future__ import annotations

import time

import numpy as np
import pytest
import stim
from handmade import logical, random_clifford, random_logical, spread
from mutants import mutants

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import parity_bits
from bellwire.compiler.equivalence import FLOWS, prove
from bellwire.compiler.flows import compare_flows, flows_of
from bellwire.compiler.gf2 import Span, pack, unpack
from bellwire.compiler.ports import match_ports
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.steps import NotClifford, quarter_turns

STIM = {"id": "I", "sdg": "S_DAG", "sx": "SQRT_X", "sxdg": "SQRT_X_DAG", "reset": "R"}


def to_stim(program: Program) -> tuple[stim.Circuit, list[int]]:
    """A Stim circuit of table gates without angles, and the last measurement of each bit (-1)."""
    circuit = stim.Circuit()
    circuit.append("I", range(len(program.qubits)))
    empty = sorted(set(range(len(program.qubits))) - set(program.inputs))
    if empty:
        circuit.append("R", empty)
    last, count = [-1] * len(program.bit_names), 0
    for op in program.ops:
        name = STIM.get(op.name, op.name.upper())
        if op.name == "measure":
            circuit.append("M", op.qubits)
            last[op.bits[0]], count = count, count + 1
        elif op.condition is None:
            circuit.append(name, op.qubits)
        else:
            parity = parity_bits(op.condition)
            assert parity is not None
            for b in parity[0]:
                if last[b] >= 0:
                    circuit.append("C" + name, [stim.target_rec(last[b] - count), op.qubits[0]])
            if parity[1]:
                circuit.append(name, op.qubits)
    return circuit, last


def to_stim_flows(program: Program, last: list[int], *, flip: bool) -> list[stim.Flow]:
    """Our flows as Stim's; with `flip`, each with the wrong sign."""
    n = len(program.logical)
    found = flows_of(program)

    def string(vector: np.ndarray, where: tuple[int, ...], sign: bool) -> stim.PauliString:
        out = stim.PauliString(len(program.qubits))
        for i, q in enumerate(where):
            out[q] = int("0132"[vector[i] + 2 * vector[n + i]])
        return -out if sign else out

    return [
        stim.Flow(
            input=string(start, program.inputs, bool(start[-1]) != flip),
            output=string(end, program.outputs, False),
            # A bit that nobody wrote is 0.
            measurements=[m for m, on in zip(last, end[2 * n :]) if on and m >= 0],
        )
        for end, start in zip(found.ends, found.starts)
    ]


def without_angles(program: Program) -> Program:
    out = ProgramBuilder.like(program)
    for op in program.ops:
        if not op.angles:
            out.append_op(op)
    return out.finish(program.stage, program.outputs)


@pytest.mark.parametrize("seed", range(60))
def test_every_flow_is_one_of_stims_with_its_sign(seed: int):
    program = without_angles(random_clifford(seed, ops=30))
    circuit, last = to_stim(program)
    flows = to_stim_flows(program, last, flip=False)
    assert circuit.has_all_flows(flows)
    assert not any(circuit.has_flow(f) for f in to_stim_flows(program, last, flip=True)[:3])


@pytest.mark.parametrize("seed", range(20))
def test_unitary_programs_have_stims_tableau(seed: int):
    program = random_logical(seed, 4, 30)
    circuit, _ = to_stim(program)
    inverse = stim.Tableau.from_circuit(circuit).inverse()
    found = flows_of(program)
    assert len(found.ends) == 8
    for end, start in zip(found.ends, found.starts):
        q = int(np.flatnonzero(end)[0])
        string = inverse.x_output(q) if q < 4 else inverse.z_output(q - 4)
        xs, zs = string.to_numpy()
        assert start[:4].tolist() == xs.tolist()
        assert start[4:8].tolist() == zs.tolist()
        assert bool(start[8]) == (string.sign == -1)


@pytest.mark.parametrize("seed", range(15))
def test_no_flow_is_missing(seed: int):
    """As many independent flows as Stim has once outputs that are traced out are reset."""
    program = without_angles(random_clifford(seed, ops=20))
    circuit, last = to_stim(program)
    circuit.append("R", sorted(set(range(len(program.qubits))) - set(program.outputs)))
    n = len(program.logical)
    rows = []
    for flow in circuit.flow_generators():
        used = set(flow.measurements_copy())
        rows.append(
            [
                *_bits(flow.output_copy(), program),
                *(m in used for m in range(circuit.num_measurements)),
            ]
        )
    # Flows of Stim that use only measurements which are the last of their bit.
    table = np.array(rows, dtype=bool).reshape(len(rows), -1)
    hidden = [m for m in range(circuit.num_measurements) if m not in last]
    shown = table[:, [*range(2 * n), *(2 * n + m for m in last if m >= 0)]]
    kept = _combinations_without(table[:, [2 * n + m for m in hidden]], shown)
    never = sum(m < 0 for m in last)
    assert len(flows_of(program).ends) == kept + never


def _bits(string: stim.PauliString, program: Program) -> list[bool]:
    xs, zs = string.to_numpy()
    pad = len(program.qubits) - len(xs)
    xs, zs = np.pad(xs, (0, pad)), np.pad(zs, (0, pad))
    return [*xs[list(program.outputs)].tolist(), *zs[list(program.outputs)].tolist()]


def _combinations_without(hidden: np.ndarray, shown: np.ndarray) -> int:
    """The rank of `shown` over those combinations of rows in which `hidden` cancels."""
    rows = len(hidden)
    if not rows:
        return 0
    span = Span(rows)
    for column in hidden.T:
        span.add(pack(column[None])[0])
    combinations = span.kernel()
    rank = Span(shown.shape[1])
    for c in combinations:
        rank.add(pack((c.astype(int) @ shown.astype(int) % 2 == 1)[None])[0])
    return len(rank)


@pytest.mark.parametrize("seed", range(6))
def test_numba_and_numpy_agree(seed: int):
    program = random_clifford(seed, inputs=5, empty=3, bits=80, ops=300)
    a, b = (flows_of(program, compiled=c) for c in (False, True))
    assert np.array_equal(a.ends, b.ends)
    assert np.array_equal(a.starts, b.starts)


def test_numba_and_numpy_find_the_same_faults():
    reference = random_logical(3, 5, 20)
    for what, mutant in list(mutants(spread(reference, 3)))[::5]:
        ports = match_ports(mutant, reference)
        assert not isinstance(ports, str)
        a, b = (compare_flows(mutant, reference, ports, compiled=c) for c in (False, True))
        assert a == b, what
        assert a is not None


def test_many_bits_in_use_at_once():
    """More sign rows than there is room for at first, in one parity and one by one."""
    from bellwire.compiler.conditions import bit, parity

    b = ProgramBuilder([Qubit(f"q[{i}]") for i in range(300)], [Register("c", 300)])
    for i in range(300):
        b.append("measure", (i,), bits=(i,))
    for i in range(300):
        b.append("x", (i,), condition=bit(i))
    b.append("x", (0,), condition=parity(*(bit(i) for i in range(1, 300))))
    program = b.finish(Stage.LOGICAL)
    for compiled in (False, True):
        found = flows_of(program, compiled=compiled)
        assert len(found.ends) == 600  # Z of every output, every bit
    assert prove(program, program).equal


def test_quarter_turns_never_drop_a_small_angle():
    assert [quarter_turns(k * np.pi / 2) for k in range(-3, 6)] == [1, 2, 3, 0, 1, 2, 3, 0, 1]
    assert quarter_turns(1e-15) is None
    assert quarter_turns(np.pi / 4) is None
    assert quarter_turns(0.0) == 0


def test_what_is_not_clifford_is_named():
    with pytest.raises(NotClifford, match=r"operation 1 \(t\) is not Clifford"):
        flows_of(logical(1, ("h", (0,)), ("t", (0,))))


def test_a_span_and_its_kernel():
    rng = np.random.default_rng(0)
    vectors = rng.random((40, 150)) < 0.3
    span = Span(150)
    for row in pack(vectors):
        span.add(row)
    kernel = span.kernel()
    assert len(kernel) + len(span) == 150
    assert not ((vectors.astype(int) @ kernel.T.astype(int)) % 2).any()
    mixed = np.bitwise_xor.reduce(pack(vectors)[[1, 5, 9]], axis=0)
    assert not span.remainder(mixed).any()
    assert np.array_equal(unpack(pack(vectors), 150), vectors)


def test_two_hundred_qubits_are_quick():
    reference = random_logical(1, 200, 5000)
    program = spread(reference, 8)
    began = time.process_time()
    proof = prove(program, reference)
    assert proof.equal
    assert proof.method == FLOWS
    assert time.process_time() - began < 10
    rng = np.random.default_rng(0)
    for what, mutant in mutants(program, at=rng.integers(len(program), size=2).tolist()):
        assert not prove(mutant, reference).equal, what
