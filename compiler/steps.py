"""Clifford operations as a tape of elementary steps: H, S, CX, CZ, Paulis, measure, reset.

Every angle is asked for in quarter turns, so that the same writing serves true Clifford programs
and programs whose other angles were drawn at random.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.canonical import canonical
from bellwire.compiler.conditions import Condition, parity_bits
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Op, Program, Ragged
from bellwire.errors import NotSupported

Index = NDArray[np.int64]
Bits = NDArray[np.bool_]
Quarters = Callable[[float], int | None]
_TURN = math.pi / 2
_RESET = KIND["reset"]


class Step(IntEnum):
    """The elementary steps; the first three may stand under a condition."""

    X = 0
    Y = 1
    Z = 2
    H = 3
    S = 4
    SDG = 5
    CX = 6
    CZ = 7
    MEASURE = 8
    RESET = 9
    MARK = 10  # a turn about Z that is not Clifford, to be looked at later (rotations.py)


class NotClifford(NotSupported):
    """A program has an operation that is not Clifford, named in the message."""


# One step of an operation: the step; the positions of its first qubit, of its second qubit or the
# bit that it writes (else 0), and of the operation's own bit that switches it on (else -1).
Entry = tuple[int, int, int, int]
_PLAIN = {s.name.lower(): s for s in Step}
MARKED = 4  # in the place of quarter turns: make a mark instead
_PHASES: tuple[tuple[Step, ...], ...] = ((), (Step.S,), (Step.Z,), (Step.SDG,), (Step.MARK,))
_FIXED_ANGLE = {"t": math.pi / 4, "tdg": -math.pi / 4}


def quarter_turns(angle: float) -> int | None:
    """How many times pi/2 an angle is, modulo 4; None when it is no multiple."""
    turns = round(angle / _TURN)
    error = abs(angle - turns * _TURN)
    # A small angle is never rounded away: only 0 itself is zero quarter turns.
    near = error <= 1e-12 if turns else error == 0
    return turns % 4 if near else None


def is_pauli(op: Op) -> bool:
    """Whether an operation (its condition aside) is a product of Paulis, or does nothing."""
    entries = _exact_entries(op.name, op.angles)
    return entries is not None and all(e[0] <= Step.Z for e in entries)


@lru_cache(maxsize=10_000)
def _exact_entries(name: str, angles: tuple[float, ...]) -> list[Entry] | None:
    return _entries(name, angles, quarter_turns)


def _entries(name: str, angles: Sequence[float], quarters: Quarters) -> list[Entry] | None:
    """The steps of an operation; None when it is not Clifford."""
    row = ROWS[KIND[name]]
    if row.family is Family.MARK:
        return []
    if row.family is Family.FLOW:
        return None
    if row.family is Family.PROTOCOL:
        return _protocol_entries(name, quarters)
    if name == "measure":
        return [(Step.MEASURE, 0, 0, -1)]
    out: list[Entry] = []
    for piece in canonical(Op(name, tuple(range(row.num_qubits)), tuple(angles))):
        steps = _gate_steps(piece, quarters)
        if steps is None:
            return None
        out += [(s, q[0], q[1] if len(q) > 1 else 0, -1) for s, *q in steps]
    return out


def _protocol_entries(name: str, quarters: Quarters) -> list[Entry] | None:
    out: list[Entry] = []
    for step in ROWS[KIND[name]].body:
        switch = -1 if step.condition is None else step.condition
        inner = _entries(step.name, (), quarters)
        if inner is None:
            return None
        for s, a, b, own in inner:
            second = step.bits[b] if s == Step.MEASURE else step.qubits[b]
            out.append((s, step.qubits[a], second, step.bits[own] if own >= 0 else switch))
    return out


def _gate_steps(op: Op, quarters: Quarters) -> list[tuple[int, ...]] | None:
    """Steps with their qubits, for a gate in canonical form."""
    name, qubits = op.name, op.qubits
    if name in _PLAIN:
        return [(_PLAIN[name], *qubits)]
    if name in ("sx", "sxdg"):
        return _turns_about("rx", 1 if name == "sx" else 3, qubits)
    if name == "u":
        theta, phi, lam = (quarters(a) for a in op.angles)
        if theta is None or phi is None or lam is None:
            return None
        turns = (("rz", lam), ("ry", theta), ("rz", phi))
        return [s for axis, k in turns for s in _turns_about(axis, k, qubits)]
    # A controlled phase is a power of CZ: its angle counts in half turns.
    angle = _FIXED_ANGLE[name] if name in _FIXED_ANGLE else op.angles[0]
    k = quarters(angle / 2 if name == "cp" else angle)
    if k is None:
        return None
    if name == "cp":
        return [(Step.CZ, *qubits)] if k % 2 else []
    return _turns_about(name, k, qubits)


def _turns_about(name: str, k: int, qubits: tuple[int, ...]) -> list[tuple[int, ...]]:
    """k quarter turns: rz and the like, rx, ry or rzz."""
    phases: list[tuple[int, ...]] = [(s, q) for q in qubits for s in _PHASES[k]]
    a = qubits[0]
    if name == "rzz":
        return [*phases, (Step.CZ, *qubits)] if k % 2 else phases
    if name not in ("rx", "ry") or k == 0:
        return phases
    if k == 2:
        return [(Step.X if name == "rx" else Step.Y, a)]
    turned = [(Step.H, a), *phases, (Step.H, a)]
    return turned if name == "rx" else [(Step.SDG, a), *turned, (Step.S, a)]


@dataclass(frozen=True, eq=False, slots=True)
class Tape:
    """Elementary steps in order, as columns.

    `second` is the second qubit, or the bit that a measurement writes. `switch` is a place in
    `parities` (bits whose parity switches the step on) or -1; `flipped[switch]`: on when it is
    even. A mark has the number of its string in `second`. `row` is the operation that a step comes
    from, -1 for the empty qubits of the start.
    """

    step: Index
    first: Index
    second: Index
    switch: Index
    row: Index
    parities: Ragged
    flipped: Bits


def tape(program: Program, quarters: Quarters = quarter_turns) -> Tape:
    """Write a program as elementary steps; qubits that are no inputs are reset first.

    Raises NotClifford where an operation is not Clifford, or depends on bits and is no Pauli.
    """
    variant, sequences = _variants(program, quarters)
    lengths = np.array([len(s) for s in sequences], dtype=np.int64)
    begins = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    flat = np.array([e for s in sequences for e in s], dtype=np.int64).reshape(-1, 4)
    of_row = lengths[variant]
    row = np.repeat(np.arange(len(program)), of_row)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(of_row) - of_row, of_row)
    step, first, second, own = flat[begins[variant][row] + nth].T
    measures = step == Step.MEASURE
    switch = program.condition[row].astype(np.int64)
    parities, flipped, fixed = _parities(program)
    on = switch >= 0
    never, always = on & (fixed[switch] == 0), on & (fixed[switch] == 1)
    switch[always] = -1
    _refuse(program, row[(switch >= 0) & ((step > Step.Z) | (own >= 0) | (fixed[switch] == -2))])
    inner = own >= 0
    switch[inner] = len(program.conditions) + _pick(program.bits, row[inner], own[inner])
    first, other = _pick(program.operands, row, first), np.zeros(len(row), dtype=np.int64)
    other[~measures] = _pick(program.operands, row[~measures], second[~measures])
    other[measures] = _pick(program.bits, row[measures], second[measures])
    columns = np.stack([step, first, other, switch, row])[:, ~never]
    whole = np.concatenate([_start(program), columns], axis=1)
    step, first, second, switch, row = np.ascontiguousarray(whole)
    return Tape(step, first, second, switch, row, parities, flipped)


def _pick(column: Ragged, row: Index, position: Index) -> Index:
    picked: Index = column.values[column.starts[row] + position].astype(np.int64)
    return picked


def _start(program: Program) -> Index:
    """Resets of all qubits that are no inputs."""
    empty = np.setdiff1d(np.arange(len(program.qubits)), program.inputs)
    columns = np.full((5, len(empty)), -1, dtype=np.int64)
    columns[0], columns[1], columns[2] = Step.RESET, empty, 0
    return columns


def _variants(program: Program, quarters: Quarters) -> tuple[Index, list[list[Entry]]]:
    """For each row the number of its sequence of steps, and the sequences."""
    sequences: list[list[Entry]] = []
    known: dict[tuple[int, tuple[float, ...]], int] = {}
    bad: set[int] = set()

    def number(kind: int, angles: tuple[float, ...]) -> int:
        key = kind, angles
        if key not in known:
            entries = _entries(ROWS[kind].name, angles, quarters)
            known[key] = len(sequences)
            sequences.append(entries or [])
            if entries is None:
                bad.add(known[key])
        return known[key]

    of_kind = np.zeros(len(ROWS), dtype=np.int64)
    for kind in np.unique(program.kind).tolist():
        of_kind[kind] = -1 if ROWS[kind].angles else number(kind, ())
    variant = of_kind[program.kind]
    turned = np.flatnonzero(variant < 0)
    rows = zip(turned.tolist(), program.kind[turned].tolist())
    starts, values = program.angles.starts.tolist(), program.angles.values.tolist()
    variant[turned] = [number(k, tuple(values[starts[i] : starts[i + 1]])) for i, k in rows]
    if bad:
        _refuse(program, np.flatnonzero(np.isin(variant, sorted(bad))))
    return variant, sequences or [[]]


def _refuse(program: Program, rows: Index) -> None:
    if not len(rows):
        return
    op = next(op for i, op in enumerate(program.ops) if i == rows[0])
    why = "depends on classical bits and is no Pauli" if op.condition else "is not Clifford"
    raise NotClifford(
        f"operation {int(rows[0])} ({op.name}) {why}: flows are for Clifford programs; "
        "use the method 'exact' or random Clifford angles"
    )


def _parities(program: Program) -> tuple[Ragged, Bits, Index]:
    """Bits and flips of every condition, then of every single bit; and per condition its
    constant value, -1 when it has none, -2 when it is no parity."""
    lists = [_parity(c) for c in program.conditions]
    count = len(program.bit_names)
    ends = np.cumsum([0, *(len(bits) for bits, _, _ in lists)])
    values = np.array([b for bits, _, _ in lists for b in bits], dtype=np.int64)
    ragged = Ragged(
        np.concatenate([ends, ends[-1] + 1 + np.arange(count)]).astype(np.int64),
        np.concatenate([values, np.arange(count)]),
    )
    flipped = np.array([f for _, f, _ in lists] + [False] * count, dtype=np.bool_)
    return ragged, flipped, np.array([c for _, _, c in lists] + [-1], dtype=np.int64)


def _parity(condition: Condition) -> tuple[tuple[int, ...], bool, int]:
    if condition.head == "const":
        return (), False, condition.index
    found = parity_bits(condition)
    return (*found, -1) if found is not None else ((), False, -2)
