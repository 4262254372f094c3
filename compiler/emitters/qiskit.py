"""Write a Program as a Qiskit QuantumCircuit that any of Qiskit's tools can take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bellwire.compiler.conditions import Condition, bits_of, parity_bits
from bellwire.compiler.emitters.qiskit_parts import (
    Registers,
    bell_pair,
    make_registers,
    operations_of_rows,
    to_test,
)
from bellwire.compiler.operations import PAULIS, Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def to_qiskit(program: Program, machine: Machine | None = None) -> QuantumCircuit:
    """Write a program of any stage but DISTRIBUTED as a circuit.

    Qubits are in registers after their names (`A_data`, `A_comm` once lowered), classical registers
    keep name and order. An e-bit is two resets and a gate `bell_pair` whose label names the link;
    Aer wants `circuit.decompose("bell_pair")` first. From LOWERED on a Pauli under a parity of bits
    is one `if` per bit, which every reader of OpenQASM 3 takes. `metadata["bellwire"]` says where
    each input qubit starts and ends. Raises NotSupported for protocols that are not expanded.
    """
    registers = make_registers(program)
    circuit = registers.new_circuit(program.name)
    write_circuit(program, registers, circuit)
    circuit.metadata = {"bellwire": _metadata(program, machine)}
    return circuit


def write_circuit(program: Program, registers: Registers, circuit: QuantumCircuit) -> None:
    """Add all operations of a program to a circuit that has the bits of `registers`."""
    _Writer(program, registers).write(program, circuit, None)


def _metadata(program: Program, machine: Machine | None) -> dict[str, Any]:
    names = [q.name for q in program.qubits]
    return {
        "stage": program.stage.name,
        "machine": None if machine is None else machine.name,
        "layout": {
            "initial": {n: names[i] for n, i in zip(program.logical, program.inputs)},
            "final": {n: names[i] for n, i in zip(program.logical, program.outputs)},
        },
    }


Span = tuple[list[int], list[int]]  # the qubits and bits of a body


class _Writer:
    def __init__(self, program: Program, registers: Registers) -> None:
        self.program, self.registers = program, registers
        self.split_parities = program.stage >= Stage.LOWERED
        self.gates = operations_of_rows()

    def write(self, block: Program, circuit: Any, loop: Span | None) -> None:
        """Add all operations of a block. `loop` is the span of the loop around it, if any."""
        for op in block.ops:
            if op.row.family is Family.FLOW:
                self._flow(op, circuit, loop)
            elif op.condition is None:
                self._plain(op, circuit)
            else:
                self._conditioned(op, op.condition, circuit)

    def _plain(self, op: Op, circuit: Any) -> None:
        at = [self.registers.qubits[q] for q in op.qubits]
        if op.name in self.gates:
            self._add(circuit, self.gates[op.name](*op.angles), at)
        elif op.name == "measure":
            circuit.measure(at[0], self.registers.bits[op.bits[0]])
        elif op.name == "barrier":
            circuit.barrier(at)
        elif op.name == "delay":
            circuit.delay(op.angles[0], at[0], "s")
        elif op.name == "ebit":
            for qubit in at:
                circuit.reset(qubit)
            self._add(circuit, bell_pair(self._link(op)), at)
        else:
            raise NotSupported(
                f"{op.name} is a protocol of a {self.program.stage.name} program; "
                "expand it first (passes.expand_protocols)"
            )

    def _link(self, op: Op) -> str:
        return "-".join(self.program.qubits[q].module or "?" for q in op.qubits)

    def _add(
        self, circuit: Any, operation: Any, qubits: Sequence[Any], bits: Sequence[Any] = ()
    ) -> None:
        from qiskit.circuit import CircuitInstruction

        circuit._append(CircuitInstruction(operation, qubits, bits))

    def _conditioned(self, op: Op, condition: Condition, circuit: Any) -> None:
        terms = parity_bits(condition) if self.split_parities and op.name in PAULIS else None
        if terms is None or len(terms[0]) < 2:
            self._if(op, condition, circuit)
            return
        bits, flip = terms
        if flip:
            self._plain(op, circuit)
        for b in bits:
            self._if(op, Condition("bit", b), circuit)

    def _if(self, op: Op, condition: Condition, circuit: Any) -> None:
        from qiskit.circuit import IfElseOp

        span = list(op.qubits), sorted({*op.bits, *bits_of(condition)})
        body = self.registers.new_body(*span)
        self._plain(op, body)
        self._add_flow(circuit, IfElseOp(to_test(condition, self.registers), body), span)

    def _add_flow(self, circuit: Any, operation: Any, span: Span) -> None:
        qubits = [self.registers.qubits[q] for q in span[0]]
        self._add(circuit, operation, qubits, [self.registers.bits[b] for b in span[1]])

    def _flow(self, op: Op, circuit: Any, loop: Span | None) -> None:
        from qiskit.circuit import BreakLoopOp, ContinueLoopOp, ForLoopOp, IfElseOp, WhileLoopOp

        if op.name in ("break_loop", "continue_loop"):
            span = ([], []) if loop is None else loop
            jump = BreakLoopOp if op.name == "break_loop" else ContinueLoopOp
            self._add_flow(circuit, jump(len(span[0]), len(span[1])), span)
            return
        span = _span(op)
        if op.name == "if_else":
            # Nothing after a jump may run before it, so a jump spans all that its loop uses.
            span = loop if loop is not None and any(map(_jumps, op.blocks)) else span
            bodies = [self._body(b, span, loop) for b in op.blocks]
        else:
            bodies = [self._body(b, span, span) for b in op.blocks]
        if op.name == "for_loop":
            operation = ForLoopOp(range(int(op.angles[0])), None, bodies[0])
        else:
            assert op.condition is not None
            test = to_test(op.condition, self.registers)
            operation = IfElseOp(test, *bodies) if op.name == "if_else" else None
            operation = operation or WhileLoopOp(test, bodies[0])
        self._add_flow(circuit, operation, span)

    def _body(self, block: Program, span: Span, loop: Span | None) -> Any:
        body = self.registers.new_body(*span)
        self.write(block, body, loop)
        return body


def _span(op: Op) -> Span:
    """All qubits and bits that a row with blocks uses, reads of its conditions included."""
    qubits, bits = set(op.qubits), {*op.bits, *(bits_of(op.condition) if op.condition else ())}
    for inner in (o for block in op.blocks for o in block.ops):
        more = _span(inner)
        qubits.update(more[0])
        bits.update(more[1])
    return sorted(qubits), sorted(bits)


def _jumps(block: Program) -> bool:
    """Whether a break or continue in it leaves this block."""
    return any(
        op.name in ("break_loop", "continue_loop")
        or (op.name == "if_else" and any(map(_jumps, op.blocks)))
        for op in block.ops
    )
