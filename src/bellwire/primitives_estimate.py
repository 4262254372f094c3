"""The expectation values of one PUB: measured in few bases, or exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program
from bellwire.open_angles import bind_program
from bellwire.outcomes import distinct
from bellwire.passes.schedule import schedule
from bellwire.primitives_compiled import with_spare_bits
from bellwire.primitives_observables import (
    Basis,
    exact_values,
    measured,
    shared_bases,
    support,
    worth,
)
from bellwire.primitives_runner import Runner
from bellwire.runtime.counts import user_width

Observable = Mapping[str, float]  # label -> coefficient
Estimate = tuple[float, float]  # expectation value, standard deviation of it


class Estimation:
    """The work on PUB number `number` of a call; programs that measure are made once per basis."""

    def __init__(self, runner: Runner, number: int, pub: Any) -> None:
        self.runner, self.number = runner, number
        self.compiled = runner.compiled(with_spare_bits(pub.circuit))
        self.qubits = pub.circuit.num_qubits
        self.shots = ceil(1 / pub.precision**2) if pub.precision > 0 else 0
        self._measured: dict[Basis, Program] = {}

    def values(
        self, k: int, given: Sequence[float], observables: Sequence[Observable]
    ) -> list[Estimate]:
        """Each observable for parameter set `k`, whose values are `given`."""
        labels = sorted({label for o in observables for label in o if support(label)})
        angles = self.compiled.values(given)
        if self.shots:
            return self._sampled(k, angles, observables, labels)
        program = bind_program(self.compiled.program, angles)
        known = exact_values(program, self.compiled.wires, labels)
        return [(sum(c * known.get(s, 1.0) for s, c in o.items()), 0.0) for o in observables]

    def _sampled(
        self,
        k: int,
        angles: Sequence[float],
        observables: Sequence[Observable],
        labels: Sequence[str],
    ) -> list[Estimate]:
        totals = [
            [sum(c for label, c in o.items() if not support(label)), 0.0] for o in observables
        ]
        for j, (basis, members) in enumerate(shared_bases(labels).items()):
            bits, times = self._outcomes(basis, angles, self.runner.seed(self.number, k, j))
            worths = {label: worth(label, bits) for label in members}
            for total, o in zip(totals, observables):
                for i, moment in enumerate(self._moments(o, worths, times)):
                    total[i] += moment
        return [(mean, sqrt(variance)) for mean, variance in totals]

    def _moments(
        self, observable: Observable, worths: Mapping[str, Any], times: NDArray[np.int64]
    ) -> Estimate:
        """The part of an observable that one basis measures: its mean, and the mean's variance."""
        parts = [c * worths[label] for label, c in observable.items() if label in worths]
        sums = np.sum(parts, axis=0) if parts else np.zeros(len(times))
        mean = float(np.average(sums, weights=times))
        return mean, float(np.average((sums - mean) ** 2, weights=times)) / self.shots

    def _outcomes(
        self, basis: Basis, angles: Sequence[float], seed: Sequence[int] | None
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """The outcomes found, shape (outcomes, qubits), and how often each was."""
        first = user_width(self.compiled.program) - self.qubits
        if basis not in self._measured:
            program = measured(self.compiled.program, self.compiled.wires, basis, first)
            self._measured[basis] = schedule(program, self.runner.machine)
        program = bind_program(self._measured[basis], angles)
        result = self.runner.run_program(program, self.shots, seed)
        bits, times = distinct(result, first + self.qubits)
        return bits[:, first:], times
