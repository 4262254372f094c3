"""The chance that nothing that can be seen goes wrong, in measured bits and output qubits.

Errors that do no harm count as none (a Z before a measurement, a flip of all bits of a GHZ state),
those that undo each other too: exact for few qubits and Clifford gates. An error that meets a gate
that makes no Pauli of it is taken to do harm, so with other gates a run does better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bellwire.compiler.error_effects import error_effects
from bellwire.compiler.error_table import Floats, error_table, wait_table
from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.folding import fold, own_bits
from bellwire.compiler.idle import Idle, find_gaps, idle_gaps, no_idle
from bellwire.compiler.noise_events import noise_events, waiting_weights
from bellwire.compiler.program import Ints, Program
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

MOST_ROWS = 5_000  # beyond it all errors count
MOST_SIGNS = 10  # independent effects whose sums are all gone through


class OutcomeFidelity:
    """A LOWERED or SCHEDULED program on a machine; call it with how long its qubits wait.

    Where it cannot be folded, or is large, it gives the chance of no error at all
    (compiler/fidelity.py).
    """

    def __init__(self, program: Program, machine: Machine) -> None:
        self.program, self.machine = program, machine
        self.known = len(program) <= MOST_ROWS and self._prepare()

    def __call__(self, idle: Idle | None = None) -> float:
        """The fidelity when qubits wait as long as `idle` says (else as the start times say)."""
        if not self.known:
            return expected_fidelity(self.program, self.machine, idle)
        idle = idle_gaps(self.program, self.machine) if idle is None else idle
        weights = waiting_weights(
            self.program, self.machine, idle.where, idle.ns[:, None], idle.attempts[:, None]
        )
        return self.sums.fidelity(weights[0][self.gaps])

    def _prepare(self) -> bool:
        program, machine = self.program, self.machine
        try:
            folded = fold(program, own_bits(program))
        except NotSupported:
            return False
        effects, where = error_effects(folded, outputs=True), find_gaps(program)
        table = error_table(program, effects, noise_events(program, machine, no_idle(where)))
        waits = wait_table(program, effects, where)
        self.gaps = waits.gaps
        names: dict[int, int] = {0: 0}
        lists = [[names.setdefault(e, len(names)) for e in row] for row in table.effects]
        still = np.zeros(table.weights.shape, dtype=np.int64)
        for row, found in enumerate(lists):
            still[row, : len(found)] = found
        waiting = [[names.setdefault(e, len(names)) for e in row] for row in waits.effects]
        moving = np.array(waiting, dtype=np.int64).reshape(-1, 3)
        coordinates, rank = _coordinates(list(names), effects.nothing)
        if rank <= MOST_SIGNS:
            self.sums: _Sums = _BySigns(coordinates, rank, still, table.weights, moving)
        else:
            number = {0: 0}
            same = np.array([number.setdefault(c, len(number)) for c in coordinates])
            self.sums = _ByEffect(len(number), same[still], table.weights, same[moving])
        return True


class _Sums(Protocol):
    """The chance of no effect, with these chances of X, Y and Z in the gaps."""

    def fidelity(self, waits: Floats) -> float: ...


class _BySigns:
    """All effects are sums of a few: the chance that they add up to nothing, exactly, as the mean
    over all signs of the product over all errors (a Walsh-Hadamard transform)."""

    def __init__(
        self, coordinates: Sequence[int], rank: int, still: Ints, weights: Floats, moving: Ints
    ) -> None:
        signs = np.arange(1 << rank)[:, None] & np.array(coordinates)
        self.odd = np.bitwise_count(signs) % 2 == 1
        self.product = self._product(still, weights)
        self.moving = moving

    def _product(self, effects: Ints, weights: Floats) -> Floats:
        out = np.ones(len(self.odd))
        for names, chances in zip(effects, weights):
            out *= 1 - 2 * (self.odd[:, names] @ chances)
        return out

    def fidelity(self, waits: Floats) -> float:
        """The chance of no effect, with these chances of X, Y and Z in the gaps."""
        return float((self.product * self._product(self.moving, waits)).mean())


class _ByEffect:
    """Errors of equal effect undo each other in twos; other sums that are nothing are left out."""

    def __init__(self, count: int, still: Ints, weights: Floats, moving: Ints) -> None:
        self.count = count
        self.still, self.weights, self.moving = still, weights, moving

    def fidelity(self, waits: Floats) -> float:
        """The chance of no effect, with these chances of X, Y and Z in the gaps."""
        log_none, plus, minus = 0.0, np.ones(self.count), np.ones(self.count)
        for effects, weights in ((self.still, self.weights), (self.moving, waits)):
            weights = np.where(effects > 0, weights, 0.0)
            none = np.maximum(1e-12, 1 - weights.sum(axis=1))
            odds = weights / none[:, None]
            np.multiply.at(plus, effects, 1 + odds)
            np.multiply.at(minus, effects, 1 - odds)
            log_none += float(np.log(none).sum())
        plus[0] = minus[0] = 1.0
        return float(np.exp(log_none + np.log((plus + minus) / 2).sum()))


def _coordinates(effects: Sequence[int], nothing: Sequence[int]) -> tuple[list[int], int]:
    """Write effects as sums of independent ones, and of some that are nothing: bit k says whether
    the k-th is one of them."""
    basis: dict[int, tuple[int, int]] = {}  # leading bit -> a sum of effects, its coordinates
    rank = 0

    def reduced(effect: int) -> tuple[int, int]:
        found = 0
        while effect and effect.bit_length() in basis:
            more, coordinates = basis[effect.bit_length()]
            effect, found = effect ^ more, found ^ coordinates
        return effect, found

    for effect in nothing:
        left, _ = reduced(effect)
        if left:
            basis[left.bit_length()] = left, 0
    out = []
    for effect in effects:
        left, found = reduced(effect)
        if left:  # independent of those before: it is the next one itself
            basis[left.bit_length()] = left, found ^ 1 << rank
            found, rank = 1 << rank, rank + 1
        out.append(found)
    return out, rank
