"""Measurements as Prometheus text, and as an endpoint that Prometheus can scrape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from bellwire.errors import RunError
from bellwire.runtime.telemetry.measurements import Floats, Measurements
from bellwire.runtime.telemetry.metrics import METRICS, Metric

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric as Family

__all__ = ["prometheus_text", "serve_metrics"]


def need_prometheus() -> None:
    """Raise RunError, with the command that helps, when prometheus-client is not installed."""
    try:
        import prometheus_client  # noqa: F401
    except ImportError:
        raise RunError(
            "metrics need prometheus-client, which is not installed; "
            "run: pip install 'bellwire[metrics]'"
        ) from None


def prometheus_text(measured: Measurements) -> str:
    """All metrics in the Prometheus text format, in the order of the metrics table."""
    need_prometheus()
    from prometheus_client import generate_latest

    return generate_latest(_registry(measured)).decode()


def serve_metrics(measured: Measurements, port: int) -> Any:
    """Offer the metrics on a port until the returned server is shut down.

    Raises RunError when the port cannot be had.
    """
    need_prometheus()
    from prometheus_client import start_http_server

    try:
        server, _ = start_http_server(port, addr="127.0.0.1", registry=_registry(measured))
    except OSError as error:
        raise RunError(f"port {port}: {error.strerror}; give another one") from None
    return server


def _registry(measured: Measurements) -> CollectorRegistry:
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(measured))
    return registry


class _Collector:
    """Gives what was measured, whenever it is asked."""

    def __init__(self, measured: Measurements) -> None:
        self.measured = measured

    def collect(self) -> Iterator[Family]:
        for metric in METRICS:
            family = _family(metric, self.measured)
            if family.samples:
                yield family


def _family(metric: Metric, measured: Measurements) -> Family:
    from prometheus_client import core

    if metric.type == "histogram":
        histogram = core.HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, values in sorted(measured.samples.get(metric.name, {}).items()):
            histogram.add_metric(labels, _buckets(metric, values), float(values.sum()))
        return histogram
    series = sorted(measured.totals.get(metric.name, {}).items())
    if metric.type == "counter":
        family: Any = core.CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
    else:  # an info is a gauge of 1 in the text format
        family = core.GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, value in series:
        family.add_metric(labels, value)
    return family  # type: ignore[no-any-return]


def _buckets(metric: Metric, values: Floats) -> list[tuple[str, float]]:
    """How many values are at most each upper bound."""
    bounds = [*metric.buckets, np.inf]
    # the rounding of a sum of decays must not push a fidelity of 1 over the last bound
    counts = np.searchsorted(np.sort(values), np.array(bounds) * (1 + 1e-12), side="right")
    names = [*(repr(bound) for bound in metric.buckets), "+Inf"]
    return [(name, float(count)) for name, count in zip(names, counts)]
