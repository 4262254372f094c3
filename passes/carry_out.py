"""Carry out a plan: replace every spanning gate by copies, moves and local gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.operations import KIND
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program, Register
from bellwire.compiler.ragged import Column
from bellwire.errors import NotSupported
from bellwire.passes.carrying.foresight import foresee
from bellwire.passes.carrying.opening_scene import Sheet, opening_scene
from bellwire.passes.carrying.relay import meet_by_relay
from bellwire.passes.carrying.rest import come_to_rest
from bellwire.passes.carrying.walk import AT_FLOW, DONE, FULL, Rows, walk
from bellwire.passes.carrying.whereabouts import (
    BASE,
    BITS,
    COPIED,
    END,
    GOING,
    HOME,
    IN,
    ROWS,
    SEAT,
    VALUES,
    WHAT,
    WIRE,
    WIRES,
    Scene,
    end_row,
    put,
)
from bellwire.passes.carrying.written import Written, wire_names
from bellwire.passes.gate_segments import EFFECT, GATE, SMALL, gate_operands
from bellwire.passes.homes import module_homes, place
from bellwire.passes.paths import Routes
from bellwire.passes.static_plan import static_plan
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]

EBIT = KIND["ebit"]
OURS = "bellwire"  # the register of our own bits


def carry_out(program: Program, machine: Machine, plan: Plan, *, times: int = 1) -> Program:
    """Write the program of a plan; where the limits forbid a step, find another way (PLACED ->
    DISTRIBUTED). The states start where the plan says. `times`: about how many such programs are
    going to be written; kernels are compiled for much work.

    Raises ProgramError for a plan of another program, DoesNotFit where no way of links joins two
    modules, NotSupported for a register named `bellwire` or more than 62 modules.
    """
    if any(r.name == OURS for r in program.registers):
        raise NotSupported(f"register {OURS!r}: kept for bellwire's own bits; rename it")
    if module_homes(program, machine) != plan.start.tolist():
        program = place(program, machine, plan.start.tolist())
    carrier = _Carrier(program, machine, plan.start.tolist(), times)
    written = carrier.write(program, plan)
    scene = carrier.sheet.scene
    first_bit = sum(r.width for r in program.registers)
    bits = int(scene.made[BITS]) - first_bit
    registers = program.registers + ((Register(OURS, bits),) if bits else ())
    qubits = wire_names(program, machine, scene.wires[: scene.made[WIRES]])
    outputs = scene.qubit[list(program.outputs), WIRE].tolist()
    return written.finish(qubits, registers, outputs)


class _Carrier:
    """Writes lists of operations, those of blocks too, into one scene."""

    def __init__(
        self, program: Program, machine: Machine, homes: Sequence[int], times: int
    ) -> None:
        routes = Routes(machine)
        self.sheet = Sheet(routes, opening_scene(routes, homes))
        self.sheet.scene.made[BITS] = sum(r.width for r in program.registers)
        self.times = times

    def write(self, program: Program, plan: Plan, resting: Ints | None = None) -> Written:
        """Write a program; at its end all states are on data qubits, without copies, and at their
        resting homes as far as there is room."""
        sheet, outer = self.sheet, self.sheet.scene
        sheet.scene = outer._replace(
            tally=np.zeros(3, dtype=np.int64),
            table=np.zeros((len(program), 5), dtype=np.int32),
            operands=np.zeros(len(program.operands.values), dtype=np.int32),
        )
        written = Written(program)
        self._walk(program, plan, written)
        come_to_rest(sheet, resting)
        done = sheet.scene
        written.table = done.table[: done.tally[ROWS]]
        written.operands = done.operands[: done.tally[VALUES]]
        sheet.scene = done._replace(tally=outer.tally, table=outer.table, operands=outer.operands)
        return written

    def _walk(self, program: Program, plan: Plan, written: Written) -> None:
        sheet, rows = self.sheet, _rows(program, self.sheet.slack)
        seen = foresee(program, plan, sheet.scene.price, times=self.times)
        latest_first = gate_operands(program).ravel()[::-1]  # so that a qubit's first gate stays
        sheet.scene.qubit[latest_first, GOING] = plan.home.ravel()[::-1]
        step = walk.at_hand(self.times * len(program), small=SMALL)
        resting = iter(plan.resting)
        at, why = step(rows, seen, sheet.ready(), 0)
        while why != DONE:
            if why == FULL:
                sheet.ready(int(rows.starts[at + 1] - rows.starts[at]))
            elif why == AT_FLOW:
                self._flow(program, at, next(resting), plan.inner.get(at, ()), written)
            else:
                meet_by_relay(rows, seen, sheet, at)
            at, why = step(rows, seen, sheet.ready(), at if why == FULL else at + 1)

    def _flow(
        self, program: Program, at: int, resting: Ints, inner: Sequence[Plan], written: Written
    ) -> None:
        """Write control flow: every block starts and ends with all states at rest."""
        come_to_rest(self.sheet, resting)
        going = self.sheet.scene.qubit[:, GOING].copy()
        blocks = self._blocks(program.blocks.get(at, ()), inner)
        own = program.operands.values[program.operands.starts[at] : program.operands.starts[at + 1]]
        qubit = self.sheet.scene.qubit
        qubit[:, GOING] = going
        used = np.unique(np.concatenate([qubit[own, WIRE], *(b.operands for b in blocks)]))
        s, row = self.sheet.ready(len(used)), int(self.sheet.scene.tally[ROWS])
        for wire in used:
            put(s, wire)
        end_row(s, int(program.kind[at]), COPIED, 0)
        written.blocks[row] = blocks
        written.flow_bits[row] = np.unique(
            np.concatenate([np.zeros(0, dtype=np.int64), *(b.bits().values for b in blocks)])
        )

    def _blocks(self, blocks: Sequence[Program], plans: Sequence[Plan]) -> tuple[Written, ...]:
        """Write blocks by their plans; every state ends on the wire that it begins on."""
        qubit = self.sheet.scene.qubit
        outer = qubit[:, [BASE, SEAT]].copy()
        qubit[:, [BASE, SEAT]] = qubit[:, [HOME, WIRE]]
        written = tuple(self._block(b, plans[k : k + 1]) for k, b in enumerate(blocks))
        self.sheet.scene.qubit[:, [BASE, SEAT]] = outer
        return written

    def _block(self, block: Program, plans: Sequence[Plan]) -> Written:
        """Write a block by its plan, or with fixed homes if that is cheaper."""
        sheet, homes = self.sheet, self.sheet.scene.qubit[:, HOME].copy()
        fixed = static_plan(block, homes.tolist())
        ways = [p for p in plans if np.array_equal(p.start, homes)]
        if not ways or _is_like(ways[0], fixed):
            return self.write(block, ways[0] if ways else fixed, homes)
        before = _copied(sheet.scene)
        written = self.write(block, ways[0], homes)
        done, cost = sheet.scene, self._spent(written)
        sheet.scene = before
        other = self.write(block, replace(fixed, inner=ways[0].inner), homes)
        if cost < self._spent(other) and _at_home(done.qubit):
            sheet.scene = done
            return written
        return other

    def _spent(self, written: Written) -> float:
        """The Bell pairs on links of a list of operations and of its blocks."""
        scene, rows = self.sheet.scene, np.flatnonzero(written.table[:, WHAT] == EBIT)
        ends = written.table[rows, END][:, None] - [[2, 1]]
        made = written.operands[ends] - len(scene.qubit)
        module = scene.wires[made, IN]
        total = float(scene.price[module[:, 0], module[:, 1]].sum())
        return total + sum(self._spent(b) for bs in written.blocks.values() for b in bs)


def _copied(scene: Scene) -> Scene:
    return Scene(*[column.copy() for column in scene])


def _is_like(plan: Plan, other: Plan) -> bool:
    return np.array_equal(plan.home, other.home) and np.array_equal(plan.label, other.label)


def _at_home(qubit: Column) -> bool:
    """Whether every state is where its block began."""
    return bool((qubit[:, [HOME, WIRE]] == qubit[:, [BASE, SEAT]]).all())


def _rows(program: Program, slack: int) -> Rows:
    effect, operands = EFFECT[program.kind], program.operands
    gate = np.cumsum(effect == GATE) - (effect == GATE)
    return Rows(effect, program.kind, operands.starts, operands.values, gate, slack)
