"""Read a Cirq circuit on the qubits of a machine back as a LOWERED Program."""

from __future__ import annotations

import warnings

import cirq

from bellwire.cirq_device import LINK
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.frontends.cirq import from_cirq_with_keys
from bellwire.compiler.program import Op, Program, Qubit, Stage, is_flow
from bellwire.compiler.verify import check_lowered, check_spans
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

Keys = dict[str, list[tuple[int, ...]]]  # the bits of each time that a key is measured


def is_on(circuit: cirq.AbstractCircuit, machine: Machine) -> bool:
    """Whether a circuit names the qubits of a machine, and not others."""
    names = set(machine.qubit_names())
    return all(isinstance(q, cirq.NamedQubit) and q.name in names for q in circuit.all_qubits())


def read_cirq(circuit: cirq.AbstractCircuit, machine: Machine) -> tuple[Program, Keys]:
    """A circuit on the machine's qubits as a LOWERED program, any other as a LOGICAL one; the bits
    of its keys. Raises ProgramError for an operation that no module can do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # keys get other names inside; results keep theirs
        read, keys = from_cirq_with_keys(circuit)
    if not is_on(circuit, machine):
        return read, keys
    program = _lowered(read, circuit, machine)
    check_spans(program)
    check_lowered(program, machine)
    return program, keys


def _lowered(read: Program, circuit: cirq.AbstractCircuit, machine: Machine) -> Program:
    names = machine.qubit_names()
    owners = [(m.name, r) for m in machine.modules for r in _roles(m.data_qubits, m.comm_qubits)]
    qubits = [Qubit(n, module, role) for n, (module, role) in zip(names, owners)]
    out = ProgramBuilder(qubits, read.registers, logical=(), inputs=(), name=read.name)
    number = {n: i for i, n in enumerate(names)}
    place = [number[q.name] for q in read.qubits]
    for op in _with_pairs(read, circuit):
        if is_flow(op):
            raise NotSupported(
                f"{op.name} in a circuit that is compiled; compile it from the start"
            )
        at = [place[q] for q in op.qubits]
        out.append(op.name, at, op.angles, op.bits, op.condition, source=op.source)
    return out.finish(Stage.LOWERED)


def _roles(data: int, comm: int) -> list[str]:
    return ["data"] * data + ["comm"] * comm


def _with_pairs(read: Program, circuit: cirq.AbstractCircuit) -> list[Op]:
    """The operations with Bell pairs as such: two resets, an H, and a CNOT that is tagged."""
    tagged = {
        i
        for i, operation in enumerate(circuit.all_operations())
        if any(str(tag).startswith(LINK) for tag in operation.tags)
    }
    out: list[Op | None] = []
    last: dict[int, list[int]] = {}  # the places in `out` of what was done to each qubit
    for op in read.ops:
        if op.source in tagged and op.name == "cx":
            a, b = op.qubits
            for q, count in ((a, 2), (b, 1)):
                for i in last.get(q, [])[-count:]:
                    out[i] = None
            op = Op("ebit", (a, b), source=op.source)
        for q in op.qubits:
            last.setdefault(q, []).append(len(out))
        out.append(op)
    return [op for op in out if op is not None]
