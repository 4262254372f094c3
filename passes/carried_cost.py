"""What a plan costs within the limits of a machine: known for sure once it has been carried out."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.operations import KIND
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.compiler.ragged import ends
from bellwire.compiler.waits import qubit_modules
from bellwire.passes.carry_out import carry_out
from bellwire.passes.homes import place, prices
from bellwire.targets.machine import Machine


def carried_cost(program: Program, machine: Machine, plan: Plan, *, times: int = 1) -> float:
    """What the program of a plan costs: Bell pairs on links, those of swapping included, blocks
    counted once. `times`: about how many plans are going to be asked about."""
    placed = place(program, machine, plan.start.tolist())
    return spent(carry_out(placed, machine, plan, times=times), machine)


def spent(program: Program, machine: Machine) -> float:
    """The price of all e-bits of a DISTRIBUTED program, blocks counted once."""
    price, total = prices(machine), 0.0
    for part in program.walk():
        rows = np.flatnonzero(part.kind == KIND["ebit"])
        module = qubit_modules(part, machine)
        a, b = (module[ends(part.operands, k, rows)] for k in (0, 1))
        total += float(price[a, b].sum())
    return total
