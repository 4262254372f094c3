"""Equality of programs with any angles: the Clifford part by flows, rotations as Pauli strings.

A rotation exp(-i a P / 2) by an angle that is no multiple of pi/2 stands somewhere in a program. If
the flow that ends there in its Pauli P starts in a string L on the inputs, then P K = K L for every
Kraus operator K of the Clifford steps before it (strings that a channel takes to strings are in its
multiplicative domain), so the inputs may as well be rotated about L. With all rotations brought to
the start, in order, as Litinski does for unitary circuits (Quantum 3, 128, 2019), a program is a
list of rotations of its inputs followed by a stabilizer channel.

The list is brought into one form: rotations about the same string are added up where all those
between commute with it, and of each angle the multiples of pi/2 go over into the channel, which
leaves angles in (-pi/4, pi/4]. Programs whose lists agree, up to the order of rotations that
commute, and whose channels agree are equal: a proof, which does not look at states. Where they do
not agree nothing is said, since other identities may make the programs equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.canonical import canonical
from bellwire.compiler.flows import compare_flows
from bellwire.compiler.gf2 import Bools, Words, pack, unpack
from bellwire.compiler.operations import Family
from bellwire.compiler.ports import Ports
from bellwire.compiler.program import Op, Program, Stage
from bellwire.compiler.steps import MARKED, NotClifford, Step, Tape, quarter_turns, tape
from bellwire.compiler.sweep import Strings

MOST_WORK = 4e9  # pairs of rotations times words of 64 qubits: about 20 s
ROUNDING = 1e-12  # radians; so far off sums of angles may be
_QUARTER = math.pi / 2
_EIGHTH = {"t": math.pi / 4, "tdg": -math.pi / 4}

Floats = NDArray[np.float64]


def same_rotations(program: Program, reference: Program, ports: tuple[Ports, Ports]) -> bool:
    """Whether both programs have the same rotations and the same channel; False says nothing.

    Raises NotClifford where rotations cannot be brought to the start: they depend on bits, act
    across a measurement or reset, or are too many (60,000 over 64 qubits, 15,000 over 1,000).
    """
    mine, theirs = (_Rotations(p, port) for p, port in zip((program, reference), ports))
    if not mine.same_list(theirs):
        return False
    channels, fronts = (mine.program, theirs.program), (mine.before, theirs.before)
    return compare_flows(*channels, ports, quarters=_left_out, fronts=fronts) is None


def _left_out(angle: float) -> int:
    """Quarter turns; none for a rotation that is not Clifford."""
    return quarter_turns(angle) or 0


def _marked(angle: float) -> int:
    quarters = quarter_turns(angle)
    return MARKED if quarters is None else quarters


@dataclass(eq=False, slots=True)
class _Rows:
    """Pauli strings, one a row: `x` and `z` (k, words) packed over the qubits, `sign` (k)."""

    x: Words
    z: Words
    sign: Bools

    @classmethod
    def of(cls, columns: Words, count: int) -> _Rows:
        """Turn a table round that has a row for X of each qubit, for Z of each, and for signs."""
        table = unpack(columns, count)
        n = len(table) // 2
        x, z = (pack(np.ascontiguousarray(half.T)) for half in (table[:n], table[n : 2 * n]))
        return cls(x, z, table[-1].copy())

    def columns(self, qubits: int) -> Words:
        """The other way round."""
        x, z = (unpack(half, qubits).T for half in (self.x, self.z))
        return pack(np.ascontiguousarray(np.concatenate([x, z, self.sign[None]])))

    def __getitem__(self, rows: Any) -> _Rows:
        return _Rows(self.x[rows], self.z[rows], self.sign[rows])

    def put(self, at: int, one: _Rows) -> None:
        """Write over a string."""
        self.x[at], self.z[at], self.sign[at] = one.x, one.z, one.sign

    def drop(self, at: int, count: int) -> None:
        """Take one out of the first `count` strings."""
        for column in (self.x, self.z, self.sign):
            column[at : count - 1] = column[at + 1 : count]

    def clash(self, one: _Rows) -> Bools:
        """Which strings anticommute with this one."""
        odd: Bools = _ones((self.x & one.z) ^ (self.z & one.x)) % 2 == 1
        return odd

    def alike(self, one: _Rows) -> Bools:
        """Which strings are this one, signs aside."""
        same: Bools = ((self.x == one.x) & (self.z == one.z)).all(axis=-1)
        return same

    def pull_back(self, one: _Rows, quarters: int) -> None:
        """Pull all strings back through the rotation about L = `one` by quarter turns.

        A string S that anticommutes with L becomes S exp(-i k pi/2 L): -i S L, -S or i S L.
        """
        clash = np.flatnonzero(self.clash(one))
        if quarters == 2:
            self.sign[clash] ^= True
            return
        x, z = self.x[clash], self.z[clash]
        sx, sy, sz = x & ~z, x & z, ~x & z
        lx, ly, lz = one.x & ~one.z, one.x & one.z, ~one.x & one.z
        # The power of i in S L, qubit by qubit: XY = iZ, YX = -iZ and so on.
        more, less = sx & ly | sy & lz | sz & lx, sy & lx | sz & ly | sx & lz
        power = _ones(more) - _ones(less) + (3 if quarters == 1 else 1)
        self.sign[clash] ^= power % 4 == 2
        self.x[clash], self.z[clash] = x ^ one.x, z ^ one.z


def _ones(words: Any) -> Any:
    return np.bitwise_count(words).sum(axis=-1, dtype=np.int64)


class _Rotations:
    """A program as rotations of its inputs (`strings` and `angle`, the first one first), then
    quarter turns, then the channel of `program` without its rotations."""

    def __init__(self, program: Program, ports: Ports) -> None:
        self.program, angles = _spelled(program)
        self._quarters: list[tuple[_Rows, int]] = []
        self._shorten(_at_start(self.program, ports, len(angles)), np.array(angles))

    def _shorten(self, strings: _Rows, angle: Floats) -> None:
        """Bring the list into its one form, written over its front."""
        count = 0
        for i in range(len(angle)):
            this, before = strings[[i]][0], strings[:count]
            total = -float(angle[i]) if this.sign else float(angle[i])
            same = np.flatnonzero(before.alike(this))
            added = len(same) > 0 and not before[same[-1] :].clash(this).any()
            j = int(same[-1]) if added else count
            if added:
                total += float(angle[j])
            else:
                strings.put(j, this)
                count += 1
            quarters, angle[j] = _split(total)
            if angle[j] == 0 or (added and abs(angle[j]) < ROUNDING):
                strings.drop(j, count)
                angle[j : count - 1] = angle[j + 1 : count]
                count -= 1
            if quarters:  # they commute with the rest of the list, not with what comes
                one = replace(this, sign=np.zeros_like(this.sign))
                self._quarters.append((one, quarters))
                strings[i + 1 :].pull_back(one, quarters)
        self.strings, self.angle = strings[:count], angle[:count]

    def same_list(self, other: _Rotations) -> bool:
        """Whether both lists agree up to the order of rotations that commute."""
        left = np.arange(len(other.angle))
        for i, angle in enumerate(self.angle.tolist()):
            this, there = self.strings[i], other.strings[left]
            same = np.flatnonzero(there.alike(this))
            if not len(same) or there[: same[0]].clash(this).any():
                return False
            if not _close(angle, float(other.angle[left[same[0]]])):
                return False
            left = np.delete(left, same[0])
        return not len(left)

    def before(self, columns: Words, count: int) -> Words:
        """Strings before the quarter turns, from what they are before the channel."""
        strings = _Rows.of(columns, count)
        for one, quarters in self._quarters:
            strings.pull_back(one, quarters)
        return strings.columns(len(columns) // 2)


def _split(angle: float) -> tuple[int, float]:
    """Quarter turns, modulo 4, and an angle in (-pi/4, pi/4]."""
    quarters = round(angle / _QUARTER)
    rest = angle - quarters * _QUARTER if quarters else angle
    if rest <= -_QUARTER / 2 + ROUNDING:
        quarters, rest = quarters - 1, rest + _QUARTER
    return quarters % 4, rest


def _close(one: float, other: float) -> bool:
    """Whether two angles are the same sum; small ones may not be lost in rounding."""
    return abs(one - other) <= min(ROUNDING, 1e-6 * abs(one))


def _spelled(program: Program) -> tuple[Program, list[float]]:
    """The program with a row for each rotation that is not Clifford (rx, ry, rz or rzz), and the
    angles of these rows."""
    out, angles = ProgramBuilder.like(program), []
    words = -(-len(program.logical) // 64)
    for op in program.ops:
        turns = op.row.family is Family.GATE and (op.row.angles or op.name in _EIGHTH)
        for piece in _pieces(op) if turns else [op]:
            out.append_op(piece)
            if turns and piece.angles and quarter_turns(piece.angles[0]) is None:
                if piece.condition is not None:
                    raise NotClifford(f"{op.name} depends on classical bits and is no Pauli")
                angles.append(piece.angles[0])
        if len(angles) ** 2 * words > MOST_WORK:
            raise NotClifford(f"found more than {len(angles):,} rotations that are not Clifford")
    return out.finish(Stage.LOGICAL, program.outputs), angles


def _pieces(op: Op) -> list[Op]:
    """A gate with angles as rotations and Clifford gates, up to a global phase."""

    def piece(name: str, angle: float, *qubits: int) -> Op:
        return replace(op, name=name, qubits=qubits, angles=(angle,))

    if op.name in _EIGHTH:
        return [piece("rz", _EIGHTH[op.name], *op.qubits)]
    if op.name == "u":
        theta, phi, lam = op.angles
        return [piece(n, a, *op.qubits) for n, a in (("rz", lam), ("ry", theta), ("rz", phi))]
    if op.name == "cp":
        (a, b), half = op.qubits, op.angles[0] / 2
        return [piece("rz", half, a), piece("rz", half, b), piece("rzz", -half, a, b)]
    pieces = canonical(op)
    return pieces if pieces == [op] else [p for inner in pieces for p in _pieces(inner)]


def _at_start(program: Program, ports: Ports, count: int) -> _Rows:
    """The strings on the inputs from which the Paulis of the rotations come."""
    marks = _numbered(tape(program, _marked))
    strings = Strings(len(program.qubits), len(program.bit_names), max(1, -(-count // 64)))
    for row, _ in strings.pull_back(marks):
        what = "a qubit that starts in |0>" if row < 0 else f"operation {row}"
        raise NotClifford(f"found rotations that do not commute with {what}")
    inputs = list(ports.inputs)
    columns = np.concatenate([strings.x[inputs], strings.z[inputs], strings.sign[None]])
    return _Rows.of(columns, count)


def _numbered(marks: Tape) -> Tape:
    """Number the strings that marks begin: one for each row."""
    here = marks.step == Step.MARK
    second = marks.second.copy()
    second[here] = np.unique(marks.row[here], return_inverse=True)[1]
    return replace(marks, second=second)
