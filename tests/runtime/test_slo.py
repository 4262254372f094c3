"""Objectives: percentiles, ratios, error budgets, and files that are wrong."""

from pathlib import Path

import numpy as np
import pytest

from bellwire.errors import ParseError
from bellwire.runtime.slo import Objective, check_objectives, indicators, is_indicator
from bellwire.runtime.slo_file import load_objectives
from bellwire.runtime.telemetry.measurements import Measurements

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "objectives.toml"

MEASURED = Measurements(
    totals={
        "dqc_pairs_total": {("A-B", "consumed"): 90, ("A-B", "expired"): 6, ("B-C", "consumed"): 4},
        "dqc_link_attempts_total": {
            ("A-B", "fail"): 900, ("A-B", "herald"): 95, ("A-B", "dark"): 5,
        },
        "dqc_requests_total": {("A-B", "OK"): 18, ("A-B", "TIMEOUT"): 2},
    },
    samples={
        "dqc_herald_latency_seconds": {
            ("A-B", "0", "keep"): np.arange(1, 101) / 1000,
            ("B-C", "0", "keep"): np.full(100, 0.001),
        },
        "dqc_pair_fidelity_ratio": {
            ("A-B", "use", "true"): np.linspace(0.90, 0.99, 10),
            ("A-B", "use", "goodness"): np.zeros(10),
        },
    },
)  # fmt: skip


def check(sli: str, target: float, **more):
    (verdict,) = check_objectives((Objective(sli, target, sli, **more),), MEASURED)
    return verdict


def test_a_percentile_leaves_the_rest_as_budget():
    late = check("herald_latency_p95_seconds", 0.090, link="A-B")
    assert (late.met, late.value) == (False, pytest.approx(0.095))
    assert (late.bad, late.burn) == (pytest.approx(0.10), pytest.approx(2.0))
    exact = check("herald_latency_p95_seconds", late.value, link="A-B")
    assert (exact.met, exact.burn) == (True, pytest.approx(1.0))
    both = check("herald_latency_p95_seconds", 0.090)
    assert (both.met, both.burn) == (True, pytest.approx(1.0))
    assert check("herald_latency_p95_seconds", 0.090, link="A-B", budget=0.2).met


def test_fidelity_is_good_when_it_is_high():
    low = check("consumed_fidelity_p10", 0.92)
    assert (low.met, low.bad, low.burn) == (False, pytest.approx(0.2), pytest.approx(2.0))
    assert low.value == pytest.approx(0.91)
    assert check("consumed_fidelity_p10", low.value).met


@pytest.mark.parametrize(
    ("sli", "target", "value", "burn"),
    [
        ("expired_ratio", 0.05, 0.06, 1.2),
        ("dark_ratio", 0.10, 0.05, 0.5),
        ("request_error_ratio", 0.2, 0.1, 0.5),
        ("lost_ratio", 0.0, 0.0, 0.0),
        ("expired_ratio", 0.0, 0.06, float("inf")),
    ],
)
def test_ratios_have_their_target_as_budget(sli, target, value, burn):
    verdict = check(sli, target)
    assert verdict.value == pytest.approx(value)
    assert verdict.burn == pytest.approx(burn)
    assert verdict.met == (burn <= 1)


def test_what_did_not_happen_misses_nothing():
    for sli in ("coherence_window_p95", "queue_wait_p50_seconds"):
        verdict = check(sli, 0.1)
        assert (verdict.value, verdict.burn, verdict.met) == (None, 0.0, True)
    assert check("expired_ratio", 0.1, link="C-D").value is None


def test_every_indicator_can_be_asked_for():
    for name in indicators():
        sli = name.replace("NN", "95")
        assert is_indicator(sli)
        assert check(sli, 1.0).objective.sli == sli
    for wrong in ("herald_latency_p95", "consumed_fidelity_p00", "speed_p95", "p95", ""):
        assert not is_indicator(wrong)


def test_the_example_is_read():
    goals = load_objectives(EXAMPLE)
    assert goals[0] == Objective("herald_latency_p95_seconds", 3e-5, "pairs come in time")
    assert goals[-1].budget == 0.02


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found nothing; give [[objective]]"),
        ("[objective]\nsli = 1", "found objective; give [[objective]]"),
        ("[[objective]]\nsli = 'speed'\ntarget = 1", "objective 1: sli: found 'speed'"),
        ("[[objective]]\nsli = 'expired_ratio'", "target: found None"),
        ("[[objective]]\nsli = 'expired_ratio'\ntarget = -1", "target: found -1"),
        ("[[objective]]\nsli = 'expired_ratio'\ntarget = nan", "target: found nan"),
        ("[[objective]]\nsli = 'expired_ratio'\ntarget = 0.1\nbudget = 0.1", "left out"),
        ("[[objective]]\nsli = 'pair_age_p50_seconds'\ntarget = 1\nbudget = 0", "above 0"),
        ("[[objective]]\nsli = 'expired_ratio'\ntarget = 1\nlink = 3", "link: found 3"),
        ("[[objective]]\ncolour = 1", "field: found 'colour'"),
        ("[[objective", "write valid TOML"),
        ("x = 1", "found x"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path, text, words):
    path = tmp_path / "slo.toml"
    path.write_text(text)
    with pytest.raises(ParseError) as error:
        load_objectives(path)
    assert str(error.value).startswith(str(path))
    assert words in str(error.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ParseError, match="there is no such file"):
        load_objectives(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ParseError, match="not UTF-8"):
        load_objectives(tmp_path / "bytes.toml")
