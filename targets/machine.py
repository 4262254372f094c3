"""What a modular machine is: modules, the links between them, nothing that contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bellwire.errors import MachineError
from bellwire.targets.fields import MOST_QUBITS, need, set_fields, shown, text
from bellwire.targets.link import BellState, Fabric, Link
from bellwire.targets.module import GateQuality, Module

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["BellState", "Fabric", "GateQuality", "Link", "Machine", "Module"]


@dataclass(frozen=True)
class Machine:
    """Modules joined by links; `fabrics` are the switches that some of the links run through.

    `calibration` holds remarks on when and how the numbers were taken, `link_price` says what the
    compiler takes a Bell pair to cost (see passes/link_prices.py); they are no part of equality.
    Raises MachineError when the parts contradict each other.
    """

    modules: tuple[Module, ...]
    links: tuple[Link, ...] = ()
    name: str = "machine"
    calibration: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    link_price: str = field(default="pairs", hash=False, compare=False, repr=False)
    fabrics: tuple[Fabric, ...] = ()

    def __post_init__(self) -> None:
        set_fields(
            self,
            modules=_parts("module", self.modules, Module),
            links=_parts("link", self.links, Link),
            fabrics=_parts("fabric", self.fabrics, Fabric),
            name=text("name", self.name),
            calibration=_remarks(self.calibration),
        )
        self._check_modules()
        self._check_links()
        self._check_fabrics()

    def _check_modules(self) -> None:
        need(bool(self.modules), "module", [], "given at least once")
        names: set[str] = set()
        for module in self.modules:
            need(module.name not in names, "module.name", module.name, "different for each module")
            names.add(module.name)
        size = sum(module.size for module in self.modules)
        need(size <= MOST_QUBITS, "qubits of all modules", size, f"{MOST_QUBITS:,} at most")

    def _check_links(self) -> None:
        seen: set[frozenset[str]] = set()
        for link in self.links:
            place = f"link {'-'.join(link.between)}: between"
            for end in link.between:
                self._check_known(place, end)
                has_comm = self.module(end).comm_qubits > 0
                need(has_comm, place, end, "a module with communication qubits")
            ends = frozenset(link.between)
            once = "linked once (raise `capacity` for parallel attempts)"
            need(ends not in seen, place, link.between, once)
            seen.add(ends)

    def _check_fabrics(self) -> None:
        names: set[str] = set()
        switched: set[str] = set()
        for fabric in self.fabrics:
            need(fabric.name not in names, "fabric.name", fabric.name, "different for each fabric")
            names.add(fabric.name)
            place = f"fabric {fabric.name}: modules"
            for name in fabric.modules:
                self._check_known(place, name)
                need(name not in switched, place, name, "in one fabric only")
                switched.add(name)

    def _check_known(self, place: str, name: str) -> None:
        need(name in self.index, place, name, f"one of the modules {', '.join(self.index)}")

    @cached_property
    def index(self) -> dict[str, int]:
        """Module name -> place in `modules`."""
        return {m.name: i for i, m in enumerate(self.modules)}

    def module(self, name: str) -> Module:
        """The module of that name. Raises MachineError for an unknown one."""
        if name not in self.index:
            known = ", ".join(self.index)
            raise MachineError(f"module: found {shown(name)}; it must be one of {known}")
        return self.modules[self.index[name]]

    @cached_property
    def _links(self) -> dict[frozenset[str], Link]:
        return {frozenset(link.between): link for link in self.links}

    def link(self, a: str, b: str) -> Link | None:
        """The link between two modules, None where there is none."""
        return self._links.get(frozenset((a, b)))

    @cached_property
    def graph(self) -> nx.Graph[str]:
        """The network: modules as nodes, links as edges (attribute `link`)."""
        import networkx as nx  # slow to import, and not everyone asks for the graph

        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(m.name for m in self.modules)
        for link in self.links:
            graph.add_edge(*link.between, link=link)
        return graph

    @cached_property
    def _paths(self) -> dict[str, dict[str, list[str]]]:
        import networkx as nx

        return {a: nx.single_source_shortest_path(self.graph, a) for a in self.graph}

    def path(self, a: str, b: str) -> tuple[str, ...]:
        """The modules on a shortest way from a to b, ends included; () when there is none."""
        return tuple(self._paths[a].get(b, ()))

    @property
    def data_qubits(self) -> int:
        """How many data qubits all modules have together."""
        return sum(m.data_qubits for m in self.modules)

    def qubit_names(self) -> tuple[str, ...]:
        """All physical qubits: for each module its data qubits, then its communication qubits."""
        return tuple(
            f"{m.name}_{role}[{i}]"
            for m in self.modules
            for role, n in (("data", m.data_qubits), ("comm", m.comm_qubits))
            for i in range(n)
        )

    @cached_property
    def offsets(self) -> dict[str, int]:
        """Module name -> index of its first physical qubit in `qubit_names()`."""
        out, at = {}, 0
        for m in self.modules:
            out[m.name] = at
            at += m.size
        return out

    def to_qiskit(self) -> Any:
        """The machine as a Qiskit backend: `transpile(circuit, machine.to_qiskit())`."""
        # By name, as all of the front door: machines must not know those who compile and run.
        return import_module("bellwire.qiskit_backend").ModularBackend(self)

    def draw(self) -> Any:
        """The network map, as a Picture: `.save("map.svg")`; a notebook shows it."""
        return import_module("bellwire.pictures").draw(self)

    def _repr_svg_(self) -> str:
        return str(self.draw().svg)

    def _repr_html_(self) -> str:
        from bellwire.targets.describe import machine_html

        return machine_html(self)


def _parts(place: str, parts: object, kind: type) -> tuple[object, ...]:
    listed = isinstance(parts, Sequence) and all(isinstance(part, kind) for part in parts)
    need(listed, place, parts, f"a tuple of {kind.__name__}s")
    return tuple(parts)  # type: ignore[arg-type]


def _remarks(calibration: object) -> dict[str, str]:
    if not isinstance(calibration, Mapping):
        raise MachineError(f"calibration: found {shown(calibration)}; it must be a table of texts")
    return {
        text("calibration", key): text(f"calibration.{key}", value)
        for key, value in calibration.items()
    }
