"""A switch fabric at work: which modules are connected, and who may be."""

from __future__ import annotations

from collections import Counter
from math import ceil

from bellwire.targets.link import Fabric, Link

Ends = frozenset[str]


class Switch:
    """Connects modules two by two; a connection that is not in use gives way to a new one."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.connected: list[Ends] = []  # the one in use least recently first
        self.uses: Counter[Ends] = Counter()

    def carries(self, link: Link) -> bool:
        """Whether a link runs through it."""
        return set(link.between) <= set(self.fabric.modules)

    def ready(self, link: Link) -> bool:
        """Whether two modules are connected, or can be now."""
        ends = frozenset(link.between)
        if ends in self.connected:
            return True
        busy = [other for other in self.connected if self.uses[other]]
        return len(busy) < self.fabric.ports // 2 and not any(other & ends for other in busy)

    def use(self, link: Link) -> int:
        """Connect two modules if they are not; returns how long that takes, in ns."""
        ends = frozenset(link.between)
        known = ends in self.connected
        self.uses[ends] += 1
        if known:
            self.connected.remove(ends)
        else:
            self._make_room(ends)
        self.connected.append(ends)
        return 0 if known else ceil(self.fabric.reconfigure_ns)

    def _make_room(self, ends: Ends) -> None:
        self.connected = [other for other in self.connected if not other & ends]
        idle = [other for other in self.connected if not self.uses[other]]
        if len(self.connected) == self.fabric.ports // 2:
            self.connected.remove(idle[0])

    def done(self, link: Link) -> None:
        """One use less."""
        self.uses[frozenset(link.between)] -= 1
