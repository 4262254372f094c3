"""What a link layer has measured until now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from math import inf

import numpy as np

from bellwire.runtime.link_layer.pairs import Pair
from bellwire.runtime.link_layer.service import LinkLayer
from bellwire.runtime.telemetry.measurements import (
    Floats,
    Labels,
    Measurements,
    buffered,
    static_info,
)

__all__ = ["measure_link_layer"]

QUEUED = "QUEUED"  # the code of requests that have not ended

Samples = dict[Labels, list[float]]


def measure_link_layer(service: LinkLayer) -> Measurements:
    """Collect everything from the requests and pairs of a link layer."""
    machine = service.machine
    attempts: dict[Labels, float] = {
        (server.name, outcome): float(count)
        for server in service.servers
        for outcome, count in server.attempts.items()
    }
    up: dict[Labels, float] = {
        (server.name,): float(server.condition.up) for server in service.servers
    }
    totals: dict[str, Mapping[Labels, float]] = {
        "dqc_link_attempts_total": attempts,
        "dqc_pairs_total": _fates(service.world.pairs),
        "dqc_requests_total": _codes(service),
        "dqc_link_queue_depth": _depths(service),
        "dqc_swap_total": {(node, "ok"): float(n) for node, n in service.world.swaps.items()},
        "dqc_up": up,
        **_buffers(service),
        "dqc_faults_total": Counter((fault.kind, "wait") for fault in service.world.faults),
        **static_info(machine),
    }
    return Measurements(totals, {name: _arrays(s) for name, s in _samples(service).items()})


def _fates(pairs: list[Pair]) -> Mapping[Labels, float]:
    return Counter((pair.where, pair.fate) for pair in pairs if pair.fate)


def _codes(service: LinkLayer) -> Mapping[Labels, float]:
    counts: Counter[Labels] = Counter()
    for ticket in service.tickets:
        counts[ticket.where, QUEUED if ticket.code is None else ticket.code.name] += 1
    for (ends, code), number in service.refused.items():
        counts[ends, code.name] += number
    return counts


def _depths(service: LinkLayer) -> Mapping[Labels, float]:
    return Counter(
        (server.name, str(ticket.request.priority))
        for server in service.servers
        for ticket in server.queue
    )


def _buffers(service: LinkLayer) -> dict[str, Mapping[Labels, float]]:
    """Kept pairs between herald and use (or now), over the time until now."""
    now = service.now_ns
    lives: dict[str, list[Pair]] = defaultdict(list)
    for pair in service.world.pairs:
        lives[pair.where].append(pair)
    out: dict[Labels, tuple[float, float]] = {
        (where,): buffered(
            [pair.born_ns for pair in pairs],
            [pair.fate_ns if pair.fate else now for pair in pairs],
            now,
        )
        for where, pairs in lives.items()
    }
    return {
        "dqc_buffer_available_ratio": {labels: share for labels, (share, _) in out.items()},
        "dqc_buffer_pairs": {labels: number for labels, (_, number) in out.items()},
    }


def _samples(service: LinkLayer) -> dict[str, Samples]:
    out: dict[str, Samples] = defaultdict(lambda: defaultdict(list))
    for ticket in service.tickets:
        request = ticket.request
        where, priority = ticket.where, str(request.priority)
        waits = [(ns - request.at_ns) / 1e9 for ns in ticket.ok_ns]
        out["dqc_herald_latency_seconds"][where, priority, request.kind] += waits
        if ticket.first_start_ns is not None:
            wait = (ticket.first_start_ns - request.at_ns) / 1e9
            out["dqc_link_queue_wait_seconds"][where, priority].append(wait)
    for fault in service.world.faults:
        if fault.end_ns is not None:
            took = (fault.end_ns - fault.start_ns) / 1e9
            out["dqc_recovery_seconds"][fault.kind, "wait"].append(took)
    for pair in service.world.pairs:
        for source, at_herald, at_use in zip(("true", "goodness"), pair.heralded, pair.used):
            out["dqc_pair_fidelity_ratio"][pair.where, "herald", source].append(at_herald)
            if pair.fate in ("consumed", "swapped"):
                out["dqc_pair_fidelity_ratio"][pair.where, "use", source].append(at_use)
        if pair.fate in ("consumed", "swapped"):
            age = pair.fate_ns - pair.born_ns
            out["dqc_pair_age_seconds"][(pair.where,)].append(age / 1e9)
            if 0 < pair.expires_ns - pair.born_ns < inf:
                used = age / (pair.expires_ns - pair.born_ns)
                out["dqc_coherence_window_used_ratio"][(pair.where,)].append(used)
    return out


def _arrays(series: Samples) -> dict[Labels, Floats]:
    return {labels: np.array(values, dtype=np.float64) for labels, values in series.items()}
