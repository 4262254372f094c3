"""What the sampled shots of a program measure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from bellwire.compiler.generation import cutoffs_ns
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.purified import pair_of
from bellwire.compiler.timelines import Timelines, TimelineSampler
from bellwire.compiler.waits import ebit_links, first_homes, order_waits, qubit_modules
from bellwire.runtime.telemetry.measurements import (
    Floats,
    Labels,
    Measurements,
    buffered,
    static_info,
)
from bellwire.runtime.telemetry.replay import Replay
from bellwire.targets.link import Link
from bellwire.targets.machine import Machine

MOST_SHOTS = 1_000  # whose times are sampled
_CELLS = 1 << 24  # numbers noted at once
_ROWS = 500_000  # rows replayed

Samples = dict[str, dict[Labels, Floats]]


def measure_run(program: Program, machine: Machine, shots: int, seed: int) -> Measurements:
    """Sample the times of up to MOST_SHOTS shots and measure everything in them.

    The shots are those of a run with the same seed. Fidelities are those of the machine's model.
    Raises NotSupported for a program that is not LOWERED or SCHEDULED.
    """
    return RunMeasurer(program, machine).measure(shots, seed)


class RunMeasurer:
    """A program and its machine, ready to be measured."""

    def __init__(self, program: Program, machine: Machine) -> None:
        self.program, self.machine = program, machine
        self.replay = Replay(program, machine)
        self.sampler = TimelineSampler(program, machine)
        self.names = ["-".join(link.between) for link in machine.links]

    def draw(self, shots: int, seed: int) -> Timelines:
        """Sample the shots that are measured."""
        fits = max(1, _CELLS // self.sampler.cells(True))
        return self.sampler.sample(min(shots, MOST_SHOTS, fits), seed, detail=True)

    def measure(self, shots: int, seed: int) -> Measurements:
        """Measure up to that many shots."""
        drawn = self.draw(shots, seed)
        count = len(drawn.makespan_ns)
        samples: Samples = defaultdict(dict)
        link = ebit_links(self.program, self.machine)[drawn.pairs]
        for k in np.unique(link).tolist():
            self._measure_pairs(k, drawn, link == k, samples)
        samples["dqc_feedforward_seconds"] = self._feedforward(count)
        followed = self._follow(drawn)
        samples["dqc_remote_gate_seconds"] = self._gates(followed)
        totals = {**self._totals(drawn, count), **self._buffers(drawn, link, followed)}
        return Measurements(totals, samples)

    def _measure_pairs(self, k: int, drawn: Timelines, mine: Floats, samples: Samples) -> None:
        link, name = self.machine.links[k], self.names[k]
        latency, tries = drawn.latency_ns[mine].ravel(), drawn.tries[mine].ravel()
        age = drawn.age_ns[mine].ravel()
        tried = np.ceil(tries * link.attempt_ns + link.herald_ns)
        samples["dqc_herald_latency_seconds"][name, "0", "keep"] = latency / 1e9
        waited = np.maximum(0, latency - tried) / 1e9
        samples["dqc_link_queue_wait_seconds"][name, "0"] = waited
        samples["dqc_pair_age_seconds"][(name,)] = age / 1e9
        used = self._fidelity(link, age)
        fresh = np.full(len(age), pair_of(self.program, self.machine, link).state[0])
        for stage, values in (("herald", fresh), ("use", used)):
            samples["dqc_pair_fidelity_ratio"][name, stage, "true"] = values
        limit = float(cutoffs_ns(self.program, self.machine)[k])
        if limit < np.inf:
            samples["dqc_coherence_window_used_ratio"][(name,)] = age / limit

    def _fidelity(self, link: Link, age_ns: Floats) -> Floats:
        """Of pairs that waited: ZZ decays with T1, XX and YY with T2 of both ends, twirled."""
        ends = [self.machine.module(end).coherence_ns("comm") for end in link.between]
        slow, quick = (sum(1 / times[k] for times in ends) for k in (0, 1))
        target, z, x, y = pair_of(self.program, self.machine, link).state
        zz, rest = target + z - x - y, 2 * (target - z)
        kept: Floats = (1 + zz * np.exp(-age_ns * slow) + rest * np.exp(-age_ns * quick)) / 4
        return kept

    def _feedforward(self, count: int) -> dict[Labels, Floats]:
        """Each message takes as long as its way, in every shot."""
        wait = order_waits(self.program, self.machine)
        after = np.repeat(np.arange(len(self.program)), np.diff(wait.first))
        sent = np.flatnonzero(wait.lag_ns > 0)
        homes = first_homes(self.program, qubit_modules(self.program, self.machine))
        names = [module.name for module in self.machine.modules]
        ways: dict[Labels, list[float]] = defaultdict(list)
        for k in sent.tolist():
            src, dst = names[homes[wait.before[k]]], names[homes[after[k]]]
            ways[src, dst].append(wait.lag_ns[k] / 1e9)
        return {way: np.tile(np.array(lags), count) for way, lags in ways.items()}

    def _follow(self, drawn: Timelines) -> list[tuple[Ints, Ints]]:
        """Starts and ends of all rows in as many shots as is quick."""
        count = min(len(drawn.makespan_ns), 1 + _ROWS // max(1, len(self.program)))
        return [self.replay.shot(drawn, shot) for shot in range(count)]

    def _gates(self, followed: list[tuple[Ints, Ints]]) -> dict[Labels, Floats]:
        first = np.array([gate.ebit for gate in self.replay.gates], dtype=np.int64)
        last = np.array([gate.last for gate in self.replay.gates], dtype=np.int64)
        took = [(end[last] - start[first]) / 1e9 for start, end in followed]
        labels = [(gate.use.purpose, gate.mode) for gate in self.replay.gates]
        return {
            own: np.concatenate([t[[other == own for other in labels]] for t in took])
            for own in sorted(set(labels))
        }

    def _buffers(
        self, drawn: Timelines, link: Ints, followed: list[tuple[Ints, Ints]]
    ) -> dict[str, Mapping[Labels, float]]:
        """Pairs between herald and first use, on average over the time of all shots."""
        whole = int(drawn.makespan_ns[: len(followed)].sum())
        available: dict[Labels, float] = {}
        pairs: dict[Labels, float] = {}
        for k in np.unique(link).tolist():
            mine, share, number = link == k, 0.0, 0.0
            for shot, (_, end) in enumerate(followed):
                ready = end[drawn.pairs[mine]]
                used = ready + drawn.age_ns[mine, shot]
                one, many = buffered(ready.tolist(), used.tolist(), whole)
                share, number = share + one, number + many
            available[(self.names[k],)], pairs[(self.names[k],)] = share, number
        return {"dqc_buffer_available_ratio": available, "dqc_buffer_pairs": pairs}

    def _totals(self, drawn: Timelines, count: int) -> dict[str, Mapping[Labels, float]]:
        name = self.program.name
        served = sum(gate.use.count for gate in self.replay.gates)
        mean_s = float(drawn.makespan_ns.mean()) / 1e9 if count else 0.0
        full = self.replay.span_ns(pairs=True, messages=True)
        local = self.replay.span_ns(pairs=False, messages=True)
        still = self.replay.span_ns(pairs=False, messages=False)
        parts = [*(module.name for module in self.machine.modules), *self.names]
        return {
            "dqc_link_attempts_total": self._attempts(drawn),
            "dqc_pairs_total": self._fates(drawn, count),
            "dqc_requests_total": self._requests(drawn),
            "dqc_swap_total": self._swaps(count),
            "dqc_purify_total": self._purifications(drawn),
            "dqc_stall_seconds_total": {
                ("pair",): (full - local) / 1e9 * count,
                ("ff",): (local - still) / 1e9 * count,
            },
            "dqc_idle_infidelity_total": self._idle(drawn),
            "dqc_up": {(part,): 1.0 for part in parts},
            "dqc_effective_gate_rate_hertz": {(name,): served / mean_s if mean_s else 0.0},
            "dqc_shots_total": {(name,): float(count)},
            **static_info(self.machine),
        }

    def _attempts(self, drawn: Timelines) -> dict[Labels, float]:
        out: dict[Labels, float] = {}
        for k, link in enumerate(self.machine.links):
            raw = int(2 * drawn.checks[k] or drawn.made[k])
            dark = round(raw * link.dark)
            out[self.names[k], "herald"] = float(raw - dark)
            out[self.names[k], "fail"] = float(drawn.attempts[k] - raw)
            out[self.names[k], "dark"] = float(dark)
        return out

    def _fates(self, drawn: Timelines, count: int) -> dict[Labels, float]:
        """Pairs of a chain are swapped, those that purifications took purified, all others that did
        not expire consumed."""
        links = ebit_links(self.program, self.machine)
        chained = Counter(int(links[g.ebit]) for g in self.replay.gates if g.use.chain > 1)
        out: dict[Labels, float] = {}
        for k, name in enumerate(self.names):
            swapped = chained[k] * count
            out[name, "swapped"] = float(swapped)
            out[name, "expired"] = float(drawn.expired[k])
            out[name, "consumed"] = float(drawn.made[k] - drawn.expired[k] - swapped)
            if drawn.checks[k]:
                out[name, "purified"] = float(2 * drawn.checks[k] - drawn.made[k])
        return out

    def _requests(self, drawn: Timelines) -> dict[Labels, float]:
        out: dict[Labels, float] = {}
        for name, made, expired in zip(self.names, drawn.made, drawn.expired):
            out[name, "OK"], out[name, "EXPIRE"] = float(made - expired), float(expired)
        return out

    def _swaps(self, count: int) -> dict[Labels, float]:
        """A module between two pairs of one chain has swapped them."""
        halves: dict[int, Counter[str]] = defaultdict(Counter)
        for gate in self.replay.gates:
            if gate.use.chain > 1:
                halves[gate.use.use].update(gate.use.modules)
        nodes = Counter(m for chain in halves.values() for m, n in chain.items() if n > 1)
        return {(node, "ok"): float(number * count) for node, number in nodes.items()}

    def _purifications(self, drawn: Timelines) -> dict[Labels, float]:
        out: dict[Labels, float] = {}
        for name, made, checks in zip(self.names, drawn.made, drawn.checks):
            if checks:
                out[name, "ok"], out[name, "fail"] = float(made), float(checks - made)
        return out

    def _idle(self, drawn: Timelines) -> dict[Labels, float]:
        """1 - (no X, Y or Z) of every gap: the Pauli-twirled channel of T1 and T2."""
        qubits = self.program.qubits
        out: dict[Labels, float] = {}
        for module in self.machine.modules:
            total = 0.0
            for role in ("data", "comm"):
                mine = [q.module == module.name and q.role == role for q in qubits]
                ns = drawn.gap_ns[np.array(mine, dtype=bool)[self.sampler.gaps.qubits]]
                t1_ns, t2_ns = module.coherence_ns(role)
                flip = -np.expm1(-ns / t1_ns) / 4
                phase = np.maximum(0.0, -np.expm1(-ns / t2_ns) / 2 - flip)
                total += float((2 * flip + phase).sum())
            out[(module.name,)] = total
        return out
