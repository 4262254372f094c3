"""What was measured, whoever measured it: the samples behind all metrics and objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from bellwire.errors import RunError
from bellwire.runtime.telemetry.metrics import BY_NAME
from bellwire.targets.machine import Machine

Floats = NDArray[np.float64]
Labels = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Measurements:
    """Numbers by metric and labels, in the units of the metrics table.

    `totals[name][labels]`: the value of a counter, gauge or info. `samples[name][labels]`: all
    observations of a histogram, shape (observations,). Labels are in the order of the table. Raises
    RunError for a metric or labels that are not in it.
    """

    totals: Mapping[str, Mapping[Labels, float]] = field(default_factory=dict)
    samples: Mapping[str, Mapping[Labels, Floats]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for group, histogram in ((self.totals, False), (self.samples, True)):
            for name, series in group.items():
                _check(name, series, histogram)

    def all_samples(self, name: str, **labels: str) -> Floats:
        """All observations of a histogram whose labels are as given, shape (observations,)."""
        series = self.samples.get(name, {})
        found = [values for own, values in series.items() if _has(name, own, labels)]
        return np.concatenate(found) if found else np.zeros(0)

    def total(self, name: str, **labels: str) -> float:
        """The sum of a counter over all series whose labels are as given."""
        series = self.totals.get(name, {})
        return float(sum(value for own, value in series.items() if _has(name, own, labels)))


def _has(name: str, own: Labels, wanted: Mapping[str, str]) -> bool:
    return wanted.items() <= dict(zip(BY_NAME[name].labels, own)).items()


def _check(name: str, series: Mapping[Labels, object], histogram: bool) -> None:
    metric = BY_NAME.get(name)
    if metric is None or (metric.type == "histogram") != histogram:
        raise RunError(f"metric: found {name!r}; it must be a metric of the table, of its type")
    for labels in series:
        if len(labels) != len(metric.labels):
            raise RunError(
                f"metric {name}: found the labels {labels}; they must be {metric.labels}"
            )


def static_info(machine: Machine) -> dict[str, Mapping[Labels, float]]:
    """What does not change: who measured, the machine with all sources of its numbers."""
    sources = {module.source for module in machine.modules}
    sources |= {link.source for link in machine.links}
    return {
        "dqc_build_info": {(version("bellwire"),): 1.0},
        "dqc_preset_info": {(machine.name, source): 1.0 for source in sorted(sources)},
    }


def buffered(starts: Sequence[int], ends: Sequence[int], whole_ns: int) -> tuple[float, float]:
    """Pairs that are ready from `starts` to `ends`: the share of `whole_ns` in which there is one,
    and how many there are on average."""
    if not whole_ns:
        return 0.0, 0.0
    covered, until = 0, 0
    for start, end in sorted(zip(starts, ends)):
        covered += max(0, end - max(start, until))
        until = max(until, end)
    total = sum(end - start for start, end in zip(starts, ends))
    return covered / whole_ns, total / whole_ns
