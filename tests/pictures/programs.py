"""Programs to draw: a compiled one, and one of any size written by hand."""

from __future__ import annotations

from functools import cache

import bellwire
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.targets.machine import Machine

CIRCUIT = "examples/circuits/qft_adder_n8.qasm"


def _circuit() -> str:
    """A circuit whose qubits have to meet in turns, so that some move."""
    pairs = [(i, j) for i in range(8) for j in range(i)]
    gates = "".join(f"cp(0.3) q[{a}],q[{b}];\nh q[{a}];\n" for a, b in pairs)
    return f'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[8];\ncreg c[8];\n{gates}measure q->c;\n'


@cache
def compiled() -> bellwire.Compiled:
    """28 gates among 8 qubits on the noisy ring of four modules."""
    return bellwire.compile(_circuit(), bellwire.load_machine("ring4-demo"), recipe="fast")


def long_program(telegates: int, *, modules: int = 2) -> tuple[Program, Machine]:
    """As many telegates as wanted, one after the other, 8 operations each; and a machine for it."""
    machine = bellwire.make_machine("line", modules, data_qubits=1, comm_qubits=2)
    names = [m.name for m in machine.modules]
    data = [Qubit(f"{m}_data[0]", m) for m in names]
    comm = [Qubit(f"{m}_comm[{k}]", m, "comm") for m in names for k in range(2)]
    inputs = range(modules)
    logical = [f"q[{i}]" for i in inputs]
    out = ProgramBuilder(
        [*data, *comm], [Register("bellwire", 2)], logical=logical, inputs=inputs, name="long"
    )
    for gate in range(telegates):
        a = gate % (modules - 1)
        b, near, far = a + 1, modules + 2 * a, modules + 2 * a + 3
        out.append("ebit", [near, far])
        out.append("cx", [a, near], source=gate)
        out.append("measure", [near], bits=[0])
        out.append("x", [far], condition=bit(0))
        out.append("cz", [far, b], source=gate)
        out.append("h", [far])
        out.append("measure", [far], bits=[1])
        out.append("z", [a], condition=bit(1))
    return out.finish(Stage.LOWERED), machine
