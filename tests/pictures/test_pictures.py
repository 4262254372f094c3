"""Pictures mean what they show: arcs are e-bits, colours are modules, bars add up."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from pictures.programs import compiled, long_program

import bellwire
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.ebit_totals import link_name
from bellwire.compiler.ebit_uses import ebit_uses
from bellwire.compiler.fidelity import expected_fidelity, fidelity_budget
from bellwire.compiler.program import Stage
from bellwire.errors import MachineError, NotSupported
from bellwire.pictures import Picture, to_matplotlib
from bellwire.pictures.colours import THEME, module_colour, text_on
from bellwire.pictures.pairs import bell_pairs
from bellwire.pictures.shapes import MOST_SHAPES, Arc, Disc, Line, Rect, Text
from bellwire.pictures.times import time_text, times_of
from bellwire.runtime.result import Result

KINDS = ("timeline", "partition", "ebits", "fidelity", "network")


def _of(picture: Picture, kind: type) -> list:
    return [shape for shape in picture.shapes if isinstance(shape, kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_same_program_same_bytes_and_well_formed(kind: str) -> None:
    picture = compiled().draw(kind)
    assert picture.svg == bellwire.draw(compiled(), kind).svg == picture._repr_svg_()
    root = ElementTree.fromstring(picture.svg)
    assert float(root.get("width")) == pytest.approx(picture.width, abs=0.01)
    assert len(picture.shapes) <= MOST_SHAPES


@pytest.mark.parametrize("kind", KINDS)
def test_everything_lies_on_the_sheet(kind: str) -> None:
    picture = compiled().draw(kind)
    for shape in picture.shapes:
        if isinstance(shape, Rect):
            assert shape.x >= -0.1
            assert shape.x + shape.width <= picture.width + 0.1
            assert shape.y + shape.height <= picture.height + 0.1
        elif isinstance(shape, Text):
            assert 0 < shape.y <= picture.height


def test_each_bell_pair_is_one_arc_between_its_modules() -> None:
    program = compiled().program
    arcs = _of(compiled().draw(), Arc)
    assert len(arcs) == program.count("ebit") == compiled().report["ebits"]
    made = [op for op in program.ops if op.name == "ebit"]
    for arc, op in zip(arcs, made):
        ends = {program.qubits[q].module for q in op.qubits}
        name = arc.title.split(",")[1].strip()
        assert set(name.split("-")) == ends


def test_pairs_are_heralded_before_they_are_used() -> None:
    times = times_of(compiled().program, compiled().machine)
    pairs = bell_pairs(times)
    assert (pairs.asked < pairs.heralded).all()
    assert (pairs.heralded[:, None] <= pairs.used).all()
    assert (pairs.used <= times.span).all()


def test_age_is_from_the_herald_to_the_first_use() -> None:
    program, machine = long_program(1)
    builder = ProgramBuilder.like(program)
    builder.append("delay", [0], angles=[25e-6])
    for op in program.ops:
        builder.append_op(op)
    late = builder.finish(Stage.LOWERED)
    herald_ns = machine.links[0].wait_ns
    assert bell_pairs(times_of(program, machine)).age.tolist() == [0]
    assert bell_pairs(times_of(late, machine)).age.tolist() == [25_000 - herald_ns]
    waits = [line.title for line in _of(late.draw(machine=machine), Line) if line.stroke == "old"]
    assert waits[0] == "pair 1 waits for 15 us"


def test_boxes_have_the_colour_of_their_module_in_all_pictures() -> None:
    names = [m.name for m in compiled().machine.modules]
    colours = {name: module_colour(i) for i, name in enumerate(names)}
    discs = {d.title.split(":")[0]: d.fill for d in _of(compiled().draw("network"), Disc)}
    assert discs == colours
    lanes = {r.title: r.fill for r in _of(compiled().draw(), Rect) if r.title in colours}
    assert lanes == colours
    for box in _of(compiled().draw("partition"), Rect):
        if " in " in box.title:
            assert box.fill == colours[box.title.split(" in ")[1].split(",")[0]]


def test_module_colours_differ_and_their_text_is_readable() -> None:
    assert len({module_colour(i) for i in range(64)}) == 64
    assert {text_on("#ffffff"), text_on("#000000")} == {"#10161c", "#ffffff"}


def test_ebits_by_source_add_up_to_those_that_serve_gates() -> None:
    bars = [b for b in _of(compiled().draw("ebits"), Rect) if b.fill in ("pair", "muted")]
    serving = sum(bool(use.gates) for use in ebit_uses(compiled().program))
    assert sum(float(bar.title) for bar in bars) == pytest.approx(serving, rel=0.01)


def test_fidelity_budget_multiplies_to_the_expected_fidelity() -> None:
    program, machine = compiled().program, compiled().machine
    budget = fidelity_budget(program, machine)
    assert math.exp(sum(budget.values())) == pytest.approx(expected_fidelity(program, machine))
    assert all(loss < 0 for loss in budget.values())
    links = {"-".join(sorted(where.split("-"))) for what, where in budget if what == "Bell pairs"}
    assert links == {link_name(use) for use in ebit_uses(program)}
    last = _of(compiled().draw("fidelity"), Rect)[-1]
    assert float(last.title.split()[-1]) == pytest.approx(math.exp(sum(budget.values())), rel=1e-5)


def test_fidelity_budget_of_perfect_parts_blames_the_link_alone() -> None:
    program, machine = long_program(10)
    link = replace(machine.links[0], state=(0.97, 0.03, 0.0, 0.0))
    budget = fidelity_budget(program, replace(machine, links=(link,)))
    assert budget == {("Bell pairs", "A-B"): pytest.approx(10 * math.log(0.97))}


@pytest.mark.parametrize("kind", ["timeline", "partition", "ebits"])
def test_pictures_of_many_operations_stay_small(kind: str) -> None:
    program, machine = long_program(12_500, modules=5)
    assert len(program) == 100_000
    picture = program.draw(kind, machine=machine)
    assert len(picture.shapes) <= MOST_SHAPES
    assert len(picture.svg) < 1_000_000
    words = " ".join(text.text for text in _of(picture, Text))
    assert {"timeline": "put together", "partition": "most common home", "ebits": "more"}[
        kind
    ] in words


def test_a_window_shows_its_operations_alone() -> None:
    program, machine = long_program(500)
    span = times_of(program, machine).span
    arcs = _of(program.draw(machine=machine, window=(0, span / 50)), Arc)
    assert 10 <= len(arcs) <= 11
    assert 10 <= len(_of(program.draw(machine=machine, window=(span / 2, span * 0.52)), Arc)) <= 12


def test_without_a_machine_time_is_counted_in_steps() -> None:
    program, _ = long_program(3)
    words = [text.text for text in _of(program.draw(), Text)]
    assert any(" steps (no machine given)" in word for word in words)
    assert len(_of(program.draw(), Arc)) == 3


def test_text_is_escaped() -> None:
    program, machine = long_program(1)
    machine = replace(machine, name='<script>alert("1")</script>&')
    for picture in (machine.draw(), replace(program, name="<b>&").draw()):
        assert "<script>" not in picture.svg
        assert "<b>" not in picture.svg
        ElementTree.fromstring(picture.svg)


def test_the_dark_has_a_colour_for_each_of_the_light() -> None:
    svg = compiled().draw().svg
    light, dark = svg.split("@media(prefers-color-scheme:dark)")
    for name, (in_light, in_dark) in THEME.items():
        assert f".bw-{name}{{fill:{in_light}}}" in light
        assert f".bw-{name}{{fill:{in_dark}}}" in dark


def test_result_draws_makespans_and_counts() -> None:
    result = compiled().run(200, seed=1, backend="timing")
    bars = [b for b in _of(result.draw(), Rect) if b.fill == "gate"]
    assert sum(int(b.title.split()[0]) for b in bars) == len(result.makespans_ns)
    counted = Result({"01": 3, "10": 7}, 10, np.zeros(0, int), {}, None, "aer", 1, "p")
    bars = [b for b in _of(counted.draw("counts"), Rect) if b.fill == "gate"]
    assert [(b.title, b.width / bars[0].width) for b in bars] == [
        ("10", 1.0),
        ("01", pytest.approx(3 / 7)),
    ]
    assert "Counts" in counted._repr_svg_()


def test_what_cannot_be_drawn_is_said() -> None:
    program, _ = long_program(1)
    with pytest.raises(NotSupported, match="one of timeline, partition"):
        program.draw("pie")
    with pytest.raises(MachineError, match="needs the machine"):
        program.draw("fidelity")
    with pytest.raises(NotSupported, match="LOGICAL program; compile it"):
        compiled().circuit.draw()
    with pytest.raises(NotSupported, match="found a int"):
        bellwire.draw(3)
    assert compiled().circuit._repr_svg_() is None
    assert "<svg" not in compiled().circuit._repr_html_()
    assert "<svg" in compiled()._repr_html_()


@pytest.mark.parametrize("kind", KINDS)
def test_matplotlib_draws_the_same_shapes(kind: str, tmp_path: Path) -> None:
    picture = compiled().draw(kind)
    axes = to_matplotlib(picture).axes[0]
    drawn = len(axes.patches) + len(axes.lines) + len(axes.texts)
    assert drawn == len(picture.shapes)
    assert [t.get_text() for t in axes.texts] == [t.text for t in _of(picture, Text)]


def test_files_for_papers(tmp_path: Path) -> None:
    picture = compiled().draw("network")
    for ending, start in ((".pdf", b"%PDF"), (".png", b"\x89PNG"), (".svg", b"<svg")):
        one, other = (picture.save(tmp_path / f"{n}{ending}").read_bytes() for n in "ab")
        assert one == other
        assert one.startswith(start)
    with pytest.raises(NotSupported, match=r"use \.svg, \.pdf or \.png"):
        picture.save(tmp_path / "a.gif")


def test_without_matplotlib_the_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NotSupported, match=r"pip install 'bellwire\[plots\]'"):
        to_matplotlib(compiled().draw("network"))


def test_links_say_their_fidelity_and_switches_their_ports() -> None:
    machine = bellwire.make_machine("switch", 4, data_qubits=2, comm_qubits=2)
    picture = machine.draw()
    (fabric,) = machine.fabrics
    (box,) = (b for b in _of(picture, Rect) if b.fill == "panel")
    switch = time_text(fabric.reconfigure_ns)
    assert box.title == f"fabric {fabric.name}: {fabric.ports} ports, switches in {switch}"
    assert len(_of(picture, Arc)) == len(fabric.modules)
    links = _of(picture, Line)
    assert len(links) == len(machine.links)
    assert all(line.dashed for line in links)
    labels = [text.text for text in _of(picture, Text) if text.text.startswith("F ")]
    assert labels == [f"F {link.fidelity:.4g}" for link in machine.links]


@pytest.mark.parametrize("shape", ["grid", "star", "tree", "line"])
def test_modules_do_not_lie_on_one_another(shape: str) -> None:
    for modules in (2, 9, 30, 64):
        discs = _of(bellwire.make_machine(shape, modules, data_qubits=1).draw(), Disc)
        assert len(discs) == modules
        for i, a in enumerate(discs):
            assert all(math.dist((a.x, a.y), (b.x, b.y)) > 2 * a.radius for b in discs[:i])
