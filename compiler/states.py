"""Who holds what once protocols are written out: no Bell pair is made over a state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bellwire.compiler.program import Op, Program
from bellwire.compiler.states_kernel import quick_peak, states_are_right
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

EMPTY, DATA, HALF = "nothing", "data", "half of a Bell pair"


def check_states(program: Program, machine: Machine) -> None:
    """Follow what every qubit holds: nothing, data, or half of a Bell pair (or a copy made of it).

    Swaps exchange, a measurement into our own register empties, `cx a b; cx b a` moves a state to
    an empty b. An `ebit` needs two empty qubits, no module ever holds more halves than it has
    communication qubits, a block leaves what it found, every output holds something. Raises
    ProgramError.
    """
    if states_are_right(program, machine):
        return
    follower = _Follower(program, machine)
    follower.walk(program)
    for q in program.outputs:
        if follower.holds[q] == EMPTY:
            raise ProgramError(f"output {program.qubits[q].name}: it holds nothing at the end")


def halves_peak(program: Program, machine: Machine) -> dict[str, int]:
    """For each module the most e-bit halves (and copies made of them) that it holds at once."""
    peak = quick_peak(program, machine)
    if peak is None:
        follower = _Follower(program, machine)
        follower.walk(program)
        peak = [follower.peak[m.name] for m in machine.modules]
    return {m.name: most for m, most in zip(machine.modules, peak)}


def follow_states(program: Program, machine: Machine) -> Iterator[tuple[list[str], Counter[str]]]:
    """Before each operation, one level: what each qubit holds, how many halves each module.

    Copy what you keep: both change with the next operation. Raises ProgramError.
    """
    follower = _Follower(program, machine)
    ops = list(program.ops)
    for i in range(len(ops)):
        yield follower.holds, follower.halves
        follower.follow(ops, i)


class _Follower:
    def __init__(self, program: Program, machine: Machine) -> None:
        self.qubits, self.machine = program.qubits, machine
        self.names = program.bit_names
        self.holds = [EMPTY] * len(program.qubits)
        for q in program.inputs:
            self.holds[q] = DATA
        self.halves: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()

    def walk(self, program: Program, prefix: str = "") -> None:
        """Follow one list of operations."""
        ops = list(program.ops)
        for i in range(len(ops)):
            self.follow(ops, i, prefix)

    def follow(self, ops: list[Op], i: int, prefix: str = "") -> None:
        """Follow one operation of a list."""
        op = ops[i]
        place = f"operation {prefix}{i} ({op.name})"
        if op.name == "ebit":
            for q in op.qubits:
                self._make_half(q, place)
        elif op.name == "swap" and op.condition is None:
            a, b = op.qubits
            self.holds[a], self.holds[b] = self.holds[b], self.holds[a]
        elif op.name == "measure" and self.names[op.bits[0]].startswith("bellwire["):
            self._put(op.qubits[0], EMPTY)
        elif op.name == "cx" and self._is_move(ops, i):
            self._put(op.qubits[0], EMPTY)
            self._put(op.qubits[1], DATA)
        for k, block in enumerate(op.blocks):
            self._block(block, f"{prefix}{i}.{k}.", place)

    def _make_half(self, q: int, place: str) -> None:
        if self.holds[q] != EMPTY:
            raise ProgramError(f"{place}: {self.qubits[q].name} still holds {self.holds[q]}")
        self._put(q, HALF)
        name = str(self.qubits[q].module)
        room = self.machine.module(name).comm_qubits
        if self.halves[name] > room:
            raise ProgramError(
                f"{place}: module {name} holds {self.halves[name]} halves; it has {room}"
            )

    def _put(self, q: int, what: str) -> None:
        module = str(self.qubits[q].module)
        self.halves[module] += (what == HALF) - (self.holds[q] == HALF)
        self.peak[module] = max(self.peak[module], self.halves[module])
        self.holds[q] = what

    def _block(self, block: Program, prefix: str, place: str) -> None:
        before, halves = list(self.holds), self.halves.copy()
        self.walk(block, prefix)
        leaves = any(
            op.name in ("break_loop", "continue_loop") for part in block.walk() for op in part.ops
        )
        if not leaves and self.holds != before:
            raise ProgramError(f"{place}: block {prefix} does not leave every state where it was")
        self.holds, self.halves = before, halves

    def _is_move(self, ops: list[Op], i: int) -> bool:
        """Whether operation i is the first half of `cx a b; cx b a` onto an empty b."""
        a, b = ops[i].qubits
        if self.holds[b] != EMPTY or self.holds[a] == EMPTY or i + 1 == len(ops):
            return False
        return (ops[i + 1].name, ops[i + 1].qubits) == ("cx", (b, a))
