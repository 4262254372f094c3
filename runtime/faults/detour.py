"""Pairs over another path: which modules, which qubits there, and the operations that do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from bellwire.compiler.bodies import body_ops
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.ports import OURS
from bellwire.compiler.program import Op, Program, Register, Stage
from bellwire.compiler.rows import replaced
from bellwire.compiler.states import EMPTY, HALF
from bellwire.runtime.faults.course import Wire
from bellwire.runtime.faults.plan import Plan

MOST_WAYS = 16  # looked at for one pair


@dataclass(frozen=True, slots=True)
class Detour:
    """What is done in the place of `ebit` row `row`: pairs along `way`, swapped into one. Bits in
    `ops` are numbered from 0; `spares` states were moved to spare data qubits for it."""

    row: int
    way: tuple[str, ...]
    ops: tuple[Op, ...]
    spares: int = 0

    @property
    def bits(self) -> int:
        """How many bits it writes."""
        return 2 * (len(self.way) - 2)


@dataclass(frozen=True, slots=True)
class _Stop:
    """How a middle module takes both halves: the first arrives in `arrives` and is kept in `kept`,
    the second arrives in `onward`; the state in `guest[0]` waits in `guest[1]` meanwhile."""

    arrives: int
    kept: int
    onward: int
    guest: tuple[int, int] | None = None

    @property
    def moves(self) -> int:
        return (self.arrives != self.kept) + (self.guest is not None)


def find_detour(plan: Plan, row: int, up: frozenset[Wire], *, spare: bool = True) -> Detour | None:
    """Find the shortest way around for the pair of a row, over links that are up.

    Every module in between needs two communication qubits that hold nothing then, or, with `spare`,
    data qubits that hold nothing to move states to. None where there is no such way. The plan
    remembers what was found.
    """
    key = row, up, spare
    if key not in plan.detours:
        plan.detours[key] = _find_detour(plan, row, up, spare)
    return plan.detours[key]


def _find_detour(plan: Plan, row: int, up: frozenset[Wire], spare: bool) -> Detour | None:
    ends = [plan.module[q] for q in plan.ops[row].qubits]
    for way in islice(_ways(plan, ends[0], ends[1], up), MOST_WAYS):
        stops = [_stop(plan, row, module, spare) for module in way[1:-1]]
        if all(stop is not None for stop in stops):
            return _written(plan.ops[row], row, tuple(way), [s for s in stops if s is not None])
    return None


def _ways(plan: Plan, a: str, b: str, up: frozenset[Wire]) -> Iterator[list[str]]:
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from((a, b))
    for link in plan.machine.links:
        if frozenset(link.between) in up:
            graph.add_edge(*link.between, ns=link.mean_ns)
    if not nx.has_path(graph, a, b):
        return
    yield from nx.shortest_simple_paths(graph, a, b, weight="ns")


def _stop(plan: Plan, row: int, module: str, spare: bool) -> _Stop | None:
    """Room for two halves in a module, with as few states moved as can be."""
    holds, halves = plan.holds(row)
    data, comm = plan.qubits_of(module)
    free = [q for q in comm if holds[q] == EMPTY]
    room = len(comm) - halves[module]
    spares = [q for q in data if holds[q] == EMPTY] if spare else []
    found = _fit(plan, free, room, spares)
    if found is not None or not spare:
        return found
    for guest in (q for q in comm if holds[q] != EMPTY):
        for place in (d for d in spares if plan.coupled(guest, d)):
            left = [d for d in spares if d != place]
            found = _fit(plan, [*free, guest], room + (holds[guest] == HALF), left)
            if found is not None:
                return replace(found, guest=(guest, place))
    return None


def _fit(plan: Plan, free: Sequence[int], room: int, spares: Sequence[int]) -> _Stop | None:
    pairs = ((a, b) for a in free for b in free if a != b and plan.coupled(a, b))
    if room >= 2 and (pair := next(pairs, None)) is not None:
        return _Stop(pair[0], pair[0], pair[1])
    if room >= 1:
        for q in free:
            for d in spares:
                if plan.coupled(q, d):
                    return _Stop(q, d, q)
    return None


def _written(ebit: Op, row: int, way: tuple[str, ...], stops: list[_Stop]) -> Detour:
    """Guests out, a pair for each link and a swap for each module in between, guests back."""
    guests = [stop.guest for stop in stops if stop.guest is not None]
    ops = [op for there, place in guests for op in _moved(there, place, ebit.source)]
    near, far = ebit.qubits
    ops.append(Op("ebit", (near, stops[0].arrives), source=ebit.source))
    for k, stop in enumerate(stops):
        if stop.kept != stop.arrives:
            ops += _moved(stop.arrives, stop.kept, ebit.source)
        end = stops[k + 1].arrives if k + 1 < len(stops) else far
        ops.append(Op("ebit", (stop.onward, end), source=ebit.source))
        # The half at the start keeps its place, the other end moves on.
        held = (near, stop.kept, stop.onward, end)
        swap = Op("swap_ebits", held, bits=(2 * k, 2 * k + 1), source=ebit.source)
        ops += body_ops(swap)
    ops += [op for there, place in guests for op in _moved(place, there, ebit.source)]
    return Detour(row, way, tuple(ops), sum(stop.moves for stop in stops))


def _moved(here: int, there: int, source: int) -> Iterator[Op]:
    return body_ops(Op("move", (here, there), source=source))


def with_detours(program: Program, detours: Sequence[Detour]) -> Program:
    """The LOWERED program with detours in the place of their rows."""
    if not detours:
        return _with_registers(program.with_stage(Stage.LOWERED), program.registers)
    whole = _with_bits(program, sum(d.bits for d in detours))
    first = sum(r.width for r in program.registers)
    out = ProgramBuilder.like(whole)
    counts = np.ones(len(program), dtype=np.int64)
    for detour in detours:
        counts[detour.row] = len(detour.ops)
        for op in detour.ops:
            out.append_op(_with_first_bit(op, first))
        first += detour.bits
    changed = np.isin(np.arange(len(program)), [detour.row for detour in detours])
    places = np.flatnonzero(np.repeat(changed, counts))
    return replaced(whole, counts, [out.finish(Stage.LOWERED)], places)


def _with_first_bit(op: Op, first: int) -> Op:
    condition = None if op.condition is None else bit(op.condition.index + first)
    return replace(op, bits=tuple(b + first for b in op.bits), condition=condition)


def _with_bits(program: Program, more: int) -> Program:
    """The program as LOWERED with that many more bits of our own."""
    registers = program.registers
    if registers and registers[-1].name == OURS:
        registers = (*registers[:-1], Register(OURS, registers[-1].width + more))
    else:
        registers = (*registers, Register(OURS, more))
    return _with_registers(program.with_stage(Stage.LOWERED), registers)


def _with_registers(program: Program, registers: tuple[Register, ...]) -> Program:
    blocks = {
        i: tuple(_with_registers(b, registers) for b in bs) for i, bs in program.blocks.items()
    }
    return replace(program, registers=registers, blocks=blocks, start_ns=None)
