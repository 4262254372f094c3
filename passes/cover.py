"""Static sessions: with homes fixed, the fewest copies that serve all spanning gates.

For two modules the gates that span them are the edges of a bipartite graph whose nodes are the
segments on either side; a copy serves all edges of its node, so the fewest copies are a minimum
vertex cover. Its size is that of a maximum matching (Koenig); among the smallest covers the one
whose copies live shortest is a minimum cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_bipartite_matching, maximum_flow

Ints = NDArray[np.int64]

FLOW_LIMIT = 2**31 - 1  # scipy's flows are 32-bit


@dataclass(frozen=True, eq=False)
class Meetings:
    """Segments and the gates between them: `qubit` (S,), whose each is; `pairs` (E, 2), those that
    share gates, each pair once; `times` (E, 2), their first and last gate."""

    qubit: Ints
    pairs: Ints
    times: Ints


@dataclass(frozen=True)
class Graph:
    """Nodes (segment, other module) of both sides; edge i joins `at_left[i]` and `at_right[i]`."""

    modules: int
    left: Ints
    right: Ints
    at_left: Ints
    at_right: Ints
    times: Ints


def graph_of(segments: Meetings, homes: Ints) -> Graph:
    """The graph of all pairs of segments whose homes differ."""
    home = homes[segments.qubit[segments.pairs]]
    spans = home[:, 0] != home[:, 1]
    return spanning_graph(segments.pairs[spans], home[spans], segments.times[spans])


def spanning_graph(seg: Ints, home: Ints, times: Ints) -> Graph:
    """The graph of E pairs of segments in different homes; all arrays are (E, 2)."""
    modules = int(home.max(initial=0)) + 1
    flip = (home[:, 0] > home[:, 1])[:, None]
    seg, home = np.where(flip, seg[:, ::-1], seg), np.where(flip, home[:, ::-1], home)
    left, at_left = np.unique(seg[:, 0] * modules + home[:, 1], return_inverse=True)
    right, at_right = np.unique(seg[:, 1] * modules + home[:, 0], return_inverse=True)
    return Graph(modules, left, right, at_left, at_right, times)


def cover_cost(segments: Meetings, homes: Ints, price: NDArray[np.float64]) -> float:
    """The price of the best static sessions; `price[a, b]`: Bell pairs for one a-b pair."""
    g = graph_of(segments, homes)
    if not len(g.left):
        return 0.0
    ones = np.ones(len(g.at_left), dtype=np.int8)
    graph = csr_array((ones, (g.at_left, g.at_right)), shape=(len(g.left), len(g.right)))
    matched = maximum_bipartite_matching(graph, perm_type="column") >= 0
    here = homes[segments.qubit[g.left // g.modules]]
    return float(price[here, g.left % g.modules][matched].sum())


def cover_sessions(segments: Meetings, homes: Ints) -> list[tuple[int, int]]:
    """The sessions of a smallest cover: (segment, module that gets a copy of it).

    Among the smallest covers the copies live for the shortest time in total (up to rounding), so
    that few of them are alive at once.
    """
    g = graph_of(segments, homes)
    return [(int(c) // g.modules, int(c) % g.modules) for c in smallest_cover(g)]


def smallest_cover(g: Graph) -> Ints:
    """The nodes of a smallest cover, as in `left` and `right`."""
    if not len(g.left):
        return np.zeros(0, dtype=np.int64)
    nodes, n = len(g.left) + len(g.right), len(g.left)
    weight = _weights(g)
    source, sink, edges = nodes, nodes + 1, len(g.at_left)
    rows = np.concatenate([np.full(n, source), np.arange(n, nodes), g.at_left])
    columns = np.concatenate([np.arange(n), np.full(nodes - n, sink), g.at_right + n])
    caps = np.concatenate([weight, np.full(edges, FLOW_LIMIT)]).astype(np.int32)
    network = coo_array((caps, (rows, columns)), shape=(nodes + 2, nodes + 2)).tocsr()
    left_over = network - maximum_flow(network, source, sink).flow
    left_over.eliminate_zeros()
    reached = np.zeros(nodes + 2, dtype=bool)
    reached[breadth_first_order(left_over, source, return_predecessors=False)] = True
    chosen: Ints = np.concatenate([g.left[~reached[:n]], g.right[reached[n:nodes]]])
    return chosen


def _weights(g: Graph) -> Ints:
    """One per copy, plus a little for the time that it would live."""
    nodes = len(g.left) + len(g.right)
    ends = np.concatenate([g.at_left, g.at_right + len(g.left)])
    first, last = np.full(nodes, np.iinfo(np.int64).max), np.zeros(nodes, dtype=np.int64)
    np.minimum.at(first, ends, np.tile(g.times[:, 0], 2))
    np.maximum.at(last, ends, np.tile(g.times[:, 1], 2))
    life = last - first + 1
    steps = max(0, FLOW_LIMIT // (nodes * nodes + 1) - 1)  # so that times never outweigh a copy
    share = (life * min(steps, 1000)) // int(life.max())
    weights: Ints = 1 + int(share.sum()) + share
    return weights
