"""Swapping, teleportation and remote gates: published numbers, and density matrices."""

import numpy as np
import pytest
from density import (
    CX,
    OXFORD,
    PAULIS,
    UNEVEN,
    H,
    X,
    Z,
    bell_pair,
    bell_weights,
    channel,
    depolarise,
    measured,
    on,
)

from bellwire.targets.noise import average_fidelity, combine, werner_state, werner_weight
from bellwire.targets.remote_gates import (
    move_and_return,
    moved_gate_fidelity,
    swap_pairs,
    telegate_channel,
    telegate_fidelity,
    teleport_channel,
    teleport_fidelity,
)


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
    """Weights of the 16 errors of the teleported CX, on half of an entangled input."""
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
    return [
        ((p @ pure).conj() @ kept @ (p @ pure)).real
        for p in (on(np.kron(a, b), [0, 1], 4) for a in PAULIS for b in PAULIS)
    ]


def telegate(state, p1, p2, e1, e2):
    return telegate_channel(
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
    weights = telegate(werner_state(fidelity), *errors)
    out = weights[0]
    assert out == pytest.approx(process, abs=5e-8)
    assert average_fidelity(out, 4) == pytest.approx(average, abs=5e-8)
    assert telegate_by_matrices(werner_state(fidelity), *errors) == pytest.approx(weights)


def test_telegate_with_uneven_errors_by_matrices():
    errors = (0.05, 0.01, 0.02, 0.07)
    weights = telegate(UNEVEN, *errors)
    assert weights == pytest.approx(telegate_by_matrices(UNEVEN, *errors))
    assert weights.sum() == pytest.approx(1)


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


def test_teleported_qubit_by_matrices():
    p, flip = 0.04, 0.03
    rho = np.kron(bell_pair((1, 0, 0, 0)), bell_pair(UNEVEN))  # reference, qubit, near, far half
    rho = depolarise(channel(rho, [on(CX, [1, 2], 4)]), p, [1, 2], 4)
    rho = channel(rho, [on(H, [1], 4)])
    rho = measured(rho, 2, flip, X, 3, 4)
    rho = measured(rho, 1, flip, Z, 3, 4)
    ends = np.einsum("aijbcijd->abcd", rho.reshape([2] * 8)).reshape(4, 4)
    found = teleport_channel(UNEVEN, gate_2q=1 - 3 * p / 4, readout=1 - flip)
    assert found == pytest.approx(bell_weights(ends))
    assert teleport_channel(UNEVEN) == pytest.approx(UNEVEN)
    assert average_fidelity(teleport_channel(UNEVEN)[0], 2) == teleport_fidelity(UNEVEN[0])
