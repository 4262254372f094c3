"""Homes of qubits, and what a Bell pair between two homes costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.program import Program, Stage
from bellwire.passes.paths import Routes
from bellwire.targets.machine import Machine


def place(program: Program, machine: Machine, homes: Sequence[int]) -> Program:
    """Give every qubit its home, by place in `machine.modules` (LOGICAL -> PLACED)."""
    qubits = tuple(
        replace(q, module=machine.modules[h].name) for q, h in zip(program.qubits, homes)
    )

    def settle(part: Program) -> Program:
        blocks = {i: tuple(settle(b) for b in bs) for i, bs in part.blocks.items()}
        return replace(part, qubits=qubits, stage=Stage.PLACED, blocks=blocks)

    return settle(program)


def module_homes(program: Program, machine: Machine) -> Sequence[int]:
    """The home module of each qubit of a PLACED program, by place in `machine.modules`."""
    return [machine.index[q.module] for q in program.qubits if q.module is not None]


def prices(machine: Machine) -> NDArray[np.float64]:
    """`price[a, b]`: what one pair between modules a and b costs in Bell pairs on links, or, where
    the machine weighs its links, in pairs on the cheapest one.

    Where no way exists it is infinite. Modules without data qubits may hold copies, not homes.
    """
    routes = Routes(machine)
    count = len(machine.modules)
    out = np.full((count, count), np.inf)
    for a, first in enumerate(machine.modules):
        for b, second in enumerate(machine.modules):
            states = first.data_qubits and second.data_qubits
            if machine.path(first.name, second.name) and (states or routes.swap(a, b)):
                out[a, b] = routes.price(a, b)
    return out


def middles(machine: Machine) -> NDArray[np.int64]:
    """`way[a, b]`: the mask of the modules in which a pair between modules a and b is swapped
    together; two communication qubits are needed there for a moment."""
    routes, count = Routes(machine), len(machine.modules)
    out = np.zeros((count, count), dtype=np.int64)
    for a in range(count):
        for b in range(count):
            if a != b:
                out[a, b] = sum(1 << m for m in routes.swap(a, b)[1:-1])
    return out
