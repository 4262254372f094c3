"""Put every wire on a real qubit and swap inside modules so that gates follow the coupling.

Halves of Bell pairs are born on communication qubits; afterwards any state may sit anywhere in its
module, and an empty place is swapped back under a communication qubit when the next pair comes.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from functools import partial
from itertools import islice

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Stage, is_flow
from bellwire.errors import ProgramError
from bellwire.passes.carry_out import OURS
from bellwire.passes.chip import LOOK_AHEAD, Chip, spread
from bellwire.passes.settle_wires import real_qubits, settle_wires
from bellwire.passes.starting_places import fewest_swaps
from bellwire.targets.machine import Machine

Swap = tuple[int, int, int]  # chip, position, position


def route_locally(
    program: Program,
    machine: Machine,
    *,
    positions: Sequence[int] | None = None,
    tries: int = 60,
    seed: int = 0,
) -> Program:
    """Map wires to physical qubits and insert swaps (DISTRIBUTED, expanded -> LOWERED).

    `positions[i]`: the qubit of its module on which input i starts; chosen here when not given,
    the best of `tries` exchanges (fewer for long programs).
    """
    settled = settle_wires(program, machine, positions)
    if settled is not None:
        return settled
    if positions is not None or all(m.edges is None for m in machine.modules):
        return _routed(program, machine, positions)
    return fewest_swaps(program, machine, seed, partial(_routed, program, machine), tries)


def _routed(program: Program, machine: Machine, positions: Sequence[int] | None) -> Program:
    router = _Router(program, machine, positions)
    out = ProgramBuilder(
        real_qubits(machine),
        program.registers,
        logical=program.logical,
        inputs=[router.qubit(w) for w in program.inputs],
        name=program.name,
    )
    _Walk(router, program, out, set(program.outputs)).run()
    return out.finish(Stage.LOWERED, [router.qubit(w) for w in program.outputs])


class _Router:
    """All chips, and where each wire is."""

    def __init__(self, program: Program, machine: Machine, positions: Sequence[int] | None) -> None:
        self.chips = [Chip(m, machine.offsets[m.name]) for m in machine.modules]
        self.chip_of = [machine.index[str(q.module)] for q in program.qubits]
        self.role = [q.role for q in program.qubits]
        self.position: dict[int, int] = {}
        if positions is None:
            self._spread(program)
        else:
            for w, p in zip(program.inputs, positions):
                self.chips[self.chip_of[w]].on[p] = w
        for chip in self.chips:
            self.position |= {w: p for p, w in enumerate(chip.on) if w >= 0}
        self.undo: list[tuple[bool, list[Swap]]] = []  # per open block: is it a loop, its swaps
        self.places: list[dict[int, int]] = []  # per open block: where all wires were at its start

    def _spread(self, program: Program) -> None:
        gates = defaultdict(list)
        for op in program.ops:
            if _is_local_pair(op):
                gates[self.chip_of[op.qubits[0]]].append((op.qubits[0], op.qubits[1]))
        for c, chip in enumerate(self.chips):
            spread(chip, [w for w in program.inputs if self.chip_of[w] == c], gates[c])

    def qubit(self, wire: int) -> int:
        """The physical qubit that a wire is on."""
        return self.chips[self.chip_of[wire]].offset + self.position[wire]

    def swap(self, c: int, a: int, b: int, out: ProgramBuilder) -> None:
        """Swap two positions of a chip."""
        chip = self.chips[c]
        out.append("swap", (chip.offset + a, chip.offset + b))
        chip.exchange(a, b)
        for p in (a, b):
            if chip.on[p] >= 0:
                self.position[chip.on[p]] = p
        if self.undo:
            self.undo[-1][1].append((c, a, b))

    def settle(self, wire: int, partner: int | None, out: ProgramBuilder) -> None:
        """Give a wire that starts a place near the wire that it meets first."""
        c = self.chip_of[wire]
        chip = self.chips[c]
        comm = self.role[wire] == "comm"
        places = chip.free(comm=comm)
        if not places and comm:
            places = [self._clear_comm(c, out)]
        elif not places:
            places = chip.free()
        if not places:
            raise ProgramError(f"module {chip.module.name}: no room for {wire}; it holds {chip.on}")
        goal = self.position.get(partner, 0) if partner is not None else 0
        if self.places and self.places[-1].get(wire) in places:
            goal = self.places[-1][wire]
        place = min(places, key=lambda p: (chip.distance(p, goal), p))
        chip.on[place], self.position[wire] = wire, place

    def _clear_comm(self, c: int, out: ProgramBuilder) -> int:
        """Swap an empty place under a communication qubit; returns its position."""
        chip = self.chips[c]
        comm = range(chip.module.data_qubits, chip.module.size)
        free = chip.free()
        if not free:
            raise ProgramError(
                f"module {chip.module.name}: all {chip.module.size} qubits are in use"
            )
        goal, hole = min(
            ((p, f) for p in comm for f in free), key=lambda pf: (chip.distance(*pf), pf)
        )
        way = chip.way(hole, goal)
        for a, b in zip(way, way[1:]):
            self.swap(c, a, b, out)
        return goal

    def put_back(self, places: dict[int, int], out: ProgramBuilder) -> None:
        """Exchange wires with what sits on their places until each is on its own."""
        for wire, place in places.items():
            if (now := self.position.get(wire, place)) != place:
                c = self.chip_of[wire]
                way = self.chips[c].way(now, place)
                steps = list(zip(way, way[1:]))
                for a, b in steps + steps[-2::-1]:
                    self.swap(c, a, b, out)

    def release(self, wire: int) -> None:
        """The wire holds nothing any more."""
        self.chips[self.chip_of[wire]].on[self.position.pop(wire)] = -1


def _is_local_pair(op: Op) -> bool:
    return len(op.qubits) == 2 and op.row.family is Family.GATE


def _gives_away(program: Program, op: Op) -> bool:
    """Whether a measurement of ours ends what a wire holds: the state is elsewhere then."""
    ours = sum(r.width for r in program.registers[:-1])
    return op.name == "measure" and program.registers[-1].name == OURS and op.bits[0] >= ours


class _Walk:
    """Write one list of operations; nested blocks give every state its place back at their end."""

    def __init__(
        self, router: _Router, program: Program, out: ProgramBuilder, stay: set[int]
    ) -> None:
        self.router, self.out, self.ops = router, out, list(program.ops)
        self.last: dict[int, int] = {}
        self.partner: dict[int, int] = {}
        self.coming: dict[int, deque[tuple[int, int]]] = defaultdict(deque)
        self.leaves: set[tuple[int, int]] = set()  # last uses of wires before they are made anew
        for i, op in enumerate(self.ops):
            for q in op.qubits:
                before = self.ops[self.last.get(q, i)]
                if router.undo and op.name == "reset" and _gives_away(program, before):
                    self.leaves.add((self.last[q], q))
                self.last[q] = i
            if _is_local_pair(op):
                u, v = op.qubits
                self.partner.setdefault(u, v)
                self.partner.setdefault(v, u)
                self.coming[router.chip_of[u]].append((u, v))
        self.stay = stay | set(router.position) if router.undo else stay

    def run(self) -> None:
        """Write all operations."""
        for i, op in enumerate(self.ops):
            if is_flow(op):
                self._flow(op)
            else:
                self._write(op)
            for q in op.qubits:
                gone = (self.last[q] == i and q not in self.stay) or (i, q) in self.leaves
                if gone and q in self.router.position:
                    self.router.release(q)

    def _write(self, op: Op) -> None:
        router = self.router
        for q in op.qubits:
            if q not in router.position:
                router.settle(q, self.partner.get(q), self.out)
        if _is_local_pair(op):
            self._bring_together(*op.qubits)
        places = [router.qubit(q) for q in op.qubits]
        self.out.append(op.name, places, op.angles, op.bits, op.condition, source=op.source)

    def _bring_together(self, u: int, v: int) -> None:
        router = self.router
        c = router.chip_of[u]
        coming = self.coming[c]
        coming.popleft()
        chip = router.chips[c]
        while chip.distance(router.position[u], router.position[v]) > 1:
            ahead = [
                (router.position[a], router.position[b])
                for a, b in islice(coming, LOOK_AHEAD)
                if a in router.position and b in router.position
            ]
            a, b = chip.best_swap(router.position[u], router.position[v], ahead)
            router.swap(c, a, b, self.out)

    def _flow(self, op: Op) -> None:
        if op.name in ("break_loop", "continue_loop"):
            self._unwind()
        blocks = []
        for block in op.blocks:
            inner = self.out.child()
            self.router.undo.append((op.name in ("while_loop", "for_loop"), []))
            self.router.places.append(dict(self.router.position))
            _Walk(self.router, block, inner, self.stay).run()
            _, swaps = self.router.undo[-1]
            for c, a, b in swaps[::-1]:
                self.router.swap(c, a, b, inner)
            self.router.put_back(self.router.places.pop(), inner)
            self.router.undo.pop()
            blocks.append(inner)
        qubits = [self.router.qubit(q) for q in op.qubits if q in self.router.position]
        self.out.append_flow(op, blocks, qubits)

    def _unwind(self) -> None:
        """Before leaving a turn of a loop: undo its swaps; what follows is not reached."""
        for is_loop, swaps in reversed(self.router.undo):
            for c, a, b in swaps[::-1]:
                offset = self.router.chips[c].offset
                self.out.append("swap", (offset + a, offset + b))
            if is_loop:
                break
