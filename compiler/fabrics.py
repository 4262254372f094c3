"""What Bell pairs wait for at a switch: one connection for each module, ports, reconfiguration.

Connections change in the order of the rows. A pair whose modules are not connected waits until the
connections of both modules are done, and until the least recently used one is where all ports are
taken, and then for the switch. What a program or a block finds at its start has cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from bellwire.compiler.program import Ints
from bellwire.targets.machine import Fabric, Machine


@dataclass(eq=False, slots=True)
class _Connection:
    """Two modules (none: a row of control flow that keeps the whole switch), the rows that use it,
    the connections that had to end before it; whether it still stands."""

    modules: tuple[int, ...]
    before: tuple[_Connection, ...] = ()
    rows: list[int] = field(default_factory=list)
    stands: bool = True
    count: int = 0


Edge = tuple[int, int, int]  # a row, the row that it waits for, how many ns after its end


def fabric_waits(
    machine: Machine, link: Ints, kept: Mapping[int, tuple[int, ...]]
) -> tuple[Ints, Ints, Ints]:
    """The extra waits at all switches, as columns of rows, of the rows that they wait for, and of
    lags in ns. `link`: of each row, or -1; `kept`: the links that rows of control flow keep."""
    edges: list[Edge] = []
    for fabric in machine.fabrics:
        inside = switched_links(machine, fabric)
        taken = {int(i): (int(link[i]),) for i in np.flatnonzero(np.isin(link, sorted(inside)))}
        whole: dict[int, tuple[int, ...]] = {i: () for i, k in kept.items() if inside & {*k}}
        switch = _Switch(machine, fabric)
        for i, links in sorted({**taken, **whole}.items()):
            edges += switch.use(i, *links)
    columns = np.array(edges, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]


def switched_links(machine: Machine, fabric: Fabric) -> set[int]:
    """The links that run through a switch, as places in `machine.links`."""
    inside = {*fabric.modules}
    return {i for i, link in enumerate(machine.links) if inside.issuperset(link.between)}


class _Switch:
    """One switch while the rows go by: the connection that each module used last."""

    def __init__(self, machine: Machine, fabric: Fabric) -> None:
        self.machine = machine
        self.most = fabric.ports // 2
        self.free: list[_Connection | None] = [None] * self.most  # and who had these ports last
        self.lag = ceil(fabric.reconfigure_ns)
        self.last: dict[int, _Connection] = {}
        self.standing: list[_Connection] = []  # the least recently used one first

    def use(self, row: int, link: int | None = None) -> Iterator[Edge]:
        """Take a row over its connection, or over the whole switch; yields what it waits for."""
        if link is None:
            found, slots = _Connection((), tuple(dict.fromkeys(self.last.values()))), 1
            self.last = dict.fromkeys(range(len(self.machine.modules)), found)
            self.standing, self.free = [], [None] * self.most
        else:
            wire = self.machine.links[link]
            found = self._connected(*(self.machine.index[m] for m in wire.between))
            slots = wire.capacity
        # Slots are taken in order: once all have been, later rows start after the switch anyway.
        found.count += 1
        if found.count <= slots:
            for earlier in found.before:
                yield from ((row, before, self.lag) for before in earlier.rows)
        if slots == 1:
            found.rows.clear()  # one after the other: the last one ends last
        found.rows.append(row)

    def _connected(self, a: int, b: int) -> _Connection:
        used = dict.fromkeys(self.last[m] for m in (a, b) if m in self.last)
        if len(used) == 1 and next(iter(used)).stands and next(iter(used)).modules == (a, b):
            found = next(iter(used))
            self.standing.remove(found)
        else:
            for old in used:
                self._end(old)
            if not self.free:
                self._end(self.standing[0])
            port = next((old for old in self.free if old in used), self.free[0])
            self.free.remove(port)
            if port is not None:
                used[port] = None
            found = _Connection((a, b), tuple(used))
            self.last[a] = self.last[b] = found
        self.standing.append(found)
        return found

    def _end(self, connection: _Connection) -> None:
        connection.stands = False
        if connection in self.standing:
            self.standing.remove(connection)
            self.free.append(connection)
