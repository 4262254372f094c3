"""What is asked of the link layer."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan
from numbers import Integral, Real
from typing import Literal

from bellwire.targets.fields import LONGEST_NS

Kind = Literal["keep", "measure"]
Basis = Literal["X", "Y", "Z"]

_MOST = 65_535  # 16 bits in the draft


@dataclass(frozen=True, slots=True)
class Request:
    """`number` Bell pairs between two modules. Times are simulated, absolute, in ns.

    `min_fidelity` holds at delivery and, for pairs that are kept, until they are used: an older
    pair expires. `deadline_ns` is for the last pair. `priority`: higher is sooner. `purpose` tells
    the partner what it is for, like a port.

    `kind`: "keep" holds each pair in two communication qubits until it is released (`hold_ns` after
    delivery, or by `LinkLayer.release`) or expires, `cutoff_ns` after its herald at the latest;
    `renew` says how often an expired pair is asked for again. "measure" measures both halves at
    once in `basis`.

    As in draft-dahlberg-ll-quantum-03: `consecutive` delivers each pair as soon as it is there,
    else all are delivered together, for "keep" all in memory at once (qlink-interface calls that
    atomic). `atomic` lets no other request use the link between its first pair and its last.
    """

    origin: str
    partner: str
    number: int = 1
    min_fidelity: float = 0.0
    deadline_ns: float = inf
    priority: int = 0
    purpose: int = 0
    kind: Kind = "keep"
    atomic: bool = False
    consecutive: bool = False
    at_ns: int = 0
    basis: Basis = "Z"
    hold_ns: float = inf
    cutoff_ns: float = inf
    renew: int = 0

    @property
    def together(self) -> bool:
        """Whether all pairs have to be in memory at once."""
        return self.kind == "keep" and not self.consecutive and self.number > 1

    def malformed(self) -> str:
        """What is wrong with a field in itself; empty when nothing is."""
        whole = {"number": 1, "priority": 0, "purpose": 0, "renew": 0}
        for name, least in whole.items():
            value = getattr(self, name)
            if not _is_whole(value) or not least <= value <= _MOST:
                return _wrong(name, value, f"a whole number from {least} to {_MOST}")
        if not _is_number(self.min_fidelity) or not 0 <= self.min_fidelity <= 1:
            return _wrong("min_fidelity", self.min_fidelity, "a number from 0 to 1")
        if not _is_whole(self.at_ns) or not 0 <= self.at_ns <= LONGEST_NS:
            return _wrong("at_ns", self.at_ns, f"whole ns from 0 to {LONGEST_NS:g}")
        for name in ("deadline_ns", "hold_ns", "cutoff_ns"):
            value = getattr(self, name)
            if not _is_number(value) or value < 0:
                return _wrong(name, value, "a time in ns, 0 or more")
        for name, words in {"kind": ("keep", "measure"), "basis": ("X", "Y", "Z")}.items():
            if getattr(self, name) not in words:
                return _wrong(name, getattr(self, name), " or ".join(words))
        if self.origin == self.partner:
            return _wrong("partner", self.partner, "another module than the origin")
        return ""


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not isnan(value)


def _wrong(name: str, found: object, wanted: str) -> str:
    return f"{name}: found {found!r}; it must be {wanted}"
