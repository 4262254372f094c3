"""Partitions for packets: a local search on the modules of checks, judged by link distance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bellwire.passes.qec.assign import Ints, Sizes
from bellwire.passes.qec.distance import least, link_distances
from bellwire.passes.qec.distribute import distribute
from bellwire.passes.qec.interaction import Meeting

if TYPE_CHECKING:
    import stim

SEARCHED, JUDGED = 3, 6  # METIS partitions to search from; partitions whose distance is found
STEPS = 150  # of the search, per qubit
HOT, COLD = 0.6, 0.1  # packets


def best_by_packets(
    circuit: stim.Circuit, met: Meeting, found: list[Ints], sizes: Sizes, *, seed: int
) -> Ints:
    """The partition with the greatest least link distance, then with the fewest pairs."""
    straight = [h for h in straight_cuts(circuit, met, sizes.modules) if sizes.allow(h)]
    rng = np.random.default_rng(seed)
    starts = [*straight, *found[:SEARCHED]]
    searched = [searched_from(homes, met, sizes, rng) for homes in starts]
    unique = {h.tobytes(): h for h in (*straight, *found[:SEARCHED], *searched)}
    ranked = sorted(unique.values(), key=lambda h: (packets(met, h), h.tolist()))

    def price(homes: Ints) -> tuple[float, int]:
        at = dict(zip(met.qubits, homes.tolist()))
        distances = link_distances(circuit, at, "packet")
        spread = distribute(circuit, at, pairs="packet", check=False)
        return -min(map(least, distances), default=inf), int(spread.report["ebits"])

    return min(ranked[:JUDGED], key=price)


def packets(met: Meeting, homes: Ints) -> int:
    """The modules of all checks beyond the first of each: about the packets of a round."""
    return sum(len(set(homes[net].tolist())) - 1 for net in met.nets)


def straight_cuts(circuit: stim.Circuit, met: Meeting, modules: int) -> Iterator[Ints]:
    """Slices of about equal size along x and y, and a grid of both for square numbers."""
    places = circuit.get_final_qubit_coordinates()
    if not all(len(places.get(q, ())) >= 2 for q in met.qubits):
        return
    at = np.array([places[q][:2] for q in met.qubits])
    for axis in (0, 1):
        for homes in _slices(at[:, axis], modules):
            yield homes
    side = round(modules**0.5)
    if side > 1 and side * side == modules:
        for across in _slices(at[:, 0], side):
            for down in _slices(at[:, 1], side):
                homes = across * side + down
                if len(np.unique(homes)) == modules:
                    yield homes


def _slices(at: NDArray[np.float64], count: int) -> Iterator[Ints]:
    """Cuts at whole coordinates, as even as they get, and one to the left of that."""
    values = np.unique(at)
    below = np.searchsorted(np.sort(at), values, side="right") / len(at)
    for share in (0, 1):
        borders = [
            values[max(0, int(np.abs(below - i / count).argmin()) - share)] for i in range(1, count)
        ]
        homes: Ints = np.searchsorted(np.array(borders), at, side="left").astype(np.int64)
        if len(np.unique(homes)) == count:
            yield homes


def searched_from(start: Ints, met: Meeting, sizes: Sizes, rng: np.random.Generator) -> Ints:
    """Anneal single moves of qubits (fewer packets, modules kept even); the best seen."""
    nets, count, modules = met.nets, len(start), sizes.modules
    if modules == 1 or not nets:
        return start
    homes: list[int] = start.tolist()
    of: list[list[int]] = [[] for _ in homes]
    inside = [[0] * modules for _ in nets]
    for n, net in enumerate(nets):
        for q in net:
            of[q].append(n)
            inside[n][homes[q]] += 1
    used = np.bincount(start, minlength=modules).tolist()
    most = np.maximum(sizes.most, used).tolist()
    fewest = sizes.least.tolist()
    steps = STEPS * count
    cost = least = packets(met, start)
    best = list(homes)
    draws = zip(
        rng.integers(count, size=steps).tolist(),
        rng.integers(modules, size=steps).tolist(),
        rng.random(steps).tolist(),
        np.geomspace(HOT, COLD, steps).tolist(),
    )
    for q, there, chance, heat in draws:
        here = homes[q]
        if here == there or used[there] >= most[there] or used[here] <= fewest[here]:
            continue
        more = _change([inside[n] for n in of[q]], here, there)
        if more > 0 and chance >= exp(-more / heat):
            continue
        for n in of[q]:
            inside[n][here] -= 1
            inside[n][there] += 1
        used[here] -= 1
        used[there] += 1
        homes[q] = there
        cost += more
        if cost < least:
            least, best = cost, list(homes)
    return np.array(best, dtype=np.int64)


def _change(counts: Sequence[Sequence[int]], here: int, there: int) -> int:
    return sum((c[there] == 0) - (c[here] == 1) for c in counts)
