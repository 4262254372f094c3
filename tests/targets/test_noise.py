"""Noise formulas: published numbers, and the same physics done the long way with matrices."""

from itertools import product

import numpy as np
import pytest

from bellwire.errors import MachineError
from bellwire.targets.noise import (
    average_fidelity,
    combine,
    depolarising_1q,
    depolarising_2q,
    idle_pauli,
    move_and_return,
    moved_gate_fidelity,
    process_fidelity,
    store_pair,
    stored_fidelity,
    swap_pairs,
    telegate_fidelity,
    teleport_fidelity,
    werner_state,
    werner_weight,
)

I2, X, Y, Z = np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
PAULIS = (I2, Z, X, Y)  # in the order of Bell-diagonal weights
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
CX = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
UNEVEN = (0.85, 0.08, 0.05, 0.02)
OXFORD = (0.9695, 0.0185, 0.0060, 0.0060)


def on(gate, qubits, n):
    """The matrix of a gate on some of n qubits, the first one being the most significant."""
    k = len(qubits)
    tensor = np.kron(gate, np.eye(2 ** (n - k))).reshape([2] * (2 * n))
    order = [*qubits, *(q for q in range(n) if q not in qubits)]
    back = list(np.argsort(order))
    return tensor.transpose([*back, *(n + q for q in back)]).reshape(2**n, 2**n)


def channel(rho, operators):
    return sum(k @ rho @ k.conj().T for k in operators)


def depolarise(rho, p, qubits, n):
    k = len(qubits)
    out = (1 - p) * rho
    for paulis in product(PAULIS, repeat=k):
        gate = paulis[0] if k == 1 else np.kron(*paulis)
        out = out + p / 4**k * channel(rho, [on(gate, qubits, n)])
    return out


def bell_pair(weights):
    """Density matrix of (|00> + |11>)/sqrt2 with Pauli errors on its second half."""
    ideal = np.zeros((4, 4))
    ideal[np.ix_([0, 3], [0, 3])] = 0.5
    return sum(w * channel(ideal, [np.kron(I2, p)]) for w, p in zip(weights, PAULIS))


def bell_weights(rho):
    pure = [bell_pair(np.eye(4)[i]) for i in range(4)]
    return [np.trace(rho @ b).real for b in pure]


def measured(rho, qubit, flip, correction, target, n):
    """Measure in the Z basis, read with errors, correct on a (wrongly or rightly) read 1."""
    out = np.zeros_like(rho)
    for value in (0, 1):
        part = channel(rho, [on(np.diag(np.eye(2)[value]), [qubit], n)])
        for read in (0, 1):
            chance = 1 - flip if read == value else flip
            fix = on(correction, [target], n) if read else np.eye(2**n)
            out = out + chance * channel(part, [fix])
    return out


def memory_operators(ns, t1, t2):
    """Amplitude damping, then the rest of the dephasing."""
    gone = 1 - np.exp(-ns / t1)
    rest = np.exp(-ns / t2 + ns / (2 * t1))
    damp = [np.array([[1, 0], [0, np.sqrt(1 - gone)]]), np.array([[0, np.sqrt(gone)], [0, 0]])]
    turn = [np.sqrt((1 + rest) / 2) * I2, np.sqrt((1 - rest) / 2) * Z]
    return [b @ a for a in damp for b in turn]


def test_werner_and_fidelities():
    assert werner_state(0.97) == pytest.approx((0.97, 0.01, 0.01, 0.01))
    assert werner_weight(1.0) == 1
    assert werner_weight(0.25) == 0
    for d in (2, 4):
        assert average_fidelity(process_fidelity(0.93, d), d) == pytest.approx(0.93)
    assert average_fidelity(0.8371267, 4) == pytest.approx(0.8697013, abs=1e-7)
    with pytest.raises(MachineError, match=r"fidelity: found 1\.2"):
        werner_state(1.2)


@pytest.mark.parametrize(
    ("strength", "p", "d"), [(depolarising_1q, 0.03, 2), (depolarising_2q, 0.04, 4)]
)
def test_depolarising_strength(strength, p, d):
    process = 1 - p * (d * d - 1) / (d * d)
    assert strength(average_fidelity(process, d)) == pytest.approx(p)
    assert strength(1) == 0
    with pytest.raises(MachineError, match="fidelity of a"):
        strength(0.15)


def test_idle_is_the_twirled_memory():
    ns, t1, t2 = 700.0, 3_000.0, 2_000.0
    twirled = [
        sum(abs(np.trace(p @ k)) ** 2 / 4 for k in memory_operators(ns, t1, t2)) for p in (X, Y, Z)
    ]
    assert idle_pauli(ns, t1, t2) == pytest.approx(twirled)


def test_idle_limits():
    inf = float("inf")
    assert idle_pauli(100, inf, inf) == (0, 0, 0)
    assert idle_pauli(0, 5, 5) == (0, 0, 0)
    assert idle_pauli(1e15, 1.0, 2.0) == (0.25, 0.25, 0.25)
    assert idle_pauli(1e-9, 1.0, 2.0)[2] >= 0
    assert idle_pauli(50, inf, 100) == (0, 0, pytest.approx((1 - np.exp(-0.5)) / 2))
    with pytest.raises(MachineError, match="ns: found -1"):
        idle_pauli(-1, 5, 5)


def test_stored_pair_depolarising_and_dephasing():
    t, time = 300.0, 1_000.0
    memory = (2 * time, 2 * time)  # both halves: the rates add
    stored = store_pair(werner_state(0.9), t, first=memory, second=memory)
    assert stored[0] == pytest.approx(1 / 4 + (0.9 - 1 / 4) * np.exp(-t / time))
    memory = (float("inf"), time)
    stored = store_pair((0.9, 0.1, 0, 0), t, first=memory, second=memory)
    assert stored[0] == pytest.approx(1 / 2 + (0.9 - 1 / 2) * np.exp(-2 * t / time))


@pytest.mark.parametrize(("parity", "number"), [("even", 0.660744), ("odd", 0.659554)])
def test_stored_perfect_pair(parity, number):
    assert stored_fidelity(0.5, 10, 1, parity=parity) == pytest.approx(number, abs=1e-6)
    weights = (1, 0, 0, 0) if parity == "even" else (0, 0, 1, 0)
    rho = bell_pair(weights)
    for qubit in (0, 1):
        rho = channel(rho, [on(k, [qubit], 2) for k in memory_operators(0.5, 10, 1)])
    wanted = np.trace(rho @ bell_pair(weights)).real
    assert stored_fidelity(0.5, 10, 1, parity=parity) == pytest.approx(wanted)


def test_twirled_pair_is_the_mean_of_both_parities():
    stored = store_pair((1, 0, 0, 0), 0.5, first=(10, 1), second=(10, 1))
    both = [stored_fidelity(0.5, 10, 1, parity=p) for p in ("even", "odd")]
    assert stored[0] == pytest.approx(np.mean(both))
    assert sum(stored) == pytest.approx(1)


def test_swap_of_werner_pairs():
    assert swap_pairs(werner_state(0.9), werner_state(0.9))[0] == pytest.approx(0.81333, abs=5e-6)
    for links, number in ((2, 0.9412), (4, 0.8870), (8, 0.7910)):
        joined = combine(*[werner_state(0.97)] * links)
        assert joined[0] == pytest.approx(number, abs=5e-5)
        assert werner_weight(joined[0]) == pytest.approx(werner_weight(0.97) ** links)


def test_imperfect_swap_of_werner_pairs():
    f1, f2, p, eta = 0.93, 0.88, 0.04, 0.97
    joined = swap_pairs(werner_state(f1), werner_state(f2), gate_2q=1 - 3 * p / 4, readout=eta)
    wanted = werner_weight(f1) * werner_weight(f2) * (1 - p) * (4 * eta**2 - 1) / 3
    assert werner_weight(joined[0]) == pytest.approx(wanted)


def test_imperfect_swap_by_matrices():
    p, flip = 0.04, 0.03
    rho = np.kron(bell_pair(UNEVEN), bell_pair(OXFORD))  # qubits A, M, M', B
    rho = depolarise(channel(rho, [on(CX, [1, 2], 4)]), p, [1, 2], 4)
    rho = channel(rho, [on(H, [1], 4)])
    rho = measured(rho, 2, flip, X, 3, 4)
    rho = measured(rho, 1, flip, Z, 3, 4)
    ends = np.einsum("aijbcijd->abcd", rho.reshape([2] * 8)).reshape(4, 4)
    joined = swap_pairs(UNEVEN, OXFORD, gate_2q=1 - 3 * p / 4, readout=1 - flip)
    assert joined == pytest.approx(bell_weights(ends))


def telegate_by_matrices(state, p1, p2, e1, e2):
    """Process fidelity of the teleported CX, from its action on half of an entangled input."""
    control, target, near, far, ref_c, ref_t = range(6)
    rho = np.kron(np.diag([1, 0, 0, 0]), bell_pair(state))
    rho = np.kron(rho, np.diag([1.0, 0, 0, 0])).astype(complex)
    for kept, reference in ((control, ref_c), (target, ref_t)):
        rho = channel(rho, [on(CX, [kept, reference], 6) @ on(H, [kept], 6)])
    rho = depolarise(channel(rho, [on(CX, [control, near], 6)]), p1, [control, near], 6)
    rho = measured(rho, near, e1, X, far, 6)
    rho = depolarise(channel(rho, [on(CX, [far, target], 6)]), p2, [far, target], 6)
    rho = channel(rho, [on(H, [far], 6)])
    rho = measured(rho, far, e2, Z, control, 6)
    rho = channel(rho, [on(CX, [control, target], 6)])  # undo the ideal gate
    kept = np.einsum("abijcdefijgh->abcdefgh", rho.reshape([2] * 12)).reshape(16, 16)
    pure = np.zeros(16)
    pure[[0b0000, 0b0101, 0b1010, 0b1111]] = 0.5
    return (pure @ kept @ pure).real


def telegate(state, p1, p2, e1, e2):
    return telegate_fidelity(
        state,
        source_2q=1 - 3 * p1 / 4,
        target_2q=1 - 3 * p2 / 4,
        source_readout=1 - e1,
        target_readout=1 - e2,
    )


@pytest.mark.parametrize(
    ("fidelity", "errors", "process", "average"),
    [
        (0.90, (0.02, 0.03, 0.01, 0.02), 0.8371267, 0.8697013),
        (0.97, (0.01, 0.01, 0.005, 0.005), 0.9437928, 0.9550342),
    ],
)
def test_telegate_with_local_errors(fidelity, errors, process, average):
    out = telegate(werner_state(fidelity), *errors)
    assert out == pytest.approx(process, abs=5e-8)
    assert average_fidelity(out, 4) == pytest.approx(average, abs=5e-8)
    assert telegate_by_matrices(werner_state(fidelity), *errors) == pytest.approx(out)


def test_telegate_with_uneven_errors_by_matrices():
    errors = (0.05, 0.01, 0.02, 0.07)
    assert telegate(UNEVEN, *errors) == pytest.approx(telegate_by_matrices(UNEVEN, *errors))


@pytest.mark.parametrize(
    ("fidelity", "average"), [(0.9, 0.92), (0.9689, 0.97512), (0.9695, 0.9756)]
)
def test_telegate_with_perfect_modules(fidelity, average):
    for state in (werner_state(fidelity), (fidelity, 1 - fidelity, 0.0, 0.0)):
        out = average_fidelity(telegate_fidelity(state), 4)
        assert out == pytest.approx((4 * fidelity + 1) / 5)
        assert out == pytest.approx(average, abs=5e-5)


def test_teleport():
    assert teleport_fidelity(0.9) == pytest.approx((2 * 0.9 + 1) / 3)


def test_move_and_return():
    pair = werner_state(0.9689)
    assert move_and_return(pair, pair) == pytest.approx(0.93909, abs=5e-6)
    assert move_and_return(UNEVEN, OXFORD) == pytest.approx(np.dot(UNEVEN, OXFORD))


def test_gate_between_move_and_return_by_matrices():
    wanted = sum(
        w1 * w2 * abs(np.trace(CX.T @ on(p2, [0], 2) @ CX @ on(p1, [0], 2))) ** 2 / 16
        for w1, p1 in zip(UNEVEN, PAULIS)
        for w2, p2 in zip(OXFORD, PAULIS)
    )
    assert moved_gate_fidelity(UNEVEN, OXFORD) == pytest.approx(wanted)
    assert moved_gate_fidelity(UNEVEN, OXFORD) < move_and_return(UNEVEN, OXFORD)
