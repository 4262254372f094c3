"""A program and its noise as a circuit that Aer takes as it is: on slots, not physical qubits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Any

from bellwire.compiler.conditions import Condition, bits_of
from bellwire.compiler.emitters.qiskit_parts import Registers, operations_of_rows, to_test
from bellwire.compiler.noise_events import NOISELESS, Channel, NoiseEvents, Weights
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Op, Program
from bellwire.compiler.timing import turns
from bellwire.runtime.backends.slots import Slots

_AS_MATRIX = ("ch", "crx", "cry", "crz", "iswap")  # not known to all methods of Aer


class AerWriter:
    """Writes the operations of a program, their channels next to them."""

    def __init__(self, program: Program, slots: Slots) -> None:
        from qiskit import ClassicalRegister, QuantumRegister

        self.program, self.slots = program, slots
        classical = tuple(ClassicalRegister(r.width, r.name) for r in program.registers if r.width)
        bits = tuple(b for register in classical for b in register)
        whole, first = {}, 0
        for register in classical:
            whole[tuple(range(first, first + len(register)))] = register
            first += len(register)
        quantum = QuantumRegister(max(1, len(slots.pools)), "slot")
        self.registers = Registers((quantum,), classical, tuple(quantum), bits, whole)
        self.gates = operations_of_rows()

    def whole(self, noise: NoiseEvents = NOISELESS) -> Any:
        """The circuit of the whole program."""
        from qiskit.circuit import Reset

        circuit = self.registers.new_circuit(self.program.name)
        at: dict[int, int] = {}
        for i, op in enumerate(self.program.ops):
            at.update(zip(op.qubits, self.slots.rows[i]))
            if op.name not in ("reset", "ebit"):
                for slot in self.slots.resets[i]:
                    circuit.append(Reset(), [slot], copy=False)
            self._row(circuit, self.program, i, op, noise, at, False)
        return circuit

    def _block(self, block: Program, noise: NoiseEvents, at: dict[int, int], turning: bool) -> Any:
        body = self.registers.new_circuit("block")
        for i, op in enumerate(block.ops):
            self._row(body, block, i, op, noise, at, turning)
        self._channels(body, noise.at_end, at, turning)
        return body

    def _row(
        self,
        circuit: Any,
        part: Program,
        row: int,
        op: Op,
        noise: NoiseEvents,
        at: dict[int, int],
        turning: bool,
    ) -> None:
        """Add one operation. `turning`: inside a while loop, where each turn errs anew."""
        self._channels(circuit, noise.before.get(row, ()), at, turning)
        if op.row.family is Family.FLOW:
            self._flow(circuit, part, row, op, noise, at, turning)
        elif op.condition is None:
            slots = self.slots.resets[row] if part is self.program else None
            self._plain(circuit, op, at, slots)
        elif op.row.family is not Family.MARK:
            span = [at[q] for q in op.qubits], sorted({*op.bits, *bits_of(op.condition)})
            body = self.registers.new_body(*span)
            self._plain(body, op, at, None)
            self._if(circuit, op.condition, [body])
        self._channels(circuit, noise.after.get(row, ()), at, turning)

    def _plain(
        self, circuit: Any, op: Op, at: dict[int, int], resets: Sequence[int] | None
    ) -> None:
        """Add an operation without its condition; `resets`: the slots to reset first, if known."""
        from qiskit.circuit import Reset

        if op.row.family is Family.MARK or op.name == "id":
            return
        slots = [self.registers.qubits[at[q]] for q in op.qubits]
        if op.name in ("reset", "ebit"):
            old = slots if resets is None else [self.registers.qubits[s] for s in resets]
            for slot in old:
                circuit.append(Reset(), [slot], copy=False)
            if op.name == "ebit":
                circuit.h(slots[0])
                circuit.cx(*slots)
        elif op.name == "measure":
            circuit.measure(slots[0], self.registers.bits[op.bits[0]])
        elif op.name in _AS_MATRIX:
            circuit.append(_matrix_gate(op.name, op.angles), slots[::-1], copy=False)
        else:
            circuit.append(self.gates[op.name](*op.angles), slots, copy=False)

    def _if(self, circuit: Any, condition: Condition, bodies: list[Any]) -> None:
        from qiskit.circuit import IfElseOp

        test = to_test(condition, self.registers)
        span = bodies[0].qubits, bodies[0].clbits
        circuit.append(IfElseOp(test, *bodies), *span, copy=False)

    def _flow(
        self,
        circuit: Any,
        part: Program,
        row: int,
        op: Op,
        noise: NoiseEvents,
        at: dict[int, int],
        turning: bool,
    ) -> None:
        from qiskit.circuit import BreakLoopOp, ContinueLoopOp, ForLoopOp, WhileLoopOp

        inner = noise.blocks.get(row, (NOISELESS,) * len(op.blocks))
        turning = turning or op.name == "while_loop"
        bodies = [self._block(b, e, at, turning) for b, e in zip(op.blocks, inner)]
        size = circuit.num_qubits, circuit.num_clbits
        if op.name == "if_else" and op.condition is not None:
            self._if(circuit, op.condition, bodies)
            return
        if op.name == "for_loop":
            flow = ForLoopOp(range(turns(part, row)), None, bodies[0])
        elif op.name == "while_loop" and op.condition is not None:
            flow = WhileLoopOp(to_test(op.condition, self.registers), bodies[0])
        else:
            flow = (BreakLoopOp if op.name == "break_loop" else ContinueLoopOp)(*size)
        circuit.append(flow, circuit.qubits, circuit.clbits, copy=False)

    def _channels(
        self, circuit: Any, channels: Sequence[Channel], at: dict[int, int], turning: bool
    ) -> None:
        for channel in channels:
            slots = [at[q] for q in channel.qubits]
            circuit.append(pauli_instruction(channel.weights, turning), slots, copy=False)


@cache
def _matrix_gate(name: str, angles: tuple[float, ...]) -> Any:
    from qiskit.circuit.library import UnitaryGate

    matrix = ROWS[KIND[name]].matrix
    assert matrix is not None
    return UnitaryGate(matrix(*angles))


@cache
def pauli_instruction(weights: Weights, turning: bool) -> Any:
    """A Pauli channel as an instruction, for the qubits in the order of the channel.

    Aer draws the errors of a shot before it starts, once for all turns of a while loop; inside one
    (`turning`) the channel must be a Kraus map, which is drawn as it comes.
    """
    from qiskit.quantum_info import Kraus
    from qiskit_aer.noise import pauli_error

    letters = product("IXYZ", repeat=1 if len(weights) == 3 else 2)
    names = [
        "".join(reversed(pauli)) for pauli in letters
    ]  # Qiskit's first letter is the last qubit
    error = pauli_error(list(zip(names, (1 - sum(weights), *weights))))
    return Kraus(error).to_instruction() if turning else error.to_instruction()
