"""Presets load, and every number in them says where it came from."""

import re

import pytest

from bellwire.errors import MachineError
from bellwire.targets.load import load_machine, read_machine_toml
from bellwire.targets.presets import preset_names, preset_text
from bellwire.targets.sources import LINK_FIELDS, MODULE_FIELDS, field_sources, unsourced

KINDS = re.compile(
    r"(measured|quoted|projected|computed|assumption|from memory, unverified)(: .+)?\Z"
)
PAPER = re.compile(r"[A-Z][a-z]+ (et al\.|and [A-Z][a-z]+), .*20\d\d")

# pairs per second that the papers report
RATES = {
    "ion-oxford-2020": 182,
    "ion-oxford-dqc-2025": 9.7,
    "nv-delft-2021": 9,
    "sc-waveguide-30m-2023": 1.25e4,
    "sc-heralded-2025": 5e4,
    "t-centre-2024": 7.5e-3,
    "yb-array-projected": 1.0e5,
}

# of a delivered pair, false heralds included, that the papers report
FIDELITIES = {
    "ion-oxford-2020": 0.940,
    "ion-oxford-dqc-2025": 0.9695,
    "nv-delft-2021": 0.82,
    "sc-waveguide-30m-2023": 0.804,
    "sc-heralded-2025": 0.92,
    "t-centre-2024": 0.60,
    "yb-array-projected": 0.999,
}


@pytest.mark.parametrize("name", preset_names())
def test_every_number_has_a_source(name):
    assert unsourced(preset_text(name)) == []


@pytest.mark.parametrize("name", preset_names())
def test_sources_say_how_far_to_trust_them(name):
    machine = load_machine(name)
    sources = [field_sources(m.source, MODULE_FIELDS) for m in machine.modules]
    sources += [field_sources(link.source, LINK_FIELDS) for link in machine.links]
    for text in {text for fields in sources for text in fields.values()}:
        assert KINDS.match(text), text
        if not text.startswith(("assumption", "computed")):
            assert PAPER.search(text), text


@pytest.mark.parametrize("name", preset_names())
def test_presets_load_under_their_name(name):
    machine = load_machine(name)
    assert machine.name == name
    assert machine.data_qubits >= 2
    assert all(machine.path(machine.modules[0].name, m.name) for m in machine.modules)


@pytest.mark.parametrize(("name", "rate"), RATES.items())
def test_link_gives_the_published_rate(name, rate):
    for link in load_machine(name).links:
        assert 1e9 / link.wait_ns == pytest.approx(rate, rel=0.003)


@pytest.mark.parametrize(("name", "fidelity"), FIDELITIES.items())
def test_link_delivers_the_published_fidelity(name, fidelity):
    for link in load_machine(name).links:
        assert link.fidelity == pytest.approx(fidelity, abs=1e-6)


@pytest.mark.parametrize("name", sorted({*preset_names()} - {"ring4-demo"}))
def test_modelled_presets_claim_no_reproduction(name):
    assert preset_text(name).startswith("# Modelled on")


def test_the_demo_machine_holds_ten_qubits():
    machine = load_machine("ring4-demo")
    assert machine.data_qubits >= 10
    assert [sorted(link.between) for link in machine.links] == [
        ["A", "B"],
        ["A", "D"],
        ["B", "C"],
        ["C", "D"],
    ]
    assert all(link.success < 1 and link.fidelity < 1 for link in machine.links)


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ('gates.1q = "assumption"\n', "", ["module 1: gates.1q.ns", "module 1: gates.1q.fidelity"]),
        ('t1_ns = "assumption: no', 't3_ns = "assumption: no', ["module 1: t1_ns"]),
        ("t1_ns = inf\n", "", ["module 1: t1_ns"]),
        ("capacity = 1\n", "", ["link 1: capacity"]),
        ("comm_t1_ns = inf\n", "", ["module 1: comm_t1_ns"]),
        ("attempt_dephasing = 0\n", "", ["module 1: attempt_dephasing"]),
        ("dark = 1e-3\n", "", ["link 1: dark"]),
        ("cutoff_ns = inf\n", "", ["link 1: cutoff_ns"]),
        ('capacity = "assumption: one', 'capacity = ""  # "', ["link 1: capacity"]),
    ],
)
def test_a_number_without_source_is_found(old, new, missing):
    text = preset_text("ion-oxford-2020")
    assert old in text
    changed = text.replace(old, new, 1)
    assert unsourced(changed) == missing


def test_one_source_for_all_fields():
    text = preset_text("ring4-demo")
    assert unsourced(text.replace('source = "assumption"', 'source = ""', 1)) == [
        f"module 1: {field}" for field in MODULE_FIELDS
    ]
    assert unsourced(text.replace("state = [0.99, 0.006, 0.002, 0.002]", "fidelity = 0.99")) == []


def test_sources_survive_loading():
    source = load_machine("ion-oxford-dqc-2025").module("Bob").source
    found = field_sources(source, MODULE_FIELDS)
    assert found["gates.2q.fidelity"].startswith("from memory, unverified: 0.980")
    assert found["gates.2q.ns"] == found["gates.1q.ns"] == "assumption"
    text = "[[module]]\nname = 'A'\ndata_qubits = 1\nsource = {gates.1q = 'x', t1_ns = 'y'}"
    assert read_machine_toml(text).modules[0].source == "gates.1q: x\nt1_ns: y"


def test_unknown_preset():
    with pytest.raises(MachineError, match="'x'; it must be one of ion-oxford-2020"):
        preset_text("x")
