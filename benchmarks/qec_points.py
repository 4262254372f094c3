"""Points of threshold studies sampled here, with seeds; and circuits compared by their errors."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from concurrent.futures import Executor

import numpy as np
import pymatching
import stim

from bellwire.threshold import Point, Study, Threshold, circuit_of, thresholds

CHUNK = 5_000  # shots that are sampled and decoded at a time


def count(circuit: stim.Circuit, shots: int, seed: int) -> int:
    """How many of `shots` runs end in a logical error after minimum-weight matching."""
    model = circuit.detector_error_model(decompose_errors=True, approximate_disjoint_errors=True)
    matching = pymatching.Matching.from_detector_error_model(model)
    sampler = circuit.compile_detector_sampler(seed=seed)
    errors = 0
    for first in range(0, shots, CHUNK):
        flips, truth = sampler.sample(
            min(CHUNK, shots - first), separate_observables=True, bit_packed=True
        )
        told = matching.decode_batch(flips, bit_packed_shots=True, bit_packed_predictions=True)
        errors += int(np.count_nonzero((told != truth).any(axis=1)))
    return errors


def point(study: Study, basis: str, distance: int, value: float) -> Point:
    """One point of a study: all its shots, from a seed of its own."""
    seed = zlib.crc32(repr((study, basis, distance, value)).encode())
    errors = count(circuit_of(study, basis, distance, value), study.max_shots, seed)
    return Point(basis, "pymatching", distance, value, study.max_shots, errors)


def points_of(study: Study, pool: Executor) -> list[Point]:
    """All points of a study, the dearest first, side by side."""
    asked = [
        pool.submit(point, study, basis, distance, value)
        for distance in sorted(study.distances, reverse=True)
        for basis in study.bases
        for value in study.values
    ]
    return sorted(done.result() for done in asked)


def threshold_of(points: Iterable[Point]) -> Threshold:
    """The threshold of points of one basis."""
    return thresholds(points)[0]


def rates(points: Iterable[Point]) -> dict[tuple[int, float], float]:
    """The logical error rate by distance and value, of points of one basis."""
    return {(p.distance, p.value): p.rate for p in points}


def errors_of(circuit: stim.Circuit) -> dict[frozenset[str], float]:
    """The chance of each set of detectors and observables that an error flips."""
    model = circuit.detector_error_model(flatten_loops=True, approximate_disjoint_errors=True)
    found: dict[frozenset[str], float] = {}
    for error in model.flattened():
        if error.type == "error":
            flips = frozenset(str(target) for target in error.targets_copy())
            p, q = error.args_copy()[0], found.get(flips, 0.0)
            found[flips] = p + q - 2 * p * q
    return {flips: p for flips, p in found.items() if flips}


def difference(one: stim.Circuit, other: stim.Circuit) -> float:
    """The largest difference of any chance."""
    a, b = errors_of(one), errors_of(other)
    assert a
    return max(abs(a.get(flips, 0.0) - b.get(flips, 0.0)) for flips in a.keys() | b.keys())
