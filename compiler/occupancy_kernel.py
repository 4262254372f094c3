"""Wires followed from row to row: one walk that says whether the rules of occupancy.py hold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.program import Ints

UNBORN, ALIVE, DONE = 0, 1, 2  # states of a wire
ACTS, MAKES, ENDS = 0, 1, 2  # what happens to an operand
# What a row is; the order matters: marks, then flips, then protocols.
GATE, MARK, FLOW, X, Y, EBIT, ENTANGLE, DISENTANGLE, JOIN, TELEPORT, MOVE = range(11)


class Wires(NamedTuple):
    """What is known of each wire: its state, its mate in an unused pair (-1 for none), its family
    of copies (named after the wire that founded it, -1 for none) as a ring, the flips that it has
    seen as a chain (`first`, `last` and from flip to flip `after`). Of each family: its size,
    and whether a flip was seen. `held` and `room`: shape (modules, 2), data and communication."""

    module: Ints
    comm: Ints
    state: NDArray[np.uint8]
    mate: Ints
    family: Ints
    ring: Ints
    size: Ints
    flipped: NDArray[np.bool_]
    held: Ints
    room: Ints
    first: Ints
    last: Ints
    after: Ints
    when: Ints
    is_y: NDArray[np.bool_]
    flips: Ints


class Rows(NamedTuple):
    """One level: for each row its code, fates and diagonals (by operand), condition, operands."""

    code: Ints
    fate: NDArray[np.uint8]
    diagonal: NDArray[np.bool_]
    when: Ints
    starts: Ints
    qubits: Ints


@kernel
def follow(w: Wires, rows: Rows, kind: NDArray[np.uint8], start: int, end: int) -> bool:
    """Follow the rows from `start` to `end`; says whether they keep the rules."""
    codes, starts, qubits, fate = rows.code, rows.starts, rows.qubits, rows.fate
    state, mate, family = w.state, w.mate, w.family
    for i in range(start, end):
        code, a, b = codes[i], starts[i], starts[i + 1]
        if MARK <= code <= FLOW:
            continue
        for k in range(a, b):
            q = qubits[k]
            if fate[kind[i], k - a] == MAKES:
                if not make(w, q):
                    return False
            elif state[q] != ALIVE:
                return False
            held = family[q] >= 0  # calls are slow: they are made where there is something to see
            if held and not (X <= code <= Y or code == MOVE or _agree(w, q)):
                return False
        if code >= EBIT:
            if not _protocol(w, code, qubits[a:b]):
                return False
            for k in range(a, b):
                if fate[kind[i], k - a] == ENDS:
                    _end(w, qubits[k])
        else:
            for k in range(a, b):
                q, diagonal = qubits[k], rows.diagonal[kind[i], k - a]
                lone = mate[q] < 0 and family[q] < 0
                if not (lone or _acts(w, q, code, diagonal, rows.when[i])):
                    return False
    return True


@kernel
def make(w: Wires, q: int) -> bool:
    """Let a wire begin; says whether it is new and its module has room for it."""
    if w.state[q] != UNBORN:
        return False
    w.state[q] = ALIVE
    w.held[w.module[q], w.comm[q]] += 1
    fits: bool = w.held[w.module[q], w.comm[q]] <= w.room[w.module[q], w.comm[q]]
    return fits


@kernel
def _end(w: Wires, q: int) -> None:
    w.state[q] = DONE
    w.held[w.module[q], w.comm[q]] -= 1
    if w.family[q] >= 0:
        left = _before(w, q)
        w.ring[left] = w.ring[q]
        w.size[w.family[q]] -= 1
        if w.size[w.family[q]] == 1:  # the last one is no copy any more
            w.family[left] = -1
        w.family[q] = -1


@kernel
def _before(w: Wires, q: int) -> int:
    """The copy before this one in the ring."""
    p = q
    while w.ring[p] != q:
        p = w.ring[p]
    return p


@kernel
def _acts(w: Wires, q: int, code: int, diagonal: bool, when: int) -> bool:
    if w.mate[q] >= 0:
        return False
    if w.family[q] < 0:
        return True
    if not X <= code <= Y:
        return diagonal
    flip = w.flips[0]
    w.flips[0] += 1
    w.when[flip], w.is_y[flip] = when, code == Y
    if w.first[q] < 0:
        w.first[q] = flip
    else:
        w.after[w.last[q]] = flip
    w.last[q] = flip
    w.flipped[w.family[q]] = True
    return True


@kernel
def _agree(w: Wires, q: int) -> bool:
    """Whether all copies have seen the same flips, with one Y at most on all of them together."""
    if w.family[q] < 0 or not w.flipped[w.family[q]]:
        return True
    while True:
        ys, flip, p = 0, w.first[q], q
        for _ in range(w.size[w.family[q]]):
            here = w.first[p]
            if (here < 0) != (flip < 0) or (flip >= 0 and w.when[here] != w.when[flip]):
                return False
            if here >= 0:
                ys += w.is_y[here]
                w.first[p] = w.after[here]
            p = w.ring[p]
        if ys > 1:
            return False
        if flip < 0:
            w.flipped[w.family[q]] = False
            return True


@kernel
def _protocol(w: Wires, code: int, q: Ints) -> bool:
    if code == EBIT:
        w.mate[q[0]], w.mate[q[1]] = q[1], q[0]
        return True
    if code == JOIN:
        if not (_use_pair(w, q[0], q[1]) and _use_pair(w, q[2], q[3])):
            return False
        w.mate[q[0]], w.mate[q[3]] = q[3], q[0]
        return True
    if w.mate[q[0]] >= 0:
        return False
    if code == ENTANGLE:
        return _use_pair(w, q[1], q[2]) and _join_family(w, q[0], q[2])
    if code == DISENTANGLE:
        kin: bool = w.family[q[0]] >= 0 and w.family[q[0]] == w.family[q[1]]
        return kin
    if code == TELEPORT:
        return w.family[q[0]] < 0 and _use_pair(w, q[1], q[2])
    _take_place(w, q[0], q[1])
    return True


@kernel
def _use_pair(w: Wires, a: int, b: int) -> bool:
    if w.mate[a] != b:
        return False
    w.mate[a] = w.mate[b] = -1
    return True


@kernel
def _join_family(w: Wires, source: int, copy: int) -> bool:
    """Make `copy` one more copy of the source's qubit."""
    if w.family[copy] >= 0:
        return False
    if w.family[source] < 0:
        w.family[source], w.ring[source], w.size[source] = source, source, 1
    w.family[copy] = w.family[source]
    w.ring[copy], w.ring[source] = w.ring[source], copy
    w.size[w.family[copy]] += 1
    return True


@kernel
def _take_place(w: Wires, old: int, new: int) -> None:
    """Put a new wire in the place of an old one: in its family, with the flips that it has seen."""
    if w.family[old] < 0:
        return
    w.ring[_before(w, old)] = new
    w.ring[new] = w.ring[old]
    w.family[new], w.first[new], w.last[new] = w.family[old], w.first[old], w.last[old]
    w.family[old] = -1
