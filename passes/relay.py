"""Gates between modules that nothing can be swapped between: copies handed on by the data qubits.

A module with one communication qubit cannot swap Bell pairs, but it can put a copy on a data qubit
and make the next one from there. Where all data qubits are taken, the state changes places with one
of that module, and back after the gate, so that every state ends on the wire that it began on.
"""

from __future__ import annotations

from collections.abc import Sequence

from bellwire.compiler.operations import KIND
from bellwire.passes.foresight import Foresight
from bellwire.passes.opening_scene import Sheet
from bellwire.passes.room import drop_stashed, reserve
from bellwire.passes.walk import Rows, leave_gate, write_gate
from bellwire.passes.whereabouts import (
    DATA,
    HELD,
    HOME,
    KEPT,
    LIVE,
    OURS,
    STASHED,
    STATES,
    WAITS,
    WIRE,
    Scene,
    delist,
    end_row,
    enlist,
    open_copy,
    put,
    stash,
    trim,
    wire_at,
)

_H, _CZ = KIND["h"], KIND["cz"]


def meet_by_relay(rows: Rows, seen: Foresight, sheet: Sheet, i: int) -> None:
    """Write the two-qubit gate in row i. Raises DoesNotFit where no relay joins its modules."""
    s = sheet.ready()
    a, b = (int(rows.operands[rows.starts[i] + k]) for k in (0, 1))
    trim(s, a, 0)
    way = sheet.routes.relay(int(s.qubit[a, HOME]), int(s.qubit[b, HOME]))
    changes, start = [], 0
    for k in range(1, len(way) - 1):
        if not _takes_copy(s, way[k]):
            changes.append((int(s.states[way[k], 0]), way[start : k + 1]))
            _change_places(sheet, a, *changes[-1])
            start = k
    _reach(sheet, a, way[start:])
    s = sheet.ready()
    write_gate(rows, s, i, wire_at(s, a, way[-1]), int(s.qubit[b, WIRE]))
    trim(s, a, 0)
    for host, part in reversed(changes):
        _change_places(sheet, a, host, part[::-1])
    for place, q in enumerate((a, b)):
        leave_gate(seen, sheet.ready(), int(rows.gate[i]), place, q, -1)


def _takes_copy(s: Scene, module: int) -> bool:
    """Whether a data qubit is free, or another copy may give way."""
    held = s.copies[module, : s.module[module, HELD]]
    stashed = s.qubit[held, STASHED] >> module & 1
    return bool(s.module[module, DATA] > 0 or stashed.any())


def _reach(sheet: Sheet, q: int, way: Sequence[int]) -> None:
    """Make a copy of a qubit at the end of a way of links that begins at its home."""
    s = sheet.ready()
    for here, there in zip(way, way[1:]):
        s.qubit[q, KEPT] = s.qubit[q, LIVE]
        reserve(s, q, here, there)
        open_copy(s, q, here, there)
        if there != way[-1]:
            if s.module[there, DATA] == 0:
                drop_stashed(s, there)
            stash(s, q, there)
    s.qubit[q, KEPT] = 0


def _change_places(sheet: Sheet, u: int, v: int, way: Sequence[int]) -> None:
    """Exchange the states of two qubits at the ends of a way by three telegates."""
    for q in (u, v):
        trim(sheet.ready(), q, 0)
    for control, target, path in ((u, v, way), (v, u, way[::-1]), (u, v, way)):
        _alone(sheet.ready(), target)
        _reach(sheet, control, path)
        s = sheet.ready()
        put(s, wire_at(s, control, path[-1]))
        put(s, s.qubit[target, WIRE])
        end_row(s, _CZ, OURS, 0)
        trim(s, control, 0)
        _alone(s, target)
    for q, there in ((u, way[-1]), (v, way[0])):
        delist(s, s.states, STATES, int(s.qubit[q, HOME]), q)
        enlist(s, s.states, STATES, there, q)
    places = [HOME, WIRE, LIVE, WAITS]
    s.qubit[u, places], s.qubit[v, places] = s.qubit[v, places], s.qubit[u, places]


def _alone(s: Scene, q: int) -> None:
    """Write an h on a qubit without copies."""
    put(s, s.qubit[q, WIRE])
    end_row(s, _H, OURS, 0)
