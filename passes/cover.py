"""Static sessions: with homes fixed, the fewest copies that serve all spanning gates.

For two modules the gates that span them are the edges of a bipartite graph whose nodes are the
segments on either side; a copy serves all edges of its node, so the fewest copies are a minimum
vertex cover, which Koenig's theorem reads off a maximum matching.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from bellwire.passes.segments import Segments

Ints = NDArray[np.int64]


def _graph(segments: Segments, homes: Ints) -> tuple[Ints, Ints, csr_array]:
    """Nodes (segment, other module) of both sides and the gates between them."""
    modules = int(homes.max(initial=0)) + 1
    seg = segments.pairs
    home = homes[segments.qubit[seg]]
    seg, home = seg[home[:, 0] != home[:, 1]], home[home[:, 0] != home[:, 1]]
    flip = home[:, 0] > home[:, 1]
    seg = np.where(flip[:, None], seg[:, ::-1], seg)
    home = np.where(flip[:, None], home[:, ::-1], home)
    left, at_left = np.unique(seg[:, 0] * modules + home[:, 1], return_inverse=True)
    right, at_right = np.unique(seg[:, 1] * modules + home[:, 0], return_inverse=True)
    shape = (len(left), len(right))
    ones = np.ones(len(at_left), dtype=np.int8)
    return left, right, csr_array((ones, (at_left, at_right)), shape=shape)


def cover_cost(segments: Segments, homes: Ints, price: NDArray[np.float64]) -> float:
    """The price of the best static sessions; `price[a, b]`: Bell pairs for one a-b pair."""
    left, _, graph = _graph(segments, homes)
    if not len(left):
        return 0.0
    modules = int(homes.max()) + 1
    matched = maximum_bipartite_matching(graph, perm_type="column") >= 0
    here = homes[segments.qubit[left // modules]]
    return float(price[here, left % modules][matched].sum())


def cover_sessions(segments: Segments, homes: Ints) -> list[tuple[int, int]]:
    """The sessions of a minimum cover: (segment, module that gets a copy of it)."""
    left, right, graph = _graph(segments, homes)
    if not len(left):
        return []
    modules = int(homes.max()) + 1
    mate = maximum_bipartite_matching(graph, perm_type="column")  # of each left node
    owner = np.full(len(right), -1, dtype=np.int64)
    owner[mate[mate >= 0]] = np.flatnonzero(mate >= 0)
    seen_left, seen_right = mate < 0, np.zeros(len(right), dtype=bool)
    stack = np.flatnonzero(seen_left).tolist()
    while stack:  # alternating paths from the unmatched left nodes
        node = stack.pop()
        for other in graph.indices[graph.indptr[node] : graph.indptr[node + 1]].tolist():
            if not seen_right[other]:
                seen_right[other] = True
                back = int(owner[other])
                if back >= 0 and not seen_left[back]:
                    seen_left[back] = True
                    stack.append(back)
    chosen = np.concatenate([left[~seen_left], right[seen_right]])
    return [(int(c) // modules, int(c) % modules) for c in chosen]
