"""The walk through a program: every row is written with what it needs before and after it."""

from __future__ import annotations

from typing import NamedTuple

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND
from bellwire.compiler.ragged import Column
from bellwire.passes.carrying.foresight import Foresight
from bellwire.passes.carrying.room import (
    EVICTION,
    NO_WAY,
    PAIR,
    bring,
    fetch,
    fetch_along,
    may_wait,
    nearest,
    shortage,
)
from bellwire.passes.carrying.whereabouts import (
    COPIED,
    DATA,
    FLIPPED,
    GOING,
    HOME,
    KEPT,
    LIVE,
    NEVER,
    ROWS,
    SERVED,
    VALUES,
    WANTED,
    WIRE,
    Scene,
    end_row,
    put,
    switch,
    trim,
    wire_at,
)
from bellwire.passes.gate_segments import BARRIER, ENDS, FLIPS, FLOW, GATE

DONE, FULL, AT_FLOW, NO_MEETING = range(4)  # why a walk stops

_X = KIND["x"]


class Rows(NamedTuple):
    """The rows of the input: `effect` and `kind` of each, its operands, and in `gate` how many
    two-qubit gates are before it. `slack`: the most rows that serving one row may take."""

    effect: Column
    kind: Column
    starts: Column
    operands: Column
    gate: Column
    slack: int


@kernel
def walk(r: Rows, f: Foresight, s: Scene, at: int) -> tuple[int, int]:
    """Write the rows from `at` on; returns the first row that is not written, and why.

    FULL: the tables of the scene must grow; AT_FLOW: it is control flow; NO_MEETING: it is a gate
    between modules that nothing can be swapped between.
    """
    for i in range(at, len(r.effect)):
        width = r.starts[i + 1] - r.starts[i]
        if s.tally[ROWS] + r.slack > len(s.table) or s.made[0] + r.slack > len(s.wires):
            return i, FULL
        if s.tally[VALUES] + 3 * r.slack + width > len(s.operands):
            return i, FULL
        effect, q = r.effect[i], r.operands[r.starts[i]] if width else 0
        s.tally[SERVED] = i
        if effect == GATE:
            if not _gate(r, f, s, i):
                return i, NO_MEETING
        elif effect == FLOW:
            return i, AT_FLOW
        elif effect == BARRIER:
            for k in range(r.starts[i], r.starts[i + 1]):
                put(s, s.qubit[r.operands[k], WIRE])
            end_row(s, r.kind[i], COPIED, 0)
        else:
            if effect == ENDS:
                trim(s, q, 0)
            put(s, s.qubit[q, WIRE])
            end_row(s, r.kind[i], COPIED, 0)
            if effect == FLIPS:
                _flip_copies(s, q)
    return len(r.effect), DONE


@kernel
def _flip_copies(s: Scene, q: int) -> None:
    """X and Y flip every copy; the phase of Y is given once."""
    rest, module = s.qubit[q, LIVE] & ~(1 << s.qubit[q, HOME]), 0
    while rest >> module:
        if rest >> module & 1:
            put(s, wire_at(s, q, module))
            end_row(s, _X, FLIPPED, 0)
        module += 1


@kernel
def _gate(r: Rows, f: Foresight, s: Scene, i: int) -> bool:
    """Write a two-qubit gate, its copies and moves; says whether its qubits could meet."""
    a, b, t = r.operands[r.starts[i]], r.operands[r.starts[i] + 1], r.gate[i]
    s.qubit[a, GOING], s.qubit[b, GOING] = f.home[t, 0], f.home[t, 1]
    if s.qubit[a, HOME] != f.home[t, 0]:
        bring(s, a, f.home[t, 0])
    if s.qubit[b, HOME] != f.home[t, 1]:
        bring(s, b, f.home[t, 1])
    module = _common(s, a, b, f.meet[t])
    if module < 0:
        module = _meet(s, a, b, f, t)
    if module < 0:
        return False
    write_gate(r, s, i, wire_at(s, a, module), wire_at(s, b, module))
    leave_gate(f, s, t, 0, a, module)
    leave_gate(f, s, t, 1, b, module)
    return True


@kernel
def write_gate(r: Rows, s: Scene, i: int, first: int, second: int) -> None:
    """Write row i on two wires."""
    put(s, first)
    put(s, second)
    end_row(s, r.kind[i], COPIED, 0)


@kernel
def _common(s: Scene, a: int, b: int, planned: int) -> int:
    """A module that holds both qubits: a home of both, the planned one, a home of one; or -1."""
    both, home, other = s.qubit[a, LIVE] & s.qubit[b, LIVE], s.qubit[a, HOME], s.qubit[b, HOME]
    if both == 0:
        return -1
    if home == other:
        return int(home)
    if planned >= 0 and both >> planned & 1:
        return int(planned)
    if both >> home & 1:
        return int(home)
    if both >> other & 1:
        return int(other)
    module = 0
    while not both >> module & 1:
        module += 1
    return module


@kernel
def _meet(s: Scene, a: int, b: int, f: Foresight, t: int) -> int:
    """Bring two qubits into one module by copies; returns it, -1 where there is no way."""
    planned = f.meet[t]
    for _ in range(2):
        best, where = NO_WAY, -1
        for m in range(len(s.module)):
            in_a, in_b = s.qubit[a, LIVE] >> m & 1, s.qubit[b, LIVE] >> m & 1
            if in_a or in_b or m == planned:
                cost = _meeting_cost(s, a, b, m)
                if m == planned and cost < NO_WAY:
                    cost -= _worth(f, t, in_a, in_b) if cost % PAIR else cost
                if cost < best:
                    best, where = cost, m
        if where < 0 or _go(s, a, b, where, f, t if where == planned else -1):
            return where
        planned = -1  # there was room for one of two copies only
    return -1


@kernel
def _meeting_cost(s: Scene, a: int, b: int, m: int) -> int:
    """The price of the copies that are missing in a module."""
    s.qubit[a, KEPT], s.qubit[b, KEPT] = 1 << m, 1 << m
    third = not (s.qubit[a, LIVE] | s.qubit[b, LIVE]) >> m & 1
    cost = NO_WAY if third and shortage(s, m, 2) == NO_WAY else 0
    for q in (a, b):
        if not s.qubit[q, LIVE] >> m & 1:
            cost += nearest(s, q, m)[1]
    s.qubit[a, KEPT], s.qubit[b, KEPT] = 0, 0
    return min(cost, NO_WAY)


@kernel
def _worth(f: Foresight, t: int, in_a: int, in_b: int) -> int:
    """What copies in the planned module are worth beyond this gate, if others must give way."""
    worth = 0
    if not in_a and f.after[t, 0] < NEVER:
        worth += EVICTION
    if not in_b and f.after[t, 1] < NEVER:
        worth += EVICTION
    return worth


@kernel
def _go(s: Scene, a: int, b: int, m: int, f: Foresight, t: int) -> bool:
    """Make the copies that are missing in a module; says whether there was room for all. `t`: the
    gate whose plan says from where, -1 for none."""
    met = True
    s.qubit[a, KEPT], s.qubit[b, KEPT] = 1 << m, 1 << m
    for i in range(2):
        q = a if i == 0 else b
        if met and not s.qubit[q, LIVE] >> m & 1:
            if t >= 0 and f.along[t, i]:
                fetch_along(s, q, m, f.along[t, i], f.keep[t, i])
            met = fetch(s, q, m)
    s.qubit[a, KEPT], s.qubit[b, KEPT] = 0, 0
    return met


@kernel
def leave_gate(f: Foresight, s: Scene, t: int, i: int, q: int, module: int) -> None:
    """After a gate: move on to the next home if a copy is there that will not stay, and give back
    what is not wanted any more. `module`: where the gate was."""
    home, going, keep, border = s.qubit[q, HOME], f.going[t, i], f.keep[t, i], f.border[t, i]
    s.qubit[q, GOING] = going
    if module >= 0 and module != home:
        s.copy[q, module, WANTED] = f.after[t, i] if module == f.meet[t] else NEVER
    if home != f.home[t, i] and going == f.home[t, i] and not border:
        keep |= 1 << going  # there was no room for the move; the copy may become the home yet
    live = s.qubit[q, LIVE]
    if live == 1 << home and not f.land[t, i]:
        return
    if f.land[t, i] and not live >> going & 1:
        _reach_home(s, q, going, f.land[t, i])
        live = s.qubit[q, LIVE]
    leaves = going >= 0 and going != home and live & ~keep & 1 << going
    if leaves and (s.module[going, DATA] > 0 or (border and may_wait(s, going))):
        switch(s, q, going)
    trim(s, q, keep)


@kernel
def _reach_home(s: Scene, q: int, going: int, land: int) -> None:
    """Copy a qubit into its next home by way of its other copies, if there is room."""
    if s.module[going, DATA] > 0 or may_wait(s, going):
        fetch_along(s, q, going, land, 0)
        if nearest(s, q, going)[1] % PAIR == 0:  # nobody has to give way
            fetch(s, q, going)
