"""What happened in the shots of a scenario: actions by kind, recoveries, pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bellwire.runtime.faults.course import Wire

ACTIONS = ("retried", "rerequested", "rerouted", "spared", "resent", "restarted", "recompiled")


class Lost(Exception):
    """Something that the shot needs is gone: `code` says what, at `at_ns`; it may begin anew."""

    def __init__(self, code: str, at_ns: int) -> None:
        self.code, self.at_ns = code, at_ns
        super().__init__(code)


class GaveUp(Exception):
    """A limit of the policy is reached at `at_ns`: the shot is over."""

    def __init__(self, code: str, at_ns: int) -> None:
        self.code, self.at_ns = code, at_ns
        super().__init__(code)


class Herald(NamedTuple):
    """A pair of a link: asked for and heralded at these times of its shot, in ns."""

    wire: Wire
    asked_ns: int
    at_ns: int


@dataclass
class Notes:
    """Counts over all shots. `recoveries_ns`: from each trouble that was overcome to the moment
    when the pair, message or operation was there; `heralds`: all pairs that were made; by link:
    `tried`, the attempts, and `consumed`, the pairs of shots that finished."""

    actions: Counter[str] = field(default_factory=Counter)
    aborted: Counter[str] = field(default_factory=Counter)
    recoveries_ns: list[int] = field(default_factory=list)
    heralds: list[Herald] = field(default_factory=list)
    tried: Counter[Wire] = field(default_factory=Counter)
    consumed: Counter[Wire] = field(default_factory=Counter)

    @property
    def made(self) -> int:
        """How many pairs were heralded."""
        return len(self.heralds)

    @property
    def attempts(self) -> int:
        """How many attempts were made."""
        return self.tried.total()

    def recovery_s(self) -> dict[str, float]:
        """How many recoveries there were, and how long they took: mean and longest, in s."""
        times = self.recoveries_ns
        mean = sum(times) / len(times) if times else 0.0
        return {"count": len(times), "mean": mean / 1e9, "max": max(times, default=0) / 1e9}

    def to_dict(self, events: Iterable[Any]) -> dict[str, Any]:
        """The `faults` of a result as JSON."""
        return {
            "events": list(events),
            "actions": {name: self.actions[name] for name in ACTIONS},
            "aborted": dict(sorted(self.aborted.items())),
            "recovery_s": self.recovery_s(),
        }
