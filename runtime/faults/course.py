"""What the links and modules of a machine are like at any time of a scenario."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import ceil, inf

from bellwire.runtime.faults.scenario import (
    ClockSkew,
    DarkCounts,
    Drift,
    Event,
    LinkDown,
    MessageLoss,
    ModuleDown,
    Scenario,
)
from bellwire.targets.machine import BellState, Link, Machine
from bellwire.targets.photons import skew_visibility, with_false_heralds, with_visibility

Window = tuple[float, float]  # from, until, in ns
Wire = frozenset[str]  # the two ends of a link

LEAST_RATE = 1e-9  # of what it was: a link with less is lost


class Course:
    """A scenario on a machine, as questions about a link or a module at a time in ns."""

    def __init__(self, machine: Machine, scenario: Scenario) -> None:
        self.machine = machine
        self.events = scenario.check(machine).events
        self.module_windows = {
            m.name: _merged(
                e for e in self.events if isinstance(e, ModuleDown) and e.where == m.name
            )
            for m in machine.modules
        }
        self.links = {frozenset(link.between): link for link in machine.links}
        self.link_windows = {wire: self._link_windows(wire) for wire in self.links}
        self.outages = any(self.module_windows.values())
        begins = (begin for windows in self.module_windows.values() for begin, _ in windows)
        self.first_outage_ns = min(begins, default=inf)
        self.changes = {
            wire: [e for e in self._on(wire) if isinstance(e, ClockSkew | DarkCounts | Drift)]
            for wire in self.links
        }
        self.losses = [e for e in self.events if isinstance(e, MessageLoss)]

    def _on(self, wire: Wire) -> list[Event]:
        """The events that are about a link."""
        return [e for e in self.events if _about(e, wire)]

    def _link_windows(self, wire: Wire) -> list[Window]:
        """When a link makes no pairs: it or one of its ends is down, or it has drifted away."""
        windows = [w for end in wire for w in self.module_windows[end]]
        for event in self._on(wire):
            if isinstance(event, LinkDown):
                windows.append((event.at_ns, event.until_ns))
            elif isinstance(event, Drift) and event.rate_per_s < 0:
                gone = event.at_ns + (LEAST_RATE - 1) / event.rate_per_s * 1e9
                if gone < event.until_ns:
                    windows.append((gone, event.until_ns))
        return _joined(windows)

    def link_outage(self, wire: Wire, ns: float) -> Window | None:
        """The outage of a link that is on at `ns`, or the next one."""
        return _next(self.link_windows[wire], ns)

    def module_outage(self, module: str, ns: float) -> Window | None:
        """The outage of a module that is on at `ns`, or the next one."""
        return _next(self.module_windows[module], ns)

    def module_up(self, module: str, ns: float) -> bool:
        """Whether a module works at `ns`."""
        return _is_up(self.module_windows[module], ns)

    def link_up(self, wire: Wire, ns: float) -> bool:
        """Whether a link and its ends work at `ns`."""
        return _is_up(self.link_windows[wire], ns)

    def success(self, wire: Wire, ns: float) -> float:
        """The chance that one attempt heralds a pair at `ns`."""
        out = self.links[wire].success
        for event in self.changes[wire]:
            if isinstance(event, DarkCounts) and _on_at(event, ns):
                out /= 1 - event.share
            elif isinstance(event, Drift) and _on_at(event, ns):
                out *= max(LEAST_RATE, 1 + event.rate_per_s * (ns - event.at_ns) / 1e9)
        return min(1.0, out)

    def state(self, wire: Wire, ns: float) -> BellState:
        """The Bell-diagonal weights of a pair that is heralded at `ns`."""
        out = self.links[wire].delivered
        for event in self.changes[wire]:
            if _on_at(event, ns):
                out = _changed(out, event, ns)
        return out

    def loss(self, here: str, there: str, ns: float) -> float:
        """The chance that a message between two modules is lost at `ns`."""
        kept = 1.0
        for event in self.losses:
            if _about(event, frozenset((here, there))) and _on_at(event, ns):
                kept *= 1 - event.probability
        return 1 - kept

    def healthy(self, ns: float) -> Machine:
        """The part of the machine that works at `ns`; the machine itself when all of it does."""
        return without(self.machine, *self.lost(ns))

    def lost(self, ns: float) -> tuple[frozenset[str], frozenset[Wire]]:
        """The modules and links that are down at `ns`."""
        modules = frozenset(m for m in self.module_windows if not self.module_up(m, ns))
        return modules, frozenset(w for w in self.links if not self.link_up(w, ns))


def without(machine: Machine, modules: frozenset[str], links: frozenset[Wire]) -> Machine:
    """The machine without some modules and links."""
    if not modules and not links:
        return machine
    return replace(
        machine,
        modules=tuple(m for m in machine.modules if m.name not in modules),
        links=tuple(
            link
            for link in machine.links
            if frozenset(link.between) not in links and not modules & set(link.between)
        ),
        fabrics=tuple(
            replace(fabric, modules=left)
            for fabric in machine.fabrics
            if len(left := tuple(m for m in fabric.modules if m not in modules)) > 1
        ),
    )


def with_states(machine: Machine, states: dict[Wire, BellState]) -> Machine:
    """The machine with other Bell states on some links."""

    def changed(link: Link) -> Link:
        state = states.get(frozenset(link.between))
        return link if state is None else replace(link, state=state, dark=0.0)

    return replace(machine, links=tuple(map(changed, machine.links)))


def _about(event: Event, wire: Wire) -> bool:
    """Whether an event of a link is about this one."""
    if isinstance(event, ModuleDown):
        return False
    ends = getattr(event, "link", None)
    return ends is None or frozenset(ends) == wire


def _on_at(event: Event, ns: float) -> bool:
    return event.at_ns <= ns < event.until_ns


def _changed(state: BellState, event: Event, ns: float) -> BellState:
    """What an event makes of a pair's state."""
    if isinstance(event, ClockSkew):
        return with_visibility(state, skew_visibility(event.skew_ns, event.lifetime_ns))
    if isinstance(event, DarkCounts):
        return with_false_heralds(state, event.share)
    assert isinstance(event, Drift)
    return _with_fidelity(state, state[0] + event.fidelity_per_s * (ns - event.at_ns) / 1e9)


def _with_fidelity(state: BellState, fidelity: float) -> BellState:
    """The state with another fidelity, not below 1/4; its errors keep their proportions."""
    new = min(1.0, max(0.25, fidelity))
    errors = state[1:] if state[0] < 1 else (1.0, 1.0, 1.0)
    z, x, y = (weight / sum(errors) * (1 - new) for weight in errors)
    return new, z, x, y


def _merged(events: Iterable[Event]) -> list[Window]:
    return _joined([(e.at_ns, e.until_ns) for e in events])


def _joined(windows: list[Window]) -> list[Window]:
    """Windows in order, those that meet made one; whole ns."""
    out: list[Window] = []
    for begin, end in sorted((ceil(a), b if b == inf else ceil(b)) for a, b in windows):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((begin, end))
    return out


def _next(windows: list[Window], ns: float) -> Window | None:
    return next((w for w in windows if w[1] > ns), None)


def _is_up(windows: list[Window], ns: float) -> bool:
    return not any(begin <= ns < end for begin, end in windows)
