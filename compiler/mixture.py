"""A mixture of quantum states with classical values, kept as branches of pure states.

A qubit in a known basis state has no tensor axis: each branch stores its value, so measured and
fresh communication qubits cost nothing. Branches that agree in all their values are merged: their
mixture is rewritten with as few states as its rank.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import Condition
from bellwire.compiler.operations import Matrix
from bellwire.compiler.ports import Ports
from bellwire.compiler.program import Program
from bellwire.errors import NotSupported

Bools = NDArray[np.bool_]
States = NDArray[np.complex128]

AMPLITUDES = 1 << 22  # at most this many at a time, all branches together
WORK = 1 << 29  # amplitudes touched in one run
_X = np.array([[0, 1], [1, 0]], dtype=np.complex128)
_UNIT = {2: np.eye(2), 4: np.eye(4)}
_NOTHING = 1e-24  # weight of a branch that is only rounding


class TooLarge(NotSupported):
    """The exact simulation needs more memory or time than its limits."""


class Mixture:
    """The states of all branches, one array [branch, 2, 2, ...], and their values.

    `table[branch]` has the classical bits, then the known values of qubits (0 for those with an
    axis), then flags of control flow. `axes` lists the qubits that have an axis.
    """

    def __init__(self, program: Program, inputs: tuple[int, ...], state: States) -> None:
        self.bits = len(program.bit_names)
        self.axes = list(inputs)
        self.psi = state.reshape((1,) + (2,) * len(inputs)).astype(np.complex128)
        self.table = np.zeros((1, self.bits + len(program.qubits)), dtype=np.bool_)
        self.work = 0
        self._forgot, self._merge_at = False, 4

    # Values -----------------------------------------------------------------

    def value(self, q: int) -> Bools:
        """The known values of a qubit, a view."""
        return self.table[:, self.bits + q]

    def truth(self, condition: Condition) -> Bools:
        """In which branches a condition holds."""
        head, args = condition.head, condition.args
        if head == "bit":
            return self.table[:, condition.index].copy()
        if head == "const":
            return np.full(len(self.table), bool(condition.index))
        if head == "not":
            return ~self.truth(args[0])
        join = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}[head]
        out: Bools = join.reduce([self.truth(a) for a in args])
        return out

    def add_flag(self, values: Bools) -> int:
        """Add a column of flags, which branches keep when they split."""
        self.table = np.concatenate([self.table, values[:, None]], axis=1)
        return self.table.shape[1] - 1

    def drop_flag(self) -> None:
        """Remove the last column of flags."""
        self.table = self.table[:, :-1].copy()
        self._forgot = True

    def weights(self) -> NDArray[np.float64]:
        """The probability of each branch."""
        flat = self.psi.reshape(len(self.psi), -1)
        out: NDArray[np.float64] = (flat.real**2 + flat.imag**2).sum(axis=1)
        return out

    # Gates ------------------------------------------------------------------

    def gate(self, matrix: Matrix, qubits: tuple[int, ...], on: Bools) -> None:
        """Apply a one- or two-qubit gate in the branches where `on`."""
        if not on.any():
            return
        if len(qubits) == 1:
            self._gate1(matrix, qubits[0], on)
            return
        blocks = matrix.reshape(2, 2, 2, 2)
        for i, q in enumerate(qubits):
            if q not in self.axes and _block_diagonal(blocks, i):
                for v in (0, 1):
                    inner = blocks[v, :, v, :] if i == 0 else blocks[:, v, :, v]
                    self._gate1(inner, qubits[1 - i], on & (self.value(q) == bool(v)))
                return
        for q in qubits:
            self.lift(q)
        self._apply(matrix, [self.axes.index(q) for q in qubits], on)

    def _gate1(self, matrix: Matrix, q: int, on: Bools) -> None:
        if not on.any():
            return
        if q not in self.axes:
            if not (matrix[0, 1] or matrix[1, 0]):
                return  # a phase of whole branches
            if not (matrix[0, 0] or matrix[1, 1]):
                self.value(q)[on] ^= True
                return
            self.lift(q)
        self._apply(matrix, [self.axes.index(q)], on)

    def _apply(self, matrix: Matrix, places: list[int], on: Bools) -> None:
        part = self.psi if on.all() else self.psi[on]
        count = len(places)
        moved = np.moveaxis(part, [p + 1 for p in places], range(count))
        parts = [moved[i] for i in np.ndindex((2,) * count)]
        # Views of `part`: rows of the matrix that change nothing cost nothing.
        changed = [i for i, row in enumerate(matrix) if (row != _UNIT[len(parts)][i]).any()]
        self._spend(part.size * len(changed) // len(parts))
        new = [
            reduce(np.add, (matrix[i, j] * parts[j] for j in range(len(parts)) if matrix[i, j]))
            for i in changed
        ]
        for i, values in zip(changed, new):
            parts[i][...] = values
        if part is not self.psi:
            self.psi[on] = part

    def lift(self, q: int) -> None:
        """Give a qubit an axis."""
        if q in self.axes:
            return
        value = self.value(q)
        pair = np.stack([~value, value], axis=1).astype(np.complex128)
        self._check(2 * self.psi.size)
        self.psi = self.psi[..., None] * pair.reshape(len(pair), *(1,) * len(self.axes), 2)
        self.axes.append(q)
        value[:] = False

    # Measurement ------------------------------------------------------------

    def measure(self, q: int, on: Bools, bit: int) -> None:
        """Split the branches where `on` by the value of a qubit; write it to a bit."""
        on_flag, out_flag = self._split(q, on)
        rows = self.table[:, on_flag]
        self.table[rows, bit] = self.table[rows, out_flag]
        self._end_split(q)

    def reset(self, q: int, on: Bools) -> None:
        """Trace a qubit out and put it into |0> in the branches where `on`."""
        if not on.any():
            return
        if q not in self.axes:
            self.value(q)[on] = False
        else:
            on_flag, out_flag = self._split(q, on)
            ones = self.table[:, on_flag] & self.table[:, out_flag]
            if q in self.axes:
                if ones.any():
                    self._apply(_X, [self.axes.index(q)], ones)
            else:
                self.value(q)[self.table[:, on_flag]] = False
            self._end_split(q)
        self._forgot = True

    def _split(self, q: int, on: Bools) -> tuple[int, int]:
        """Split; returns two flags: measured here, outcome. `_end_split` drops them again."""
        on_flag = self.add_flag(on)
        if q not in self.axes:
            return on_flag, self.add_flag(self.value(q))
        axis = self.axes.index(q) + 1
        self._check(2 * self.psi.size)
        self._spend(self.psi.size)
        parts = [np.take(self.psi, v, axis) for v in (0, 1)]
        if on.all():
            self.psi = np.concatenate(parts)
            self.axes.remove(q)
            outcome = np.repeat([False, True], len(on))
            self.table = np.concatenate([self.table, self.table])
            self.value(q)[:] = outcome
        else:
            zero, one = self.psi.copy(), self.psi[on]
            np.moveaxis(zero, axis, 1)[on, 1] = 0
            np.moveaxis(one, axis, 1)[:, 0] = 0
            self.psi = np.concatenate([zero, one])
            outcome = np.repeat([False, True], [len(on), len(one)])
            self.table = np.concatenate([self.table, self.table[on]])
        out_flag = self.add_flag(outcome)
        self._keep(self.weights() > _NOTHING)
        return on_flag, out_flag

    def _end_split(self, q: int) -> None:
        self.table = self.table[:, :-2].copy()
        if q in self.axes:
            self._settle(q)

    def _settle(self, q: int) -> None:
        """Take the axis away again from a qubit that has a known value in every branch."""
        moved = np.moveaxis(self.psi, self.axes.index(q) + 1, 1).reshape(len(self.psi), 2, -1)
        weight = (np.abs(moved) ** 2).sum(axis=2)
        if (weight.min(axis=1) > _NOTHING).any():
            return
        value = weight.argmax(axis=1)
        self.axes.remove(q)
        self.psi = moved[np.arange(len(moved)), value].reshape((-1,) + (2,) * len(self.axes))
        self.value(q)[:] = value == 1

    def _keep(self, rows: Bools) -> None:
        if not rows.all():
            self.psi, self.table = self.psi[rows], self.table[rows]

    # Merging ----------------------------------------------------------------

    def forget_bits(self, bits: tuple[int, ...], on: Bools) -> None:
        """Forget classical bits in the branches where `on`."""
        for b in bits:
            self.table[on, b] = False
        self._forgot = True

    def merge_when_due(self) -> None:
        """Merge when there are many branches and something was forgotten."""
        if self._forgot and len(self.psi) >= self._merge_at:
            self.merge()
            self._merge_at = max(4, 2 * len(self.psi))

    def merge(self) -> None:
        """Rewrite the mixture of all branches with equal values by its eigenvectors."""
        self._forgot = False
        packed = np.packbits(self.table, axis=1)
        _, group, size = np.unique(packed, axis=0, return_inverse=True, return_counts=True)
        group = group.reshape(-1)
        order = np.argsort(group, kind="stable")
        first = np.cumsum(size) - size
        flat = self.psi.reshape(len(self.psi), -1)
        states, tables = [], []
        for count in np.unique(size).tolist():
            rows = order[first[size == count][:, None] + np.arange(count)]
            mixed = flat[rows]
            if count > 1:
                self._spend(self.psi.size * min(mixed.shape[1:]))
                mixed, kept = _eigenstates(mixed)
            else:
                kept = np.ones(rows.shape, dtype=np.bool_)
            states.append(mixed[kept])
            tables.append(self.table[rows[:, : kept.shape[1]][kept]])
        self.psi = np.concatenate(states).reshape((-1, *self.psi.shape[1:]))
        self.table = np.concatenate(tables)

    def finish(self, ports: Ports) -> tuple[Bools, States]:
        """Trace out all but the ports; see run_branches."""
        for q in [q for q in self.axes if q not in ports.outputs]:
            self.reset(q, np.ones(len(self.psi), dtype=np.bool_))
        for q in ports.outputs:
            self.lift(q)
        bits = self.table[:, list(ports.bits)]
        self.table = np.zeros((len(bits), 0), dtype=np.bool_)
        for column in bits.T:
            self.add_flag(column)
        self.merge()
        places = [0, *(self.axes.index(q) + 1 for q in ports.outputs)]
        return self.table, self.psi.transpose(places).reshape(len(self.psi), -1)

    def _check(self, amplitudes: int) -> None:
        if amplitudes > AMPLITUDES:
            raise TooLarge(
                f"the exact simulation needs {amplitudes} amplitudes, its limit is {AMPLITUDES}; "
                "use flows or random Clifford angles"
            )

    def _spend(self, amplitudes: int) -> None:
        self.work += amplitudes
        if self.work > WORK:
            raise TooLarge(
                f"the exact simulation touches more than {WORK} amplitudes; "
                "use flows or random Clifford angles"
            )


def _eigenstates(mixed: States) -> tuple[States, Bools]:
    """The eigenvectors, with their weights, of mixtures of states; which of them have any weight.

    `mixed`: shape (mixtures, states, amplitudes), not normalised. Solved in the smaller of the two
    dimensions.
    """
    _, count, size = mixed.shape
    if count <= size:
        weight, vectors = np.linalg.eigh(mixed @ mixed.conj().transpose(0, 2, 1))
        states = vectors.conj().transpose(0, 2, 1) @ mixed
    else:
        weight, vectors = np.linalg.eigh(mixed.transpose(0, 2, 1) @ mixed.conj())
        root = np.sqrt(np.maximum(weight, 0.0))
        states = (vectors * root[:, None, :]).transpose(0, 2, 1)
    return states, weight > 1e-14 * weight.sum(axis=1, keepdims=True)


def _block_diagonal(blocks: NDArray[np.complex128], operand: int) -> bool:
    """Whether a two-qubit gate, shape (2, 2, 2, 2), keeps the value of an operand."""
    off = [blocks[v, :, 1 - v] if operand == 0 else blocks[:, v, :, 1 - v] for v in (0, 1)]
    return not any(part.any() for part in off)
