"""A quick lower bound on e-bits, for circuits of any size and all machines."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from bellwire.compiler.program import Program, is_flow
from bellwire.targets.machine import Machine

MOST_CUTS = 300  # qubits of a component; above it the search for a smallest cut takes too long


def lower_bound(program: Program, machine: Machine, *, least: float = 0) -> int:
    """Give a number of e-bits that no program of this circuit's gates, by sessions and moves, is
    below, whatever its order, communication qubits and links. Numbers below `least` are of no use:
    the long search for smallest cuts is left out where it could not show as many.

    Proof. Each e-bit makes one more module hold one qubit; call a qubit *clean* if it has none. A
    gate happens in a module that holds both of its qubits. So take a connected component of the
    graph of gates, with n qubits, and let C be the most data qubits of a module.

    1. *Modules.* Gates join the modules that hold its qubits, and e-bits are the only other joints:
       e of them reach at most e + 1 modules. At the start the n qubits have homes, in at least as
       many modules as the largest ones needed for n. Hence e >= those - 1.
    2. *Cuts.* Let d < min(n - C, k) qubits be not clean, where no k - 1 qubits cut the graph. The
       n - d > C clean ones are connected by gates, all in one module: more than it has. Hence
       e >= d >= min(n - C, k).
    3. *Degrees.* Let d qubits be not clean. One of the d + 1 qubits of highest degree is clean, and
       its clean partners, at least its degree - d, are in its module: degree - d <= C - 1.

    An e-bit belongs to one qubit, so components add up. All of it holds with gates in blocks too.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edges_from(
        (op.qubits[0], op.qubits[1])
        for part in program.walk()
        for op in part.ops
        if len(op.qubits) == 2 and op.name != "barrier" and not is_flow(op)
    )
    sizes = sorted((m.data_qubits for m in machine.modules), reverse=True)
    parts = [graph.subgraph(c) for c in nx.connected_components(graph)]
    parts = [part for part in parts if len(part) > sizes[0]]
    quick = [_quick(part, sizes) for part in parts]
    most = [max(known, _most_cut(part, sizes)) for known, part in zip(quick, parts)]
    if sum(most) < least or most == quick:
        return sum(quick)
    return sum(max(known, _cut(part, sizes)) for known, part in zip(quick, parts))


def _quick(graph: nx.Graph[int], sizes: Sequence[int]) -> int:
    """The better of the first and the last bound; `sizes` are data qubits per module, largest
    first."""
    return max(_modules(len(graph), sizes) - 1, _degrees(graph, sizes[0]))


def _modules(qubits: int, sizes: Sequence[int]) -> int:
    """How many of the largest modules hold so many qubits."""
    room = 0
    for count, size in enumerate(sizes, start=1):
        room += size
        if room >= qubits:
            return count
    return len(sizes)


def _most_cut(graph: nx.Graph[int], sizes: Sequence[int]) -> int:
    """What the second bound is at most: the neighbours of a qubit are a cut."""
    return min(len(graph) - sizes[0], min(degree for _, degree in graph.degree))


def _cut(graph: nx.Graph[int], sizes: Sequence[int]) -> int:
    if len(graph) > MOST_CUTS:
        return 1
    return min(len(graph) - sizes[0], int(nx.node_connectivity(graph)))


def _degrees(graph: nx.Graph[int], room: int) -> int:
    """The fewest qubits that need not be clean for the others to have their partners at home."""
    degrees = sorted((d for _, d in graph.degree), reverse=True)
    return next((d for d, degree in enumerate(degrees) if degree - d <= room - 1), len(graph))
