"""Machines of a regular shape: complete, line, ring, grid, star, tree, switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bellwire.targets.coupling import Pairs
from bellwire.targets.fields import need, whole
from bellwire.targets.machine import Fabric, Link, Machine, Module

MOST_MODULES = 10_000
MOST_LINKS = 20_000
RECONFIGURE_NS = 1e6  # of a switch; assumption: of the order of what optical switches take

Edges = list[tuple[int, int]]


def module_names(count: int) -> list[str]:
    """A, B, ... Z, then M26, M27, ..."""
    return [chr(65 + i) if i < 26 else f"M{i}" for i in range(count)]


def shape_edges(topology: str, modules: int) -> Edges:
    """Give the links of a shape as pairs of module numbers (low, high), in order.

    A grid is as square as its count allows; a star has module 0 in the middle; a tree is binary; a
    switch links every pair. Raises MachineError for an unknown shape or no modules.
    """
    count = whole("modules", modules, 1, MOST_MODULES)
    known = isinstance(topology, str) and topology in _EDGES
    need(known, "topology", topology, f"one of {', '.join(SHAPES)}")
    if topology in ("complete", "switch"):
        links = count * (count - 1) // 2
        place = f"modules of topology {topology}"
        need(
            links <= MOST_LINKS,
            place,
            count,
            f"fewer: they have {links:,} links, {MOST_LINKS:,} are the most",
        )
    return sorted(_EDGES[topology](count))


def make_machine(
    topology: str,
    modules: int,
    *,
    data_qubits: int,
    comm_qubits: int = 2,
    coupling: str | Pairs = "all",
    module: Module | None = None,
    link: Link | None = None,
    fabric: Fabric | None = None,
) -> Machine:
    """Make a machine of equal modules. `module` and `link` are patterns for everything else.

    `fabric` is the pattern of the one fabric that a "switch" has (default: `switch_fabric`). Raises
    MachineError when another shape gets one.
    """
    pattern = replace(
        module or Module("A", 1),
        data_qubits=data_qubits,
        comm_qubits=comm_qubits,
        coupling=coupling,
    )
    wire = link or Link(("A", "B"))
    edges = shape_edges(topology, modules)
    names = module_names(modules)
    need(topology == "switch" or fabric is None, "fabric", fabric, "left out without a switch")
    fabrics: tuple[Fabric, ...] = ()
    if topology == "switch" and modules > 1:
        fabrics = (replace(fabric or switch_fabric(modules), modules=tuple(names)),)
    parts = tuple(replace(pattern, name=name) for name in names)
    links = tuple(replace(wire, between=(names[a], names[b])) for a, b in edges)
    return Machine(parts, links, name=f"{topology}{modules}", fabrics=fabrics)


def switch_fabric(
    modules: int,
    *,
    ports: int | None = None,
    reconfigure_ns: float = RECONFIGURE_NS,
    source: str = "assumption",
) -> Fabric:
    """Make the fabric of a switch with so many modules; by default with a port for each.

    Of an odd number of modules one is always left over, and its port with it.
    """
    count = whole("modules", modules, 2, MOST_MODULES)
    places = count - count % 2 if ports is None else ports
    return Fabric("switch", tuple(module_names(count)), places, reconfigure_ns, source)


def _complete(modules: int) -> Edges:
    return [(a, b) for a in range(modules) for b in range(a + 1, modules)]


def _line(modules: int) -> Edges:
    return [(i, i + 1) for i in range(modules - 1)]


def _ring(modules: int) -> Edges:
    return _line(modules) + ([(0, modules - 1)] if modules > 2 else [])


def _grid(modules: int) -> Edges:
    rows = max(r for r in range(1, int(modules**0.5) + 1) if modules % r == 0)
    columns = modules // rows
    across = [(i, i + 1) for i in range(modules) if (i + 1) % columns]
    return across + [(i, i + columns) for i in range(modules - columns)]


def _star(modules: int) -> Edges:
    return [(0, i) for i in range(1, modules)]


def _tree(modules: int) -> Edges:
    return [((i - 1) // 2, i) for i in range(1, modules)]


_EDGES: dict[str, Callable[[int], Edges]] = {
    "complete": _complete,
    "line": _line,
    "ring": _ring,
    "grid": _grid,
    "star": _star,
    "tree": _tree,
    "switch": _complete,
}
SHAPES = tuple(_EDGES)
