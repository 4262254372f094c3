"""What can be known of a pair before it is made: how good it is, how long it stays so.

A Bell-diagonal pair is held here by its correlators: its fidelity is (1 + ZZ + XX + YY) / 4 (signs
of the target state), and T1 and T2 of the two memories let ZZ, and XX and YY, decay by one
exponential each: the Pauli-twirled channel of `targets.noise.store_pair`, in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, exp, inf, log

from bellwire.targets.link import BellState, Link
from bellwire.targets.machine import Machine
from bellwire.targets.noise import werner_weight
from bellwire.targets.remote_gates import swap_pairs

Memories = tuple[tuple[float, float], tuple[float, float]]  # (T1, T2) of both ends, in ns


def rates_of(memories: Memories) -> tuple[float, float]:
    """How quickly ZZ, and XX and YY, decay: per ns, both halves together."""
    (t1, t2), (u1, u2) = memories
    return 1 / t1 + 1 / u1, 1 / t2 + 1 / u2


def aged(state: BellState, ns: float, memories: Memories) -> BellState:
    """The state of a pair after both halves waited."""
    slow, quick = rates_of(memories)
    i, z, x, y = state
    zz = (i + z - x - y) * exp(-ns * slow)
    xx, yy = (i + x - z - y) * exp(-ns * quick), (i + y - z - x) * exp(-ns * quick)
    return (
        (1 + zz + xx + yy) / 4,
        (1 + zz - xx - yy) / 4,
        (1 - zz + xx - yy) / 4,
        (1 - zz - xx + yy) / 4,
    )


def lifetime_ns(state: BellState, least: float, memories: Memories) -> float:
    """How long the fidelity of a pair stays at or above `least`: whole ns; -1 when it never was.

    By bisection; infinite when memories never bring it below.
    """
    if state[0] < least - 1e-12:
        return -1
    slow, quick = rates_of(memories)
    i, z, x, y = state
    zz, rest = i + z - x - y, 2 * (i - z)  # rest: XX + YY

    def short(ns: float) -> bool:
        return (1 + zz * exp(-ns * slow) + rest * exp(-ns * quick)) / 4 < least - 1e-12

    known = [1 / rate for rate in (slow, quick) if rate > 0]
    if not known or not short(60 * max(known)):
        return inf
    low, high = 0, ceil(60 * max(known))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if short(middle) else (middle, high)
    return low


def with_noise(state: BellState, kept: float) -> BellState:
    """The state of which a share `kept` is left; the rest is white noise."""
    i, z, x, y = (kept * weight + (1 - kept) / 4 for weight in state)
    return (i, z, x, y)


@dataclass(frozen=True, eq=False)
class Route:
    """The modules from one to another, neighbours joined by links; what pairs along it can be."""

    machine: Machine
    modules: tuple[str, ...]

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The link of each hop."""
        found = (self.machine.link(a, b) for a, b in zip(self.modules, self.modules[1:]))
        return tuple(link for link in found if link is not None)

    def memories(self, left: int, right: int) -> Memories:
        """(T1, T2) of the memories at two places along the way."""
        a, b = (self.machine.module(self.modules[i]) for i in (left, right))
        return a.coherence_ns("comm"), b.coherence_ns("comm")

    def swap(self, first: BellState, second: BellState, middle: int) -> BellState:
        """Join two pairs that end at a place along the way."""
        module = self.machine.module(self.modules[middle])
        gate, readout = module.gate_2q.fidelity, module.readout.fidelity
        return swap_pairs(first, second, gate_2q=gate, readout=readout)

    def best(self, left: int, right: int) -> BellState:
        """The state of a pair between two places when no memory had to wait for anything."""
        states = [link.delivered for link in self.links[left:right]]
        joined = states[0]
        for place, state in enumerate(states[1:], left + 1):
            joined = self.swap(joined, state, place)
        return joined

    def least(self, left: int, right: int, min_fidelity: float) -> float:
        """The fidelity that a pair between two places needs for `min_fidelity` end to end.

        What the best pair has to spare, log w_best - log w_min of the Werner weights, is shared out
        equally over the hops.
        """
        hops = len(self.links)
        if right - left == hops:
            return min_fidelity
        wanted, best = werner_weight(min_fidelity), werner_weight(self.best(0, hops)[0])
        if wanted <= 0 or best <= 0:
            return 0.0
        spare = max(0.0, log(best / wanted)) / hops * (right - left)
        return (3 * werner_weight(self.best(left, right)[0]) * exp(-spare) + 1) / 4

    @cached_property
    def message_ns(self) -> int:
        """One-way latency from end to end."""
        return sum(ceil(link.message_ns) for link in self.links)

    def tracking_ns(self, middle: int) -> int:
        """From the start of a swap until both ends know its outcome."""
        module = self.machine.module(self.modules[middle])
        there = sum(ceil(link.message_ns) for link in self.links[:middle])
        busy = ceil(module.gate_2q.ns) + ceil(module.readout.ns)
        return busy + max(there, self.message_ns - there)

    @cached_property
    def delay_ns(self) -> int:
        """How old the youngest pair is at least when both ends know of it."""
        middle = range(1, len(self.links))
        heralds = max(ceil(link.herald_ns) for link in self.links)
        return heralds + max((self.tracking_ns(i) for i in middle), default=0)

    def attainable(self, *, measure: bool) -> float:
        """The fidelity at delivery when everything goes as well as it can."""
        hops = len(self.links)
        wait = 0 if measure and hops == 1 else self.delay_ns
        return aged(self.best(0, hops), wait, self.memories(0, hops))[0]

    def needs(self, pairs: int) -> dict[str, int]:
        """How many communication qubits of each module `pairs` pairs take while they are made."""
        middle = dict.fromkeys(self.modules[1:-1], 2 * pairs)
        return {**middle, self.modules[0]: pairs, self.modules[-1]: pairs}

    def mean_ns(self, hop: int, *, measure: bool) -> float:
        """The expected time from pair to pair on a hop that has enough to do."""
        link = self.links[hop]
        ends = (self.machine.module(name).comm_qubits for name in link.between)
        return period_ns(link, measure=measure) / link.success / min(link.capacity, *ends)


def period_ns(link: Link, *, measure: bool) -> float:
    """From one attempt to the next. Measured halves need no memory, so the next attempt starts
    before the herald of the last one is back, one message later (`message_ns`, if it is less)."""
    overlap = link.message_ns if measure and link.message_ns < link.attempt_ns else 0.0
    return link.attempt_ns - overlap


def name_of(link: Link) -> str:
    """A link by its modules: A-B."""
    return "-".join(link.between)
