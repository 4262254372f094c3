"""Density matrices of a few qubits: the long way to what the closed forms say."""

from itertools import product

import numpy as np

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
