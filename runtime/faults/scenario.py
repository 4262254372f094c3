"""What goes wrong when, and what may be done about it: a Scenario of events and its Policy.

Times are in nanoseconds from the start of a shot; an event lasts until `until_ns`, for good when
that is not given.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from math import inf
from typing import ClassVar, Literal

from bellwire.errors import MachineError
from bellwire.targets.fields import nanoseconds, need, number, positive_ns, probability, shown, text
from bellwire.targets.fields import whole as whole_number
from bellwire.targets.machine import Machine

__all__ = [
    "ClockSkew",
    "DarkCounts",
    "Drift",
    "Event",
    "LinkDown",
    "MessageLoss",
    "ModuleDown",
    "Policy",
    "Scenario",
]

Ends = tuple[str, str]
Remedy = Literal["retry", "reroute", "spare", "restart", "recompile"]

REMEDIES: tuple[Remedy, ...] = ("retry", "reroute", "spare", "restart", "recompile")
FASTEST_DRIFT = 1e12  # per second: from 1 to 0 in a picosecond


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that is wrong from `at_ns` until `until_ns`."""

    kind: ClassVar[str] = "event"
    at_ns: float = 0.0
    until_ns: float = inf

    def __post_init__(self) -> None:
        _set(self, at_ns=nanoseconds("at_ns", self.at_ns))
        if self.until_ns != inf:
            _set(self, until_ns=nanoseconds("until_ns", self.until_ns))
            need(self.until_ns > self.at_ns, "until_ns", self.until_ns, "after at_ns")

    @property
    def where(self) -> str:
        """The link or module that it is about; empty for all of them."""
        return ""

    def check(self, machine: Machine) -> None:
        """Raise MachineError when the machine has no such part."""


@dataclass(frozen=True, kw_only=True)
class _OnLink(Event):
    link: Ends | None = None  # None: every link

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.link is not None:
            two = _is_list(self.link) and len(self.link) == 2
            two = two and all(isinstance(end, str) for end in self.link)
            need(two, "link", self.link, "the names of two modules")
            _set(self, link=tuple(self.link))

    @property
    def where(self) -> str:
        return "" if self.link is None else "-".join(self.link)

    def check(self, machine: Machine) -> None:
        if self.link is not None and machine.link(*self.link) is None:
            known = ["-".join(link.between) for link in machine.links]
            flipped = ["-".join(reversed(link.between)) for link in machine.links]
            raise MachineError(_unknown("link", self.where, known, flipped))


@dataclass(frozen=True, kw_only=True)
class LinkDown(_OnLink):
    """The link makes no pairs; pairs that it has made stay, and messages still go through."""

    kind: ClassVar[str] = "link_down"


@dataclass(frozen=True, kw_only=True)
class ModuleDown(Event):
    """The module does nothing, and everything that its qubits held at `at_ns` is lost."""

    kind: ClassVar[str] = "module_down"
    module: str

    @property
    def where(self) -> str:
        return self.module

    def check(self, machine: Machine) -> None:
        text("module", self.module)
        if self.module not in machine.index:
            raise MachineError(_unknown("module", self.module, list(machine.index)))


@dataclass(frozen=True, kw_only=True)
class ClockSkew(_OnLink):
    """The clocks of the two ends differ by `skew_ns`: photons of a lifetime of `lifetime_ns`
    interfere with the visibility V = exp(-|skew| / lifetime), which is what is left of the pair's
    coherence: a Z error with the chance (1 - V) / 2."""

    kind: ClassVar[str] = "clock_skew"
    skew_ns: float
    lifetime_ns: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(
            self,
            skew_ns=number("skew_ns", self.skew_ns, -1e15, 1e15),
            lifetime_ns=positive_ns("lifetime_ns", self.lifetime_ns),
        )


@dataclass(frozen=True, kw_only=True)
class DarkCounts(_OnLink):
    """The share `share` of all heralds is false: they bring white noise, and they come on top of
    the true ones."""

    kind: ClassVar[str] = "dark_counts"
    share: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(self, share=probability("share", self.share))
        need(self.share < 1, "share", self.share, "below 1")


@dataclass(frozen=True, kw_only=True)
class Drift(_OnLink):
    """Fidelity and success chance change by so much per second (the chance relative to what it
    was), until the link is calibrated again at `until_ns`."""

    kind: ClassVar[str] = "drift"
    fidelity_per_s: float = 0.0
    rate_per_s: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("fidelity_per_s", "rate_per_s"):
            _set(self, **{name: number(name, getattr(self, name), -FASTEST_DRIFT, FASTEST_DRIFT)})


@dataclass(frozen=True, kw_only=True)
class MessageLoss(_OnLink):
    """A message (between the two modules, if a link is named) is lost with this chance."""

    kind: ClassVar[str] = "message_loss"
    probability: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _set(self, probability=probability("probability", self.probability))


KINDS: dict[str, type[Event]] = {
    kind.kind: kind for kind in (LinkDown, ModuleDown, ClockSkew, DarkCounts, Drift, MessageLoss)
}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What may be done, in the order of `REMEDIES`, and when to give up.

    retry: wait up to `patience_ns` for a link or module to come back (not given: ten times what a
    pair takes on the slowest link). reroute: make the pair over other links and swap. spare: move
    states to spare data qubits to make room for that. restart: begin the shot anew. recompile: do
    so with a program for the healthy part of the machine. `requests`: how often one pair is asked
    for at most; `restarts`: how often a shot begins anew at most; `deadline_ns`: how long it may
    take; `error_budget`: how likely an error in any of its pairs may get. A lost message is sent
    again after `message_timeout_ns`, `message_tries` times in all.
    """

    remedies: tuple[Remedy, ...] = REMEDIES
    patience_ns: float | None = None
    requests: int = 20
    restarts: int = 5
    deadline_ns: float = inf
    error_budget: float = 1.0
    message_timeout_ns: float = 10_000.0
    message_tries: int = 10

    def __post_init__(self) -> None:
        known = f"a list of {', '.join(REMEDIES)}"
        fits = _is_list(self.remedies) and all(remedy in REMEDIES for remedy in self.remedies)
        need(fits, "remedies", self.remedies, known)
        if self.patience_ns is not None:
            _set(self, patience_ns=nanoseconds("patience_ns", self.patience_ns))
        _set(
            self,
            remedies=tuple(self.remedies),
            requests=whole_number("requests", self.requests, 1, 1_000_000),
            restarts=whole_number("restarts", self.restarts, 0, 1_000),
            deadline_ns=positive_ns("deadline_ns", self.deadline_ns, infinite=True),
            error_budget=probability("error_budget", self.error_budget),
            message_timeout_ns=positive_ns("message_timeout_ns", self.message_timeout_ns),
            message_tries=whole_number("message_tries", self.message_tries, 1, 1_000),
        )

    def patience_of(self, machine: Machine) -> float:
        """How long a shot waits for what is down, in ns."""
        if self.patience_ns is not None:
            return self.patience_ns if self.allows("retry") else 0.0
        slowest = max((link.wait_ns for link in machine.links), default=0.0)
        return 10 * slowest if self.allows("retry") else 0.0

    def allows(self, remedy: Remedy) -> bool:
        """Whether a remedy may be tried."""
        return remedy in self.remedies


@dataclass(frozen=True)
class Scenario:
    """Events, in any order, and the policy under which shots live through them."""

    events: tuple[Event, ...] = ()
    policy: Policy = field(default_factory=Policy)
    name: str = "scenario"

    def check(self, machine: Machine) -> Scenario:
        """Return it unchanged. Raises MachineError for an event about what the machine lacks."""
        for i, event in enumerate(self.events, 1):
            try:
                event.check(machine)
            except MachineError as error:
                raise MachineError(f"{self.name}: event {i} ({event.kind}): {error}") from None
        return self


def keys_of(kind: type) -> tuple[str, ...]:
    """The keys that an event or the policy has in a file."""
    return tuple(f.name for f in fields(kind))


def _set(owner: object, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(owner, name, value)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _unknown(word: str, found: str, known: list[str], also: Sequence[str] = ()) -> str:
    near = difflib.get_close_matches(found, [*known, *also], n=1, cutoff=0.7)
    advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
    return f"the machine has no {word} {shown(found)}; {advice}"
