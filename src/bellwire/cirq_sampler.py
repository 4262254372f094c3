"""A Cirq sampler that runs circuits on a model of a modular machine."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import cirq
import numpy as np

from bellwire.cirq_reading import Keys, read_cirq
from bellwire.compiler.program import Program, Stage
from bellwire.families import families
from bellwire.open_angles import bind_program
from bellwire.outcomes import shot_by_shot
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe as passes_of
from bellwire.passes.schedule import schedule
from bellwire.runtime.counts import user_width
from bellwire.runtime.execute import fingerprint, prepare
from bellwire.targets.load import load_machine
from bellwire.targets.machine import Machine


class ModularSampler(cirq.Sampler):
    """Samples circuits, compiled for the machine or not.

    A circuit that names other qubits than the machine's is compiled first, once for all values of
    its symbols as long as these change nothing but angles. `noise`: with the machine's; `method`:
    auto, stabilizer, aer; same `seed`, same results.
    """

    def __init__(
        self,
        machine: Machine | str | PathLike[str],
        *,
        seed: int | None = None,
        noise: bool = True,
        method: str = "auto",
        recipe: str = "default",
    ) -> None:
        self.machine = machine if isinstance(machine, Machine) else load_machine(str(machine))
        self.seed, self.noise, self.method, self.recipe = seed, noise, method, recipe
        self._compiled: dict[str, Program] = {}

    @property
    def compilations(self) -> int:
        """How many circuits were compiled."""
        return len(self._compiled)

    def run_sweep(
        self, program: cirq.AbstractCircuit, params: cirq.Sweepable, repetitions: int = 1
    ) -> Sequence[cirq.Result]:
        """Run a circuit with each set of values. Raises a BellwireError."""
        resolvers = list(cirq.to_resolvers(params))
        read = [read_cirq(cirq.resolve_parameters(program, r), self.machine) for r in resolvers]
        results: list[Any] = [None] * len(resolvers)
        for family in families([p for p, _ in read], self._probes(program)):
            compiled = self._compile(family.program)
            for i, values in zip(family.members, family.values):
                bound = bind_program(compiled, values)
                records = self._records(bound, read[i][1], repetitions, i)
                results[i] = cirq.ResultDict(params=resolvers[i], records=records)
        return results

    def _probes(self, circuit: cirq.AbstractCircuit) -> list[Program]:
        """The circuit with two sets of values that nobody would choose: they show which angles
        depend on symbols, so that calls with other values find the same compiled program."""
        names = sorted(cirq.parameter_names(circuit))
        chosen = np.random.default_rng(0).uniform(0.1, 0.9, (2, len(names))) if names else ()
        resolved = [cirq.resolve_parameters(circuit, dict(zip(names, row))) for row in chosen]
        return [read_cirq(c, self.machine)[0] for c in resolved]

    def _compile(self, program: Program) -> Program:
        key = fingerprint(program)
        if key not in self._compiled:
            if program.stage is Stage.LOWERED:
                done = schedule(program, self.machine)
            else:
                done = run_passes(program, self.machine, passes_of(self.recipe)).program
            self._compiled[key] = done
        return self._compiled[key]

    def _records(
        self, program: Program, keys: Keys, repetitions: int, place: int
    ) -> dict[str, np.ndarray[Any, Any]]:
        """For each key an array of shape (repetitions, times measured, qubits)."""
        seed = None if self.seed is None else [self.seed, place]
        number = int(np.random.SeedSequence(seed).generate_state(1)[0])
        ready = prepare(program, self.machine, backend=self.method, noise=self.noise)
        result = ready.run(repetitions, seed=number)
        bits = shot_by_shot(result, user_width(program), seed).astype(np.uint8)
        return {
            key: np.stack([bits[:, list(at)] for at in times], axis=1)
            for key, times in keys.items()
        }
