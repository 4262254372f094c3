"""Gates between modules that nothing can be swapped between: copies handed on by the data qubits.

A module with one communication qubit cannot swap Bell pairs, but it can put a copy on a data qubit
and make the next one from there. Where all data qubits are taken, the state changes places with one
of that module, and back after the gate, so that every state ends on the wire that it began on.
"""

from __future__ import annotations

from collections.abc import Sequence

from bellwire.compiler.operations import KIND
from bellwire.passes.carrying.foresight import Foresight
from bellwire.passes.carrying.opening_scene import Sheet
from bellwire.passes.carrying.room import drop_stashed, reserve
from bellwire.passes.carrying.walk import Rows, leave_gate, write_gate
from bellwire.passes.carrying.whereabouts import (
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
    scene = sheet.ready()
    a, b = (int(rows.operands[rows.starts[i] + k]) for k in (0, 1))
    trim(scene, a, 0)
    way = sheet.routes.relay(int(scene.qubit[a, HOME]), int(scene.qubit[b, HOME]))
    changes, start = [], 0
    for k in range(1, len(way) - 1):
        if not _takes_copy(scene, way[k]):
            changes.append((int(scene.states[way[k], 0]), way[start : k + 1]))
            _change_places(sheet, a, *changes[-1])
            start = k
    _reach(sheet, a, way[start:])
    scene = sheet.ready()
    write_gate(rows, scene, i, wire_at(scene, a, way[-1]), int(scene.qubit[b, WIRE]))
    trim(scene, a, 0)
    for host, part in reversed(changes):
        _change_places(sheet, a, host, part[::-1])
    for place, q in enumerate((a, b)):
        leave_gate(seen, sheet.ready(), int(rows.gate[i]), place, q, -1)


def _takes_copy(scene: Scene, module: int) -> bool:
    """Whether a data qubit is free, or another copy may give way."""
    held = scene.copies[module, : scene.module[module, HELD]]
    stashed = scene.qubit[held, STASHED] >> module & 1
    return bool(scene.module[module, DATA] > 0 or stashed.any())


def _reach(sheet: Sheet, q: int, way: Sequence[int]) -> None:
    """Make a copy of a qubit at the end of a way of links that begins at its home."""
    scene = sheet.ready()
    for here, there in zip(way, way[1:]):
        scene.qubit[q, KEPT] = scene.qubit[q, LIVE]
        reserve(scene, q, here, there)
        open_copy(scene, q, here, there)
        if there != way[-1]:
            if scene.module[there, DATA] == 0:
                drop_stashed(scene, there)
            stash(scene, q, there)
    scene.qubit[q, KEPT] = 0


def _change_places(sheet: Sheet, u: int, v: int, way: Sequence[int]) -> None:
    """Exchange the states of two qubits at the ends of a way by three telegates."""
    for q in (u, v):
        trim(sheet.ready(), q, 0)
    for control, target, path in ((u, v, way), (v, u, way[::-1]), (u, v, way)):
        _alone(sheet.ready(), target)
        _reach(sheet, control, path)
        scene = sheet.ready()
        put(scene, wire_at(scene, control, path[-1]))
        put(scene, scene.qubit[target, WIRE])
        end_row(scene, _CZ, OURS, 0)
        trim(scene, control, 0)
        _alone(scene, target)
    for q, there in ((u, way[-1]), (v, way[0])):
        delist(scene, scene.states, STATES, int(scene.qubit[q, HOME]), q)
        enlist(scene, scene.states, STATES, there, q)
    places = [HOME, WIRE, LIVE, WAITS]
    scene.qubit[u, places], scene.qubit[v, places] = scene.qubit[v, places], scene.qubit[u, places]


def _alone(scene: Scene, q: int) -> None:
    """Write an h on a qubit without copies."""
    put(scene, scene.qubit[q, WIRE])
    end_row(scene, _H, OURS, 0)
