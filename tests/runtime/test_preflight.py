"""Preflight: what is too weak, by how much, and that what it asks for would be enough."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

import bellwire
from bellwire.compiler.fidelity import expected_fidelity
from bellwire.compiler.program import Program
from bellwire.errors import MachineError, ProgramError
from bellwire.runtime.losses import losses, too_much
from bellwire.runtime.preflight import Preflight, preflight
from bellwire.targets.load import load_machine
from bellwire.targets.machine import GateQuality, Machine
from bellwire.targets.noise import werner_state

TODAY = date(2026, 5, 1)


@pytest.fixture(scope="module")
def adder() -> tuple[Program, Machine]:
    done = bellwire.compile("examples/circuits/qft_adder_n8.qasm", "ring4-demo", recipe="fast")
    return done.program, done.machine


def look(
    adder: tuple[Program, Machine], machine: Machine | None = None, **more: object
) -> Preflight:
    options = {"today": TODAY} | more
    return preflight(adder[0], machine or adder[1], **options)


def named(report: Preflight) -> set[tuple[str, str]]:
    return {(weak.part, weak.number) for weak in report.weak}


def with_links(machine: Machine, **values: object) -> Machine:
    return replace(machine, links=tuple(replace(link, **values) for link in machine.links))


def with_modules(machine: Machine, **values: object) -> Machine:
    return replace(machine, modules=tuple(replace(m, **values) for m in machine.modules))


def test_a_good_machine_is_ready(adder: tuple[Program, Machine]) -> None:
    program, machine = adder
    machine = replace(machine, calibration={"date": "2026-04-20"})
    report = look(adder, machine)
    assert report.ready
    assert report.warnings == ()
    assert report.success == pytest.approx(expected_fidelity(program, machine))
    assert sum(link.pairs for link in report.links) == program.count("ebit")
    assert all(m.comm_used <= m.comm_qubits for m in report.modules)


def test_losses_add_up_to_the_whole(adder: tuple[Program, Machine]) -> None:
    program, machine = adder
    total = math.fsum(loss.loss for loss in losses(program, machine))
    assert math.exp(-total) == pytest.approx(expected_fidelity(program, machine))


@pytest.mark.parametrize("fidelity", [0.99, 0.8, 0.5])
@pytest.mark.parametrize("wanted", [0.6, 0.9])
def test_what_is_asked_for_is_enough(
    adder: tuple[Program, Machine], fidelity: float, wanted: float
) -> None:
    program, machine = adder
    machine = with_links(machine, state=werner_state(fidelity))
    report = look(adder, machine, min_success=wanted)
    assert report.success is not None
    assert report.ready == (report.success >= wanted)
    better = machine
    for link in report.links:
        known = next(k for k in machine.links if "-".join(k.between) == link.name)
        weak = ("link " + link.name, "fidelity") in named(report)
        if weak:
            assert link.needed is not None
            assert link.needed > link.fidelity
            good = replace(known, state=werner_state(link.needed))
            links = tuple(good if k == known else k for k in better.links)
            better = replace(better, links=links)
    for weak in report.weak:
        if weak.number == "fidelity of 2q gates":
            good_gate = float(weak.needed.split()[0])
            module = better.module(weak.part.removeprefix("module "))
            share = (1 - good_gate) / (1 - module.gate_2q.fidelity)
            good_module = replace(
                module,
                gate_2q=GateQuality(module.gate_2q.ns, good_gate),
                gate_1q=GateQuality(module.gate_1q.ns, 1 - (1 - module.gate_1q.fidelity) * share),
            )
            modules = tuple(good_module if m == module else m for m in better.modules)
            better = replace(better, modules=modules)
    rest = {"fidelity", "fidelity of 2q gates"}
    if all(weak.number in rest for weak in report.weak):
        assert expected_fidelity(program, better) >= wanted * (1 - 1e-3)


def test_a_link_may_fall_as_far_as_it_says(adder: tuple[Program, Machine]) -> None:
    program, machine = adder
    report = look(adder, min_success=0.7)
    used = next(link for link in report.links if link.pairs)
    assert used.needed is not None
    known = next(k for k in machine.links if "-".join(k.between) == used.name)
    worse = replace(known, state=werner_state(used.needed))
    links = tuple(worse if k == known else k for k in machine.links)
    assert expected_fidelity(program, replace(machine, links=links)) == pytest.approx(0.7)


def test_the_fewest_and_largest_losses_are_named(adder: tuple[Program, Machine]) -> None:
    found = losses(*adder)
    success = expected_fidelity(*adder)
    now = math.log(success)
    weak, share = too_much(found, now, success * math.exp(found[0].loss / 2))
    assert weak == found[:1]
    assert share == pytest.approx(0.5)
    assert too_much(found, now, success / 2) == ([], 1.0)


def test_memories_that_are_too_short_are_named(adder: tuple[Program, Machine]) -> None:
    machine = with_modules(adder[1], t1_ns=20_000, t2_ns=10_000)
    report = look(adder, machine)
    assert ("module A", "longest mean wait") in named(report)
    assert any(number == "T2" for _, number in named(report))
    assert not report.ready


def test_pairs_that_outlive_their_qubits_are_named(adder: tuple[Program, Machine]) -> None:
    oldest = max(look(adder).links, key=lambda link: link.age_ns)
    machine = with_modules(adder[1], comm_t2_ns=oldest.age_ns / 2)
    report = look(adder, machine, min_success=0.0)
    assert named(report) == {(f"link {oldest.name}", "mean age of its pairs")}
    found = next(link for link in report.links if link.name == oldest.name)
    assert found.window_used == pytest.approx(2)


def test_a_program_for_another_machine_is_not_ready(adder: tuple[Program, Machine]) -> None:
    machine = adder[1]
    used = next(link for link in look(adder).links if link.pairs)
    links = tuple(k for k in machine.links if "-".join(k.between) != used.name)
    report = look(adder, replace(machine, links=links))
    assert [weak.part for weak in report.weak] == ["program"]
    assert "no link between " in str(report.weak[0])


@pytest.mark.parametrize(
    ("words", "weak", "warned"),
    [("2026-04-20", 0, 0), ("2026-03-01", 1, 0), ("2026-05-02", 0, 1), (None, 0, 1)],
)
def test_the_age_of_the_calibration_counts(
    adder: tuple[Program, Machine], words: str | None, weak: int, warned: int
) -> None:
    machine = replace(adder[1], calibration={} if words is None else {"date": words})
    report = look(adder, machine)
    assert (len(report.weak), len(report.warnings)) == (weak, warned)
    if weak:
        assert str(report.weak[0]) == (
            "machine: age of the calibration is 61 days; needed: at most 30 days"
        )
        assert look(adder, machine, max_age_days=61).ready


def test_bad_numbers_are_refused(adder: tuple[Program, Machine]) -> None:
    machine = replace(adder[1], calibration={"date": "in May"})
    with pytest.raises(MachineError, match=r"calibration\.date: found 'in May'"):
        look(adder, machine)
    with pytest.raises(MachineError, match=r"min success: found 1\.5"):
        look(adder, min_success=1.5)
    with pytest.raises(MachineError, match="max age: found -1"):
        look(adder, max_age_days=-1)
    circuit = bellwire.read("examples/circuits/ghz_n6.qasm")
    with pytest.raises(ProgramError, match="compile it to the end"):
        preflight(circuit, load_machine("ring4-demo"))


def test_a_hopeless_program_still_hears_why(adder: tuple[Program, Machine]) -> None:
    program, machine = adder
    bad = with_modules(machine, gate_2q=GateQuality(200, 0.201), t1_ns=1e3, t2_ns=1e3)
    report = look((program, bad), with_links(bad, state=werner_state(0.25)))
    assert report.success is not None
    assert report.success < 1e-12
    assert len(report.weak) > 3
    assert "link " in " ".join(weak.part for weak in report.weak)
