"""The plan: for every segment a home module and the modules that hold a copy of it.

Cost model: E = sum over segments of the copies beyond the home, plus one for every gate pair whose
label sets do not meet, plus one for every change of home that no copy pays for. Every plan can be
carried out at that cost (with unlimited communication qubits): copies serve gates, two copies may
meet in a third module, a copy may become the new home, an unmet pair gets a copy of its own.
With links of unequal distance every pair counts its link-level Bell pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bellwire.passes.cover import cover_sessions
from bellwire.passes.segments import Segments

MOST_LABELS = 300


@dataclass(frozen=True)
class Plan:
    """`home[s]`: the home of segment s; `label[s]`: all modules that hold it, home included."""

    home: tuple[int, ...]
    label: tuple[frozenset[int], ...]


def static_plan(segments: Segments, homes: Sequence[int]) -> Plan:
    """Fixed homes and the fewest copies for them (a minimum vertex cover per module pair)."""
    home = np.asarray(homes, dtype=np.int64)
    at = home[segments.qubit]
    label = [{int(h)} for h in at]
    for segment, module in cover_sessions(segments, home):
        label[segment].add(module)
    return Plan(tuple(at.tolist()), tuple(frozenset(x) for x in label))


def plan_cost(segments: Segments, plan: Plan, price: NDArray[np.float64]) -> float:
    """What a plan costs with unlimited communication qubits, in link-level Bell pairs."""
    total = 0.0
    for home, label in zip(plan.home, plan.label):
        total += sum(price[home, m] for m in label if m != home)
    for a, b in segments.pairs.tolist():
        if plan.label[a].isdisjoint(plan.label[b]):
            total += min(price[m, k] for m in plan.label[a] for k in plan.label[b])
    for ids in segments.of_qubit:
        for before, after in zip(ids, ids[1:]):
            if plan.home[after] not in plan.label[before]:
                total += min(price[m, plan.home[after]] for m in plan.label[before])
    return total


def improve_plan(
    segments: Segments,
    plan: Plan,
    capacity: Sequence[int],
    price: NDArray[np.float64],
    *,
    copies: int,
    rounds: int = 8,
) -> Plan:
    """Choose all labels of one qubit at a time, the others fixed, until nothing gets cheaper.

    Each step is exact for its qubit (a dynamic programme over its segments), keeps every module
    within its data qubits at all times, and never raises E. A segment has at most `copies` copies.
    """
    search = _Search(segments, plan, capacity, price, copies)
    for _ in range(rounds):
        if not sum(search.improve(q) for q in range(len(segments.of_qubit))):
            break
    return search.plan()


class _Search:
    """Labels as numbers of a fixed list of module sets, and the room left over time."""

    def __init__(
        self,
        segments: Segments,
        plan: Plan,
        capacity: Sequence[int],
        price: NDArray[np.float64],
        copies: int,
    ) -> None:
        self.segments = segments
        modules = [m for m in range(len(capacity)) if capacity[m]]
        self.sets = _label_sets(modules, copies)
        number = {s: i for i, s in enumerate(self.sets)}
        self.states = [(i, h) for i, s in enumerate(self.sets) for h in s]  # (label, home)
        self.state_set = np.array([i for i, _ in self.states])
        self.state_home = np.array([h for _, h in self.states])
        self.apart = self._distances(price)
        self.copy_price = np.array([sum(price[h, m] for m in self.sets[i]) for i, h in self.states])
        # to_home[label, m]: price of a new home in m from any holder
        self.to_home = np.array(
            [[min(price[a, m] for a in s) for m in range(len(capacity))] for s in self.sets]
        )
        self.home = np.array(plan.home)
        self.label = np.array(
            [number.get(s, number[frozenset((h,))]) for s, h in zip(plan.label, plan.home)]
        )
        self.ends = segments.ends()
        self.room = np.tile(np.array(capacity)[:, None], (1, max(1, segments.length)))
        for s, h in enumerate(plan.home):
            self.room[h, segments.start[s] : self.ends[s]] -= 1
        self.near: list[list[int]] = [[] for _ in plan.home]
        for a, b in segments.pairs.tolist():
            self.near[a].append(b)
            self.near[b].append(a)

    def _distances(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        apart = [[min(price[a, b] for a in s for b in t) for t in self.sets] for s in self.sets]
        return np.array(apart, dtype=np.float64)

    def plan(self) -> Plan:
        return Plan(tuple(self.home.tolist()), tuple(self.sets[i] for i in self.label.tolist()))

    def _cost(self, segment: int) -> NDArray[np.float64]:
        """The price of each state of a segment, its moves left out."""
        unmet = self.apart[:, self.label[self.near[segment]]].sum(axis=1)
        cost: NDArray[np.float64] = self.copy_price + unmet[self.state_set]
        return cost

    def _now(self, ids: tuple[int, ...], costs: list[NDArray[np.float64]]) -> float:
        total, before = 0.0, -1
        for s, cost in zip(ids, costs):
            here = (self.state_set == self.label[s]) & (self.state_home == self.home[s])
            total += float(cost[here][0])
            if before >= 0:
                total += float(self._moves(before, s))
            before = s
        return total

    def _moves(self, before: int, after: int) -> float:
        if self.home[before] == self.home[after]:
            return 0.0
        return float(self.to_home[self.label[before], self.home[after]])

    def improve(self, qubit: int) -> bool:
        """Relabel one qubit as well as can be; says whether that was cheaper."""
        ids = self.segments.of_qubit[qubit]
        spans = [(int(self.segments.start[s]), int(self.ends[s])) for s in ids]
        for s, (a, b) in zip(ids, spans):
            self.room[self.home[s], a:b] += 1
        costs = [self._cost(s) for s in ids]
        now = self._now(ids, costs)
        best, states = self._best(costs, [self._open(a, b) for a, b in spans])
        better = best < now - 1e-9
        for s, state, (a, b) in zip(ids, states, spans):
            if better:
                self.label[s], self.home[s] = self.states[state]
            self.room[self.home[s], a:b] -= 1
        return better

    def _open(self, start: int, end: int) -> NDArray[np.bool_]:
        """Which modules have a free data qubit during a whole time."""
        if end <= start:
            return np.ones(len(self.room), dtype=bool)
        free: NDArray[np.bool_] = self.room[:, start:end].min(axis=1) > 0
        return free

    def _best(
        self, costs: list[NDArray[np.float64]], free: list[NDArray[np.bool_]]
    ) -> tuple[float, list[int]]:
        """The cheapest chain of states; each transition pays for a change of home."""
        total = np.where(free[0][self.state_home], costs[0], np.inf)
        back: list[NDArray[np.int64]] = []
        modules = self.room.shape[0]
        leave = self.to_home[self.state_set]  # (states, modules): price of the next home
        stay = self.state_home[:, None] == np.arange(modules)[None, :]
        step = np.where(stay, 0.0, leave)
        for cost, open_ in zip(costs[1:], free[1:]):
            enter = total[:, None] + step
            source = enter.argmin(axis=0)
            reach = enter[source, np.arange(modules)]
            back.append(source[self.state_home])
            total = np.where(open_[self.state_home], cost + reach[self.state_home], np.inf)
        state = int(total.argmin())
        best = float(total[state])
        chain = [state]
        for source in reversed(back):
            chain.append(int(source[chain[-1]]))
        return best, chain[::-1]


def _label_sets(modules: Sequence[int], copies: int) -> list[frozenset[int]]:
    """All sets of one home and at most `copies` more modules, small ones first, not too many."""
    out: list[frozenset[int]] = []
    for size in range(1, copies + 2):
        more = [frozenset(c) for c in combinations(modules, size)]
        if size > 1 and len(out) + len(more) > MOST_LABELS:
            break
        out += more
    return out
