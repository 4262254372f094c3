"""The exact simulator against a plain one with density matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dense import run_dense
from handmade import logical, random_clifford, random_logical, spread

from bellwire.compiler import branches, mixture
from bellwire.compiler.branches import run_branches
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import Condition, all_of, any_of, bit, parity
from bellwire.compiler.equivalence import random_state
from bellwire.compiler.operations import TABLE
from bellwire.compiler.ports import match_ports
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.errors import NotSupported

GATES = [row for row in TABLE.values() if row.matrix is not None]


def agree(program: Program, seed: int = 0) -> None:
    """Compare both simulators on all bits."""
    state = random_state(len(program.logical), seed)
    ports = match_ports(program, program)
    assert not isinstance(ports, str)
    bits, states = run_branches(program, ports[1], state)
    found: dict[tuple[int, ...], np.ndarray] = {}
    for key, psi in zip(bits.astype(int).tolist(), states):
        rho = np.outer(psi, psi.conj())
        found[tuple(key)] = found.get(tuple(key), 0) + rho
    wanted = run_dense(program, state)
    for key in found.keys() | wanted.keys():
        assert np.abs(found.get(key, 0) - wanted.get(key, 0)).max() < 1e-10, key


def random_condition(rng: np.random.Generator, bits: int) -> Condition:
    a, b, c = (bit(int(i)) for i in rng.integers(bits, size=3))
    return [a, ~a, parity(a, b), all_of(a, ~b), any_of(a, b, c)][rng.integers(5)]


def fill(b: ProgramBuilder, rng: np.random.Generator, ops: int, depth: int, loop: bool) -> None:
    """Random gates, measurements, resets, protocols, conditions and control flow."""
    n, bits = 4, 2
    for _ in range(ops):
        q = rng.permutation(n).tolist()
        condition = random_condition(rng, bits) if rng.random() < 0.25 else None
        kind = rng.random()
        if kind < 0.6:
            row = GATES[rng.integers(len(GATES))]
            angles = rng.normal(size=row.angles).tolist()
            b.append(row.name, q[: row.num_qubits], angles, (), condition)
        elif kind < 0.75:
            b.append("measure", q[:1], (), (int(rng.integers(bits)),), condition)
        elif kind < 0.83:
            b.append("reset", q[:1], (), (), condition)
        elif kind < 0.88:
            b.append("ebit", q[:2])
            b.append("cat_entangle", (q[2], q[0], q[1]), bits=(int(rng.integers(bits)),))
        elif depth and kind < 0.95:
            count = 1 + int(rng.random() < 0.5)
            inner = [b.child() for _ in range(count)]
            for block in inner:
                fill(block, rng, 4, depth - 1, loop)
            b.append("if_else", range(n), (), (), random_condition(rng, bits), inner)
        elif depth:
            block = b.child()
            fill(block, rng, 5, depth - 1, True)
            b.append("for_loop", range(n), (2.0,), (), None, [block])
        elif loop:
            jump = "break_loop" if rng.random() < 0.5 else "continue_loop"
            b.append(jump, (), (), (), random_condition(rng, bits))


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_with_control_flow(seed: int):
    rng = np.random.default_rng(seed)
    b = ProgramBuilder(
        [Qubit(f"w[{i}]") for i in range(4)], [Register("c", 2)], logical=("a", "b"), inputs=(2, 0)
    )
    fill(b, rng, 14, 2, False)
    agree(b.finish(Stage.LOGICAL, rng.permutation(4)[:2].tolist()), seed)


@pytest.mark.parametrize("seed", range(20))
def test_random_clifford_programs(seed: int):
    agree(random_clifford(seed), seed)


def test_an_ebit_is_a_bell_pair():
    b = ProgramBuilder([Qubit("a"), Qubit("b")])
    b.append("ebit", (0, 1))
    program = b.finish(Stage.LOGICAL)
    ports = match_ports(program, program)
    assert not isinstance(ports, str)
    _, states = run_branches(program, ports[0], random_state(2, 0))
    rho = states.T @ states.conj()
    bell = np.array([1, 0, 0, 1]) / math.sqrt(2)
    assert np.allclose(rho, np.outer(bell, bell))


def until(condition: Condition) -> Program:
    """Throw coins until `condition` fails."""
    b = ProgramBuilder([Qubit("q")], [Register("c", 1)])
    b.append("h", (0,))
    b.append("measure", (0,), bits=(0,))
    turn = b.child()
    turn.append("h", (0,))
    turn.append("measure", (0,), bits=(0,))
    b.append("while_loop", (0,), (), (0,), condition, [turn])
    return b.finish(Stage.LOGICAL)


def test_repeat_until_success():
    agree(until(bit(0)))
    agree(until(~bit(0)))


def test_a_loop_without_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(branches, "MOST_TURNS", 50)
    b = ProgramBuilder([Qubit("q")], [Register("c", 1)])
    turn = b.child()
    turn.append("h", (0,))
    b.append("while_loop", (0,), (), (), ~bit(0), [turn])
    with pytest.raises(NotSupported, match="still runs after 50 turns"):
        agree(b.finish(Stage.LOGICAL))


def test_branches_stay_few_where_corrections_are_right():
    """100 telegates have 2^200 outcomes; merged, they fit in a few thousand amplitudes."""
    reference = random_logical(2, 4, 150, clifford=False)
    program = spread(reference, 4)
    assert program.count("ebit") > 60
    ports = match_ports(program, reference)
    assert not isinstance(ports, str)
    state = random_state(4, 1)
    _, found = run_branches(program, ports[0], state)
    _, wanted = run_branches(reference, ports[1], state)
    assert found.shape == wanted.shape == (1, 16)
    assert abs(abs(np.vdot(found[0], wanted[0])) - 1) < 1e-9


def test_limits_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mixture, "AMPLITUDES", 32)
    b = ProgramBuilder([Qubit(f"q[{i}]") for i in range(8)], logical=("a",), inputs=(0,))
    for i in range(8):
        b.append("h", (i,))
    for i in range(1, 8):
        b.append("cx", (0, i))
    with pytest.raises(mixture.TooLarge, match="limit is 32"):
        agree(b.finish(Stage.LOGICAL))
    monkeypatch.setattr(mixture, "AMPLITUDES", 1 << 22)
    monkeypatch.setattr(mixture, "WORK", 100)
    with pytest.raises(mixture.TooLarge, match="more than 100"):
        agree(logical(6, *(("h", (i,)) for i in range(6))))
