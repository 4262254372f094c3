"""Where two qubits of a spanning gate can meet, and which copies will be wanted again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bellwire.passes.plan import Plan
from bellwire.passes.segments import Segments

if TYPE_CHECKING:
    from bellwire.passes.ledger import Ledger


@dataclass(frozen=True)
class Option:
    """A module to meet in and the copies (qubit, module) to open for it."""

    module: int
    opens: tuple[tuple[int, int], ...]


class Uses:
    """For each segment and module the gates that the plan lets a copy there serve."""

    def __init__(self, segments: Segments, plan: Plan) -> None:
        self.never = segments.length + 1
        self.place = {s: k for ids in segments.of_qubit for k, s in enumerate(ids)}
        self._at: dict[tuple[int, int], list[int]] = {}
        for i, (a, b) in segments.at.items():
            if plan.home[a] != plan.home[b]:
                for s, other in ((a, b), (b, a)):
                    for m in plan.label[other]:
                        self._at.setdefault((s, m), []).append(i)

    def next(self, segment: int, module: int, now: int) -> int:
        """The first operation from `now` on that a copy of the segment there serves, or `never`."""
        gates = self._at.get((segment, module))
        if not gates:
            return self.never
        k = bisect_left(gates, now)
        return gates[k] if k < len(gates) else self.never


def options(ledger: Ledger, u: int, v: int, planned: Iterable[int]) -> list[Option]:
    """All ways to bring two qubits together: where planned, or one to where the other is."""
    at_u, at_v = ledger.live(u), ledger.live(v)
    places = dict.fromkeys((*sorted(planned), *at_u, *at_v))
    return [
        Option(m, tuple((q, m) for q, here in ((u, at_u), (v, at_v)) if m not in here))
        for m in places
    ]
