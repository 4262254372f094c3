"""Service-level objectives: what a run should keep to, whether it did, how much was spent.

Indicators of single events are percentiles of a series: `herald_latency_p95_seconds` within the
target says that 95 % of the heralds come in time, and that the other 5 % are the error budget.
Indicators that are a share of bad events themselves, `expired_ratio` and others, have the target as
their budget. The window is the whole run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np

from bellwire.runtime.telemetry.measurements import Floats, Measurements

# series -> metric, labels, whether small is good, unit
SERIES: dict[str, tuple[str, dict[str, str], bool, str]] = {
    "herald_latency": ("dqc_herald_latency_seconds", {}, True, "_seconds"),
    "queue_wait": ("dqc_link_queue_wait_seconds", {}, True, "_seconds"),
    "pair_age": ("dqc_pair_age_seconds", {}, True, "_seconds"),
    "remote_gate": ("dqc_remote_gate_seconds", {}, True, "_seconds"),
    "feedforward": ("dqc_feedforward_seconds", {}, True, "_seconds"),
    "coherence_window": ("dqc_coherence_window_used_ratio", {}, True, ""),
    "herald_fidelity": (
        "dqc_pair_fidelity_ratio", {"stage": "herald", "source": "true"}, False, "",
    ),
    "consumed_fidelity": (
        "dqc_pair_fidelity_ratio", {"stage": "use", "source": "true"}, False, "",
    ),
}  # fmt: skip
# ratio -> metric, label that tells good from bad, its bad values (None: all but OK)
RATIOS: dict[str, tuple[str, str, tuple[str, ...] | None]] = {
    "expired_ratio": ("dqc_pairs_total", "fate", ("expired",)),
    "lost_ratio": ("dqc_pairs_total", "fate", ("lost",)),
    "dark_ratio": ("dqc_link_attempts_total", "outcome", ("dark",)),
    "request_error_ratio": ("dqc_requests_total", "code", None),
}
_NAME = re.compile(r"(?P<series>[a-z_]+)_p(?P<percent>\d\d)(?P<unit>_seconds)?\Z")


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective; `budget`: the share of events that may miss the target, None: as the indicator
    says; `link`: of which link, empty: all."""

    sli: str
    target: float
    name: str
    budget: float | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An objective and what became of it. `value` is None when nothing happened that could miss it.

    `bad`: the share of events that missed the target; `burn`: that over the budget: 1 is all of it.
    """

    objective: Objective
    value: float | None
    bad: float
    burn: float
    met: bool

    def to_dict(self) -> dict[str, Any]:
        """A JSON object."""
        goal = self.objective
        return {
            "name": goal.name,
            "sli": goal.sli,
            "link": goal.link or None,
            "target": goal.target,
            "value": self.value,
            "met": self.met,
            "bad_ratio": self.bad,
            "budget_burn": self.burn,
        }


def indicators() -> list[str]:
    """The names of all indicators."""
    return [*(f"{name}_pNN{row[3]}" for name, row in SERIES.items()), *RATIOS]


def is_indicator(sli: str) -> bool:
    """Whether there is an indicator of that name."""
    found = _NAME.match(sli)
    if found is None:
        return sli in RATIOS
    row = SERIES.get(found["series"])
    return row is not None and (found["unit"] or "") == row[3] and found["percent"] != "00"


def check_objectives(
    objectives: tuple[Objective, ...], measured: Measurements
) -> tuple[Verdict, ...]:
    """Compare what was measured with each objective."""
    return tuple(
        _share_of(goal, measured) if goal.sli in RATIOS else _percentile(goal, measured)
        for goal in objectives
    )


def _labels(goal: Objective) -> dict[str, str]:
    return {"link": goal.link} if goal.link else {}


def _percentile(goal: Objective, measured: Measurements) -> Verdict:
    found = _NAME.match(goal.sli)
    assert found is not None
    metric, labels, small, _ = SERIES[found["series"]]
    percent = int(found["percent"])
    values = measured.all_samples(metric, **labels, **_labels(goal))
    allowed = (100 - percent if small else percent) / 100
    allowed = allowed if goal.budget is None else goal.budget
    if not len(values):
        return Verdict(goal, None, 0.0, 0.0, True)
    missed = values > goal.target if small else values < goal.target - 1e-12
    bad = float(missed.mean())
    return Verdict(
        goal, _kept_to(values, percent, small), bad, bad / allowed, bad <= allowed + 1e-12
    )


def _kept_to(values: Floats, percent: int, small: bool) -> float:
    """The best target that would have been met: one of the values that were measured."""
    share = len(values) * percent / 100
    place = ceil(share - 1e-9) - 1 if small else floor(share + 1e-9)
    return float(np.sort(values)[min(max(place, 0), len(values) - 1)])


def _share_of(goal: Objective, measured: Measurements) -> Verdict:
    metric, label, bad_values = RATIOS[goal.sli]
    labels = _labels(goal)
    total = measured.total(metric, **labels)
    if bad_values is None:
        bad = total - measured.total(metric, **labels, **{label: "OK"})
    else:
        bad = sum(measured.total(metric, **labels, **{label: value}) for value in bad_values)
    if label == "outcome":  # of the heralds, not of all attempts
        total -= measured.total(metric, **labels, outcome="fail")
    if not total:
        return Verdict(goal, None, 0.0, 0.0, True)
    share = bad / total
    burn = share / goal.target if goal.target else (0.0 if not bad else float("inf"))
    return Verdict(goal, share, share, burn, share <= goal.target + 1e-12)
