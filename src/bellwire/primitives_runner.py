"""What the sampler and the estimator share: options, the machine, seeds, outcomes of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

import numpy as np

from bellwire.compiler.program import Program
from bellwire.primitives_compiled import Compilations, CompiledCircuit
from bellwire.qiskit_backend import ModularBackend
from bellwire.runtime.execute import prepare
from bellwire.runtime.result import Result
from bellwire.targets.load import load_machine
from bellwire.targets.machine import Machine

Device = ModularBackend | Machine | str | PathLike[str]


@dataclass
class PrimitiveOptions:
    """How circuits run.

    `default_shots` (sampler) and `default_precision` (estimator) where a call gives none; `seed`:
    same seed, same results; `noise`: with the machine's; `method`: auto, stabilizer, aer, timing;
    `recipe`: how circuits that are not transpiled are compiled.
    """

    default_shots: int = 1024
    default_precision: float = 0.015625
    seed: int | None = None
    noise: bool = True
    method: str = "auto"
    recipe: str = "default"


class Runner:
    """Compiles circuits once and runs programs on one machine."""

    def __init__(self, backend: Device, **options: Any) -> None:
        """Options as in PrimitiveOptions. Raises TypeError for one that is unknown."""
        self.options = PrimitiveOptions(**options)
        self.machine = _machine(backend)
        self.compilations = Compilations(self.machine)

    def compiled(self, circuit: Any) -> CompiledCircuit:
        """The circuit compiled, now or earlier."""
        return self.compilations.of(circuit, recipe=self.options.recipe)

    def run_program(self, program: Program, shots: int, seed: Sequence[int] | None) -> Result:
        """Run a program whose angles are bound."""
        o = self.options
        number = int(np.random.SeedSequence(seed).generate_state(1)[0])
        ready = prepare(program, self.machine, backend=o.method, noise=o.noise)
        return ready.run(shots, seed=number)

    def seed(self, *place: int) -> list[int] | None:
        """The seed of one run among those of a call; None for one that nobody chose."""
        return None if self.options.seed is None else [self.options.seed, *place]


def _machine(backend: Device) -> Machine:
    if isinstance(backend, Machine):
        return backend
    return load_machine(fspath(backend)) if isinstance(backend, str | PathLike) else backend.machine


def parameter_sets(pub: Any) -> list[list[float]]:
    """All sets of values of a PUB, in the order of the circuit's parameters."""
    values, parameters = pub.parameter_values, list(pub.circuit.parameters)
    out: list[list[float]] = (
        values.as_array(parameters).reshape(values.size, len(parameters)).tolist()
    )
    return out
