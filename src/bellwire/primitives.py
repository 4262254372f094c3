"""A sampler and an estimator on modular machines: each circuit is compiled once, and values of its
parameters are bound later."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from qiskit.primitives import BaseEstimatorV2, BaseSamplerV2, PrimitiveJob
from qiskit.primitives.containers import (
    BitArray,
    DataBin,
    PrimitiveResult,
    PubResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

from bellwire.compiler.folding import OWN_REGISTER
from bellwire.compiler.frontends.qiskit_registers import classical_registers
from bellwire.outcomes import shot_by_shot
from bellwire.primitives_estimate import Estimation
from bellwire.primitives_runner import PrimitiveOptions, Runner, parameter_sets
from bellwire.runtime.counts import user_width

__all__ = ["EstimatorV2", "PrimitiveOptions", "SamplerV2"]


class SamplerV2(Runner, BaseSamplerV2):
    """Samples circuits on a modular machine: a ModularBackend, a Machine, a preset, a machine file.

    Circuits may be transpiled for the backend or not. Metadata of each PUB: `shots`, `ebits` of one
    shot, `makespan_s` (mean), `expected_fidelity`, `circuit_metadata`.
    """

    def run(
        self, pubs: Iterable[Any], *, shots: int | None = None
    ) -> PrimitiveJob[PrimitiveResult[SamplerPubResult]]:
        """Run PUBs: a circuit, or (circuit, parameter values, shots)."""
        number = self.options.default_shots if shots is None else shots
        coerced = [SamplerPub.coerce(pub, number) for pub in pubs]
        if any(not _user_registers(pub.circuit) for pub in coerced):
            warnings.warn("a circuit without classical registers gives no data", stacklevel=2)
        job = PrimitiveJob(self._run, coerced)
        job._submit()
        return job

    def _run(self, pubs: Sequence[SamplerPub]) -> PrimitiveResult[SamplerPubResult]:
        results = [self._run_pub(i, pub) for i, pub in enumerate(pubs)]
        return PrimitiveResult(results, metadata={"version": 2})

    def _run_pub(self, number: int, pub: SamplerPub) -> SamplerPubResult:
        compiled = self.compiled(pub.circuit)
        width = user_width(compiled.program)
        sets = parameter_sets(pub)
        bits = np.zeros((len(sets), pub.shots, width), dtype=np.bool_)
        makespans_s = np.zeros(len(sets))
        for k, given in enumerate(sets):
            seed = self.seed(number, k)
            result = self.run_program(compiled.bind(given), pub.shots, seed)
            bits[k] = shot_by_shot(result, width, seed)
            makespans_s[k] = result.makespan_s["mean"]
        facts = {"shots": pub.shots, **compiled.report}
        if len(sets):
            facts["makespan_s"] = float(makespans_s.mean())
        return SamplerPubResult(
            DataBin(**_data(pub, bits), shape=pub.shape),
            metadata={**facts, "circuit_metadata": pub.circuit.metadata},
        )


class EstimatorV2(Runner, BaseEstimatorV2):
    """Estimates expectation values on a modular machine; `backend` and metadata as of SamplerV2.

    Observables that agree on a basis for each qubit are measured together, in 1 / precision^2
    shots. Without noise, precision 0 gives the exact values of the compiled program.
    """

    def run(
        self, pubs: Iterable[Any], *, precision: float | None = None
    ) -> PrimitiveJob[PrimitiveResult[PubResult]]:
        """Run PUBs: (circuit, observables, parameter values, precision), broadcast as in Qiskit.

        Raises ValueError for precision 0 with noise.
        """
        wanted = self.options.default_precision if precision is None else precision
        coerced = [EstimatorPub.coerce(pub, wanted) for pub in pubs]
        if self.options.noise and any(pub.precision <= 0 for pub in coerced):
            raise ValueError("precision: found 0; exact values need noise=False")
        job = PrimitiveJob(self._run, coerced)
        job._submit()
        return job

    def _run(self, pubs: Sequence[EstimatorPub]) -> PrimitiveResult[PubResult]:
        results = [self._run_pub(i, pub) for i, pub in enumerate(pubs)]
        return PrimitiveResult(results, metadata={"version": 2})

    def _run_pub(self, number: int, pub: EstimatorPub) -> PubResult:
        work = Estimation(self, number, pub)
        index = np.arange(pub.parameter_values.size).reshape(pub.parameter_values.shape)
        broadcast: Any = np.broadcast_arrays(index, pub.observables)
        which, observables = broadcast
        evs, stds = np.zeros(pub.shape), np.zeros(pub.shape)
        for k, given in enumerate(parameter_sets(pub)):
            places = [at for at in np.ndindex(pub.shape) if which[at] == k]
            found = work.values(k, given, [observables[at] for at in places])
            for at, (value, deviation) in zip(places, found):
                evs[at], stds[at] = value, deviation
        facts = {"target_precision": pub.precision, "shots": work.shots, **work.compiled.report}
        return PubResult(
            DataBin(evs=evs, stds=stds, shape=pub.shape),
            metadata={**facts, "circuit_metadata": pub.circuit.metadata},
        )


def _user_registers(circuit: Any) -> list[Any]:
    return [r for r in circuit.cregs if r.name != OWN_REGISTER and len(r)]


def _data(pub: SamplerPub, bits: Any) -> dict[str, BitArray]:
    """The outcomes by register; `bits` has the shape (parameter sets, shots, bits of the user)."""
    own = {b for r in pub.circuit.cregs if r.name == OWN_REGISTER for b in r}
    _, number = classical_registers(pub.circuit)
    user = sorted((b for b in number if b not in own), key=number.__getitem__)
    place = {b: i for i, b in enumerate(user)}
    out = {}
    for r in _user_registers(pub.circuit):
        chosen = bits[:, :, [place[b] for b in r]].reshape(*pub.shape, pub.shots, len(r))
        out[r.name] = BitArray.from_bool_array(chosen, order="little")
    return out
