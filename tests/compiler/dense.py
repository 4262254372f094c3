"""A slow, plain simulator with density matrices, to check the quick one against."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.conditions import evaluate
from bellwire.compiler.program import Op, Program

States = dict[tuple[int, ...], np.ndarray]


def run_dense(program: Program, state: np.ndarray) -> States:
    """{values of all bits: unnormalised density matrix of the logical outputs}."""
    n = len(program.qubits)
    order = [*program.inputs, *(q for q in range(n) if q not in program.inputs)]
    full = np.zeros(2**n, dtype=complex)
    full[:: 2 ** (n - len(program.inputs))] = state
    full = full.reshape((2,) * n).transpose(np.argsort(order)).reshape(-1)
    out, _, _ = _block(program, {(0,) * len(program.bit_names): np.outer(full, full.conj())})
    return {bits: _reduced(rho, n, program.outputs) for bits, rho in out.items()}


def _reduced(rho: np.ndarray, n: int, kept: tuple[int, ...]) -> np.ndarray:
    rest = [q for q in range(n) if q not in kept]
    order = [*kept, *rest]
    t = rho.reshape((2,) * (2 * n)).transpose([*order, *(n + q for q in order)])
    return np.einsum("aibi->ab", t.reshape(2 ** len(kept), 2 ** len(rest), 2 ** len(kept), -1))


def _add(*parts: States) -> States:
    out: States = {}
    for part in parts:
        for bits, rho in part.items():
            out[bits] = out[bits] + rho if bits in out else rho
    return out


def _block(program: Program, states: States) -> tuple[States, States, States]:
    """(those that reach the end, those that broke out, those that go on with the next turn)."""
    broke: States = {}
    went_on: States = {}
    for op in program.ops:
        yes = {b: r for b, r in states.items() if op.condition is None or _holds(op, b)}
        no = {b: r for b, r in states.items() if b not in yes}
        if op.name == "break_loop":
            broke, states = _add(broke, yes), no
        elif op.name == "continue_loop":
            went_on, states = _add(went_on, yes), no
        elif op.name == "if_else":
            parts = [_block(op.blocks[0], yes)]
            parts.append(_block(op.blocks[1], no) if len(op.blocks) > 1 else (no, {}, {}))
            states = _add(*(p[0] for p in parts))
            broke = _add(broke, *(p[1] for p in parts))
            went_on = _add(went_on, *(p[2] for p in parts))
        elif op.name in ("for_loop", "while_loop"):
            states = _loop(op, states)
        elif op.row.body:
            for step in op.row.body:
                one = Op(
                    step.name,
                    tuple(op.qubits[i] for i in step.qubits),
                    bits=tuple(op.bits[i] for i in step.bits),
                )
                bit = None if step.condition is None else op.bits[step.condition]
                inner = {b: r for b, r in states.items() if bit is None or b[bit]}
                other = {b: r for b, r in states.items() if b not in inner}
                states = _add(_plain(one, inner, len(program.qubits)), other)
        else:
            states = _add(_plain(op, yes, len(program.qubits)), no)
    return states, broke, went_on


def _holds(op: Op, bits: tuple[int, ...]) -> bool:
    assert op.condition is not None
    return evaluate(op.condition, lambda b: bool(bits[b]))


def _loop(op: Op, states: States) -> States:
    left: States = {}
    for _ in range(int(op.angles[0]) if op.angles else 60):
        if op.condition is not None:
            left = _add(left, {b: r for b, r in states.items() if not _holds(op, b)})
            states = {b: r for b, r in states.items() if _holds(op, b)}
        reached, broke, went_on = _block(op.blocks[0], states)
        left, states = _add(left, broke), _add(reached, went_on)
    return _add(left, states)


def embed(matrix: np.ndarray, qubits: tuple[int, ...], n: int) -> np.ndarray:
    k = len(qubits)
    rest = [q for q in range(n) if q not in qubits]
    whole = np.kron(matrix, np.eye(2 ** (n - k))).reshape((2,) * (2 * n))
    back = np.argsort([*qubits, *rest])
    return whole.transpose([*back, *(n + back)]).reshape(2**n, 2**n)


def _plain(op: Op, states: States, n: int) -> States:
    if op.name in ("barrier", "delay"):
        return states
    if op.row.matrix is not None:
        u = embed(op.row.matrix(*op.angles), op.qubits, n)
        return {b: u @ r @ u.conj().T for b, r in states.items()}
    if op.name == "reset":
        kraus = [np.array([[1, 0], [0, 0]]), np.array([[0, 1], [0, 0]])]
        full = [embed(k, op.qubits, n) for k in kraus]
        return {b: sum(k @ r @ k.T for k in full) for b, r in states.items()}
    assert op.name == "measure", op.name
    parts = []
    for value in (0, 1):
        p = embed(np.diag([1.0 - value, float(value)]), op.qubits, n)
        new: States = {}
        for b, r in states.items():
            key = (*b[: op.bits[0]], value, *b[op.bits[0] + 1 :])
            new = _add(new, {key: p @ r @ p})
        parts.append(new)
    return _add(*parts)
