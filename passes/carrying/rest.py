"""Bring everything to rest: no copies, every state on a data qubit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bellwire.passes.carrying.opening_scene import Sheet
from bellwire.passes.carrying.room import bring, relocate
from bellwire.passes.carrying.whereabouts import (
    DATA,
    GOING,
    HOME,
    LIVE,
    STATES,
    WAITING,
    WAITS,
    trim,
)

Ints = NDArray[np.int64]


def come_to_rest(sheet: Sheet, resting: Ints | None = None) -> None:
    """Give all copies back, bring states to their resting homes as far as there is room, and put
    those that wait on communication qubits onto data qubits."""
    qubit = sheet.scene.qubit
    for q in np.flatnonzero(qubit[:, LIVE] != np.int64(1) << qubit[:, HOME]).tolist():
        trim(sheet.ready(), q, 0)
    if resting is not None:
        _go_to(sheet, resting)
    module = sheet.scene.module
    while module[:, WAITING].any():
        _seat_one(sheet, int(np.flatnonzero(module[:, WAITING])[0]))


def _go_to(sheet: Sheet, resting: Ints) -> None:
    """Bring states to their homes until no more find room."""
    qubit = sheet.scene.qubit
    qubit[:, GOING] = resting
    away, before = np.flatnonzero(qubit[:, HOME] != resting), len(qubit) + 1
    while 0 < len(away) < before:
        before = len(away)
        for q in away.tolist():
            bring(sheet.ready(), q, int(resting[q]))
        away = np.flatnonzero(qubit[:, HOME] != resting)


def _seat_one(sheet: Sheet, module: int) -> None:
    """Move one state out of a module in which one waits, towards the nearest free data qubit."""
    scene = sheet.ready()
    free = np.flatnonzero(scene.module[:, DATA] > 0)
    near = free[scene.price[module, free] > 0]
    if len(near):
        waiting = next(
            q for q in scene.states[module, : scene.module[module, STATES]] if scene.qubit[q, WAITS]
        )
        relocate(scene, waiting, int(near[scene.price[module, near].argmin()]))
        return
    way = min((sheet.routes.relay(module, int(m)) for m in free), key=len)
    for here, there in reversed(list(zip(way, way[1:]))):  # everybody on the way moves up
        relocate(sheet.ready(), int(scene.states[here, 0]), there)
