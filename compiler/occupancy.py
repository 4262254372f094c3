"""Who holds what while protocols are still single rows: halves, copies, room."""

from __future__ import annotations

from collections import Counter

from bellwire.compiler.conditions import Condition
from bellwire.compiler.operations import ANTI_DIAGONAL, Family
from bellwire.compiler.program import Op, Program, is_flow
from bellwire.compiler.quick_occupancy import occupancy_is_right
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

Flip = tuple[str, Condition | None]


def check_occupancy(program: Program, machine: Machine) -> None:
    """Follow every wire of a DISTRIBUTED program whose protocols are not expanded.

    At every point a module holds no more halves and states than it has qubits; each e-bit half is
    made once and ended once; the copies of a qubit see diagonal operations only, and every flip (X)
    on all of them, the one Y of a flip on at most one. Raises ProgramError.
    """
    if occupancy_is_right(program, machine):
        return
    tracker = _Tracker(program, machine)
    tracker.walk(program)
    for q in program.outputs:
        if q not in tracker.alive:
            raise ProgramError(f"output {program.qubits[q].name}: its state was given away")
    for q in sorted(tracker.alive):
        if program.qubits[q].role == "comm":
            raise ProgramError(f"{program.qubits[q].name}: made, but never ended")


class _Tracker:
    """Live wires; halves of unused pairs; wires that are copies of one another."""

    def __init__(self, program: Program, machine: Machine) -> None:
        self.qubits, self.machine = program.qubits, machine
        self.alive: set[int] = set()
        self.done: set[int] = set()
        self.mate: dict[int, int] = {}  # half -> the other half of its unused pair
        self.family: dict[int, set[int]] = {}  # wire -> all copies of its qubit, itself included
        self.flips: dict[int, list[Flip]] = {}  # wire in a family -> the X and Y that it has seen
        self.held: Counter[tuple[str, str]] = Counter()
        for q in program.inputs:
            self._make(q, "start")

    def walk(self, program: Program, prefix: str = "") -> None:
        """Check one list of operations."""
        for i, op in enumerate(program.ops):
            place = f"operation {prefix}{i} ({op.name})"
            if is_flow(op):
                before = set(self.alive)
                for k, block in enumerate(op.blocks):
                    self.walk(block, f"{prefix}{i}.{k}.")
                    if self.alive != before:
                        raise ProgramError(f"{place}: block {k} does not give back what it takes")
            elif op.row.family is not Family.MARK:
                self._step(op, place)

    def _step(self, op: Op, place: str) -> None:
        for q, fate in zip(op.qubits, op.row.operands):
            if fate == "makes":
                self._make(q, place)
            elif q not in self.alive:
                raise ProgramError(f"{place}: {self.qubits[q].name} holds nothing")
        if op.name not in (*ANTI_DIAGONAL, "move"):
            for q in op.qubits:
                self._agree(q, place)
        if op.row.family is Family.PROTOCOL:
            self._protocol(op, place)
        else:
            for q, diagonal in zip(op.qubits, op.row.diagonal):
                self._acts(op, q, diagonal, place)
        for q, fate in zip(op.qubits, op.row.operands):
            if fate == "ends":
                self._end(q)

    def _make(self, q: int, place: str) -> None:
        again = q in self.done and self.qubits[q].role == "comm"  # states may come back
        if q in self.alive or again:
            raise ProgramError(f"{place}: {self.qubits[q].name} is made a second time")
        self.alive.add(q)
        name, role = str(self.qubits[q].module), self.qubits[q].role
        self.held[name, role] += 1
        module = self.machine.module(name)
        room = module.comm_qubits if role == "comm" else module.data_qubits
        if self.held[name, role] > room:
            raise ProgramError(
                f"{place}: module {name} holds {self.held[name, role]} {role} qubits; it has {room}"
            )

    def _end(self, q: int) -> None:
        self.alive.discard(q)
        self.done.add(q)
        self.held[str(self.qubits[q].module), self.qubits[q].role] -= 1
        self.family.pop(q, set()).discard(q)

    def _agree(self, q: int, place: str) -> None:
        """All copies of a qubit must have seen the same flips before anything else happens."""
        seen = [self.flips.pop(c, []) for c in self.family.get(q, ())]
        if any([when for _, when in s] != [when for _, when in seen[0]] for s in seen):
            raise ProgramError(f"{place}: {self.qubits[q].name}: a copy missed an X or Y")
        if any([name for name, _ in flip].count("y") > 1 for flip in zip(*seen)):
            raise ProgramError(f"{place}: {self.qubits[q].name}: a Y on two copies is no flip")

    def _acts(self, op: Op, q: int, diagonal: bool, place: str) -> None:
        if q in self.mate:
            raise ProgramError(f"{place}: {self.qubits[q].name} is half of an unused Bell pair")
        if len(self.family.get(q, ())) < 2:
            return
        if op.name in ANTI_DIAGONAL:
            self.flips.setdefault(q, []).append((op.name, op.condition))
        elif not diagonal:
            raise ProgramError(f"{place}: {self.qubits[q].name} has copies; {op.name} ends them")

    def _protocol(self, op: Op, place: str) -> None:
        q = op.qubits
        if op.name == "ebit":
            self.mate[q[0]], self.mate[q[1]] = q[1], q[0]
        elif op.name == "cat_entangle":
            self._use_pair(q[1], q[2], place)
            group = self.family.setdefault(q[0], {q[0]})
            group.add(q[2])
            self.family[q[2]] = group
        elif op.name == "cat_disentangle":
            if q[1] not in self.family.get(q[0], ()):
                raise ProgramError(f"{place}: the two are not copies of one qubit")
        elif op.name == "swap_ebits":
            self._use_pair(q[0], q[1], place)
            self._use_pair(q[2], q[3], place)
            self.mate[q[0]], self.mate[q[3]] = q[3], q[0]
        elif op.name == "move":
            self._take_place(*q)
        else:  # teleport
            if len(self.family.get(q[0], ())) > 1:
                raise ProgramError(f"{place}: {self.qubits[q[0]].name} still has copies")
            self._use_pair(q[1], q[2], place)

    def _take_place(self, old: int, new: int) -> None:
        """Put a new wire in the place of an old one: a move is an exact exchange, so the new one is
        the copy that the old one was, with the flips that it has seen."""
        if old in self.family:
            self.family[new] = self.family.pop(old)
            self.family[new].discard(old)
            self.family[new].add(new)
        if old in self.flips:
            self.flips[new] = self.flips.pop(old)

    def _use_pair(self, a: int, b: int, place: str) -> None:
        if self.mate.get(a) != b:
            names = f"{self.qubits[a].name} and {self.qubits[b].name}"
            raise ProgramError(f"{place}: {names} are not the two halves of an unused pair")
        del self.mate[a], self.mate[b]
