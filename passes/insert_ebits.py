"""Spend the e-bits: replace every spanning gate by copies, moves and local gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bellwire.compiler.operations import ANTI_DIAGONAL
from bellwire.compiler.program import Op, Program, ProgramBuilder, Register, Stage, is_flow
from bellwire.errors import NotSupported
from bellwire.passes.homes import module_homes, prices
from bellwire.passes.ledger import Ledger
from bellwire.passes.meetings import Option, Uses, options
from bellwire.passes.paths import Routes
from bellwire.passes.plan import Plan, improve_plan, static_plan
from bellwire.passes.segments import Segments, find_segments
from bellwire.targets.machine import Machine

PLAN_LIMIT = 40_000  # segments; above it homes stay where they are
WIDE_LIMIT = 15_000  # segments; above it only one shape of plan is tried
OURS = "bellwire"  # the register of our own bits


def insert_ebits(program: Program, machine: Machine, *, rounds: int = 6) -> Program:
    """Carry out several plans (static homes; moving homes with many, few or no copies) within the
    machine's limits and keep the program with the fewest e-bits (PLACED -> DISTRIBUTED).

    Raises DoesNotFit where no way of links joins two modules, NotSupported for a register named
    `bellwire`.
    """
    if any(r.name == OURS for r in program.registers):
        raise NotSupported(f"register {OURS!r}: kept for bellwire's own bits; rename it")
    return cheapest(program, machine, rounds=rounds)[1]


def cheapest(program: Program, machine: Machine, *, rounds: int) -> tuple[int, Program]:
    """The fewest Bell pairs on links that a plan for a PLACED program takes, and its program."""
    segments = find_segments(program)
    homes = module_homes(program, machine)
    tried = [
        carry_out(program, machine, segments, plan)
        for plan in plans(segments, homes, machine, rounds)
    ]
    return min(((link_pairs(done, machine), done) for done in tried), key=lambda found: found[0])


def plans(
    segments: Segments, homes: Sequence[int], machine: Machine, rounds: int
) -> Iterator[Plan]:
    """Plans to try: static homes, and moving homes with many, few and no copies."""
    static = static_plan(segments, homes)
    yield static
    if rounds and len(set(homes)) > 1 and len(segments.qubit) <= PLAN_LIMIT:
        capacity = [m.data_qubits for m in machine.modules]
        price = prices(machine)
        for copies in (7, 1, 0) if len(segments.qubit) <= WIDE_LIMIT else (1,):
            yield improve_plan(segments, static, capacity, price, copies=copies, rounds=rounds)


def link_pairs(program: Program, machine: Machine) -> int:
    """How many Bell pairs on links a DISTRIBUTED program will take once it is connected."""
    routes = Routes(machine)
    total = 0
    for part in program.walk():
        for op in part.ops:
            if op.name == "ebit":
                a, b = (machine.index[str(part.qubits[q].module)] for q in op.qubits)
                total += routes.hops(a, b)
    return total


def carry_out(program: Program, machine: Machine, segments: Segments, plan: Plan) -> Program:
    """Write the program of a plan; where the limits forbid a step, find another way."""
    out = ProgramBuilder.like(program)
    ledger = Ledger(machine, out, module_homes(program, machine))
    _Walk(program, segments, plan, ledger, out).run()
    ledger.close_everything()
    if ledger.bits:
        out.registers.append(Register(OURS, ledger.bits))
    return out.finish(Stage.DISTRIBUTED, [ledger.wire[q] for q in program.outputs])


class _Walk:
    """One pass over one list of operations; the ledger knows where every state is."""

    def __init__(
        self,
        program: Program,
        segments: Segments,
        plan: Plan,
        ledger: Ledger,
        out: ProgramBuilder,
    ) -> None:
        self.program, self.segments, self.plan, self.ledger, self.out = (
            program,
            segments,
            plan,
            ledger,
            out,
        )
        self.uses = Uses(segments, plan)
        self.segment = [ids[0] for ids in segments.of_qubit]
        self.starting: dict[int, list[tuple[int, int]]] = {}
        for q, ids in enumerate(segments.of_qubit):
            for s in ids[1:]:
                self.starting.setdefault(int(segments.start[s]), []).append((q, s))

    def run(self) -> None:
        """Write every operation."""
        for i, op in enumerate(self.program.ops):
            self.ledger.source = op.source
            self.ledger.urgency = self._wanted_from(i)
            for q, segment in self.starting.get(i, ()):
                self._begin(q, segment)
            self._write(i, op)

    def _wanted_from(self, now: int) -> Callable[[int, int], int]:
        """When the ledger's copies are wanted next."""
        return lambda q, module: self.uses.next(self.segment[q], module, now)

    def _begin(self, q: int, segment: int) -> None:
        """Start a segment: go to its home if there is room, give all copies back."""
        home = self.plan.home[segment]
        if home != self.ledger.home[q]:
            self.ledger.move_home(q, home)
        self.ledger.close_all(q)
        self.segment[q] = segment

    def _write(self, i: int, op: Op) -> None:
        if is_flow(op):
            self._flow(op)
        elif op.name == "barrier":
            self.out.append("barrier", [self.ledger.wire[q] for q in op.qubits], source=op.source)
        elif len(op.qubits) == 2:
            self._gate(i, op)
        else:
            self._local(op, (self.ledger.wire[op.qubits[0]],))
            if op.name in ANTI_DIAGONAL:  # X and Y flip every copy; the phase of Y is given once
                flip = replace(op, name="x")
                for wire in self.ledger.copies[op.qubits[0]].values():
                    self._local(flip, (wire,))

    def _local(self, op: Op, wires: Sequence[int]) -> None:
        self.out.append(op.name, wires, op.angles, op.bits, op.condition, source=op.source)

    def _flow(self, op: Op) -> None:
        """Write control flow plainly: every block starts and ends with all states at home."""
        self.ledger.close_everything()
        blocks = []
        for block in op.blocks:
            inner = self.out.child()
            segments = find_segments(block)
            plan = static_plan(segments, self.ledger.home)
            with self.ledger.writing_to(inner):
                _Walk(block, segments, plan, self.ledger, inner).run()
                self.ledger.close_everything()
            blocks.append(inner)
        self.out.append_flow(op, blocks, [self.ledger.wire[q] for q in op.qubits])

    def _gate(self, i: int, op: Op) -> None:
        u, v = op.qubits
        ledger = self.ledger
        met = ledger.common(u, v)
        if met is None:
            met = self._meet(i, u, v)
        if met is None:
            ledger.carried(u, v, lambda a, b: self._local(op, (a, b)))
        else:
            self._local(op, (ledger.at(u, met), ledger.at(v, met)))
        for q in (u, v):
            self._trim(q, i)

    def _meet(self, i: int, u: int, v: int) -> int | None:
        """Bring two qubits into one module by copies, the cheapest way that there is room for."""
        ledger = self.ledger
        labels = self.plan.label[self.segment[u]] & self.plan.label[self.segment[v]]
        ways = options(ledger, u, v, labels)

        def score(way: Option) -> tuple[float, int, tuple[tuple[int, int], ...]]:
            worth = sum(self._worth(q, m, i + 1) for q, m in way.opens)
            return ledger.cost(way.opens) - worth, way.module, way.opens

        for way in sorted(ways, key=score):
            if ledger.open_copies(way.opens, {(u, way.module), (v, way.module)}):
                return way.module
        return None

    def _worth(self, q: int, module: int, now: int) -> float:
        """What a new copy is worth beyond this gate: most if it is planned."""
        segment = self.segment[q]
        if self.uses.next(segment, module, now) == self.uses.never:
            return 0.0
        return 0.8 if module in self.plan.label[segment] else 0.4

    def _trim(self, q: int, i: int) -> None:
        """Give back the copies that no coming gate and no coming home wants."""
        ids, place = self.segments.of_qubit[q], self.uses.place[self.segment[q]]
        next_home = self.plan.home[ids[place + 1]] if place + 1 < len(ids) else None
        for m in list(self.ledger.copies[q]):
            wanted = self.uses.next(self.segment[q], m, i + 1) < self.uses.never
            if not wanted and m != next_home:
                self.ledger.close(q, m)
