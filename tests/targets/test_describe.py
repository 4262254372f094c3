"""Descriptions of machines show every module and link and are well-formed."""

from xml.etree import ElementTree

import pytest

from bellwire.targets.describe import machine_html, machine_text
from bellwire.targets.load import load_machine
from bellwire.targets.machine import GateQuality, Link, Machine, Module
from bellwire.targets.presets import preset_names
from bellwire.targets.shapes import make_machine

MIXED = Machine(
    (
        Module("A", 3, 1, "line", gate_2q=GateQuality(60, 0.99), t1_ns=1e5, t2_ns=2e5),
        Module("R", 0, 2, "all", "repeater", source="measured: R\nt1_ns: none"),
        Module("B", 3, 1, ((0, 1), (1, 2), (2, 3)), "memory"),
    ),
    (Link(("A", "R"), 10_000, 0.5, (0.9, 0.1, 0, 0), 2), Link(("R", "B"), 2.5e9)),
    '<b>"mixed" & odd</b>',
    {"date": "2026-01-31"},
)


def test_text_of_a_mixed_machine():
    assert (
        machine_text(MIXED)
        == """\
<b>"mixed" & odd</b>: 3 modules, 2 links, 6 data qubits, 4 communication qubits

module  role      data  comm  coupling  1q gate     2q gate        readout      T1      T2
A       compute   3     1     line      1 in 30 ns  0.99 in 60 ns  1 in 500 ns  100 us  200 us
R       repeater  0     2     all       1 in 30 ns  1 in 60 ns     1 in 500 ns  inf     inf
B       memory    3     1     3 pairs   1 in 30 ns  1 in 60 ns     1 in 500 ns  inf     inf

link  attempt  success  pair after  capacity  fidelity  message
A-R   10 us    0.5      10 us       2         0.9       500 ns
R-B   2.5 s    1        2.5 s       1         1         500 ns

date: 2026-01-31
sources of A B A-R R-B: assumption
sources of R:
  measured: R
  t1_ns: none
"""
    )


def test_equal_modules_share_a_line():
    text = machine_text(make_machine("complete", 30, data_qubits=4))
    assert "A B ... M29 (30)  compute  4" in text
    assert "A-B A-C ... M28-M29 (435)" in text
    assert len(text.splitlines()) < 12


@pytest.mark.parametrize("machine", [MIXED, Machine((Module("A", 1, 0),)), *preset_names()])
def test_html_is_well_formed(machine):
    machine = load_machine(machine) if isinstance(machine, str) else machine
    html = machine_html(machine)
    assert machine._repr_html_() == html
    root = ElementTree.fromstring(html)
    svg = root.find(".//svg")
    assert [text.text for text in svg.iter("text")] == [m.name for m in machine.modules]
    assert len(svg.findall("line")) == len(machine.links)
    for circle in svg.iter("circle"):
        x, y, r = (float(circle.get(k)) for k in ("cx", "cy", "r"))
        assert r <= min(x, y, 260 - x, 260 - y)


def test_large_machines_are_not_drawn():
    html = machine_html(make_machine("line", 100, data_qubits=1))
    assert "<svg" not in html
    assert "(100)" in html
