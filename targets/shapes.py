"""Machines of a regular shape: complete, line, ring, grid, star, tree."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx

from bellwire.errors import MachineError
from bellwire.targets.machine import Link, Machine, Module

SHAPES = ("complete", "line", "ring", "grid", "star", "tree")


def module_names(count: int) -> list[str]:
    """A, B, ... Z, then M26, M27, ..."""
    return [chr(65 + i) if i < 26 else f"M{i}" for i in range(count)]


def shape_edges(topology: str, modules: int) -> list[tuple[int, int]]:
    """The links of a shape as pairs of module numbers.

    A grid is as square as its count allows; a star has module 0 in the middle; a tree is binary.
    Raises MachineError for an unknown shape or no modules.
    """
    if modules < 1:
        raise MachineError(f"modules: found {modules}; it must be 1 or more")
    if topology == "grid":
        rows = max(r for r in range(1, int(modules**0.5) + 1) if modules % r == 0)
        lattice = nx.convert_node_labels_to_integers(
            nx.grid_2d_graph(rows, modules // rows), ordering="sorted"
        )
        return sorted(tuple(sorted(e)) for e in lattice.edges)
    makers = {
        "complete": lambda: nx.complete_graph(modules),
        "line": lambda: nx.path_graph(modules),
        "ring": lambda: nx.cycle_graph(modules) if modules > 2 else nx.path_graph(modules),
        "star": lambda: nx.star_graph(modules - 1),
        "tree": lambda: nx.Graph([((i - 1) // 2, i) for i in range(1, modules)]),
    }
    if topology not in makers:
        raise MachineError(f"topology: found {topology!r}; it must be one of {', '.join(SHAPES)}")
    return sorted(tuple(sorted(e)) for e in makers[topology]().edges)


def make_machine(
    topology: str,
    modules: int,
    *,
    data_qubits: int,
    comm_qubits: int = 2,
    coupling: str = "all",
    module: Module | None = None,
    link: Link | None = None,
) -> Machine:
    """Make a machine of equal modules. `module` and `link` are patterns for everything else."""
    pattern = module or Module("A", data_qubits)
    wire = link or Link(("A", "B"))
    names = module_names(modules)
    parts = tuple(
        replace(
            pattern, name=n, data_qubits=data_qubits, comm_qubits=comm_qubits, coupling=coupling
        )
        for n in names
    )
    links = tuple(
        replace(wire, between=(names[a], names[b])) for a, b in shape_edges(topology, modules)
    )
    return Machine(parts, links, name=f"{topology}{modules}")
