"""Descriptions of machines show every module and link and are well-formed."""

import math
from xml.etree import ElementTree

import pytest

from bellwire.targets.describe import machine_html, machine_text
from bellwire.targets.load import load_machine
from bellwire.targets.machine import Fabric, GateQuality, Link, Machine, Module
from bellwire.targets.presets import preset_names
from bellwire.targets.shapes import make_machine

MIXED = Machine(
    (
        Module(
            "A",
            3,
            1,
            "line",
            gate_2q=GateQuality(60, 0.99),
            t1_ns=1e5,
            t2_ns=2e5,
            comm_t1_ns=math.inf,
        ),
        Module("R", 0, 2, "all", "repeater", source="measured: R\nt1_ns: none", comm_t2_ns=1e6),
        Module("B", 3, 1, ((0, 1), (1, 2), (2, 3)), "memory", attempt_dephasing=1e-4),
    ),
    (
        Link(("A", "R"), 10_000, 0.5, (0.9, 0.1, 0, 0), 2, dark=0.2, herald_ns=4_000),
        Link(("R", "B"), 2.5e9, cutoff_ns=1e6),
    ),
    '<b>"mixed" & odd</b>',
    {"date": "2026-01-31"},
    fabrics=(Fabric("crossbar", ("A", "R", "B"), 2, 1e6),),
)


def test_text_of_a_mixed_machine():
    assert (
        machine_text(MIXED)
        == """\
<b>"mixed" & odd</b>: 3 modules, 2 links, 6 data qubits, 4 communication qubits

module  role      data  comm  coupling  1q gate     2q gate        readout
A       compute   3     1     line      1 in 30 ns  0.99 in 60 ns  1 in 500 ns
R       repeater  0     2     all       1 in 30 ns  1 in 60 ns     1 in 500 ns
B       memory    3     1     3 pairs   1 in 30 ns  1 in 60 ns     1 in 500 ns

coherence  T1      T2      comm T1  comm T2  Z per attempt
A          100 us  200 us  inf      200 us   0
R          inf     inf     inf      1 ms     0
B          inf     inf     inf      inf      0.0001

link  attempt  success  herald  pair after  capacity  false heralds  fidelity  cut-off  message
A-R   10 us    0.5      4 us    12 us       2         0.2            0.77      inf      500 ns
R-B   2.5 s    1        0 ns    2.5 s       1         0              1         1 ms     500 ns

fabric    modules  ports  reconfiguration
crossbar  A R B    2      1 ms

date: 2026-01-31
sources of A B A-R R-B crossbar: assumption
sources of R:
  measured: R
  t1_ns: none
"""
    )


def test_equal_modules_share_a_line():
    text = machine_text(make_machine("complete", 30, data_qubits=4))
    assert "A B ... M29 (30)  compute  4" in text
    assert "A-B A-C ... M28-M29 (435)" in text
    assert len(text.splitlines()) < 15


@pytest.mark.parametrize("machine", [MIXED, Machine((Module("A", 1, 0),)), *preset_names()])
def test_html_is_well_formed(machine):
    machine = load_machine(machine) if isinstance(machine, str) else machine
    html = machine_html(machine)
    assert machine._repr_html_() == html
    root = ElementTree.fromstring(html)
    assert len(root.findall(".//{*}svg")) == 1
    texts = [text.text for text in root.findall(".//{*}text")]
    assert texts.count(machine.name) == 1
    assert all(m.name in texts for m in machine.modules)
    titles = [line.findtext("{*}title") for line in root.findall(".//{*}line")]
    assert [t.split(":")[0] for t in titles] == ["-".join(k.between) for k in machine.links]


def test_large_machines_stay_small_drawings():
    html = machine_html(make_machine("line", 1000, data_qubits=1))
    assert "(1000)" in html
    assert len(html) < 1_000_000
