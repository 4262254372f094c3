"""A Machine as Qiskit Targets: the one that circuits are written for, and what the modules run.

Qubits are numbered with the data qubits of all modules first, then the communication qubits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import Any

import networkx as nx
from qiskit.circuit import (
    BoxOp,
    BreakLoopOp,
    ContinueLoopOp,
    Delay,
    ForLoopOp,
    IfElseOp,
    Instruction,
    Measure,
    Parameter,
    Reset,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.transpiler import InstructionProperties, QubitProperties, Target

from bellwire.targets.machine import GateQuality, Machine, Module
from bellwire.targets.noise import average_fidelity
from bellwire.targets.remote_gates import swap_pairs, telegate_fidelity

DT_S = 1e-9  # one dt of a Target
GATES_1Q = (
    *("id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg"),
    *("rx", "ry", "rz", "p", "u"),
)
# With cp as well, Qiskit's choice between cp and rzz would change from run to run.
GATES_2Q = ("cx", "cz", "rzz", "swap")
UNEQUAL = 1e-12
FLOWS = {
    "if_else": IfElseOp,
    "while_loop": WhileLoopOp,
    "for_loop": ForLoopOp,
    "switch_case": SwitchCaseOp,
    "break_loop": BreakLoopOp,
    "continue_loop": ContinueLoopOp,
    "box": BoxOp,
}

Pair = tuple[int, int]
Table = dict[tuple[int, ...], InstructionProperties]


class ModularTarget(Target):
    """A Target that knows its machine, through copies and pickles too.

    `physical`: it shows communication qubits and Bell pairs instead of gates across links.
    """

    machine: Machine
    physical: bool

    def __new__(
        cls, *args: Any, machine: Machine | None = None, physical: bool = False, **options: Any
    ) -> ModularTarget:
        """Keep our own arguments from Qiskit's constructor."""
        made: ModularTarget = super().__new__(cls, *args, **options)
        return made

    def __init__(
        self, *args: Any, machine: Machine | None = None, physical: bool = False, **options: Any
    ) -> None:
        if machine is not None:
            self.machine, self.physical = machine, physical

    def __getstate__(self) -> dict[str, Any]:
        own = {"machine": self.machine, "physical": self.physical}
        return {"target": super().__getstate__(), **own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state["target"])
        self.machine, self.physical = state["machine"], state["physical"]


def qubit_order(machine: Machine) -> list[int]:
    """The place in `machine.qubit_names()` of each qubit of a Target, data qubits first."""
    data = [machine.offsets[m.name] + i for m in machine.modules for i in range(m.data_qubits)]
    comm = [
        machine.offsets[m.name] + m.data_qubits + i
        for m in machine.modules
        for i in range(m.comm_qubits)
    ]
    return data + comm


def machine_target(machine: Machine, *, physical: bool = False) -> ModularTarget:
    """Describe a machine to Qiskit's transpiler.

    By default data qubits alone, and a link as slow, poor gates between all data qubits of its two
    modules (swaps on the way are not counted): any routing then works over it. `physical`: all
    qubits, and `bell_pair` on the communication qubits of linked modules; gates are listed on these
    pairs too, for the sake of Qiskit's translator, which wants every gate on every pair, but our
    routing uses none there.
    Durations are in seconds, errors are average infidelities.
    """
    names = machine.qubit_names()
    order = qubit_order(machine)
    shown = order if physical else order[: machine.data_qubits]
    number = {place: i for i, place in enumerate(shown)}
    target = ModularTarget(
        num_qubits=len(shown),
        dt=DT_S,
        qubit_properties=_qubit_properties(machine, shown),
        description=f"bellwire machine {machine.name}: {', '.join(names[p] for p in shown)}",
        machine=machine,
        physical=physical,
    )
    _add_local(target, machine, number)
    known = get_standard_gate_name_mapping()
    near, pairs, links = _two_qubit_tables(machine, number, physical)
    for name in GATES_2Q if near or links else ():
        times = 3 if name == "swap" else 1  # across a link a swap is three gates
        target.add_instruction(known[name], near | {p: _times(q, times) for p, q in links.items()})
    if pairs:
        target.add_instruction(Instruction("bell_pair", 2, 0, []), pairs)
    for name, flow in FLOWS.items():
        target.add_instruction(flow, name=name)
    return target


def _quality(quality: GateQuality, qubit: int = 0) -> InstructionProperties:
    # Qiskit's choice between equally good qubits changes from run to run: no two are quite equal.
    error = 1 - quality.fidelity + qubit * UNEQUAL
    return InstructionProperties(duration=quality.ns * 1e-9, error=error)


def _times(quality: InstructionProperties, times: int) -> InstructionProperties:
    error = 1 - (1 - quality.error) ** times
    return InstructionProperties(duration=times * quality.duration, error=error)


def _owners(machine: Machine) -> list[Module]:
    """The module of each place in `machine.qubit_names()`."""
    return [m for m in machine.modules for _ in range(m.size)]


def _qubit_properties(machine: Machine, shown: Iterable[int]) -> list[QubitProperties]:
    coherence = [
        m.coherence_ns(role)
        for m in machine.modules
        for role, count in (("data", m.data_qubits), ("comm", m.comm_qubits))
        for _ in range(count)
    ]
    return [QubitProperties(t1=t1 * 1e-9, t2=t2 * 1e-9) for t1, t2 in (coherence[p] for p in shown)]


def _add_local(target: Target, machine: Machine, number: dict[int, int]) -> None:
    """Add what acts on one qubit."""
    known = get_standard_gate_name_mapping()
    owners = _owners(machine)
    one = {(i,): _quality(owners[p].gate_1q, i) for p, i in number.items()}
    read = {(i,): _quality(owners[p].readout, i) for p, i in number.items()}
    for name in GATES_1Q:
        target.add_instruction(known[name], one)
    target.add_instruction(Measure(), read)
    target.add_instruction(Reset(), read)
    target.add_instruction(Delay(Parameter("t")), dict.fromkeys(one))


def _two_qubit_tables(
    machine: Machine, number: dict[int, int], physical: bool
) -> tuple[Table, Table, Table]:
    """The qualities of gates inside modules, of Bell pairs, of gates across links."""
    near: Table = {}
    for m in machine.modules:
        first = machine.offsets[m.name]
        for a, b, times in coupled_inside(m) if physical else coupled_data(m):
            u, v = number[first + a], number[first + b]
            near[u, v] = near[v, u] = _times(_quality(m.gate_2q), times)
    pairs: Table = {}
    links: Table = {}
    for way in _ways(machine, physical):
        ends = [machine.module(way[0]), machine.module(way[-1])]
        gate, pair = _gate_quality(machine, way), _pair_quality(machine, way)
        for a, b in product(*(_sides(m, physical) for m in ends)):
            u, v = (number[machine.offsets[m.name] + q] for m, q in zip(ends, (a, b)))
            links[u, v] = links[v, u] = gate
            if physical:
                pairs[u, v] = pairs[v, u] = pair
    return near, pairs, links


def _sides(module: Module, physical: bool) -> range:
    """The qubits of a module that a link joins to others: any data qubit, as swaps come later."""
    return range(module.data_qubits, module.size) if physical else range(module.data_qubits)


def coupled_inside(module: Module) -> Iterator[tuple[int, int, int]]:
    """All coupled pairs of a module's qubits, and the gates that one takes: 1."""
    pairs = combinations(range(module.size), 2) if module.edges is None else module.edges
    yield from ((a, b, 1) for a, b in pairs)


def coupled_data(module: Module) -> Iterator[tuple[int, int, int]]:
    """The coupled pairs of data qubits and the gates that one takes.

    Where data qubits hang together only through communication qubits, pairs around these are added:
    a gate on them takes swaps.
    """
    size = module.data_qubits
    direct = [(a, b) for a, b, _ in coupled_inside(module) if b < size]
    yield from ((a, b, 1) for a, b in direct)
    graph = nx.Graph(direct)
    graph.add_nodes_from(range(size))
    if module.edges is None or size == 0 or nx.is_connected(graph):
        return
    whole = nx.Graph(module.edges)
    for group in nx.connected_components(whole.subgraph(range(size, module.size))):
        around = sorted({q for c in group for q in whole[c] if q < size})
        for a, b in combinations(around, 2):
            if not graph.has_edge(a, b):
                yield a, b, 4


def _ways(machine: Machine, physical: bool) -> Iterator[tuple[str, ...]]:
    """The links; unless `physical` also the ways through repeaters, and only between data."""
    if physical:
        yield from (link.between for link in machine.links)
        return
    middles = [m.name for m in machine.modules if not m.data_qubits and m.comm_qubits > 1]
    holders = [m.name for m in machine.modules if m.data_qubits]
    for a, b in combinations(holders, 2):
        part = machine.graph.subgraph([a, b, *middles])
        if nx.has_path(part, a, b):
            yield tuple(nx.shortest_path(part, a, b))


def _pair_quality(machine: Machine, way: tuple[str, ...]) -> InstructionProperties:
    link = machine.graph.edges[way[0], way[1]]["link"]
    return InstructionProperties(duration=link.wait_ns * 1e-9, error=1 - link.fidelity)


def _gate_quality(machine: Machine, way: tuple[str, ...]) -> InstructionProperties:
    """A telegate over the links of a way, its pairs joined in the modules between."""
    links = [machine.graph.edges[a, b]["link"] for a, b in zip(way, way[1:])]
    first, last = machine.module(way[0]), machine.module(way[-1])
    state, wait = links[0].delivered, max(link.wait_ns for link in links)
    for link, name in zip(links[1:], way[1:-1]):
        m = machine.module(name)
        state = swap_pairs(
            state, link.delivered, gate_2q=m.gate_2q.fidelity, readout=m.readout.fidelity
        )
        wait += m.gate_1q.ns + m.gate_2q.ns + m.readout.ns + link.message_ns
    process = telegate_fidelity(
        state,
        source_2q=first.gate_2q.fidelity,
        target_2q=last.gate_2q.fidelity,
        source_readout=first.readout.fidelity,
        target_readout=last.readout.fidelity,
    )
    message = sum(link.message_ns for link in links)
    wait += sum(m.gate_1q.ns + m.gate_2q.ns + m.readout.ns + message for m in (first, last))
    return InstructionProperties(duration=wait * 1e-9, error=1 - average_fidelity(process, 4))
