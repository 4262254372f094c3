"""Metrics and traces: names and labels of the table, known numbers, other people's readers."""

import json
import sys
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from protocols import builder_on, machine_of, telegate

import bellwire
from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Stage
from bellwire.errors import RunError
from bellwire.runtime.link_layer.service import LinkLayer
from bellwire.runtime.telemetry.measurements import Measurements, buffered
from bellwire.runtime.telemetry.metrics import BY_NAME, METRICS
from bellwire.runtime.telemetry.of_link_layer import measure_link_layer
from bellwire.runtime.telemetry.of_run import RunMeasurer, measure_run
from bellwire.runtime.telemetry.prometheus import prometheus_text, serve_metrics
from bellwire.runtime.telemetry.spans import Span, link_layer_spans, run_spans
from bellwire.runtime.telemetry.traces import otlp_json
from bellwire.targets.machine import GateQuality, Module
from bellwire.targets.noise import idle_pauli, store_pair, werner_state

GHZ = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[6];
creg c[6];
h q[0];
cx q[0],q[1];
cx q[0],q[2];
cx q[1],q[3];
cx q[0],q[4];
cx q[2],q[5];
cx q[5],q[1];
measure q -> c;
"""


def read(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """The samples of Prometheus text by name and labels, checked against the table."""
    out: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        name = family.name + ("_total" if family.type == "counter" else "")
        metric = BY_NAME[name]
        assert family.type == ("gauge" if metric.type == "info" else metric.type)
        assert family.documentation == metric.help
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(metric.labels)
            labels = tuple(
                sample.labels[key] for key in (*metric.labels, "le") if key in sample.labels
            )
            out.setdefault(sample.name, {})[labels] = sample.value
    return out


def decaying() -> Module:
    return Module("A", 2, gate_1q=GateQuality(30), t1_ns=3e6, t2_ns=1e6)


def test_names_follow_the_conventions():
    for metric in METRICS:
        assert metric.name.startswith("dqc_")
        assert (metric.type == "counter") == metric.name.endswith("_total")
        assert (metric.type == "histogram") == bool(metric.buckets)
        if metric.unit == "s":
            assert "_seconds" in metric.name
            assert metric.help.endswith("(simulated time)")
        assert list(metric.buckets) == sorted(metric.buckets)
    assert BY_NAME["dqc_herald_latency_seconds"].buckets[::24] == (1e-6, 100.0)


def test_a_certain_telegate_in_numbers():
    machine = machine_of(state=werner_state(0.95), message_ns=200, module=decaying())
    measured = measure_run(telegate(machine), machine, 10, 0)
    text = read(prometheus_text(measured))
    assert text["dqc_link_attempts_total"] == {
        ("A-B", "herald"): 10, ("A-B", "fail"): 0, ("A-B", "dark"): 0,
    }  # fmt: skip
    assert text["dqc_pairs_total"]["A-B", "consumed"] == 10
    assert text["dqc_requests_total"]["A-B", "OK"] == 10
    assert text["dqc_herald_latency_seconds_sum"]["A-B", "0", "keep"] == pytest.approx(10e-6)
    assert text["dqc_herald_latency_seconds_bucket"]["A-B", "0", "keep", "1e-06"] == 10
    assert text["dqc_link_queue_wait_seconds_sum"]["A-B", "0"] == 0
    assert text["dqc_pair_fidelity_ratio_sum"]["A-B", "use", "true"] == pytest.approx(9.5)
    # 1000 pair, 60 cx, 500 readout, 200 message, 30 x, 60 cx, 30 h, 500 readout
    gate = text["dqc_remote_gate_seconds_sum"]["session", "telegate"]
    assert gate == pytest.approx(10 * 2380e-9)
    assert text["dqc_feedforward_seconds_count"] == {("A", "B"): 10, ("B", "A"): 10}
    assert text["dqc_feedforward_seconds_sum"]["A", "B"] == pytest.approx(10 * 200e-9)
    assert text["dqc_stall_seconds_total"] == {
        ("pair",): pytest.approx(10e-6), ("ff",): pytest.approx(4e-6),
    }  # fmt: skip
    # the far half waits for readout and message; the near one for nothing
    waits = sum(idle_pauli(60 + 500 + 200, 3e6, 1e6))
    assert text["dqc_idle_infidelity_total"][("B",)] == pytest.approx(10 * waits)
    assert text["dqc_up"] == {("A",): 1, ("B",): 1, ("A-B",): 1}
    assert text["dqc_buffer_pairs"][("A-B",)] == 0  # each is used at once
    assert text["dqc_effective_gate_rate_hertz"].popitem()[1] == pytest.approx(1 / 2610e-9)
    assert text["dqc_shots_total"].popitem()[1] == 10
    assert len(text["dqc_build_info"]) == len(text["dqc_preset_info"]) == 1


def test_chance_and_age():
    machine = machine_of(
        success=0.02, dark=0.1, comm_qubits=2, state=(0.9, 0.06, 0.03, 0.01), module=decaying()
    )
    compiled = bellwire.compile(GHZ, machine_with_room(machine))
    measurer = RunMeasurer(compiled.program, compiled.machine)
    measured = measurer.measure(1000, 3)
    pairs = measured.total("dqc_pairs_total")
    heralds = measured.total("dqc_link_attempts_total", outcome="herald")
    dark = measured.total("dqc_link_attempts_total", outcome="dark")
    assert pairs == heralds + dark == 1000 * compiled.report["ebits"]
    assert dark == pytest.approx(0.1 * pairs, abs=1)
    attempts = measured.total("dqc_link_attempts_total")
    assert pairs / attempts == pytest.approx(0.02, rel=0.06)
    age = measured.all_samples("dqc_pair_age_seconds")
    used = measured.all_samples("dqc_pair_fidelity_ratio", stage="use")
    oldest = int(age.argmax())
    ends = (3e6, 1e6)
    link = compiled.machine.links[0]
    stored = store_pair(link.delivered, age[oldest] * 1e9, first=ends, second=ends)
    assert used[oldest] == pytest.approx(stored[0])
    assert not measured.samples.get("dqc_coherence_window_used_ratio")


def machine_with_room(machine):
    from dataclasses import replace

    modules = tuple(replace(m, data_qubits=3) for m in machine.modules)
    return replace(machine, modules=modules)


@pytest.mark.parametrize("shape", ["complete", "line"])
def test_a_replay_ends_when_the_timeline_does(shape):
    machine = machine_of(3, shape=shape, data_qubits=2, comm_qubits=2, success=0.2)
    compiled = bellwire.compile(GHZ, machine)
    measurer = RunMeasurer(compiled.program, machine)
    drawn = measurer.draw(30, 5)
    for shot in range(30):
        start, end = measurer.replay.shot(drawn, shot)
        assert end.max() == drawn.makespan_ns[shot]
        assert np.array_equal((end - start)[drawn.pairs], drawn.latency_ns[:, shot])


def test_swapped_pairs_are_told_apart():
    machine = machine_of(3, data_qubits=1, comm_qubits=2)
    b = builder_on(machine, 4)  # A: 0, 1 2; B: 3, 4 5; C: 6, 7 8
    b.append("ebit", [1, 4])
    b.append("ebit", [5, 7])
    b.append("cx", [4, 5])
    b.append("h", [4])
    b.append("measure", [4], bits=[0])
    b.append("measure", [5], bits=[1])
    b.append("x", [7], condition=bit(1))
    b.append("z", [7], condition=bit(0))
    b.append("cx", [0, 1])
    b.append("measure", [1], bits=[2])
    b.append("x", [7], condition=bit(2))
    b.append("cx", [7, 6])
    b.append("h", [7])
    b.append("measure", [7], bits=[3])
    b.append("z", [0], condition=bit(3))
    measured = measure_run(b.finish(Stage.LOWERED), machine, 5, 0)
    assert measured.totals["dqc_swap_total"] == {("B", "ok"): 5}
    assert measured.total("dqc_pairs_total", fate="swapped") == 10
    assert measured.total("dqc_pairs_total") == 10


def test_cut_offs_give_the_window_and_the_expired():
    machine = machine_of(3, shape="line", data_qubits=2, comm_qubits=2, success=0.1, cutoff_ns=8000)
    compiled = bellwire.compile(GHZ, machine)
    measured = measure_run(compiled.program, machine, 200, 1)
    window = measured.all_samples("dqc_coherence_window_used_ratio")
    assert 0 < window.max() <= 1
    assert measured.total("dqc_pairs_total", fate="expired") > 0
    expired = measured.total("dqc_requests_total", code="EXPIRE")
    assert expired == measured.total("dqc_pairs_total", fate="expired")


def test_what_a_link_layer_measures():
    machine = machine_of(3, comm_qubits=2, success=0.5, state=werner_state(0.95))
    service = LinkLayer(machine, seed=1)
    service.change_link("A", "B", fidelity=0.9)
    service.create("A", "B", number=20, priority=2, consecutive=True, hold_ns=100, cutoff_ns=1000)
    service.create("A", "C", number=10, consecutive=True, hold_ns=0)
    service.create("B", "C", kind="measure", number=5)
    service.create("A", "B", min_fidelity=0.99)
    service.run()
    service.create("A", "B", number=50, consecutive=True)  # more than are ever released
    service.run()
    text = read(prometheus_text(measure_link_layer(service)))
    requests = text["dqc_requests_total"]
    assert requests == {
        ("A-B", "OK"): 1, ("A-C", "OK"): 1, ("B-C", "OK"): 1, ("A-B", "UNSUPP"): 1,
        ("A-B", "QUEUED"): 1,
    }  # fmt: skip
    pairs = text["dqc_pairs_total"]
    assert pairs["A-B", "consumed"] == 20
    assert pairs["A-B", "swapped"] == pairs["B-C", "swapped"] == pairs["A-C", "consumed"] == 10
    assert text["dqc_swap_total"] == {("B", "ok"): 10}
    assert text["dqc_herald_latency_seconds_count"]["A-B", "2", "keep"] == 20
    assert text["dqc_link_queue_depth"] == {("A-B", "0"): 1}
    heralds = text["dqc_link_attempts_total"]["A-B", "herald"]
    assert text["dqc_pair_fidelity_ratio_count"]["A-B", "herald", "true"] == heralds
    true = text["dqc_pair_fidelity_ratio_sum"]["A-B", "herald", "true"] / heralds
    assert true == pytest.approx(0.9 * 0.95 + 0.1 / 4)
    guess = text["dqc_pair_fidelity_ratio_sum"]["A-B", "herald", "goodness"] / heralds
    assert guess == pytest.approx(0.95)
    window = text["dqc_coherence_window_used_ratio_sum"]["A-B",] / 20
    assert window == pytest.approx(0.1)
    assert text["dqc_faults_total"] == {("drift", "wait"): 1}
    assert "dqc_recovery_seconds_count" not in text  # it never ended


def test_buffers_count_pairs_that_wait():
    assert buffered([0, 10, 15], [5, 20, 40], 100) == (0.35, 0.40)
    assert buffered([], [], 100) == (0, 0)
    service = LinkLayer(machine_of(comm_qubits=2))
    service.create("A", "B", number=2, consecutive=True)
    service.change_link("A", "B", at_ns=3000, up=False, error="TIME_MISMATCH")
    service.change_link("A", "B", at_ns=5000)
    service.run(until_ns=11_200)  # made at 1200 and 2200
    measured = measure_link_layer(service)
    assert measured.total("dqc_buffer_pairs") == pytest.approx(19_000 / 11_200)
    assert measured.total("dqc_buffer_available_ratio") == pytest.approx(10_000 / 11_200)
    recovered = measured.samples["dqc_recovery_seconds"]
    assert recovered == {("skew", "wait"): pytest.approx([2e-6])}


def test_measurements_refuse_what_the_table_does_not_have():
    with pytest.raises(RunError, match="dqc_speed"):
        Measurements({"dqc_speed": {(): 1.0}})
    with pytest.raises(RunError, match="must be"):
        Measurements({"dqc_up": {("A", "B"): 1.0}})
    with pytest.raises(RunError, match="of its type"):
        Measurements({"dqc_pair_age_seconds": {("A-B",): 1.0}})


def test_the_endpoint_says_what_the_file_says():
    machine = machine_of()
    measured = measure_run(telegate(machine), machine, 10, 0)
    server = serve_metrics(measured, 0)
    try:
        with urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=10) as answer:
            assert read(answer.read().decode()) == read(prometheus_text(measured))
        with pytest.raises(RunError, match="give another"):
            serve_metrics(measured, server.server_port)
    finally:
        server.shutdown()
        server.server_close()


def test_missing_packages_are_named(monkeypatch):
    machine = machine_of()
    measured = measure_run(telegate(machine), machine, 1, 0)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(RunError, match=r"pip install 'bellwire\[metrics\]'"):
        prometheus_text(measured)
    with pytest.raises(RunError, match=r"pip install 'bellwire\[traces\]'"):
        otlp_json(())


def otlp_spans(text: str) -> list[dict]:
    (whole,) = json.loads(text)["resourceSpans"]
    marks = {a["key"]: a["value"]["stringValue"] for a in whole["resource"]["attributes"]}
    assert marks == {"service.name": "bellwire", "time.domain": "sim"}
    (scope,) = whole["scopeSpans"]
    return scope["spans"]


def check_tree(spans: list[dict]) -> None:
    by_id = {span["spanId"]: span for span in spans}
    assert len(by_id) == len(spans)
    for span in spans:
        assert len(span["traceId"]) == 32
        start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        assert 0 <= start <= end
        if "parentSpanId" in span:
            parent = by_id[span["parentSpanId"]]
            assert parent["traceId"] == span["traceId"]
            assert int(parent["startTimeUnixNano"]) <= start
            assert end <= int(parent["endTimeUnixNano"])


def test_traces_of_a_run():
    machine = machine_of(3, shape="line", data_qubits=2, comm_qubits=2, success=0.1)
    compiled = bellwire.compile(GHZ, machine)
    spans = run_spans(compiled.program, machine, 4, 7)
    text = otlp_json(spans, seed=7)
    found = otlp_spans(text)
    check_tree(found)
    names = [span["name"] for span in found]
    assert names.count("shot 0") == 1
    assert names.count("remote gate") == names.count("request") == 4 * compiled.report["ebits"]
    assert text == otlp_json(spans, seed=7) != otlp_json(spans, seed=8)


def test_traces_of_a_link_layer():
    service = LinkLayer(machine_of(success=0.1), seed=1)
    service.create("A", "B", at_ns=500)
    service.create("A", "B", deadline_ns=2500, at_ns=1000, purpose=3)
    service.create("A", "B")
    service.run()
    found = otlp_spans(otlp_json(link_layer_spans(service)))
    check_tree(found)
    requests = {s["traceId"]: s for s in found if s["name"] == "request"}
    assert len(requests) == 3
    status = [s.get("status") for s in requests.values()]
    assert status.count(None) >= 1
    assert any(s and s["code"] == 2 for s in status)


def test_values_keep_their_types():
    span = Span("a", 0, 3, {"n": 3, "x": 0.5, "s": "t"}, (), "TIMEOUT")
    (found,) = otlp_spans(otlp_json([span]))
    assert found["attributes"] == [
        {"key": "n", "value": {"intValue": "3"}},
        {"key": "x", "value": {"doubleValue": 0.5}},
        {"key": "s", "value": {"stringValue": "t"}},
    ]
    assert found["status"] == {"code": 2, "message": "TIMEOUT"}


def test_the_page_has_the_table():
    page = (Path(__file__).resolve().parents[2] / "docs" / "telemetry.md").read_text()
    rows = [
        f"| `{m.name}` | `{m.otel}` | {m.unit} | {m.type} | {', '.join(m.labels)} | {m.help} |"
        for m in METRICS
    ]
    assert [line for line in page.splitlines() if line.startswith("| `dqc")] == rows
