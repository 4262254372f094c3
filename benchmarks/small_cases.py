"""Small circuits and machines whose fewest e-bits can be proved; everything from fixed seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import pi

import networkx as nx
import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.program import Program, Qubit, Stage
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

Q = 64  # communication qubits per module: as good as unlimited for these circuits


@dataclass(frozen=True)
class Case:
    """A circuit for `modules` equal modules, each linked with each, with `room` data qubits."""

    circuit: Program
    modules: int
    room: int

    @property
    def name(self) -> str:
        """Circuit, modules, data qubits per module."""
        return f"{self.circuit.name} K={self.modules} C={self.room}"

    @property
    def machine(self) -> Machine:
        """The machine that it is for."""
        return make_machine("complete", self.modules, data_qubits=self.room, comm_qubits=Q)


def small_cases(random: int) -> Iterator[Case]:
    """QFT, GHZ, a qubit that moves; so many random CZ/H circuits and so many of QAOA."""
    for modules, sizes in ((2, (4, 5, 6, 7, 8)), (3, (5, 6, 7, 8))):
        for n in sizes:
            yield Case(qft(n), modules, -(-n // modules))
            yield Case(ghz(n), modules, -(-n // modules))
    yield Case(walk(), 2, 4)
    yield Case(walk(), 3, 3)
    for seed in range(random):
        yield _case(seed, cz_h)
    for seed in range(random):
        yield _case(seed, qaoa)


def _case(seed: int, make: Callable[[np.random.Generator, int], Program]) -> Case:
    rng = np.random.default_rng(seed)
    modules = int(rng.integers(2, 4))
    circuit = make(rng, int(rng.integers(5, 9)))
    fits = -(-len(circuit.qubits) // modules)
    return Case(
        replace(circuit, name=f"{circuit.name} {seed}"), modules, fits + int(rng.integers(2))
    )


def _start(name: str, qubits: int) -> ProgramBuilder:
    return ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)], name=f"{name}{qubits}")


def qft(qubits: int) -> Program:
    """The quantum Fourier transform without its final swaps."""
    out = _start("qft", qubits)
    for i in reversed(range(qubits)):
        out.append("h", [i])
        for j in reversed(range(i)):
            out.append("cp", [j, i], [pi / 2 ** (i - j)])
    return out.finish(Stage.LOGICAL)


def ghz(qubits: int) -> Program:
    """h, then a chain of cx."""
    out = _start("ghz", qubits)
    out.append("h", [0])
    for i in range(qubits - 1):
        out.append("cx", [i, i + 1])
    return out.finish(Stage.LOGICAL)


def walk() -> Program:
    """A qubit that works with one close pair, then with another one; a sixth qubit takes room."""
    out = _start("walk", 6)
    for a, b in ((0, 1), (2, 3)):
        for _ in range(4):
            for other in (a, b):
                out.append("h", [4])
                out.append("cz", [4, other])
                out.append("h", [other])
        for _ in range(6):
            for q in (a, b):
                out.append("cz", [a, b])
                out.append("h", [q])
    for q in (0, 1):
        out.append("cz", [q, 5])
    return out.finish(Stage.LOGICAL)


def cz_h(rng: np.random.Generator, qubits: int) -> Program:
    """10 to 40 gates: cz on two random qubits, or h on one."""
    out = _start("cz_h", qubits)
    share = rng.choice([0.2, 0.4, 0.6])
    for _ in range(int(rng.integers(10, 41))):
        if rng.random() < share:
            out.append("h", [int(rng.integers(qubits))])
        else:
            out.append("cz", rng.choice(qubits, 2, replace=False).tolist())
    return out.finish(Stage.LOGICAL)


def qaoa(rng: np.random.Generator, qubits: int) -> Program:
    """One or two layers of QAOA on a random graph of degree 3 (4 for an odd number of qubits)."""
    qubits = max(6, qubits)
    out = _start("qaoa", qubits)
    graph = nx.random_regular_graph(3 + qubits % 2, qubits, seed=int(rng.integers(1 << 30)))
    for _ in range(int(rng.integers(1, 3))):
        for edge in graph.edges:
            out.append("rzz", sorted(edge), [0.3])
        for q in range(qubits):
            out.append("rx", [q], [0.7])
    return out.finish(Stage.LOGICAL)
