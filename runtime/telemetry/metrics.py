"""The one table of metrics: Prometheus and OpenTelemetry names, units, labels.

Names follow the conventions of Prometheus (base units, `_total`, `_ratio`) and OpenTelemetry
(dotted names, UCUM units). Times are simulated, never wall time; the help says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MetricType = Literal["counter", "gauge", "histogram", "info"]

# 1-2-5 steps from 1 us to 100 s
SECONDS = (*(float(f"{m}e{e}") for e in range(-6, 2) for m in (1, 2, 5)), 100.0)
FIDELITIES = (0.25, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999, 1.0)
SHARES = tuple(k / 10 for k in range(1, 11))


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `buckets`: upper bounds of a histogram."""

    name: str
    otel: str
    unit: str
    type: MetricType
    labels: tuple[str, ...]
    about: str
    buckets: tuple[float, ...] = ()

    @property
    def help(self) -> str:
        """One line; times are marked as simulated."""
        return f"{self.about} (simulated time)" if self.unit in ("s", "Hz") else self.about


METRICS = (
    Metric(
        "dqc_link_attempts_total", "dqc.link.attempts", "{attempt}", "counter",
        ("link", "outcome"), "Attempts, by outcome: herald, fail, dark (a false herald), skew",
    ),
    Metric(
        "dqc_pairs_total", "dqc.pair.count", "{pair}", "counter",
        ("link", "fate"), "Bell pairs, by fate: consumed, expired, purified, swapped, lost",
    ),
    Metric(
        "dqc_herald_latency_seconds", "dqc.link.herald.duration", "s", "histogram",
        ("link", "priority", "kind"), "From the request for a pair to its delivery", SECONDS,
    ),
    Metric(
        "dqc_link_queue_wait_seconds", "dqc.link.queue.wait", "s", "histogram",
        ("link", "priority"), "From a request to its first attempt", SECONDS,
    ),
    Metric(
        "dqc_link_queue_depth", "dqc.link.queue.depth", "{request}", "gauge",
        ("link", "priority"), "Requests that are queued",
    ),
    Metric(
        "dqc_requests_total", "dqc.request.count", "{request}", "counter",
        ("link", "code"), "Requests, by how they ended",
    ),
    Metric(
        "dqc_pair_fidelity_ratio", "dqc.pair.fidelity", "1", "histogram",
        ("link", "stage", "source"),
        "Fidelity of pairs at stage herald and use, by source: true and goodness (estimated)",
        FIDELITIES,
    ),
    Metric(
        "dqc_pair_age_seconds", "dqc.pair.age", "s", "histogram",
        ("link",), "Age of pairs at their first use", SECONDS,
    ),
    Metric(
        "dqc_coherence_window_used_ratio", "dqc.pair.coherence_window_used", "1", "histogram",
        ("link",), "Age at first use over cut-off", SHARES,
    ),
    Metric(
        "dqc_buffer_available_ratio", "dqc.buffer.available", "1", "gauge",
        ("link",), "Share of the time in which a pair is ready and not used",
    ),
    Metric(
        "dqc_buffer_pairs", "dqc.buffer.pairs", "{pair}", "gauge",
        ("link",), "Pairs that are ready and not used, on average over time",
    ),
    Metric(
        "dqc_purify_total", "dqc.purify.count", "{purification}", "counter",
        ("link", "result"), "Purifications",
    ),
    Metric(
        "dqc_swap_total", "dqc.swap.count", "{swap}", "counter",
        ("node", "result"), "Entanglement swaps",
    ),
    Metric(
        "dqc_feedforward_seconds", "dqc.feedforward.duration", "s", "histogram",
        ("src", "dst"), "From the end of a measurement to the other module that reads it", SECONDS,
    ),
    Metric(
        "dqc_remote_gate_seconds", "dqc.gate.duration", "s", "histogram",
        ("gate", "mode"), "From the request for a pair to the last use of its halves", SECONDS,
    ),
    Metric(
        "dqc_stall_seconds_total", "dqc.stall.duration", "s", "counter",
        ("cause",), "Makespan that a cause adds: pair (links), ff (messages)",
    ),
    Metric(
        "dqc_idle_infidelity_total", "dqc.idle.infidelity", "1", "counter",
        ("module",), "Chance of an error while qubits wait, summed over shots",
    ),
    Metric(
        "dqc_up", "dqc.component.up", "1", "gauge",
        ("component",), "Whether a module or link works",
    ),
    Metric(
        "dqc_faults_total", "dqc.fault.count", "{fault}", "counter",
        ("kind", "action"),
        "Faults, by kind: link_loss, skew, dark, node_outage, drift, message_loss",
    ),
    Metric(
        "dqc_recovery_seconds", "dqc.fault.recovery", "s", "histogram",
        ("kind", "action"), "From a fault to its end", SECONDS,
    ),
    Metric(
        "dqc_effective_gate_rate_hertz", "dqc.gate.rate", "Hz", "gauge",
        ("program",), "Gates between modules per second of mean makespan",
    ),
    Metric(
        "dqc_shots_total", "dqc.shots", "{shot}", "counter",
        ("program",), "Shots whose times were sampled",
    ),
    Metric(
        "dqc_build_info", "dqc.build", "1", "info",
        ("version",), "The bellwire that measured",
    ),
    Metric(
        "dqc_preset_info", "dqc.preset", "1", "info",
        ("preset", "source"), "The machine, and where its numbers come from",
    ),
)  # fmt: skip

BY_NAME = {metric.name: metric for metric in METRICS}
