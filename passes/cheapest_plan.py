"""Carry out several plans and keep the one that spends the fewest Bell pairs on links.

What a plan costs within the limits of a machine is known for sure only when it has been carried
out; so no plan is kept that does worse than fixed homes with the fewest copies (METIS + packing).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.operations import KIND
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.compiler.ragged import ends
from bellwire.compiler.waits import qubit_modules
from bellwire.passes.carry_out import carry_out
from bellwire.passes.homes import place, prices
from bellwire.passes.static_plan import static_plan
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

GATES = 100_000  # rows that are carried out in all to compare plans; two plans at least


def never_worse(program: Program, machine: Machine, plan: Plan, partitions: Sequence[Ints]) -> Plan:
    """The plan, or the best one of partitions with fixed homes, the promising ones first, where
    that is cheaper when both are carried out."""
    tries = max(1, GATES // max(1, len(program)))
    statics = [static_plan(program, homes.tolist()) for homes in partitions[:tries]]
    return min([plan, *statics], key=lambda p: carried_cost(program, machine, p))


def carried_cost(program: Program, machine: Machine, plan: Plan) -> float:
    """What the program of a plan costs: Bell pairs on links, those of swapping included, blocks
    counted once."""
    placed = place(program, machine, plan.start.tolist())
    return spent(carry_out(placed, machine, plan), machine)


def spent(program: Program, machine: Machine) -> float:
    """The price of all e-bits of a DISTRIBUTED program, blocks counted once."""
    price, total = prices(machine), 0.0
    for part in program.walk():
        rows = np.flatnonzero(part.kind == KIND["ebit"])
        module = qubit_modules(part, machine)
        a, b = (module[ends(part.operands, k, rows)] for k in (0, 1))
        total += float(price[a, b].sum())
    return total
