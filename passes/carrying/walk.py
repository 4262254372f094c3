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
def walk(rows: Rows, seen: Foresight, scene: Scene, at: int) -> tuple[int, int]:
    """Write the rows from `at` on; returns the first row that is not written, and why.

    FULL: the tables of the scene must grow; AT_FLOW: it is control flow; NO_MEETING: it is a gate
    between modules that nothing can be swapped between.
    """
    for i in range(at, len(rows.effect)):
        width = rows.starts[i + 1] - rows.starts[i]
        if scene.tally[ROWS] + rows.slack > len(scene.table) or scene.made[0] + rows.slack > len(
            scene.wires
        ):
            return i, FULL
        if scene.tally[VALUES] + 3 * rows.slack + width > len(scene.operands):
            return i, FULL
        effect, q = rows.effect[i], rows.operands[rows.starts[i]] if width else 0
        scene.tally[SERVED] = i
        if effect == GATE:
            if not _gate(rows, seen, scene, i):
                return i, NO_MEETING
        elif effect == FLOW:
            return i, AT_FLOW
        elif effect == BARRIER:
            for k in range(rows.starts[i], rows.starts[i + 1]):
                put(scene, scene.qubit[rows.operands[k], WIRE])
            end_row(scene, rows.kind[i], COPIED, 0)
        else:
            if effect == ENDS:
                trim(scene, q, 0)
            put(scene, scene.qubit[q, WIRE])
            end_row(scene, rows.kind[i], COPIED, 0)
            if effect == FLIPS:
                _flip_copies(scene, q)
    return len(rows.effect), DONE


@kernel
def _flip_copies(scene: Scene, q: int) -> None:
    """X and Y flip every copy; the phase of Y is given once."""
    rest, module = scene.qubit[q, LIVE] & ~(1 << scene.qubit[q, HOME]), 0
    while rest >> module:
        if rest >> module & 1:
            put(scene, wire_at(scene, q, module))
            end_row(scene, _X, FLIPPED, 0)
        module += 1


@kernel
def _gate(rows: Rows, seen: Foresight, scene: Scene, i: int) -> bool:
    """Write a two-qubit gate, its copies and moves; says whether its qubits could meet."""
    a, b, t = rows.operands[rows.starts[i]], rows.operands[rows.starts[i] + 1], rows.gate[i]
    scene.qubit[a, GOING], scene.qubit[b, GOING] = seen.home[t, 0], seen.home[t, 1]
    if scene.qubit[a, HOME] != seen.home[t, 0]:
        bring(scene, a, seen.home[t, 0])
    if scene.qubit[b, HOME] != seen.home[t, 1]:
        bring(scene, b, seen.home[t, 1])
    module = _common(scene, a, b, seen.meet[t])
    if module < 0:
        module = _meet(scene, a, b, seen, t)
    if module < 0:
        return False
    write_gate(rows, scene, i, wire_at(scene, a, module), wire_at(scene, b, module))
    leave_gate(seen, scene, t, 0, a, module)
    leave_gate(seen, scene, t, 1, b, module)
    return True


@kernel
def write_gate(rows: Rows, scene: Scene, i: int, first: int, second: int) -> None:
    """Write row i on two wires."""
    put(scene, first)
    put(scene, second)
    end_row(scene, rows.kind[i], COPIED, 0)


@kernel
def _common(scene: Scene, a: int, b: int, planned: int) -> int:
    """A module that holds both qubits: a home of both, the planned one, a home of one; or -1."""
    both, home, other = (
        scene.qubit[a, LIVE] & scene.qubit[b, LIVE],
        scene.qubit[a, HOME],
        scene.qubit[b, HOME],
    )
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
def _meet(scene: Scene, a: int, b: int, seen: Foresight, t: int) -> int:
    """Bring two qubits into one module by copies; returns it, -1 where there is no way."""
    planned = seen.meet[t]
    for _ in range(2):
        best, where = NO_WAY, -1
        for m in range(len(scene.module)):
            in_a, in_b = scene.qubit[a, LIVE] >> m & 1, scene.qubit[b, LIVE] >> m & 1
            if in_a or in_b or m == planned:
                cost = _meeting_cost(scene, a, b, m)
                if m == planned and cost < NO_WAY:
                    cost -= _worth(seen, t, in_a, in_b) if cost % PAIR else cost
                if cost < best:
                    best, where = cost, m
        if where < 0 or _go(scene, a, b, where):
            return where
        planned = -1  # there was room for one of two copies only
    return -1


@kernel
def _meeting_cost(scene: Scene, a: int, b: int, m: int) -> int:
    """The price of the copies that are missing in a module."""
    scene.qubit[a, KEPT], scene.qubit[b, KEPT] = 1 << m, 1 << m
    third = not (scene.qubit[a, LIVE] | scene.qubit[b, LIVE]) >> m & 1
    cost = NO_WAY if third and shortage(scene, m, 2) == NO_WAY else 0
    for q in (a, b):
        if not scene.qubit[q, LIVE] >> m & 1:
            cost += nearest(scene, q, m)[1]
    scene.qubit[a, KEPT], scene.qubit[b, KEPT] = 0, 0
    return min(cost, NO_WAY)


@kernel
def _worth(seen: Foresight, t: int, in_a: int, in_b: int) -> int:
    """What copies in the planned module are worth beyond this gate, if others must give way."""
    worth = 0
    if not in_a and seen.after[t, 0] < NEVER:
        worth += EVICTION
    if not in_b and seen.after[t, 1] < NEVER:
        worth += EVICTION
    return worth


@kernel
def _go(scene: Scene, a: int, b: int, m: int) -> bool:
    """Make the copies that are missing in a module; says whether there was room for all."""
    met = True
    scene.qubit[a, KEPT], scene.qubit[b, KEPT] = 1 << m, 1 << m
    for q in (a, b):
        if met and not scene.qubit[q, LIVE] >> m & 1:
            met = fetch(scene, q, m)
    scene.qubit[a, KEPT], scene.qubit[b, KEPT] = 0, 0
    return met


@kernel
def leave_gate(seen: Foresight, scene: Scene, t: int, i: int, q: int, module: int) -> None:
    """After a gate: move on to the next home if a copy is there that will not stay, and give back
    what is not wanted any more. `module`: where the gate was."""
    home, going, keep, border = (
        scene.qubit[q, HOME],
        seen.going[t, i],
        seen.keep[t, i],
        seen.border[t, i],
    )
    scene.qubit[q, GOING] = going
    if module >= 0 and module != home:
        scene.copy[q, module, WANTED] = seen.after[t, i] if module == seen.meet[t] else NEVER
    if home != seen.home[t, i] and going == seen.home[t, i] and not border:
        keep |= 1 << going  # there was no room for the move; the copy may become the home yet
    live = scene.qubit[q, LIVE]
    if live == 1 << home:
        return
    leaves = going >= 0 and going != home and live & ~keep & 1 << going
    if leaves and (scene.module[going, DATA] > 0 or (border and may_wait(scene, going))):
        switch(scene, q, going)
    trim(scene, q, keep)
