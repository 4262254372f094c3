"""Reorder gates that commute, so that copies live short where communication qubits are few."""

from __future__ import annotations

from bisect import insort
from dataclasses import replace
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.compiler.rows import take
from bellwire.passes.carrying.foresight import foresee
from bellwire.passes.carrying.opening_scene import ways
from bellwire.passes.commuting import NONE, Groups, commuting_groups
from bellwire.passes.gate_segments import EFFECT, FLOW, GATE, gate_operands, gate_segments
from bellwire.passes.open_copies import Copy, Scene, Session
from bellwire.passes.paths import Routes
from bellwire.targets.machine import Machine

Ints = NDArray[np.int64]
Rank = tuple[int, int, int]
Ranked = tuple[Rank, int, Session]  # with its segment, so that no two are alike
Option = tuple[int, Rank, int, Session]  # and how many copies must give way

LOOK = 6  # sessions of a module that are compared before one is opened


def reordered(program: Program, plan: Plan, machine: Machine) -> tuple[Program, Plan]:
    """The same PLACED program with its rows in another order, and the plan for that order.

    List scheduling: rows that need no new copy come first; then a session is opened, if possible
    one that can be finished at once and for which no other must give way.
    """
    lister = _Lister(program, plan, machine)
    order = np.array(lister.write(), dtype=np.int64)
    again = take(program, order)
    effect = EFFECT[again.kind]
    gate = np.cumsum(EFFECT[program.kind] == GATE) - 1
    moved = gate[order[effect == GATE]]
    home = plan.home[moved]
    label = lister.label[moved] | np.int64(1) << home
    return again, replace(
        plan,
        rows=np.flatnonzero(effect == GATE),
        home=home,
        label=label,
        hold=_shared(again, label) & ~(np.int64(1) << home),
        flows=np.flatnonzero(effect == FLOW),
    )


def _shared(program: Program, label: Ints) -> Ints:
    """Per gate and operand what its label shares with that of the next gate of the segment."""
    segment, flat = gate_segments(program).ravel(), label.ravel()
    order = np.argsort(segment, kind="stable")
    now, then = order[:-1], order[1:]
    out = np.zeros_like(flat)
    out[now] = np.where(segment[now] == segment[then], flat[now] & flat[then], 0)
    return out.reshape(label.shape)


class _Lister:
    """Writes the rows of a program one by one."""

    def __init__(self, program: Program, plan: Plan, machine: Machine) -> None:
        self.groups: Groups = commuting_groups(program, plan)
        self.left = list(self.groups.size)
        self.pending: list[list[int]] = [[] for _ in self.left]  # rows of groups not yet begun
        self.blocked = [len(groups) for groups in self.groups.of]
        for i, groups in enumerate(self.groups.of):
            for g in groups:
                self.pending[g].append(i)
        self.scene = Scene(machine, plan)
        effect = EFFECT[program.kind]
        self.gate: list[int] = np.where(
            effect == GATE, np.cumsum(effect == GATE) - 1, NONE
        ).tolist()
        flows = np.flatnonzero(effect == FLOW).tolist()
        self.resting: dict[int, list[int]] = dict(zip(flows, plan.resting.tolist()))
        self.qubits: list[list[int]] = gate_operands(program).tolist()
        self.rows: list[int] = plan.rows.tolist()
        self.label = np.zeros_like(plan.home)
        self.needs = _sessions(program, plan, machine)
        self.missing = [0] * len(self.rows)
        self.served = [False] * len(self.rows)
        self.free: list[int] = []  # rows that need nothing more
        self.moves: list[tuple[int, int]] = []  # first row and number of groups that wait for one
        self.ranked: list[list[Ranked]] = [[] for _ in machine.modules]

    def write(self) -> list[int]:
        """The rows in their new order."""
        order: list[int] = []
        for i, groups in enumerate(self.groups.of):
            if not groups:
                self._release(i)
        for g in self.groups.begin:
            self._reach(g)
        while len(order) < len(self.blocked):
            if not self.free:
                self._choose()
            else:
                order.append(heappop(self.free))
                self._written(order[-1])
        return order

    # --- what a written row sets free ---

    def _reach(self, g: int) -> None:
        """The group before this one is done."""
        if self.groups.arrives[g] == NONE:
            self._begin(g)
        else:
            insort(self.moves, (self.groups.first[g], g))

    def _begin(self, g: int) -> None:
        for i in self.pending[g]:
            self.blocked[i] -= 1
            if not self.blocked[i]:
                self._release(i)

    def _release(self, i: int) -> None:
        """Everything that must come before this row is written."""
        t = self.gate[i]
        if t != NONE:
            for session in self.needs[t]:
                session.ready += 1
                session.waiting.append(t)
                self.missing[t] += not session.is_open
                self._rank(session)
            if self.missing[t]:
                return
        heappush(self.free, i)

    def _written(self, i: int) -> None:
        if self.gate[i] != NONE:
            self._serve(self.gate[i])
        elif i in self.resting:
            for q, module in enumerate(self.resting[i]):
                self.scene.settle(q, module)
        for g in self.groups.of[i]:
            self.left[g] -= 1
            if not self.left[g] and self.groups.follows[g] != NONE:
                self._reach(self.groups.follows[g])

    def _serve(self, t: int) -> None:
        """A gate is done: note the copies that were open, give back those that are finished."""
        self.served[t] = True
        for k, q in enumerate(self.qubits[t]):
            self.label[t, k] = sum(1 << module for module in self.scene.copies[q])
        for session in self.needs[t]:
            session.left -= 1
            session.ready -= 1
            if not session.left and session.is_open:
                self.scene.remove(session)

    def _rank(self, session: Session) -> None:
        if not session.is_open and session.ready:
            entry = session.rank(), session.copy.segment, session
            heappush(self.ranked[session.copy.module], entry)

    # --- what is done when every ready row needs something ---

    def _choose(self) -> None:
        """Open the best session or move a state; whatever it is, a row or a group becomes free."""
        options = [o for m in range(len(self.ranked)) if (o := self._best(m)) is not None]
        best = min(options, default=None, key=lambda o: o[:3])
        move = self._next_move()
        if best is None or (move is not None and (best[0] or best[1][0])):
            assert move is not None
            self._move(move)
        else:
            self._open(best[3])

    def _best(self, module: int) -> Option | None:
        """Of the best sessions of a module the one for which the fewest must give way."""
        heap = self.ranked[module]
        seen: list[Ranked] = []
        best: Option | None = None
        while heap and len(seen) < LOOK and (best is None or best[0]):
            entry = heappop(heap)
            rank, segment, session = entry
            if session.is_open or not session.ready or rank != session.rank() or entry in seen[-1:]:
                continue  # it is out of date
            seen.append(entry)
            short = self.scene.shortage(session.copy)
            if best is None or short < best[0]:
                best = short, rank, segment, session
        for entry in seen:
            heappush(heap, entry)
        return best

    def _next_move(self) -> int | None:
        """The earliest move to a module with room; else the earliest."""
        for _, g in self.moves:
            if self.scene.spare[self.groups.arrives[g]] > 0:
                return g
        return self.moves[0][1] if self.moves else None

    def _move(self, g: int) -> None:
        self.moves.remove((self.groups.first[g], g))
        q, module = self.groups.line[g], self.groups.arrives[g]
        copy = self.scene.copies[q].get(module)
        self.scene.settle(q, module)
        if copy is not None:  # it becomes the home
            self._give_back(copy)
        self._begin(g)

    def _open(self, session: Session) -> None:
        """Open a session, and whatever else its first gate needs."""
        waiting = [t for t in session.waiting if not self.served[t]]
        session.waiting = waiting
        t = min(waiting, key=lambda t: (self.missing[t], t))
        opened: list[Session] = []
        for other in self.needs[t]:
            if not other.is_open:
                self._make_room(other, self.needs[t])
                self.scene.add(other)
                for gate in other.waiting:
                    self.missing[gate] -= not self.served[gate]
                opened.append(other)
        ready = {g for s in opened for g in s.waiting if not self.served[g] and not self.missing[g]}
        for gate in sorted(ready):
            heappush(self.free, self.rows[gate])

    def _make_room(self, session: Session, kept: list[Session]) -> None:
        """Let the copies give way that are needed last."""
        for module in (session.copy.module, self.scene.source(session.copy)):
            while self.scene.missing(module):
                others = [s for s in self.scene.open[module].values() if s not in kept]
                if not others:
                    break
                self._give_back(max(others, key=self._needed))

    def _needed(self, session: Session) -> int:
        """The next gate of a session, in the order of the program."""
        while self.served[session.gates[session.passed]]:
            session.passed += 1
        return session.gates[session.passed]

    def _give_back(self, session: Session) -> None:
        self.scene.remove(session)
        for t in session.waiting:
            if not self.served[t]:
                self.missing[t] += 1
        self._rank(session)


def _sessions(program: Program, plan: Plan, machine: Machine) -> list[list[Session]]:
    """The sessions that each gate needs, by where the plan lets it meet."""
    meet = foresee(program, plan, ways(Routes(machine))[0]).meet.tolist()
    segment, qubits = gate_segments(program).tolist(), gate_operands(program).tolist()
    known: dict[Copy, Session] = {}
    needs: list[list[Session]] = []
    for t, (a, b) in enumerate(plan.home.tolist()):
        module = meet[t] if meet[t] >= 0 else b
        needs.append([])
        for k, home in enumerate((a, b)):
            if home != module:
                copy = Copy(qubits[t][k], segment[t][k], module)
                session = known.setdefault(copy, Session(copy))
                session.gates.append(t)
                session.left += 1
                needs[t].append(session)
    return needs
