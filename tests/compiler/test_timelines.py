"""Sampled timelines: waits for pairs, ages, gaps, capacity, cut-offs."""

import math
from dataclasses import replace

import numpy as np
import pytest
from protocols import PERFECT, add_telegate, builder_on, machine_of, telegate

from bellwire.compiler import timelines
from bellwire.compiler.conditions import bit
from bellwire.compiler.idle import find_gaps
from bellwire.compiler.noise_events import noise_events
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.timelines import TimelineSampler, sample_timelines, sampled_idle
from bellwire.compiler.timelines_kernel import attempts_until_herald, chance_key, mix
from bellwire.compiler.timing import durations_ns, makespan_ns
from bellwire.compiler.waits import waits
from bellwire.errors import MachineError


def pairs_program(machine, pairs: int, apart: int = 0) -> Program:
    """Pairs on separate qubits of one link."""
    b = builder_on(machine, 1)
    a, c = machine.module("A").data_qubits, machine.offsets["B"] + machine.module("B").data_qubits
    for k in range(pairs):
        b.append("ebit", [a + k, c + k])
    if apart:
        for k in range(pairs):
            b.append("delay", [a + k], [apart * 1e-9])
            b.append("h", [a + k])
    return b.finish(Stage.LOWERED)


def test_one_pair_waits_one_over_p():
    machine = machine_of(success=0.02, attempt_ns=10)
    spans = sample_timelines(pairs_program(machine, 1), machine, 40_000, 1).makespan_ns / 10
    assert spans.min() >= 1
    assert spans.mean() == pytest.approx(50, rel=0.02)
    assert spans.var() == pytest.approx(0.98 / 0.02**2, rel=0.06)
    assert (spans <= 30).mean() == pytest.approx(1 - 0.98**30, abs=0.01)


@pytest.mark.parametrize(("pairs", "mean"), [(2, 149.75), (4, 207.79), (8, 270.93)])
def test_parallel_pairs_wait_for_the_slowest(pairs, mean):
    machine = machine_of(success=0.01, attempt_ns=10, comm_qubits=8, capacity=8)
    spans = sample_timelines(pairs_program(machine, pairs), machine, 20_000, 2).makespan_ns / 10
    assert spans.mean() == pytest.approx(mean, rel=0.02)


@pytest.mark.parametrize(("capacity", "mean"), [(1, 400), (2, 250)])
def test_capacity_lets_pairs_queue(capacity, mean):
    # Two servers, four exponential jobs: two starts, 1/2 + 1/2 until the last two run, then 3/2.
    machine = machine_of(success=0.01, attempt_ns=10, comm_qubits=4, capacity=capacity)
    spans = sample_timelines(pairs_program(machine, 4), machine, 20_000, 3).makespan_ns / 10
    assert spans.mean() == pytest.approx(mean, rel=0.02)


def test_certain_links_give_the_expected_schedule():
    machine = machine_of(3, data_qubits=1, message_ns=350)
    b = builder_on(machine, 4)
    add_telegate(b, 0, 1, 3, 2, (0, 1))
    add_telegate(b, 2, 3, 5, 4, (2, 3))
    program = b.finish(Stage.LOWERED)
    spans = sample_timelines(program, machine, 5, 0).makespan_ns
    assert set(spans.tolist()) == {makespan_ns(program, machine)}


def test_ages_and_gaps():
    machine = machine_of(comm_qubits=2)
    b = builder_on(machine, 1)
    b.append("h", [0])
    b.append("ebit", [2, 6])
    b.append("ebit", [3, 7])  # the link has one slot: heralded 1000 ns after the first
    b.append("cx", [2, 3])
    b.append("cx", [0, 2])
    program = b.finish(Stage.LOWERED)
    drawn = sample_timelines(program, machine, 3, detail=True)
    assert drawn.pairs.tolist() == [1, 2]
    assert drawn.age_ns.tolist() == [[1000] * 3, [0] * 3]
    assert drawn.latency_ns.tolist() == [[1000] * 3, [2000] * 3]
    gaps = find_gaps(program)
    lasts = {(r, q): ns for r, q, ns in zip(gaps.rows, gaps.qubits, drawn.gap_ns[:, 0])}
    assert lasts == {(3, 2): 1000, (3, 3): 0, (4, 0): 2000 + 60 - 30, (4, 2): 0}


def test_control_flow_in_timelines():
    machine = machine_of(success=0.5)
    b = builder_on(machine, 1)
    turn, once = b.child(), b.child()
    turn.append("ebit", [2, 5])
    once.append("h", [0])
    b.append("for_loop", [2, 5], [4], blocks=[turn])
    b.append("if_else", [0], condition=bit(0), blocks=[once])
    spans = sample_timelines(b.finish(Stage.LOWERED), machine, 10_000, 4).makespan_ns
    assert spans.mean() == pytest.approx(8000, rel=0.02)
    assert spans.var() == pytest.approx(4 * 0.5 / 0.25 * 1e6, rel=0.08)


def test_a_herald_comes_once_per_pair_after_its_attempts():
    plain = machine_of(success=0.5)
    late = replace(plain, links=tuple(replace(link, herald_ns=1e4) for link in plain.links))
    program = telegate(plain)
    before, after = (sample_timelines(program, m, 50, 3).makespan_ns for m in (plain, late))
    assert (after - before == 10_000).all()
    assert makespan_ns(program, late) - makespan_ns(program, plain) == 10_000


def random_program(machine, rows: int, seed: int) -> Program:
    """Pairs, gates, measurements and corrections on a ring of modules with 2 + 2 qubits."""
    random = np.random.default_rng(seed)
    b = builder_on(machine, 6)
    for _ in range(rows):
        kind, m = random.integers(5), int(random.integers(len(machine.modules)))
        base, after = 4 * m, 4 * ((m + 1) % len(machine.modules))
        pick = (base + random.permutation(4)[:2]).tolist()
        if kind == 0:
            b.append("ebit", [base + 2, after + 3])
        elif kind == 1:
            b.append("cx", pick)
        elif kind == 2:
            b.append("measure", pick[:1], bits=[int(random.integers(6))])
        elif kind == 3:
            b.append("x", pick[:1], condition=bit(int(random.integers(6))))
        else:
            b.append(("h", "reset", "barrier")[int(random.integers(3))], pick[:1])
    return b.finish(Stage.LOWERED)


def plain_sweep(program, machine, attempts, cutoff):
    """One timeline by dictionaries; `attempts(row, k)`: of the k-th new pair for one use."""
    wait, durations = waits(program, machine), durations_ns(program, machine)
    ends, slots = [], [[0] * link.capacity for link in machine.links]
    fresh, ages, expired = {}, {}, 0

    def ask(row, asked, count):
        wire, mine = machine.links[wait.link[row]], slots[wait.link[row]]
        k = mine.index(min(mine))
        mine[k] = max(mine[k], asked) + math.ceil(attempts(row, count) * wire.attempt_ns)
        return mine[k]

    for i, op in enumerate(program.ops):
        rows = range(wait.first[i], wait.first[i + 1])
        pairs = set()
        if op.row.family is not Family.MARK:
            pairs = {fresh.pop(q) for q in op.qubits if q in fresh}
            pairs = {r for r in pairs if r not in ages} if op.name != "ebit" else set()
            if op.name == "reset":
                pairs = set()
        count = 0
        while True:
            start = max([0, *(ends[wait.before[k]] + wait.lag_ns[k] for k in rows)])
            start = max([start, *(ends[r] for r in pairs)])
            old = sorted(r for r in pairs if start - ends[r] > cutoff)
            if not old:
                break
            for r in old:
                if max([start, *(ends[k] for k in pairs)]) - ends[r] > cutoff:
                    count += 1
                    ends[r] = ask(r, ends[r] + cutoff, count)
        expired += count
        ages.update({r: start - ends[r] for r in pairs})
        if op.name == "ebit":
            ends.append(ask(i, start, 0))
            fresh.update(dict.fromkeys(op.qubits, i))
        else:
            ends.append(start + durations[i])
    return max(ends), ages, expired


def luck(sampler, seed, shot, success):
    """The attempts of a pair of a row, by hand."""
    number = {int(row): k for k, row in enumerate(sampler.pairs)}
    scale = 1 / math.log1p(-success)
    return lambda row, count: attempts_until_herald(
        chance_key(mix(seed), number[row], count), shot, scale
    )


@pytest.mark.parametrize("cutoff", [math.inf, 3000.0])
def test_sweep_follows_the_plain_one(cutoff):
    machine = machine_of(3, shape="ring", comm_qubits=2, success=0.3, capacity=2, cutoff_ns=cutoff)
    for seed in range(5):
        program = random_program(machine, 80, seed)
        sampler = TimelineSampler(program, machine)
        drawn = sampler.sample(4, seed, detail=True)
        gone = 0
        for shot in range(4):
            attempts = luck(sampler, seed, shot, 0.3)
            span, ages, expired = plain_sweep(program, machine, attempts, cutoff)
            gone += expired
            assert drawn.makespan_ns[shot] == span
            noted = dict(zip(drawn.pairs.tolist(), drawn.age_ns[:, shot].tolist()))
            assert all(noted[r] == age <= cutoff for r, age in ages.items())
        assert drawn.expired.sum() == gone
        assert (drawn.made == drawn.expired + 4 * count_by_link(program, machine)).all()


def count_by_link(program, machine):
    return np.bincount(waits(program, machine).link + 1, minlength=len(machine.links) + 1)[1:]


@pytest.mark.parametrize(("window", "mean"), [(5, 285.22), (20, 122.972), (100, 78.49)])
def test_cut_off_follows_the_closed_form(window, mean):
    # Two segments; the older pair goes when the other is not there `window` attempts later:
    # success P = p/(2-p) + (2q/(2-p))(1 - q^m), mean [1/(1-q^2) + (2q/(2-p))(1 - q^m)/p] / P.
    p = 0.02
    machine = machine_of(
        3, shape="line", data_qubits=1, comm_qubits=2, success=p, attempt_ns=10,
        cutoff_ns=10.0 * window,
    )  # fmt: skip
    b = builder_on(machine, 1)
    b.append("ebit", [1, 4])
    b.append("ebit", [5, 7])
    b.append("cx", [4, 5])
    drawn = sample_timelines(b.finish(Stage.LOWERED), machine, 20_000, 5)
    spans = (drawn.makespan_ns - 60) / 10
    q = 1 - p
    late = 2 * q / (2 - p) * (1 - q**window)
    assert (1 / (1 - q * q) + late / p) / (p / (2 - p) + late) == pytest.approx(mean, abs=0.01)
    assert abs(spans.mean() - mean) < 4 * spans.std() / np.sqrt(len(spans))
    assert drawn.made.sum() == 40_000 + drawn.expired.sum()


def test_a_cut_off_that_no_pairs_meet_is_refused():
    machine = machine_of(comm_qubits=2, cutoff_ns=500.0)
    b = builder_on(machine, 1)
    b.append("ebit", [2, 6])
    b.append("ebit", [3, 7])
    b.append("cx", [2, 3])
    with pytest.raises(MachineError, match=r"operation 2 .*cut-off"):
        sample_timelines(b.finish(Stage.LOWERED), machine, 1)


def test_a_shot_is_the_same_whoever_else_is_drawn_and_however_fast(monkeypatch):
    machine = machine_of(3, shape="ring", comm_qubits=2, success=0.3, cutoff_ns=4000.0)
    sampler = TimelineSampler(random_program(machine, 60, 1), machine)
    few, later = sampler.sample(12, 7, detail=True), sampler.sample(6, 7, first=6)
    assert (few.makespan_ns[6:] == later.makespan_ns).all()
    monkeypatch.setattr(timelines, "SMALL", 0)
    monkeypatch.setattr(timelines, "_CELLS", 100)
    fast = sampler.sample(12, 7, detail=True)
    for name in ("makespan_ns", "attempts", "made", "expired", "age_ns", "tries", "gap_ns"):
        assert (getattr(few, name) == getattr(fast, name)).all()


def test_attempts_disturb_qubits_that_wait_for_them():
    machine = machine_of(success=0.25, module=replace(PERFECT, attempt_dephasing=0.01))
    b = builder_on(machine, 1)
    b.append("h", [0])
    b.append("ebit", [2, 5])
    b.append("ebit", [2, 5])
    b.append("h", [0])
    program = b.finish(Stage.LOWERED)
    idle = next(sampled_idle(program, machine, TimelineSampler(program, machine), 1, 2))
    tries = sample_timelines(program, machine, 1, 2, detail=True).tries.sum()
    assert [(g.row, g.qubit, g.attempts) for g in idle.gaps if g.attempts] == [(3, 0, tries)]
    (channel,) = noise_events(program, machine, idle).before[3]
    assert channel.weights == pytest.approx((0, 0, (1 - 0.98**tries) / 2))
