"""Vectors over GF(2), packed into 64-bit words: spans and kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]


def pack(table: Bools) -> Words:
    """Pack each row of 0 and 1 into words, lowest bit first."""
    rows, width = table.shape
    padded = np.zeros((rows, -(-width // 64) * 64), dtype=np.bool_)
    padded[:, :width] = table
    words: Words = np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)
    return words


def unpack(words: Words, width: int) -> Bools:
    """The inverse of `pack`."""
    raw = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    return np.unpackbits(raw, axis=1, count=width, bitorder="little").astype(np.bool_)


class Span:
    """A space of vectors of `width` bits, kept in reduced row echelon form."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._rows: Words = np.zeros((0, -(-width // 64)), dtype=np.uint64)
        self._pivots: list[int] = []

    def __len__(self) -> int:
        return len(self._pivots)

    def remainder(self, vector: Words) -> Words:
        """What is left of a packed vector once the space is divided out; zero for members."""
        if not self._pivots:
            return vector
        pivots = np.array(self._pivots, dtype=np.uint64)
        used = vector[pivots >> np.uint64(6)] >> (pivots & np.uint64(63)) & np.uint64(1)
        left: Words = vector ^ np.bitwise_xor.reduce(self._rows[used == 1], axis=0)
        return left

    def add(self, vector: Words) -> bool:
        """Add a packed vector; says whether it was new."""
        new = self.remainder(vector)
        if not new.any():
            return False
        word = int(np.flatnonzero(new)[0])
        shift = (int(new[word]) & -int(new[word])).bit_length() - 1
        hit = self._rows[:, word] >> np.uint64(shift) & np.uint64(1) == 1
        self._rows[hit] ^= new
        self._rows = np.concatenate([self._rows, new[None]])
        self._pivots.append(64 * word + shift)
        return True

    def vectors(self) -> Bools:
        """A basis of the space, one row each."""
        return unpack(self._rows, self.width)

    def kernel(self) -> Bools:
        """A basis, one row each, of all vectors that are orthogonal to the whole space."""
        rows = self.vectors()
        free = np.setdiff1d(np.arange(self.width), self._pivots)
        basis = np.zeros((len(free), self.width), dtype=np.bool_)
        basis[np.arange(len(free)), free] = True
        basis[:, self._pivots] = rows[:, free].T
        return basis
