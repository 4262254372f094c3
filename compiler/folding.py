"""The circuit that a LOWERED program comes down to: no pairs, no protocols, no messages.

A state of the machine is written as a sum over **symbols**: each physical qubit holds the parity of
some of them. A symbol is a **wire** of the folded circuit, or free: a Bell pair is two qubits that
hold the same free symbol, a copy holds the wire of its source. So pairs, cx onto fresh qubits and
swaps only change who holds what; measuring a free symbol (outcome 0: the other one comes down to
corrections) tells what it stands for; a gate on a qubit that holds a wire is a gate on this wire.
An `h` before a measurement of ours makes a **phase**: a free symbol y with (-1)^(y * parity).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import Condition, bit, bits_of, negate, parity, parity_bits
from bellwire.compiler.operations import ANTI_DIAGONAL, PAULIS, Family
from bellwire.compiler.program import Op, Program, Qubit, Stage
from bellwire.compiler.symbols import Symbols, bits_of_number
from bellwire.errors import NotSupported

OWN_REGISTER = "bellwire"  # holds the bits of the protocols; no user asked for them

Cell = tuple[int, int]  # a wire, and how many operations stand before it on the wire


@dataclass(slots=True)
class Step:
    """How one row was folded, for those who follow errors through it (compiler/error_effects.py).

    `cells[k]`: where in the folded circuit the gate of operand k stands, None where there is none;
    `alone[k]`: nobody else held that wire. A measurement: `written`, the number of the folded one,
    or -1 when its outcome is none of the folded circuit's; then outcome 1 is the same as the errors
    `otherwise`, (qubit, 0 for X or 1 for Z). `reads`: bits of ours that switch a Pauli on.
    """

    op: Op
    cells: tuple[Cell | None, ...] = ()
    alone: tuple[bool, ...] = ()
    written: int = -1
    otherwise: list[tuple[int, int]] | None = None
    reads: tuple[int, ...] = ()
    kept: bool = False  # the row stands in the folded circuit under a condition


@dataclass(frozen=True, eq=False)
class Folded:
    """`circuit`: a LOGICAL program on wires, bits as in the program; `steps`: one for each row."""

    circuit: Program
    steps: list[Step]
    program: Program


def own_bits(program: Program) -> range:
    """The bits of the register that holds what protocols measure, the last one."""
    registers = program.registers
    total = sum(r.width for r in registers)
    ours = bool(registers) and registers[-1].name == OWN_REGISTER
    return range(total - registers[-1].width if ours else total, total)


def fold(program: Program, own_bits: Iterable[int]) -> Folded:
    """Fold the protocols of a LOWERED or SCHEDULED program away; `own_bits` are those that they
    write, which no user asked for. Raises NotSupported, with the row, where that cannot be done:
    control flow, and bits of ours that switch on anything but Paulis."""
    folder = _Folder(program, frozenset(own_bits))
    for i, op in enumerate(program.ops):
        folder.add(i, op)
    return Folded(folder.finish(), folder.steps, program)


class _Folder:
    def __init__(self, program: Program, own: frozenset[int]) -> None:
        self.program, self.own = program, own
        self.who = Symbols(len(program.qubits))
        self.length: list[int] = []  # operations on each wire
        self.ground: int | None = None
        self.real: set[int] = set()  # bits of ours that the folded circuit writes
        self.measured = 0
        self.builder = ProgramBuilder((), program.registers, name=program.name)
        self.steps: list[Step] = []
        self.row = 0
        self.ends = _measured_next(program, own)

    def finish(self) -> Program:
        """The folded circuit."""
        names = tuple(range(len(self.length)))
        self.builder.logical = tuple(q.name for q in self.builder.qubits)
        self.builder.inputs = names
        return self.builder.finish(Stage.LOGICAL)

    def add(self, row: int, op: Op) -> None:
        """Fold one row."""
        self.row = row
        step = Step(op)
        self.steps.append(step)
        if op.row.family is Family.MARK or op.name == "id":
            return
        if op.row.family is Family.FLOW:
            raise self._cannot("is control flow")
        if op.condition is not None:
            self._conditioned(step)
        elif op.name == "ebit":
            self._ebit(*op.qubits)
        elif op.name == "reset":
            self._reset(*op.qubits)
        elif op.name == "measure":
            self._measure(step)
        elif op.name == "swap":
            self.who.swap(*op.qubits)
        elif op.name in ANTI_DIAGONAL and self.who.shared(op.qubits[0]):
            self.who.flip[op.qubits[0]] ^= True
            if op.name == "y":
                self._emit("z", [self._as_wire(op.qubits[0])])
        elif op.name == "h" and self.ends[row] and self.who.known_elsewhere(op.qubits[0]):
            self.who.make_phase(op.qubits[0])
        elif op.name == "cx" and self.who.only_names(*op.qubits):
            self.who.set(op.qubits[1], self.who.held[op.qubits[1]] ^ self.who.held[op.qubits[0]])
            self.who.flip[op.qubits[1]] ^= self.who.flip[op.qubits[0]]
        else:
            self._gate(step)

    def _cannot(self, why: str) -> NotSupported:
        name = self.steps[-1].op.name
        return NotSupported(f"operation {self.row} ({name}) {why}; it cannot be folded")

    def _new_wire(self, symbol: int) -> int:
        """Make a wire, in |0>, of a symbol."""
        self.who.wire[symbol] = wire = self.builder.add_qubit(Qubit(f"w[{len(self.length)}]"))
        self.length.append(0)
        return wire

    def _emit(
        self,
        name: str,
        wires: Sequence[int],
        angles: Sequence[float] = (),
        bits: Sequence[int] = (),
        condition: Condition | None = None,
    ) -> tuple[Cell, ...]:
        """Add an operation to the folded circuit; returns its places on its wires."""
        cells = tuple((w, self.length[w]) for w in wires)
        for w in wires:
            self.length[w] += 1
        self.builder.append(name, wires, angles, bits, condition)
        return cells

    def _ebit(self, a: int, b: int) -> None:
        self._reset(a)
        self._reset(b)
        pair = 1 << self.who.new()
        self.who.set(a, pair)
        self.who.set(b, pair)

    def _reset(self, q: int) -> None:
        """Forget the state of a qubit; what others know of it is dephased."""
        self.who.flip[q] = False
        if not self.who.held[q]:
            return
        if self.who.alone(q):
            self._emit("reset", [self.who.wire[self.who.held[q].bit_length() - 1]])
            return
        self._own_wire(q)
        self.who.set(q, 0)

    def _measure(self, step: Step) -> None:
        (q,), (b,) = step.op.qubits, step.op.bits
        self.real.discard(b)
        ours = b in self.own
        if ours and not self.who.held[q] and not self.who.flip[q]:
            step.otherwise = []
        elif ours and self.who.free(q):
            step.otherwise = self.who.learn(q)
            if step.otherwise is None:
                raise self._cannot("measures what nobody else holds")
        else:
            wire = self._as_wire(q)
            if self.who.flip[q]:
                self._emit("x", [wire])
            step.cells, step.written = self._emit("measure", [wire], bits=[b]), self.measured
            if self.who.flip[q]:
                self._emit("x", [wire])
            self.measured += 1
            if ours:
                self.real.add(b)

    def _conditioned(self, step: Step) -> None:
        op = step.op
        assert op.condition is not None
        ours = {b for b in bits_of(op.condition) if b in self.own and b not in self.real}
        if not ours:
            step.kept = True
            self._gate(step)
            return
        terms = parity_bits(op.condition)
        if op.name not in PAULIS or terms is None:
            raise self._cannot("depends on a protocol, and it is no Pauli under a parity of bits")
        if op.name == "z" and not self.who.held[op.qubits[0]]:
            return  # it holds a 0 or a 1
        step.reads = tuple(b for b in terms[0] if b in ours)
        left = [bit(b) for b in terms[0] if b not in ours]
        rest = parity(*left) if left else None
        if rest is not None:
            step.kept = True
            self._gate(step, negate(rest) if terms[1] else rest)
        elif terms[1]:  # switched on by outcome 0
            raise self._cannot("is switched on by outcome 0 of a protocol")

    def _gate(self, step: Step, condition: Condition | None = None) -> None:
        """Put a gate on the wires of its qubits."""
        op = step.op
        if condition is None:
            condition = op.condition
        if op.name in ("ebit", "measure"):
            raise self._cannot("stands under a condition")
        wires = [
            self._as_wire(q) if good else self._own_wire(q)
            for q, good in zip(op.qubits, op.row.diagonal)
        ]
        step.alone = tuple(self.who.alone(q) for q in op.qubits)
        flipped = [w for w, q in zip(wires, op.qubits) if self.who.flip[q]]
        for w in flipped:
            self._emit("x", [w])
        step.cells = self._emit(op.name, wires, op.angles, (), condition)
        for w, q, alone in zip(wires, op.qubits, step.alone):
            if self.who.flip[q] and not alone:
                self._emit("x", [w])
            elif alone:
                self.who.flip[q] = False

    def _as_wire(self, q: int) -> int:
        """The wire that a qubit holds, which others may hold too; all that hold nothing share one
        that stays in |0>."""
        held = self.who.held[q]
        if not held:
            if self.ground is None:
                self.ground = self._new_wire(self.who.new())
            return self.ground
        for s in bits_of_number(held):
            if s not in self.who.wire:
                self._make_real(s)
        if held.bit_count() == 1:
            return self.who.wire[held.bit_length() - 1]
        return self._own_wire(q)

    def _own_wire(self, q: int) -> int:
        """The wire of a qubit, after making it one that nobody else holds."""
        if self.who.alone(q):
            return self.who.wire[self.who.held[q].bit_length() - 1]
        old = self.who.held[q]
        for s in bits_of_number(old):
            if s not in self.who.wire:
                self._make_real(s)
        if self.who.alone(q):
            return self.who.wire[old.bit_length() - 1]
        if old and self.who.express(old, q) is None:
            raise self._cannot("acts on a sum of states that nobody else holds")
        symbol = self.who.new()
        wire = self._new_wire(symbol)
        for s in bits_of_number(old):
            self._emit("cx", [self.who.wire[s], wire])
        self.who.set(q, 1 << symbol)
        return wire

    def _make_real(self, symbol: int) -> None:
        """Make a wire of a free symbol: |+>, with the phase that it has."""
        phase = self.who.phases.pop(symbol, 0)
        for s in bits_of_number(phase):
            if s not in self.who.wire:
                self._make_real(s)
        wire = self._new_wire(symbol)
        self._emit("h", [wire])
        for s in bits_of_number(phase):
            self._emit("cz", [wire, self.who.wire[s]])
        if self.who.odd.pop(symbol, False):
            self._emit("z", [wire])


def _measured_next(program: Program, own: frozenset[int]) -> list[bool]:
    """For each row whether its first qubit is measured next, into a bit of ours."""
    out, soon = [], [False] * len(program.qubits)
    for op in reversed(list(program.ops)):
        mark = op.row.family is Family.MARK
        out.append(bool(op.qubits) and soon[op.qubits[0]])
        if mark:
            continue
        ours = op.name == "measure" and op.condition is None and op.bits[0] in own
        for q in op.qubits:
            soon[q] = ours
    return out[::-1]
