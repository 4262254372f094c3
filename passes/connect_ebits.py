"""Reach unlinked modules: make one Bell pair per link on the way and swap them together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.ragged import ends
from bellwire.compiler.rows import replaced
from bellwire.compiler.waits import link_table, qubit_modules
from bellwire.passes.carry_out import OURS
from bellwire.passes.link_prices import weighed
from bellwire.passes.paths import Routes
from bellwire.targets.machine import Machine


def connect_ebits(program: Program, machine: Machine, *, link_price: str = "pairs") -> Program:
    """Replace e-bits between unlinked modules by e-bits along links and entanglement swapping.

    At most two halves are held in a middle module at a time. `link_price`: what a pair on a link
    costs (passes/link_prices.py); a cheaper way than a link is taken too.
    """
    routes = Routes(weighed(machine, link_price))
    far = _far_modules(routes)
    if not any(_far_rows(part, machine, far).any() for part in program.walk()):
        return program
    out = ProgramBuilder.like(program)
    if not out.registers or out.registers[-1].name != OURS:
        out.add_register(Register(OURS, 0))
    connector = _Connector(machine, routes, far, out)
    if not program.blocks:
        return connector.replaced(program)
    connector.copy(program, out)
    return out.finish(Stage.DISTRIBUTED, program.outputs)


def _far_modules(routes: Routes) -> NDArray[np.bool_]:
    """Which pairs of modules get their e-bits by swapping."""
    far = np.asarray(link_table(routes.machine) < 0)
    if not routes.even:
        for a, b in np.argwhere(~far).tolist():
            far[a, b] = len(routes.swap(a, b)) > 2
    return far


def _far_rows(
    program: Program, machine: Machine, far_modules: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which operations are e-bits between such modules."""
    far: NDArray[np.bool_] = program.kind == KIND["ebit"]
    rows = np.flatnonzero(far)
    if len(rows):
        module = qubit_modules(program, machine)
        a, b = (module[ends(program.operands, k, rows)] for k in (0, 1))
        far[rows] = far_modules[a, b]
    return far


class _Connector:
    def __init__(
        self, machine: Machine, routes: Routes, far: NDArray[np.bool_], out: ProgramBuilder
    ) -> None:
        self.machine, self.routes, self.far, self.top = machine, routes, far, out
        self.made = 0

    def replaced(self, program: Program) -> Program:
        """The program with its far e-bits connected; it has no blocks."""
        far = _far_rows(program, self.machine, self.far)
        counts = np.ones(len(program), dtype=np.int64)
        for i in np.flatnonzero(far).tolist():
            before = len(self.top)
            near, end = (int(q) for q in program.operands.values[program.operands.starts[i] :][:2])
            self._connect(near, end, int(program.source[i]), self.top)
            counts[i] = len(self.top) - before
        made = self.top.finish(Stage.DISTRIBUTED, program.outputs)
        whole = replace(program, qubits=made.qubits, registers=made.registers)
        return replaced(whole, counts, [made], np.flatnonzero(np.repeat(far, counts)))

    def copy(self, program: Program, out: ProgramBuilder) -> None:
        """Copy all operations, those of blocks too, far e-bits connected."""
        far = _far_rows(program, self.machine, self.far).tolist()
        for i, op in enumerate(program.ops):
            if op.blocks:
                blocks = [out.child() for _ in op.blocks]
                for block, inner in zip(op.blocks, blocks):
                    self.copy(block, inner)
                out.append_flow(op, blocks)
            elif far[i]:
                self._connect(op.qubits[0], op.qubits[1], op.source, out)
            else:
                out.append_op(op)

    def _connect(self, near: int, far: int, source: int, out: ProgramBuilder) -> None:
        ends = [self.machine.index[str(out.qubits[q].module)] for q in (near, far)]
        way = self.routes.swap(*ends)
        held = near  # the half at the start keeps its place, the other end moves on
        last = self._half(way[1])
        out.append("ebit", (held, last), source=source)
        for step, module in enumerate(way[1:-1], start=1):
            onward = self._half(module)
            end = far if step == len(way) - 2 else self._half(way[step + 1])
            out.append("ebit", (onward, end), source=source)
            out.append("swap_ebits", (held, last, onward, end), bits=self._bits(), source=source)
            last = end

    def _half(self, module: int) -> int:
        name = self.machine.modules[module].name
        self.made += 1
        return self.top.add_qubit(Qubit(f"{name}.link{self.made}", name, "comm"))

    def _bits(self) -> tuple[int, int]:
        register = self.top.registers[-1]
        first = sum(r.width for r in self.top.registers)
        self.top.registers[-1] = Register(OURS, register.width + 2)
        return first, first + 1
