"""Spend the e-bits: replace every spanning gate by copies, moves and local gates."""

from __future__ import annotations

from bellwire.compiler.program import Program
from bellwire.passes.carry_out import carry_out
from bellwire.passes.homes import module_homes
from bellwire.passes.link_prices import weighed
from bellwire.passes.static_plan import static_plan
from bellwire.targets.machine import Machine


def insert_ebits(program: Program, machine: Machine, *, link_price: str = "pairs") -> Program:
    """Carry out the program's plan, or the best one for fixed homes where it has none, within the
    machine's limits (PLACED -> DISTRIBUTED). `link_price`: what a pair on a link costs
    (passes/link_prices.py).

    Raises DoesNotFit where no way of links joins two modules, NotSupported for a register named
    `bellwire` or more than 62 modules.
    """
    plan = program.plan
    if plan is None:
        plan = static_plan(program, module_homes(program, machine))
    return carry_out(program, weighed(machine, link_price), plan)
