"""What a modular machine is: modules, the links between them, and nothing that contradicts itself.

Times are in nanoseconds, probabilities between 0 and 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from bellwire.errors import MachineError
from bellwire.targets.coupling import Pairs, checked_coupling, coupled_pairs
from bellwire.targets.fields import (
    LONGEST_NS,
    MOST_QUBITS,
    nanoseconds,
    need,
    positive_ns,
    probability,
    shown,
    text,
    whole,
)

if TYPE_CHECKING:
    import networkx as nx

Role = Literal["compute", "memory", "repeater"]
BellState = tuple[float, float, float, float]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_ROLES = ("compute", "memory", "repeater")
_LEAST_FIDELITY = {"gate_1q": 1 / 3, "gate_2q": 1 / 5, "readout": 0.0}


def _set(owner: object, **values: object) -> None:
    """Keep checked values, in their plain types, in a frozen instance."""
    for name, value in values.items():
        object.__setattr__(owner, name, value)


@dataclass(frozen=True, slots=True)
class GateQuality:
    """How long an operation takes, and its average gate fidelity (readout: assignment fidelity)."""

    ns: float
    fidelity: float = 1.0

    def __post_init__(self) -> None:
        _set(self, ns=nanoseconds("ns", self.ns), fidelity=probability("fidelity", self.fidelity))


@dataclass(frozen=True)
class Module:
    """One small processor.

    Its physical qubits are numbered data first, then communication: qubit `data_qubits + i` is
    communication qubit i. `coupling` is "all", "line", "grid RxC" (of the data qubits), or pairs
    of such numbers. On a line the communication qubits sit at the two ends in turn; on a grid each
    hangs on one data qubit of the rim. A `repeater` has communication qubits alone; a `memory`
    stores and moves states, and gates between two of its data qubits are allowed as in `compute`.
    `t1_ns`, `t2_ns`: infinite when not given. Raises MachineError when the values contradict each
    other; no gate may be worse than full depolarisation.
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
        named = isinstance(self.name, str) and _NAME.match(self.name) is not None
        need(named, "module.name", self.name, "a letter, then letters, digits, _")
        place = f"module {self.name}"
        data = whole(f"{place}: data_qubits", self.data_qubits, 0, MOST_QUBITS)
        comm = whole(f"{place}: comm_qubits", self.comm_qubits, 0, MOST_QUBITS)
        need(data + comm > 0, f"{place}: comm_qubits", comm, "1 or more when data_qubits is 0")
        need(self.role in _ROLES, f"{place}: role", self.role, " or ".join(_ROLES))
        fits = (self.role == "repeater") == (data == 0)
        need(fits, f"{place}: role", self.role, "repeater exactly when data_qubits is 0")
        _set(self, data_qubits=data, comm_qubits=comm, source=text(f"{place}: source", self.source))
        coupling = checked_coupling(f"{place}: coupling", self.coupling, data, comm)
        _set(self, coupling=coupling)
        self._check_qualities(place)

    def _check_qualities(self, place: str) -> None:
        for name, least in _LEAST_FIDELITY.items():
            quality = getattr(self, name)
            at = f"{place}: {name}"
            if not isinstance(quality, GateQuality):
                raise MachineError(
                    f"{at}: found {shown(quality)}; it must be a GateQuality(ns, fidelity)"
                )
            found, wanted = quality.fidelity, f"{least:.3f} (full depolarisation) or more"
            need(found >= least, f"{at}.fidelity", found, wanted)
        t1_ns = positive_ns(f"{place}: t1_ns", self.t1_ns, infinite=True)
        t2_ns = positive_ns(f"{place}: t2_ns", self.t2_ns, infinite=True)
        need(t2_ns <= 2 * t1_ns, f"{place}: t2_ns", t2_ns, f"at most 2 * t1_ns = {2 * t1_ns:g}")
        _set(self, t1_ns=t1_ns, t2_ns=t2_ns)

    @property
    def size(self) -> int:
        """How many physical qubits it has."""
        return self.data_qubits + self.comm_qubits

    @cached_property
    def edges(self) -> Pairs | None:
        """Coupled pairs (low, high) of physical qubits; None when every pair is coupled."""
        return coupled_pairs(self.coupling, self.data_qubits, self.comm_qubits)


@dataclass(frozen=True, slots=True)
class Link:
    """An interconnect that makes Bell pairs between two modules.

    One attempt takes `attempt_ns` (the herald's way back included) and succeeds with probability
    `success`; `capacity` attempts run in parallel. `state` holds the Bell-diagonal weights of a
    fresh pair: target, Z-, X- and Y-type error. `message_ns` is the one-way classical latency.
    Raises MachineError when a value is impossible.
    """

    between: tuple[str, str]
    attempt_ns: float = 10_000.0
    success: float = 1.0
    state: BellState = (1.0, 0.0, 0.0, 0.0)
    capacity: int = 1
    message_ns: float = 500.0
    source: str = "assumption"

    def __post_init__(self) -> None:
        place = f"link {_ends(self.between)}"
        attempt_ns = positive_ns(f"{place}: attempt_ns", self.attempt_ns)
        success = probability(f"{place}: success", self.success)
        wanted = f"above 0, and a pair has to take {LONGEST_NS:g} ns on average at most"
        possible = success > 0 and attempt_ns / success <= LONGEST_NS
        need(possible, f"{place}: success", success, wanted)
        _set(
            self,
            between=tuple(self.between),
            attempt_ns=attempt_ns,
            success=success,
            state=_weights(f"{place}: state", self.state),
            capacity=whole(f"{place}: capacity", self.capacity, 1, MOST_QUBITS),
            message_ns=nanoseconds(f"{place}: message_ns", self.message_ns),
            source=text(f"{place}: source", self.source),
        )

    @property
    def fidelity(self) -> float:
        """The fidelity of a fresh pair with the wanted Bell state."""
        return self.state[0]

    @property
    def mean_ns(self) -> float:
        """The expected time until one pair is heralded, in ns."""
        return self.attempt_ns / self.success


def _ends(between: object) -> str:
    listed = isinstance(between, Sequence) and not isinstance(between, str) and len(between) == 2
    names: tuple[object, ...] = tuple(between) if listed else ()  # type: ignore[arg-type]
    two = listed and all(isinstance(end, str) for end in names) and names[0] != names[1]
    need(two, "link: between", between, "the names of two different modules")
    return "{}-{}".format(*names)


def _weights(place: str, state: object) -> tuple[float, ...]:
    listed = isinstance(state, Sequence) and not isinstance(state, str) and len(state) == 4
    wanted = "four weights (target, Z-, X-, Y-type error) that add up to 1"
    need(listed, place, state, wanted)
    weights = tuple(probability(place, weight) for weight in state)  # type: ignore[attr-defined]
    need(abs(sum(weights) - 1) < 1e-6, place, state, wanted)
    return weights


@dataclass(frozen=True)
class Machine:
    """Modules joined by links. Raises MachineError when the parts contradict each other.

    `calibration` holds remarks on when and how the numbers were taken, `link_price` says what the
    compiler takes a Bell pair to cost (see passes/link_prices.py); they are no part of equality.
    """

    modules: tuple[Module, ...]
    links: tuple[Link, ...] = ()
    name: str = "machine"
    calibration: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    link_price: str = field(default="pairs", hash=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _set(self, modules=_parts("module", self.modules, Module))
        _set(self, links=_parts("link", self.links, Link), calibration=_remarks(self.calibration))
        text("name", self.name)
        need(bool(self.modules), "module", [], "given at least once")
        names: set[str] = set()
        for module in self.modules:
            need(module.name not in names, "module.name", module.name, "different for each module")
            names.add(module.name)
        seen: set[frozenset[str]] = set()
        for link in self.links:
            place = f"link {'-'.join(link.between)}: between"
            for end in link.between:
                need(end in names, place, end, f"one of the modules {', '.join(self.index)}")
                has_comm = self.module(end).comm_qubits > 0
                need(has_comm, place, end, "a module with communication qubits")
            ends = frozenset(link.between)
            once = "linked once (raise `capacity` for parallel attempts)"
            need(ends not in seen, place, link.between, once)
            seen.add(ends)

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
        # By name: the backend compiles and runs, and machines must not know those who do.
        return import_module("bellwire.qiskit_backend").ModularBackend(self)

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
