"""Where the e-bits of a program go: by kind, by link, by source gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bellwire.compiler.ebit_uses import EbitUse


def by_kind(uses: Sequence[EbitUse]) -> dict[str, int]:
    """How many e-bits there are of each kind."""
    return dict(Counter(use.kind for use in uses).most_common())


def by_link(uses: Sequence[EbitUse]) -> dict[str, int]:
    """How many e-bits each link makes; A-B and B-A are one."""
    return dict(Counter(link_name(use) for use in uses).most_common())


def by_source(uses: Sequence[EbitUse]) -> dict[int, float]:
    """Source line -> its share of e-bits, the dearest first; adds up to the e-bits that serve any.

    Each e-bit is shared evenly over the gates that it serves.
    """
    shares: dict[int, float] = {}
    for use in uses:
        for source, times in use.gates:
            shares[source] = shares.get(source, 0.0) + times / use.count
    return dict(sorted(shares.items(), key=lambda item: (-round(item[1], 9), item[0])))


def link_name(use: EbitUse) -> str:
    """The link of an e-bit: its modules in order."""
    return "-".join(sorted(use.modules))
