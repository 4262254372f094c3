"""Plans for the blocks of control flow: each starts and ends with the homes around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.gate_segments import gate_operands
from bellwire.passes.plans import plan_of
from bellwire.passes.search import search
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import timeline
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

FEWEST = 3  # gates between modules; blocks with fewer keep their homes
LEAST_US = 1e5  # microseconds of work for one block, if there are not too many
JUMPS = ("break_loop", "continue_loop")
LOOPS = ("for_loop", "while_loop")


def optimise_blocks(
    program: Program, machine: Machine, plan: Plan, *, seed: int, work_us: float, most_us: float
) -> Plan:
    """The plan with plans for the blocks of its control flow, and for theirs.

    `work_us`: work per two-qubit gate of a block, in microseconds; `most_us`: for all blocks.
    """
    count = max(1, sum(1 for _ in program.walk()) - 1)
    most = most_us / count

    def planned(block: Program, homes: Ints) -> Plan:
        work = min(max(LEAST_US, work_us * len(gate_operands(block))), most)
        return inside(block, _block_plan(block, machine, homes, seed, work))

    def inside(program: Program, plan: Plan) -> Plan:
        return replace(
            plan,
            inner={
                row: tuple(planned(block, homes) for block in program.blocks.get(row, ()))
                for row, homes in zip(plan.flows.tolist(), plan.resting)
            },
        )

    return inside(program, plan)


def _block_plan(block: Program, machine: Machine, homes: Ints, seed: int, work_us: float) -> Plan:
    """A plan that begins and ends with these homes."""
    home = homes[gate_operands(block)]
    if (home[:, 0] != home[:, 1]).sum() < FEWEST or _may_jump(block):
        return static_plan(block, homes.tolist())
    clock = timeline(block).anchored().closed()
    rng = np.random.default_rng(seed)
    found = search(clock, machine, [homes], rng, work_us=work_us)
    return plan_of(clock, found.net, found.marks, homes)


def _may_jump(block: Program) -> bool:
    """Whether a block may be left in the middle; its states then have to be at home there."""
    return any(
        op.name in JUMPS or (op.name not in LOOPS and any(map(_may_jump, op.blocks)))
        for op in block.ops
        if op.name in JUMPS or op.blocks
    )
