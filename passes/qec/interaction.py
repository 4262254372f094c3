"""Who meets whom in a Stim circuit: the graph of its gates, and the nets of its checks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bellwire.passes.interactions import Interactions, weighted_graph
from bellwire.passes.qec.layers import measures
from bellwire.passes.qec.packets import check_qubits
from bellwire.passes.qec.products import products_of
from bellwire.passes.qec.stim_text import (
    Line,
    Lines,
    Repeat,
    acted_on,
    is_pair_gate,
    qubits_of,
    read_lines,
    walk,
)

if TYPE_CHECKING:
    import stim

MOST_TIMES = 10_000  # that a gate counts for: METIS adds in 32 bits


@dataclass(frozen=True)
class Meeting:
    """The qubits that a circuit acts on, in order, and its lines."""

    qubits: tuple[int, ...]
    lines: Lines

    @cached_property
    def times(self) -> Counter[tuple[int, int]]:
        """How often each pair of places in `qubits` meets in a gate or next in a product."""
        index = {q: i for i, q in enumerate(self.qubits)}
        met: Counter[tuple[int, int]] = Counter()
        for line, times in _with_times(self.lines, 1):
            for a, b in _met(line):
                i, j = index[a], index[b]
                met[min(i, j), max(i, j)] += times
        return met

    @cached_property
    def graph(self) -> Interactions:
        """The weighted graph of gates."""
        pairs = np.array(list(self.times), dtype=np.int64).reshape(-1, 2)
        counts = np.minimum(np.array(list(self.times.values()), dtype=np.int64), MOST_TIMES)
        return weighted_graph(len(self.qubits), pairs, counts)

    @cached_property
    def nets(self) -> list[list[int]]:
        """Each check with all qubits that it meets, and each product, as places in `qubits`."""
        index = {q: i for i, q in enumerate(self.qubits)}
        around: dict[int, set[int]] = {index[q]: {index[q]} for q in _checks(self.lines)}
        products: set[tuple[int, ...]] = set()
        for line in walk(self.lines):
            if is_pair_gate(line.name):
                for a, b in _met(line):
                    for one, other in ((index[a], index[b]), (index[b], index[a])):
                        if one in around:
                            around[one].add(other)
            for product in products_of(line):
                products.add(tuple(sorted(index[q] for _, q in product.factors)))
        return [sorted(net) for net in (*around.values(), *sorted(products)) if len(net) > 1]


def meeting(circuit: stim.Circuit) -> Meeting:
    """Read who meets whom. Qubits that only have coordinates do not count."""
    lines = read_lines(circuit)
    return Meeting(tuple(acted_on(lines)), lines)


def _met(line: Line) -> list[tuple[int, int]]:
    if is_pair_gate(line.name):
        pairs = zip(line.targets[::2], line.targets[1::2])
        return [(int(a), int(b)) for a, b in pairs if a.isdigit() and b.isdigit()]
    chains = ([q for _, q in product.factors] for product in products_of(line))
    return [pair for chain in chains for pair in pairwise(chain)]


def _with_times(lines: Lines, times: int) -> list[tuple[Line, int]]:
    found: list[tuple[Line, int]] = []
    for line in lines:
        if isinstance(line, Repeat):
            found += _with_times(line.body, times * line.count)
        else:
            found.append((line, times))
    return found


def _checks(lines: Lines) -> list[int]:
    """The check qubits; of one round alone all measured qubits but those measured last."""
    if checks := check_qubits(lines):
        return sorted(checks)
    measured = [set(qubits_of(line)) for line in walk(lines) if measures(line)]
    return sorted(set().union(*measured[:-1])) or sorted(set().union(*measured))
