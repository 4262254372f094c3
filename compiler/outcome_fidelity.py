"""The chance that nothing that can be seen goes wrong: in measured bits, else in output qubits.

Errors that do no harm count as none (a Z before a measurement, a flip of all bits of a GHZ state),
those that undo each other too: exact for few qubits and Clifford gates. With other gates errors
that land in a small circuit are drawn and simulated, in a larger one each alone; in a large one
they are taken to do harm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bellwire.compiler.error_effects import Effects, error_effects
from bellwire.compiler.error_table import ErrorTable, Floats, WaitTable, error_table, wait_table
from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.folding import Folded, fold, own_bits
from bellwire.compiler.idle import Idle, find_gaps, idle_gaps, no_idle
from bellwire.compiler.noise_events import noise_events, waiting_weights
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.trajectories import Trajectories
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

MOST_ROWS = 5_000  # beyond it all errors count
MOST_WORK = 200_000_000  # amplitudes touched to see what errors do that land in the circuit
DRAWS = 128, 16_384  # of errors for one call, and about as many for a prediction
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
        return self.sums.fidelity(weights[0])

    def _prepare(self) -> bool:
        program, machine = self.program, self.machine
        try:
            folded = fold(program, own_bits(program))
        except NotSupported:
            return False
        effects, where = error_effects(folded, outputs=not _measures(folded)), find_gaps(program)
        table = error_table(program, effects, noise_events(program, machine, no_idle(where)))
        waits = wait_table(program, effects, where)
        self.sums = _sums(_Errors(table, waits), folded, effects)
        return True


def _measures(folded: Folded) -> bool:
    """Whether the user's bits are measured at all."""
    ours = own_bits(folded.program)
    return any(b not in ours for op in folded.circuit.ops for b in op.bits)


class _Errors:
    """All errors that do something, by numbers of their effects: `names[n]` is effect n, 0 nothing.
    `still`: by channel; `moving`: by gap that is kept, of X, Y and Z."""

    def __init__(self, table: ErrorTable, waits: WaitTable) -> None:
        self.table, self.waits = table, waits
        number: dict[int, int] = {0: 0}
        self.still = np.zeros(table.weights.shape, dtype=np.int64)
        for row, found in enumerate(table.effects):
            self.still[row, : len(found)] = [number.setdefault(e, len(number)) for e in found]
        moving = [[number.setdefault(e, len(number)) for e in row] for row in waits.effects]
        self.moving = np.array(moving, dtype=np.int64).reshape(-1, 3)
        self.names = list(number)

    def renamed(self, number: Ints) -> tuple[Ints, Ints]:
        """`still` and `moving` with other numbers."""
        return number[self.still], number[self.moving]


def _sums(errors: _Errors, folded: Folded, effects: Effects) -> _Sums:
    """Choose how to add up errors."""
    runner = Trajectories(folded.circuit, effects.landings)
    ends = any(landing.what == "end" for landing in effects.landings)
    size = len(runner.ops) << len(folded.circuit.qubits)
    if runner.steers and not runner.stops and not ends:
        if DRAWS[1] * size <= MOST_WORK:
            return _BySampling(errors, runner)
        if len(errors.names) * size <= MOST_WORK:
            return _ByHarm(errors, 1 - np.array(runner.overlaps(errors.names)))
    coordinates, rank = _coordinates(errors.names, effects.nothing)
    if rank <= MOST_SIGNS:
        return _BySigns(errors, np.array(coordinates), rank)
    number: dict[int, int] = {0: 0}
    same = np.array([number.setdefault(c, len(number)) for c in coordinates])
    return _ByEffect(errors, same, len(number))


class _Sums(Protocol):
    """Adds up errors, given the chances of X, Y and Z in all gaps."""

    def fidelity(self, waits: Floats) -> float:
        """The chance of no effect."""
        ...


class _BySigns:
    """All effects are sums of a few: the chance that they add up to nothing, exactly, as the mean
    over all signs of the product over all errors (a Walsh-Hadamard transform)."""

    def __init__(self, errors: _Errors, coordinates: Ints, rank: int) -> None:
        self.odd = np.bitwise_count(np.arange(1 << rank)[:, None] & coordinates) % 2 == 1
        self.product = self._product(errors.still, errors.table.weights)
        self.moving, self.gaps = errors.moving, errors.waits.gaps

    def _product(self, effects: Ints, weights: Floats) -> Floats:
        out = np.ones(len(self.odd))
        for names, chances in zip(effects, weights):
            out *= 1 - 2 * (self.odd[:, names] @ chances)
        return out

    def fidelity(self, waits: Floats) -> float:
        """The chance of no effect."""
        return float((self.product * self._product(self.moving, waits[self.gaps])).mean())


class _BySampling:
    """The mean over drawn errors of what they leave of the outcome."""

    def __init__(self, errors: _Errors, runner: Trajectories) -> None:
        self.errors, self.runner = errors, runner
        self.random = np.random.default_rng(0)
        self.left: dict[int, float] = {}  # by error, once it was simulated

    def fidelity(self, waits: Floats) -> float:
        """The chance of the right outcome, by DRAWS draws."""
        drawn = self.errors.table.draw(DRAWS[0], self.random)
        self.errors.waits.draw(drawn, waits[None], self.random)
        found = Counter(drawn)
        new = [error for error in found if error not in self.left]
        if new:
            self.left.update(zip(new, self.runner.overlaps(new)))
        return sum(self.left[error] * count for error, count in found.items()) / len(drawn)


class _ByHarm:
    """Each error does the harm that it would do alone."""

    def __init__(self, errors: _Errors, harm: Floats) -> None:
        self.still = 1 - (errors.table.weights * harm[errors.still]).sum(axis=1)
        self.harm, self.gaps = harm[errors.moving], errors.waits.gaps

    def fidelity(self, waits: Floats) -> float:
        """The chance of no harm."""
        moving = 1 - (waits[self.gaps] * self.harm).sum(axis=1)
        return float(self.still.prod() * moving.prod())


class _ByEffect:
    """Errors of equal effect undo each other in twos; other sums that are nothing are left out."""

    def __init__(self, errors: _Errors, same: Ints, count: int) -> None:
        self.count, self.weights, self.gaps = count, errors.table.weights, errors.waits.gaps
        self.still, self.moving = errors.renamed(same)

    def fidelity(self, waits: Floats) -> float:
        """The chance of no effect."""
        log_none, plus, minus = 0.0, np.ones(self.count), np.ones(self.count)
        for effects, chances in ((self.still, self.weights), (self.moving, waits[self.gaps])):
            weights = np.where(effects > 0, chances, 0.0)
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
