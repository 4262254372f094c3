"""Small LOWERED programs written out by hand, and the machines for them."""

from dataclasses import replace

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.targets.machine import GateQuality, Link, Machine, Module
from bellwire.targets.shapes import make_machine

PERFECT = Module("A", 2, gate_1q=GateQuality(30), gate_2q=GateQuality(60), readout=GateQuality(500))


def machine_of(
    modules: int = 2,
    *,
    shape: str = "line",
    data_qubits: int = 2,
    comm_qubits: int = 1,
    module: Module = PERFECT,
    **link: object,
) -> Machine:
    """Equal modules; `link` gives fields of the links."""
    wire = replace(Link(("A", "B"), attempt_ns=1000, message_ns=200), **link)
    return make_machine(
        shape, modules, data_qubits=data_qubits, comm_qubits=comm_qubits, module=module, link=wire
    )


def builder_on(machine: Machine, bits: int, user_bits: int = 0) -> ProgramBuilder:
    """An empty builder on all qubits of a machine; user bits come first."""
    qubits = [
        Qubit(f"{m.name}_{role}[{i}]", m.name, role)
        for m in machine.modules
        for role, n in (("data", m.data_qubits), ("comm", m.comm_qubits))
        for i in range(n)
    ]
    registers = [Register("c", user_bits)] if user_bits else []
    registers += [Register("bellwire", bits)]
    data = [i for i, q in enumerate(qubits) if q.role == "data"]
    return ProgramBuilder(qubits, registers, logical=[qubits[i].name for i in data], inputs=data)


def add_telegate(
    b: ProgramBuilder, control: int, near: int, far: int, target: int, bits: tuple[int, int]
) -> None:
    """CX from one module to the next over one Bell pair."""
    b.append("ebit", [near, far])
    b.append("cx", [control, near])
    b.append("measure", [near], bits=[bits[0]])
    b.append("x", [far], condition=bit(bits[0]))
    b.append("cx", [far, target])
    b.append("h", [far])
    b.append("measure", [far], bits=[bits[1]])
    b.append("z", [control], condition=bit(bits[1]))


def telegate(machine: Machine) -> Program:
    """One telegate: A_data[0] controls B_data[0]."""
    b = builder_on(machine, 2)
    first = machine.offsets["B"]
    size_a, size_b = (machine.module(m).data_qubits for m in "AB")
    add_telegate(b, 0, size_a, first + size_b, first, (0, 1))
    return b.finish(Stage.LOWERED)


def teleport(machine: Machine, before: str = "h") -> Program:
    """Make a state in A by `before`, move it to B_data[0], undo `before` there, measure."""
    b = builder_on(machine, 2, user_bits=1)
    first = machine.offsets["B"]
    source, near = 0, machine.module("A").data_qubits
    far, goal = first + machine.module("B").data_qubits, first
    angle = [0.7] if before in ("rx", "ry") else []
    b.append(before, [source], angle)
    b.append("ebit", [near, far])
    b.append("cx", [source, near])
    b.append("h", [source])
    b.append("measure", [near], bits=[1])
    b.append("measure", [source], bits=[2])
    b.append("x", [far], condition=bit(1))
    b.append("z", [far], condition=bit(2))
    b.append("cx", [far, goal])
    b.append("cx", [goal, far])
    undo = {"rx": [-0.7], "ry": [-0.7]}.get(before, [])
    b.append(before, [goal], undo)
    b.append("measure", [goal], bits=[0])
    return b.finish(Stage.LOWERED)


def choi_test(machine: Machine) -> Program:
    """A telegate CX between halves of Bell pairs, undone afterwards: all bits 0 if it was perfect.

    The undoing CX is not one that a machine could do: such a program is for the simulator alone.
    """
    b = builder_on(machine, 2, user_bits=4)
    first = machine.offsets["B"]
    c, rc, t, rt = 0, 1, first, first + 1
    for r, q in ((rc, c), (rt, t)):
        b.append("h", [r])
        b.append("cx", [r, q])
    add_telegate(b, c, 2, first + 2, t, (4, 5))
    b.append("cx", [c, t])
    for r, q in ((rc, c), (rt, t)):
        b.append("cx", [r, q])
        b.append("h", [r])
    for i, q in enumerate((c, rc, t, rt)):
        b.append("measure", [q], bits=[i])
    return b.finish(Stage.LOWERED)
