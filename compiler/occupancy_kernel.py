"""The rules of occupancy.py over columns: a quick yes or no, by one walk over all rows.

Where it says no, the readable check has the last word: a no may be wrong, a yes may not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import Condition
from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import ROWS, Family
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.waits import qubit_modules
from bellwire.targets.machine import Machine

SMALL = 50_000  # rows; plain Python takes about 0.1 s for them
UNBORN, ALIVE, DONE = 0, 1, 2  # states of a wire
ACTS, MAKES, ENDS = 0, 1, 2  # what happens to an operand
# What a row is; the order matters: marks, then flips, then protocols.
GATE, MARK, FLOW, X, Y, EBIT, ENTANGLE, DISENTANGLE, JOIN, TELEPORT, MOVE = range(11)

_PROTOCOLS = ("ebit", "cat_entangle", "cat_disentangle", "swap_ebits", "teleport", "move")
_NAMED = {"x": X, "y": Y} | {name: EBIT + i for i, name in enumerate(_PROTOCOLS)}
_FAMILY = {Family.MARK: MARK, Family.FLOW: FLOW}
_CODE = np.array([_NAMED.get(row.name, _FAMILY.get(row.family, GATE)) for row in ROWS])
_FATE = np.zeros((len(ROWS), 4), dtype=np.uint8)
_DIAGONAL = np.zeros((len(ROWS), 4), dtype=np.bool_)
for _row in ROWS:
    _fates = [("acts", "makes", "ends").index(fate) for fate in _row.operands]
    _FATE[_row.kind, : len(_fates)] = _fates
    _DIAGONAL[_row.kind, : len(_row.diagonal)] = _row.diagonal


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


def occupancy_is_right(program: Program, machine: Machine) -> bool:
    """Whether the rules of `check_occupancy` hold; a no is not the last word."""
    size = sum(len(part) for part in program.walk())
    flips = sum(part.count("x", "y") for part in program.walk())
    wires = _wires(program, machine, flips)
    for q in program.inputs:
        if not _make(wires, q):
            return False
    if not _level(program, wires, {}, size):
        return False
    alive = wires.state == ALIVE
    return bool(alive[list(program.outputs)].all() and not (alive & (wires.comm == 1)).any())


def _wires(program: Program, machine: Machine, flips: int) -> Wires:
    count = len(program.qubits)
    none = np.full((6, count), -1, dtype=np.int64)
    return Wires(
        module=qubit_modules(program, machine),
        comm=np.array([q.role == "comm" for q in program.qubits], dtype=np.int64),
        state=np.zeros(count, dtype=np.uint8),
        mate=none[0],
        family=none[1],
        ring=none[2],
        size=none[3],
        flipped=np.zeros(count, dtype=np.bool_),
        held=np.zeros((len(machine.modules), 2), dtype=np.int64),
        room=np.array([(m.data_qubits, m.comm_qubits) for m in machine.modules], dtype=np.int64),
        first=none[4],
        last=none[5],
        after=np.full(flips, -1, dtype=np.int64),
        when=np.full(flips, -1, dtype=np.int64),
        is_y=np.zeros(flips, dtype=np.bool_),
        flips=np.zeros(1, dtype=np.int64),
    )


def _level(program: Program, wires: Wires, number: dict[Condition, int], size: int) -> bool:
    """Follow one list of operations and the blocks in it; `number` names equal conditions alike."""
    code = _CODE[program.kind]
    rows = Rows(
        code,
        _FATE,
        _DIAGONAL,
        _numbered(program, (code == X) | (code == Y), number),
        program.operands.starts,
        program.operands.values.astype(np.int64),
    )
    start = 0
    for i in [*np.flatnonzero(code == FLOW).tolist(), len(program)]:
        if not _follow.sized(size, small=SMALL)(wires, rows, program.kind, start, i):
            return False
        start, alive = i + 1, wires.state == ALIVE
        for block in program.blocks.get(i, ()):
            if not _level(block, wires, number, size):
                return False
            if not np.array_equal(wires.state == ALIVE, alive):
                return False
    return True


def _numbered(program: Program, wanted: NDArray[np.bool_], number: dict[Condition, int]) -> Ints:
    """For each wanted row the number of its condition, -1 for none."""
    out = np.full(len(program), -1, dtype=np.int64)
    rows = np.flatnonzero(wanted & (program.condition >= 0))
    conditions = [program.conditions[c] for c in program.condition[rows].tolist()]
    out[rows] = [number.setdefault(c, len(number)) for c in conditions]
    return out


@kernel
def _follow(w: Wires, rows: Rows, kind: NDArray[np.uint8], start: int, end: int) -> bool:
    codes, starts, qubits, fate = rows.code, rows.starts, rows.qubits, rows.fate
    state, mate, family = w.state, w.mate, w.family
    for i in range(start, end):
        code, a, b = codes[i], starts[i], starts[i + 1]
        if MARK <= code <= FLOW:
            continue
        for k in range(a, b):
            q = qubits[k]
            if fate[kind[i], k - a] == MAKES:
                if not _make(w, q):
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
def _make(w: Wires, q: int) -> bool:
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
