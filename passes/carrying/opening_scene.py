"""The scene before the first row, and the space that it needs as it grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bellwire.compiler.ragged import Column
from bellwire.errors import DoesNotFit, NotSupported
from bellwire.passes.carrying.whereabouts import (
    ALL,
    BASE,
    COMM,
    DATA,
    GOING,
    HOME,
    LIVE,
    ROWS,
    SEAT,
    SPARE,
    STATES,
    VALUES,
    WIRE,
    WIRES,
    Scene,
)
from bellwire.passes.paths import Routes
from bellwire.targets.machine import Machine

MOST_MODULES = 62  # bits of a mask


def opening_scene(routes: Routes, homes: Sequence[int]) -> Scene:
    """All states at home, no copies, nothing written. Raises NotSupported above 62 modules,
    DoesNotFit for homes without room, which is all that there is where no links lead."""
    machine, n = routes.machine, len(homes)
    count = len(machine.modules)
    if count > MOST_MODULES:
        raise NotSupported(
            f"machine {machine.name}: found {count} modules; at most {MOST_MODULES} are supported"
        )
    _check_room(machine, homes)
    price, starts, way = ways(routes)
    qubit = np.zeros((n, 9), dtype=np.int64)
    qubit[:, HOME], qubit[:, WIRE], qubit[:, GOING] = homes, np.arange(n), -1
    qubit[:, BASE] = qubit[:, SEAT] = -1
    qubit[:, LIVE] = np.int64(1) << qubit[:, HOME]
    module = np.zeros((count, 7), dtype=np.int64)
    data = np.array([m.data_qubits for m in machine.modules], dtype=np.int64)
    module[:, ALL] = module[:, COMM] = [m.comm_qubits for m in machine.modules]
    module[:, DATA] = data - np.bincount(qubit[:, HOME], minlength=count)
    module[:, SPARE] = 1
    module[way, SPARE] = 2
    module[data == 0, SPARE] = module[data == 0, ALL]
    most = int((data + module[:, ALL]).max())
    states = np.full((count, most), -1, dtype=np.int64)
    for q, home in enumerate(qubit[:, HOME].tolist()):
        states[home, module[home, STATES]] = q
        module[home, STATES] += 1
    return Scene(
        qubit=qubit,
        copy=np.full((n, count, 2), -1, dtype=np.int64),
        module=module,
        copies=np.full((count, most), -1, dtype=np.int64),
        states=states,
        price=price,
        way_start=starts,
        way=way,
        made=np.zeros(3, dtype=np.int64),
        wires=np.zeros((0, 4), dtype=np.int32),
        tally=np.zeros(3, dtype=np.int64),
        table=np.zeros((0, 5), dtype=np.int32),
        operands=np.zeros(0, dtype=np.int32),
    )


def _check_room(machine: Machine, homes: Sequence[int]) -> None:
    for m, used in zip(machine.modules, np.bincount(homes, minlength=len(machine.modules))):
        if used > m.data_qubits:
            raise DoesNotFit(
                f"machine {machine.name}: found gates that join {used} qubits, which only module "
                f"{m.name} could hold, and it has {m.data_qubits}; add links to other modules, or "
                "data qubits"
            )


def ways(routes: Routes) -> tuple[Column, Column, Column]:
    """Price of a pair between any two modules, -1 for none; the modules in between, flat."""
    machine = routes.machine
    names = [m.name for m in machine.modules]
    price = np.zeros((len(names), len(names)), dtype=np.int64)
    starts, way = [0], list[int]()
    for a, first in enumerate(names):
        for b, second in enumerate(names):
            if a != b and (not routes.even or machine.link(first, second) is None):
                found = routes.swap(a, b)
                price[a, b] = max(1, round(routes.price(a, b))) if found else -1
                way += found[1:-1]
            else:
                price[a, b] = a != b
            starts.append(len(way))
    return price, np.array(starts, dtype=np.int64), np.array(way, dtype=np.int64)


class Sheet:
    """A scene whose tables grow, and the network that it is in."""

    def __init__(self, routes: Routes, scene: Scene) -> None:
        self.routes, self.scene = routes, scene
        self.slack = 64 * (1 + len(scene.module))  # rows; no single step takes more

    def ready(self, operands: int = 0) -> Scene:
        """The scene with space for one more step, and for a row with many operands."""
        scene, rows = self.scene, 2 * self.slack
        self.scene = scene._replace(
            table=_longer(scene.table, int(scene.tally[ROWS]), rows),
            operands=_longer(scene.operands, int(scene.tally[VALUES]), operands + 3 * rows),
            wires=_longer(scene.wires, int(scene.made[WIRES]), rows),
        )
        return self.scene


def _longer(column: Column, used: int, more: int) -> Column:
    if used + more <= len(column):
        return column
    out = np.zeros((2 * used + more, *column.shape[1:]), dtype=column.dtype)
    out[:used] = column[:used]
    return out
