"""Whether a run fits the memory that is free, asked before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bellwire.errors import RunError

_MEMINFO = Path("/proc/meminfo")
_LIMITS = (  # of a container: what it may use, what it uses
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a part of a run takes: some at once, some for each shot, some for each timeline
    that its noise is taken from; `what` it is, in a few words."""

    what: str
    once: float = 0.0
    per_shot: float = 0.0
    per_timeline: float = 0.0


def check_room(needs: Sequence[Need], shots: int, timelines: int) -> None:
    """Raise RunError when a run takes more memory than is free, saying what would fit."""
    free = free_bytes()
    parts = [n.once + n.per_shot * shots + n.per_timeline * timelines for n in needs]
    if free is None or sum(parts) <= free:
        return
    largest = max(range(len(needs)), key=parts.__getitem__)
    left = free - sum(n.once for n in needs)
    fits = []
    if left <= 0:
        fits.append("fewer qubits, or backend timing, which keeps no states")
    elif sum(n.per_shot for n in needs) * shots > left / 2:
        fits.append(f"{_fitting(left, sum(n.per_shot for n in needs)):,} shots")
    if left > 0 and sum(n.per_timeline for n in needs) * timelines > left / 2:
        fits.append(f"{_fitting(left, sum(n.per_timeline for n in needs)):,} timelines")
    raise RunError(
        f"this run needs about {_said(sum(parts))} of memory, most of it for "
        f"{needs[largest].what}, and {_said(free)} are free; what would fit: {' and '.join(fits)}"
    )


def free_bytes() -> int | None:
    """The memory that is free on this machine, or left in its container; None when it does not
    tell."""
    found = []
    for line in _MEMINFO.read_text().splitlines() if _MEMINFO.exists() else ():
        if line.startswith("MemAvailable:"):
            found.append(int(line.split()[1]) * 1024)
    for limit, used in _LIMITS:
        if limit.exists() and used.exists() and (most := limit.read_text().strip()) != "max":
            found.append(max(0, int(most) - int(used.read_text())))
    return min(found, default=None)


def _fitting(left: float, each: float) -> int:
    """How many fit into half of what is left, rounded down to one digit."""
    count = max(1, int(left / 2 / each))
    digits = 10 ** (len(str(count)) - 1)
    return int(count // digits * digits)


def _said(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} PB"
