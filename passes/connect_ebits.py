"""Reach unlinked modules: make one Bell pair per link on the way and swap them together."""

from __future__ import annotations

from bellwire.compiler.program import Op, Program, ProgramBuilder, Qubit, Register, Stage
from bellwire.passes.insert_ebits import OURS
from bellwire.passes.paths import Routes
from bellwire.targets.machine import Machine


def connect_ebits(program: Program, machine: Machine) -> Program:
    """Replace e-bits between unlinked modules by e-bits along links and entanglement swapping.

    At most two halves are held in a middle module at a time.
    """
    if not any(_is_far(op, part, machine) for part in program.walk() for op in part.ops):
        return program
    out = ProgramBuilder.like(program)
    if not out.registers or out.registers[-1].name != OURS:
        out.add_register(Register(OURS, 0))
    _Connector(machine, Routes(machine), out).copy(program, out)
    return out.finish(Stage.DISTRIBUTED, program.outputs)


def _is_far(op: Op, program: Program, machine: Machine) -> bool:
    if op.name != "ebit":
        return False
    a, b = (str(program.qubits[q].module) for q in op.qubits)
    return machine.link(a, b) is None


class _Connector:
    def __init__(self, machine: Machine, routes: Routes, out: ProgramBuilder) -> None:
        self.machine, self.routes, self.top = machine, routes, out
        self.made = 0

    def copy(self, program: Program, out: ProgramBuilder) -> None:
        """Copy all operations, far e-bits connected."""
        for op in program.ops:
            if op.blocks:
                blocks = [out.child() for _ in op.blocks]
                for block, inner in zip(op.blocks, blocks):
                    self.copy(block, inner)
                out.append_flow(op, blocks)
            elif _is_far(op, program, self.machine):
                self._connect(op, out)
            else:
                out.append_op(op)

    def _connect(self, op: Op, out: ProgramBuilder) -> None:
        near, far = op.qubits
        ends = [self.machine.index[str(out.qubits[q].module)] for q in (near, far)]
        way = self.routes.swap(*ends)
        held = near  # the half at the start keeps its place, the other end moves on
        last = self._half(way[1])
        out.append("ebit", (held, last), source=op.source)
        for step, module in enumerate(way[1:-1], start=1):
            onward = self._half(module)
            end = far if step == len(way) - 2 else self._half(way[step + 1])
            out.append("ebit", (onward, end), source=op.source)
            out.append("swap_ebits", (held, last, onward, end), bits=self._bits(), source=op.source)
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
