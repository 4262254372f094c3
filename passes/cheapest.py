"""Which of several plans costs least once it is carried out: communication qubits are few."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.carry_out import carry_out
from bellwire.passes.gate_segments import gate_operands
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

SHARE = 0.05  # of the time that copies are held; so much without a qubit for them hardly matters


def is_crowded(program: Program, machine: Machine, plan: Plan) -> bool:
    """Whether a plan holds many more copies than there are communication qubits."""
    begin, end = _stays(gate_operands(program), len(plan.rows))
    hold = plan.hold.ravel()
    held = np.flatnonzero(hold)
    whole = missing = 0
    for m, module in enumerate(machine.modules):
        here = held[hold[held] >> m & 1 == 1]
        change = np.bincount(begin[here], minlength=len(plan.rows) + 1)
        load = np.cumsum(change - np.bincount(end[here], minlength=len(change)))
        whole += int(load.sum())
        missing += int(np.maximum(0, load - module.comm_qubits).sum())
    return missing > SHARE * whole


def _stays(pair: Ints, gates: int) -> tuple[Ints, Ints]:
    """For each operand of each gate, shape (2 T,), the gate itself and its qubit's next one."""
    qubit, begin = pair.ravel(), np.repeat(np.arange(gates), 2)
    order = np.argsort(qubit, kind="stable")
    end = np.full(len(qubit), gates)
    again = np.flatnonzero(np.diff(qubit[order]) == 0)
    end[order[again]] = begin[order[again + 1]]
    return begin, end


def cheapest(program: Program, machine: Machine, plans: Iterable[Plan]) -> Plan:
    """The plan that takes the fewest e-bits."""
    return min(plans, key=lambda plan: carry_out(program, machine, plan).count("ebit"))
