"""What a modular machine is: modules, the links between them, and nothing that contradicts itself.

Times are in nanoseconds, probabilities between 0 and 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import networkx as nx

from bellwire.errors import MachineError

Role = Literal["compute", "memory", "repeater"]
BellState = tuple[float, float, float, float]
Pairs = tuple[tuple[int, int], ...]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def _need(condition: bool, place: str, found: object, wanted: str) -> None:
    if not condition:
        raise MachineError(f"{place}: found {found!r}; it must be {wanted}")


def _probability(place: str, value: float) -> None:
    _need(0 <= value <= 1, place, value, "between 0 and 1")


def _positive(place: str, value: float) -> None:
    _need(0 < value < float("inf"), place, value, "above 0")


@dataclass(frozen=True, slots=True)
class GateQuality:
    """How long an operation takes, and its average gate fidelity (readout: assignment fidelity)."""

    ns: float
    fidelity: float = 1.0

    def __post_init__(self) -> None:
        _need(0 <= self.ns < float("inf"), "ns", self.ns, "0 or more")
        _probability("fidelity", self.fidelity)


@dataclass(frozen=True)
class Module:
    """One small processor.

    Its physical qubits are numbered data first, then communication: qubit `data_qubits + i` is
    communication qubit i. `coupling` is "all", "line", "grid RxC" (of the data qubits), or pairs
    of such numbers. On a line the communication qubits sit at the two ends in turn; on a grid each
    hangs on one data qubit of the rim. A `repeater` has communication qubits alone; a `memory`
    stores and moves states, and gates between two of its data qubits are allowed as in `compute`.
    `t1_ns`, `t2_ns`: infinite when not given.
    """

    name: str
    data_qubits: int
    comm_qubits: int = 1
    coupling: str | Pairs = "all"
    role: Role = "compute"
    gate_1q: GateQuality = GateQuality(30.0)
    gate_2q: GateQuality = GateQuality(60.0)
    readout: GateQuality = GateQuality(500.0)
    t1_ns: float = float("inf")
    t2_ns: float = float("inf")
    source: str = "assumption"

    def __post_init__(self) -> None:
        place = f"module {self.name}"
        _need(
            bool(_NAME.match(self.name)),
            "module.name",
            self.name,
            "a letter, then letters, digits, _",
        )
        _need(self.data_qubits >= 0, f"{place}: data_qubits", self.data_qubits, "0 or more")
        _need(self.comm_qubits >= 0, f"{place}: comm_qubits", self.comm_qubits, "0 or more")
        _need(self.size > 0, place, 0, "given at least one data or communication qubit")
        _need(
            self.role in ("compute", "memory", "repeater"),
            f"{place}: role",
            self.role,
            "compute, memory or repeater",
        )
        repeats = self.role == "repeater"
        _need(
            repeats == (self.data_qubits == 0),
            f"{place}: role",
            self.role,
            "repeater exactly when data_qubits is 0",
        )
        _positive(f"{place}: t1_ns", self.t1_ns) if self.t1_ns != float("inf") else None
        _positive(f"{place}: t2_ns", self.t2_ns) if self.t2_ns != float("inf") else None
        _need(self.t2_ns <= 2 * self.t1_ns, f"{place}: t2_ns", self.t2_ns, "at most 2 * t1_ns")
        if self.edges is not None:
            graph = nx.Graph(self.edges)
            graph.add_nodes_from(range(self.size))
            _need(
                nx.is_connected(graph),
                f"{place}: coupling",
                self.coupling,
                "such that every qubit of the module can be reached",
            )

    @property
    def size(self) -> int:
        """How many physical qubits it has."""
        return self.data_qubits + self.comm_qubits

    @cached_property
    def edges(self) -> Pairs | None:
        """Coupled pairs (low, high) of physical qubits; None when every pair is coupled."""
        return _edges(self)


def _edges(module: Module) -> Pairs | None:
    coupling, n, place = module.coupling, module.data_qubits, f"module {module.name}: coupling"
    if coupling == "all":
        return None
    if coupling == "line":
        comm = range(n, module.size)
        order = [*reversed(comm[::2]), *range(n), *comm[1::2]]
        return tuple((min(a, b), max(a, b)) for a, b in zip(order, order[1:]))
    if isinstance(coupling, str):
        match = re.fullmatch(r"grid (\d+)x(\d+)", coupling)
        _need(match is not None, place, coupling, "all, line, grid RxC or a list of pairs")
        assert match is not None
        rows, columns = int(match[1]), int(match[2])
        _need(rows * columns == n, place, coupling, f"a grid of its {n} data qubits")
        return _grid_edges(rows, columns, module.comm_qubits)
    for a, b in coupling:
        _need(
            0 <= a < module.size and 0 <= b < module.size and a != b,
            place,
            (a, b),
            f"two different qubits, numbered 0 to {module.size - 1} (data first, then comm)",
        )
    return tuple(sorted({(min(a, b), max(a, b)) for a, b in coupling}))


def _grid_edges(rows: int, columns: int, comm_qubits: int) -> Pairs:
    at = [[r * columns + c for c in range(columns)] for r in range(rows)]
    edges = [(at[r][c], at[r][c + 1]) for r in range(rows) for c in range(columns - 1)]
    edges += [(at[r][c], at[r + 1][c]) for r in range(rows - 1) for c in range(columns)]
    rim = [
        q
        for r, row in enumerate(at)
        for c, q in enumerate(row)
        if r in (0, rows - 1) or c in (0, columns - 1)
    ]
    for i in range(comm_qubits):
        edges.append((rim[i * len(rim) // comm_qubits % len(rim)], rows * columns + i))
    return tuple(sorted(edges))


@dataclass(frozen=True, slots=True)
class Link:
    """An interconnect that makes Bell pairs between two modules.

    One attempt takes `attempt_ns` (the herald's way back included) and succeeds with probability
    `success`; `capacity` attempts run in parallel. `state` holds the Bell-diagonal weights of a
    fresh pair: target, Z-, X- and Y-type error. `message_ns` is the one-way classical latency.
    """

    between: tuple[str, str]
    attempt_ns: float = 10_000.0
    success: float = 1.0
    state: BellState = (1.0, 0.0, 0.0, 0.0)
    capacity: int = 1
    message_ns: float = 500.0
    source: str = "assumption"

    def __post_init__(self) -> None:
        place = "link {}-{}".format(*self.between)
        _need(
            self.between[0] != self.between[1],
            f"{place}: between",
            self.between,
            "two different modules",
        )
        _positive(f"{place}: attempt_ns", self.attempt_ns)
        _probability(f"{place}: success", self.success)
        _positive(f"{place}: success", self.success)
        _need(self.capacity >= 1, f"{place}: capacity", self.capacity, "1 or more")
        _need(
            0 <= self.message_ns < float("inf"),
            f"{place}: message_ns",
            self.message_ns,
            "0 or more",
        )
        for weight in self.state:
            _probability(f"{place}: state", weight)
        _need(
            len(self.state) == 4 and abs(sum(self.state) - 1) < 1e-6,
            f"{place}: state",
            self.state,
            "four weights that add up to 1",
        )

    @property
    def fidelity(self) -> float:
        """The fidelity of a fresh pair with the wanted Bell state."""
        return self.state[0]

    @property
    def mean_ns(self) -> float:
        """The expected time until one pair is heralded, in ns."""
        return self.attempt_ns / self.success


@dataclass(frozen=True)
class Machine:
    """Modules joined by links. Raises MachineError when the parts contradict each other."""

    modules: tuple[Module, ...]
    links: tuple[Link, ...] = ()
    name: str = "machine"
    calibration: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    def __post_init__(self) -> None:
        names = [m.name for m in self.modules]
        _need(bool(names), "module", [], "given at least once")
        for i, name in enumerate(names):
            _need(name not in names[:i], "module.name", name, "different for each module")
        seen: set[frozenset[str]] = set()
        for link in self.links:
            place = "link {}-{}".format(*link.between)
            for end in link.between:
                _need(
                    end in names, f"{place}: between", end, f"one of the modules {', '.join(names)}"
                )
                _need(
                    self.module(end).comm_qubits > 0,
                    f"{place}: between",
                    end,
                    "a module with communication qubits",
                )
            ends = frozenset(link.between)
            _need(
                ends not in seen,
                f"{place}: between",
                link.between,
                "linked once (raise `capacity` for parallel attempts)",
            )
            seen.add(ends)

    @cached_property
    def index(self) -> dict[str, int]:
        """Module name -> place in `modules`."""
        return {m.name: i for i, m in enumerate(self.modules)}

    def module(self, name: str) -> Module:
        """The module of that name. Raises MachineError for an unknown one."""
        for m in self.modules:
            if m.name == name:
                return m
        known = ", ".join(m.name for m in self.modules)
        raise MachineError(f"module {name!r} is unknown; this machine has {known}")

    @cached_property
    def _links(self) -> dict[frozenset[str], Link]:
        return {frozenset(link.between): link for link in self.links}

    def link(self, a: str, b: str) -> Link | None:
        """The link between two modules, None where there is none."""
        return self._links.get(frozenset((a, b)))

    @cached_property
    def graph(self) -> nx.Graph[str]:
        """The network: modules as nodes, links as edges (attribute `link`)."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(m.name for m in self.modules)
        for link in self.links:
            graph.add_edge(*link.between, link=link)
        return graph

    @cached_property
    def _paths(self) -> dict[str, dict[str, list[str]]]:
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

    def _repr_html_(self) -> str:
        from bellwire.targets.describe import machine_html

        return machine_html(self)
