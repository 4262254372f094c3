"""Write Clifford Programs as Stim circuits, feed-forward included."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from bellwire.compiler.bodies import body_ops
from bellwire.compiler.clifford import Steps, clifford_steps
from bellwire.compiler.conditions import TRUE, Condition, all_of, negate, parity_bits
from bellwire.compiler.emitters.straight import checked_turns, place_of
from bellwire.compiler.operations import ROWS, Family
from bellwire.compiler.program import Op, Program
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

if TYPE_CHECKING:
    import stim

_PAULIS = {"I", "X", "Y", "Z"}


def to_stim(program: Program, machine: Machine | None = None) -> stim.Circuit:
    """Write a Clifford Program at any stage as a Stim circuit; qubit i of one is qubit i of the
    other.

    `ebit` and the protocols become their bodies, a parity of bits on a Pauli becomes feedback, a
    barrier TICK; delays do nothing. `for_loop` is REPEAT unless it holds conditions: then it is
    unrolled. Raises NotSupported for what Stim cannot do, naming the operation and its source.
    """
    import stim

    return stim.Circuit("\n".join(_write(program).lines))


def record_of_bits(program: Program) -> list[int]:
    """For each classical bit the measurement record, in `to_stim`, that holds its final value;
    -1 for a bit that is never written."""
    return _write(program).record_of


def _write(program: Program) -> _Writer:
    writer = _Writer(program)
    writer.block(program, TRUE)
    return writer


class _Writer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.lines: list[str] = []
        self.records = 0
        self.record_of = [-1] * len(program.bit_names)

    def block(self, program: Program, outer: Condition) -> None:
        """Write all operations of a block that runs when `outer` holds."""
        if outer == TRUE and not len(program.conditions) and not program.blocks:
            self._plain_block(program)
            return
        for op in program.ops:
            self._operation(op, outer)

    def _plain_block(self, program: Program) -> None:
        """As `block`, quickly: there are neither conditions nor blocks."""
        known: dict[tuple[int, tuple[float, ...]], Steps] = {}
        columns = zip(program.kind.tolist(), program.operands.lists(), program.angles.lists())
        rows = list(zip(program.bits.lists(), program.source.tolist()))
        for i, (kind, qubits, angles) in enumerate(columns):
            steps = known.get((kind, angles))
            if steps is None:
                bits, source = rows[i]
                op = Op(ROWS[kind].name, qubits, angles, bits, None, (), source)
                if op.row.family is not Family.GATE:
                    self._operation(op, TRUE)
                    continue
                steps = known[kind, angles] = self._steps(op)
            for gate, places in steps:
                if len(places) == 1:
                    self.lines.append(f"{gate} {qubits[places[0]]}")
                else:
                    self.lines.append(f"{gate} {qubits[places[0]]} {qubits[places[1]]}")

    def _operation(self, op: Op, outer: Condition) -> None:
        family = op.row.family
        condition = outer if op.condition is None else all_of(outer, op.condition)
        if family is Family.FLOW:
            self._flow(op, outer)
        elif family is Family.MARK:
            self.lines += ["TICK"] * (op.name == "barrier")
        elif family is Family.GATE:
            self._gate(op, condition)
        elif condition != TRUE:
            self._refuse(op, f"{op.name} under a condition", "Stim conditions only Paulis")
        elif op.name == "measure":
            self.lines.append(f"M {op.qubits[0]}")
            self.record_of[op.bits[0]] = self.records
            self.records += 1
        elif op.name == "reset":
            self.lines.append(f"R {op.qubits[0]}")
        else:
            self._protocol(op)

    def _protocol(self, op: Op) -> None:
        for step in body_ops(op):
            self._operation(step, TRUE)

    def _gate(self, op: Op, condition: Condition) -> None:
        steps = self._steps(op)
        if condition == TRUE:
            for gate, places in steps:
                self.lines.append(f"{gate} " + " ".join([str(op.qubits[p]) for p in places]))
            return
        records, flip = self._parity(op, condition)
        if any(gate not in _PAULIS for gate, _ in steps):
            self._refuse(op, f"{_shown(op)} under a condition", "Stim conditions only Paulis")
        for gate, (place,) in steps:
            qubit = op.qubits[place]
            if flip:
                self.lines.append(f"{gate} {qubit}")
            if gate != "I":
                self.lines += [f"C{gate} rec[{r - self.records}] {qubit}" for r in records]

    def _parity(self, op: Op, condition: Condition) -> tuple[list[int], bool]:
        """The records whose parity switches an operation on, and whether it is flipped."""
        if condition.head == "const":
            return [], bool(condition.index)
        parity = parity_bits(condition)
        if parity is None:
            self._refuse(op, f"the condition of {op.name}", "Stim takes parities of bits alone")
        bits, flip = parity
        return [self.record_of[b] for b in bits if self.record_of[b] >= 0], flip

    def _steps(self, op: Op) -> Steps:
        steps = clifford_steps(op.name, op.angles)
        if steps is None:
            self._refuse(op, f"{_shown(op)}, which is not Clifford", "write another form")
        return steps

    def _flow(self, op: Op, outer: Condition) -> None:
        condition = TRUE if op.condition is None else op.condition
        if op.name == "if_else":
            for block, test in zip(op.blocks, (condition, negate(condition))):
                if block.bits.values.size:
                    self._refuse(op, "an if_else that measures", "write another form")
                self.block(block, all_of(outer, test))
        elif op.name == "for_loop" and all_of(outer, condition) == TRUE:
            self._loop(op, op.blocks[0])
        else:
            self._refuse(op, op.name, "write another form, such as OpenQASM 3")

    def _loop(self, op: Op, body: Program) -> None:
        if all(_repeats(block) for block in body.walk()):
            self._repeat(body, int(op.angles[0]))
            return
        for _ in range(checked_turns(self.program, op)):
            self.block(body, TRUE)

    def _repeat(self, body: Program, turns: int) -> None:
        first, at = self.records, len(self.lines)
        if turns:
            self.block(body, TRUE)
        if len(self.lines) == at:
            return
        self.lines[at:] = [f"REPEAT {turns} {{", *self.lines[at:], "}"]
        skipped = (self.records - first) * (turns - 1)
        self.records += skipped
        self.record_of = [r + skipped if r >= first else r for r in self.record_of]

    def _refuse(self, op: Op, what: str, advice: str) -> NoReturn:
        raise NotSupported(f"{place_of(self.program, op)}: Stim has no place for {what}; {advice}")


def _repeats(block: Program) -> bool:
    """Whether a block can stand in REPEAT: no conditions, no control flow but counted loops."""
    names = {ROWS[block.kind[i]].name for i in block.blocks}
    leaves = block.count("break_loop", "continue_loop")
    return not block.conditions and names <= {"for_loop"} and not leaves


def _shown(op: Op) -> str:
    angles = ", ".join(f"{a:.6g}" for a in op.angles)
    return f"{op.name}({angles})" if angles else op.name
