"""Pauli strings pulled backwards through a tape of Clifford steps, many at once.

Each string is one column of bits; a row of 64-bit words holds one qubit's X (or Z) bits of all
strings, so that a step is a few operations on rows. See flows.py for what the strings mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from bellwire.compiler.gf2 import Words
from bellwire.compiler.steps import Step, Tape

NUMBA_FROM = 50_000  # steps: below it the compiled kernel is not worth its loading
_BUFFER = 256

_X, _Y, _Z = int(Step.X), int(Step.Y), int(Step.Z)
_H, _S, _SDG = int(Step.H), int(Step.S), int(Step.SDG)
_CX, _CZ, _MEASURE = int(Step.CX), int(Step.CZ), int(Step.MEASURE)
_MARK = int(Step.MARK)


class Strings:
    """Hermitian Pauli strings over qubits, times signs (-1)^bit over classical bits.

    String g has X on qubit q where bit g of `x[q]` is set, Z likewise; both mean Y. It is
    multiplied by (-1)^b where `signs_of[slot[b]]` has it, and by -1 where `sign` has it. Rows are
    kept only for the bits that occur (slot -1: none). A mark on the way multiplies one string,
    empty so far, by Z on a qubit.
    """

    def __init__(self, qubits: int, bits: int, words: int) -> None:
        self.x: Words = np.zeros((qubits, words), dtype=np.uint64)
        self.z: Words = np.zeros((qubits, words), dtype=np.uint64)
        self.sign: Words = np.zeros(words, dtype=np.uint64)
        self.signs_of: Words = np.zeros((64, words), dtype=np.uint64)
        self.slot = np.full(bits, -1, dtype=np.int64)
        self.free = np.arange(64, dtype=np.int64)[::-1].copy()
        self.counts = np.array([64, 0], dtype=np.int64)  # free slots, violations found

    def set_bit(self, b: int, row: Words) -> None:
        """Start with (-1)^b on the strings in `row`."""
        if not self.counts[0]:
            self._grow(1)
        self.counts[0] -= 1
        self.slot[b] = self.free[self.counts[0]]
        self.signs_of[self.slot[b]] = row

    def _grow(self, need: int) -> None:
        old = len(self.signs_of)
        new = max(2 * old, old + need)
        more: Words = np.zeros((new - old, len(self.sign)), dtype=np.uint64)
        self.signs_of = np.concatenate([self.signs_of, more])
        left = self.free[: self.counts[0]]
        self.free = np.zeros(new, dtype=np.int64)
        self.free[: new - old] = np.arange(old, new)
        self.free[new - old : new - old + len(left)] = left
        self.counts[0] += new - old

    def pull_back(self, tape: Tape, *, compiled: bool | None = None) -> Iterator[tuple[int, Words]]:
        """Run all steps, last first; yields (row, strings) for each step that destroys strings.

        A step destroys the strings that anticommute with what it measures. Run to the end to have
        the strings of the start. `compiled` None: use numba for long tapes.
        """
        use_numba = len(tape.step) >= NUMBA_FROM if compiled is None else compiled
        sweep: Callable[..., int] = _numba_sweep() if use_numba else _sweep
        columns = _columns(tape, use_numba)
        found = np.zeros((_BUFFER, len(self.sign)), dtype=np.uint64)
        found_at = np.zeros(_BUFFER, dtype=np.int64)
        at = len(tape.step) - 1
        while at >= 0:
            at = sweep(at, *columns, *self._arrays(), found, found_at)
            count = int(self.counts[1])
            self.counts[1] = 0
            for i in range(count):
                yield int(tape.row[found_at[i]]), found[i].copy()
            if at >= 0 and count < _BUFFER:
                self._grow(len(tape.parities.values))

    def _arrays(self) -> tuple[Any, ...]:
        return self.x, self.z, self.sign, self.signs_of, self.slot, self.free, self.counts


def _columns(tape: Tape, arrays: bool) -> tuple[Any, ...]:
    """The tape as arrays, or as lists, which Python reads faster."""
    columns = (
        *(tape.step, tape.first, tape.second, tape.switch),
        *(tape.parities.starts, tape.parities.values, tape.flipped),
    )
    return columns if arrays else tuple(c.tolist() for c in columns)


@cache
def _numba_sweep() -> Callable[..., int]:
    from numba import njit

    kernel: Callable[..., int] = njit(cache=True)(_sweep)
    return kernel


def _sweep(  # type: ignore[no-untyped-def]
    at, step, first, second, switch, starts, members, flipped,
    x, z, sign, signs_of, slot, free, counts, found, found_at,
):  # fmt: skip
    """Pull strings back from step `at` on; returns the step to go on with, -1 at the end.

    Stops early when `found` is full or rows for signs are wanting. Plain Python that numba can
    compile: one text for both.
    """
    while at >= 0:
        s = step[at]
        a = first[at]
        if s <= _Z:
            hit = x[a] if s == _Z else (z[a] if s == _X else x[a] ^ z[a])
            k = switch[at]
            if k < 0:
                sign ^= hit
            else:
                if counts[0] < starts[k + 1] - starts[k]:
                    return at
                if flipped[k]:
                    sign ^= hit
                for m in range(starts[k], starts[k + 1]):
                    b = members[m]
                    if slot[b] < 0:
                        counts[0] -= 1
                        slot[b] = free[counts[0]]
                    signs_of[slot[b]] ^= hit
        elif s == _H:
            sign ^= x[a] & z[a]
            held = x[a].copy()
            x[a] = z[a]
            z[a] = held
        elif s == _S:
            sign ^= x[a] & ~z[a]
            z[a] ^= x[a]
        elif s == _SDG:
            sign ^= x[a] & z[a]
            z[a] ^= x[a]
        elif s == _CX:
            c = second[at]
            sign ^= x[a] & z[c] & ~(x[c] ^ z[a])
            x[c] ^= x[a]
            z[a] ^= z[c]
        elif s == _CZ:
            c = second[at]
            sign ^= x[a] & x[c] & (z[a] ^ z[c])
            z[a] ^= x[c]
            z[c] ^= x[a]
        elif s == _MARK:
            c = second[at]
            z[a, c >> 6] ^= np.uint64(1 << (c & 63))
        else:
            if x[a].any():
                if counts[1] == len(found):
                    return at
                found[counts[1]] = x[a]
                found_at[counts[1]] = at
                counts[1] += 1
            if s == _MEASURE:
                b = second[at]
                if slot[b] >= 0:
                    z[a] ^= signs_of[slot[b]]
                    signs_of[slot[b]] = 0
                    free[counts[0]] = slot[b]
                    counts[0] += 1
                    slot[b] = -1
            else:
                x[a] = 0
                z[a] = 0
        at -= 1
    return at
