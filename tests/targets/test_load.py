"""Machine files: an exact round trip, and errors that name file, line and field."""

import json
import math
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bellwire.errors import MachineError
from bellwire.targets.load import (
    load_machine,
    machine_from_dict,
    machine_to_dict,
    read_machine_toml,
    write_machine_toml,
)
from bellwire.targets.machine import Fabric, GateQuality, Link, Machine, Module
from bellwire.targets.presets import preset_text
from bellwire.targets.shapes import make_machine, switch_fabric

FULL = """\
name = "pair"

[calibration]
date = 2026-01-31
by = "hand"

[[module]]
name = "A"
data_qubits = 2
comm_qubits = 1
coupling = [["data[0]", "data[1]"], ["data[1]", "comm[0]"]]
gates = { "1q" = { ns = 30, fidelity = 0.9995 }, "2q" = { ns = 60, fidelity = 0.995 } }
readout = { ns = 500, fidelity = 0.99 }
t1_ns = 100_000
t2_ns = 90_000.5

[[module]]
name = "R"
role = "repeater"
comm_qubits = 2
[module.gates]
2q = { fidelity = 0.9 }
[module.source]
comm_qubits = "assumption"
gates.2q = "measured"

[[link]]
between = ["A", "R"]
attempt_ns = 10_000
success = 0.02
fidelity = 0.97
capacity = 3
message_ns = 500
source = "assumption"
"""
SMALL = '[[module]]\nname = "A"\ndata_qubits = 2\n'


def test_every_field_is_read():
    machine = read_machine_toml(FULL)
    a, r = machine.modules
    assert a == Module(
        "A",
        2,
        1,
        ((0, 1), (1, 2)),
        gate_1q=GateQuality(30, 0.9995),
        gate_2q=GateQuality(60, 0.995),
        readout=GateQuality(500, 0.99),
        t1_ns=100_000,
        t2_ns=90_000.5,
    )
    source = "comm_qubits: assumption\ngates.2q: measured"
    assert r == Module("R", 0, 2, role="repeater", gate_2q=GateQuality(60, 0.9), source=source)
    state = (0.97, *[(1 - 0.97) / 3] * 3)
    assert machine.links == (Link(("A", "R"), 10_000, 0.02, state, 3, 500),)
    assert machine.name == "pair"
    assert machine.calibration == {"date": "2026-01-31", "by": "hand"}


def test_short_form_is_make_machine():
    text = """
        topology = "star"
        modules = 5
        [module]
        data_qubits = 4
        comm_qubits = 3
        coupling = "grid 2x2"
        t2_ns = 5e6
        [link]
        success = 0.5
    """
    wanted = make_machine(
        "star", 5, data_qubits=4, comm_qubits=3, coupling="grid 2x2",
        module=Module("A", 1, t2_ns=5e6), link=Link(("A", "B"), success=0.5),
    )  # fmt: skip
    assert read_machine_toml(text) == wanted
    assert read_machine_toml(text).name == "star5"


def test_short_form_of_a_switch():
    text = """
        topology = "switch"
        modules = 5
        module.data_qubits = 4
        fabric = { ports = 2, reconfigure_ns = 5_000, source = "measured" }
    """
    fabric = switch_fabric(5, ports=2, reconfigure_ns=5_000, source="measured")
    assert read_machine_toml(text) == make_machine(
        "switch", 5, data_qubits=4, comm_qubits=1, fabric=fabric
    )
    machine = read_machine_toml(text.replace("fabric =", "#"))
    assert machine == make_machine("switch", 5, data_qubits=4, comm_qubits=1)
    assert machine.fabrics[0].ports == 4


names = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_]{0,5}\Z")
chance = st.floats(0, 1)
times = st.floats(0, 1e9)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def machines(draw):
    kinds = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    modules = []
    for name in kinds:
        role = draw(st.sampled_from(["compute", "memory", "repeater"]))
        data, comm = (0 if role == "repeater" else draw(st.integers(1, 4))), draw(st.integers(1, 3))
        chain = tuple((i, i + 1) for i in range(data + comm - 1))
        t1 = draw(st.floats(1e-3, 1e9) | st.just(math.inf))
        t2 = draw(st.floats(1e-3, 1e9)) if t1 == math.inf else t1 * draw(st.floats(0.01, 2))
        comm_t1 = draw(st.none() | st.floats(t2 / 2, 1e9) | st.just(math.inf))
        modules.append(
            Module(
                name,
                data,
                comm,
                draw(st.sampled_from(["all", "line", chain])),
                role,
                GateQuality(draw(times), draw(st.floats(0.34, 1))),
                GateQuality(draw(times), draw(st.floats(0.21, 1))),
                GateQuality(draw(times), draw(chance)),
                t1,
                t2,
                draw(words),
                comm_t1,
                draw(st.none() | st.just(t2)) if comm_t1 != math.inf else math.inf,
                draw(st.floats(0, 0.5)),
            )
        )
    links = []
    for a, b in zip(kinds, kinds[1:]):
        z, x = draw(st.floats(0, 0.2)), draw(st.floats(0, 0.2))
        state = (1 - z - x, z, x, 0.0)
        success = draw(st.floats(1e-9, 1))
        links.append(
            Link(
                (a, b),
                draw(st.floats(1, 1e6)),
                success,
                state,
                draw(st.integers(1, 9)),
                dark=draw(chance),
                herald_ns=draw(times),
                cutoff_ns=draw(st.floats(1, 1e9) | st.just(math.inf)),
            )
        )
    fabrics = ()
    if len(kinds) > 1:
        ports = 2 * draw(st.integers(1, 5))
        fabrics = (Fabric(draw(words), tuple(kinds), ports, draw(times), draw(words)),)
    calibration = draw(st.dictionaries(words, words, max_size=3))
    return Machine(tuple(modules), tuple(links), draw(words), calibration, fabrics=fabrics)


@settings(max_examples=100, deadline=None)
@given(machines())
def test_round_trips_are_exact(machine):
    text = write_machine_toml(machine)
    again = read_machine_toml(text)
    assert again == machine
    assert again.calibration == machine.calibration
    assert write_machine_toml(again) == text
    data = json.loads(json.dumps(machine_to_dict(machine), allow_nan=False))
    assert machine_from_dict(data) == machine


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = \n", "m.toml:1:8: Invalid value; write valid TOML"),
        ("name = 'x", "m.toml: Expected"),
        ("x = " + "[" * 5000, "m.toml"),
        (
            SMALL + "couplng = 3",
            "m.toml:4: module 1: unknown key 'couplng'; did you mean 'coupling'?",
        ),
        ("modul = 3", "m.toml:1: machine: unknown key 'modul'; did you mean 'module'?"),
        (SMALL + "zzz = 3", "m.toml:4: module 1: unknown key 'zzz'; known: name, data_qubits,"),
        (SMALL + "t1_ns = '5'", "m.toml:4: module A: t1_ns: found '5'; it must be a number"),
        (SMALL + "t1_ns = nan", "m.toml:4: module A: t1_ns: found nan"),
        (SMALL + "comm_qubits = true", "m.toml:4: module A: comm_qubits: found True"),
        (
            SMALL + "t1_ns = 5\nt2_ns = 11",
            "m.toml:5: module A: t2_ns: found 11.0; it must be at most",
        ),
        (SMALL + "comm_qubits = 0x" + "f" * 6000, "comm_qubits: found an integer of 24000 bits"),
        (SMALL + "t1_ns = " + "9" * 5000, "m.toml"),
        (SMALL + "gates = 5", "m.toml:4: module A: gates: found 5; it must be a table"),
        (SMALL + "gates = {'3q' = {ns = 5}}", "m.toml:4: module A: gates: unknown key '3q'"),
        (SMALL + "gates.2q.fidelity = 2", "m.toml:4: module A: gates.2q.fidelity: found 2"),
        (SMALL + "readout = {ns = 'x'}", "m.toml:4: module A: readout.ns: found 'x'"),
        (SMALL + "coupling = [[0, 'comm[3]']]", "m.toml:4: module A: coupling: found 'comm[3]'"),
        (SMALL + "coupling = [[0, 'x']]", "m.toml:4: module A: coupling: found 'x'"),
        (SMALL + "coupling = [0, 1]", "m.toml:4: module A: coupling: found 0; it must be a pair"),
        (SMALL + "source = 5", "m.toml:4: module A: source: found 5"),
        (SMALL + "source = {t1_ns = 5}", "m.toml:4: module A: source: found"),
        (SMALL + SMALL, "module.name: found 'A'; it must be different"),
        (
            SMALL + "\n[[module]]\nname = 'B'\n",
            "m.toml:5: module B: data_qubits is missing; add it",
        ),
        ("[[module]]\ndata_qubits = 1", "m.toml:1: module 1: name is missing"),
        ("name = 'x'", "m.toml: module: found []; it must be given at least once"),
        ("name = 5\n" + SMALL, "m.toml:1: name: found 5; it must be a text"),
        ("[module]\nname = 'A'", "m.toml:1: module: found {'name': 'A'}; write [[module]]"),
        ("[calibration]\nx = 5\n" + SMALL, "m.toml:2: calibration.x: found 5"),
        ("calibration = 5\n" + SMALL, "m.toml:1: calibration: found 5"),
        (SMALL + "[[link]]\nbetween = ['A', 'B']", "link A-B: between: found 'B'"),
        (SMALL + "[[link]]\nbetween = ['A', 'A']", "m.toml:5: link: between: found"),
        (SMALL + "[[link]]\nsuccess = 1", "m.toml:4: link 1: between is missing"),
        (SMALL + "[[link]]\nbetween = 5", "m.toml:5: link: between: found 5"),
        (
            SMALL + "[[link]]\nbetween = ['A', 'B']\nfidelity = 1.5",
            "m.toml:6: link A-B: fidelity: found 1.5",
        ),
        (
            SMALL + "[[link]]\nbetween = ['A', 'B']\nfidelity = 1\nstate = [1, 0, 0, 0]",
            "m.toml:6: link A-B: fidelity: found beside `state`; give one of them",
        ),
        ("topology = 'ring'", "m.toml:1: machine: modules is missing"),
        ("modules = 3", "m.toml:1: machine: topology is missing"),
        ("topology = 'ring'\nmodules = 3", "m.toml:2: machine: module is missing"),
        ("topology = 'ring'\nmodules = 3\n" + SMALL, "m.toml:3: module: found"),
        ("topology = 'x'\nmodules = 3\n[module]\ndata_qubits = 1", "m.toml:1: topology: found 'x'"),
        ("topology = 'ring'\nmodules = 0\n[module]\ndata_qubits = 1", "modules: found 0"),
        (
            "topology = 'ring'\nmodules = 3\n[module]\nname = 'A'",
            "m.toml:4: module: unknown key 'name'",
        ),
        (
            "topology = 'ring'\nmodules = 3\n[module]\ndata_qubits = 1\nt1_ns = 0",
            "m.toml:5: module A: t1_ns: found 0",
        ),
    ],
)
def test_errors_say_where_and_what(text, message):
    with pytest.raises(MachineError) as caught:
        read_machine_toml(text, "m.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("m.toml")
    assert "\n" not in str(caught.value)


def test_line_of_the_second_table():
    text = SMALL + "\n# [[module]]\n[[ module ]]\nname = 'B'\ndata_qubits = 1\n\n  t1_ns = -1\n"
    with pytest.raises(MachineError, match=r"^line 10: module B: t1_ns: found -1"):
        read_machine_toml(text)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def entries(table, path=()):
    items = table.items() if isinstance(table, dict) else enumerate(table)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from entries(value, (*path, key))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_junk_anywhere_is_refused_or_read(data):
    short = data.draw(st.booleans())
    table = tomllib.loads(FULL if not short else preset_text("ring4-demo"))
    *way, last = data.draw(st.sampled_from(list(entries(table))))
    inner = table
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(junk)
    try:
        machine = machine_from_dict(table)
    except MachineError:
        return
    assert read_machine_toml(write_machine_toml(machine)) == machine


@pytest.mark.parametrize("data", [None, 5, [], "x", {"module": 5}, {"module": [5]}, {3: 4}])
def test_dictionaries_of_the_wrong_kind(data):
    with pytest.raises(MachineError, match=r"^line 3 of p\.qasm: "):
        machine_from_dict(data, "line 3 of p.qasm")


def test_load_from_a_file(tmp_path):
    path = tmp_path / "pair.toml"
    path.write_text(FULL)
    assert load_machine(path) == load_machine(str(path)) == read_machine_toml(FULL)
    path.write_text(SMALL + "zzz = 1")
    with pytest.raises(MachineError, match=r"pair\.toml:4: module 1: unknown key"):
        load_machine(path)
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(MachineError, match="UTF-8"):
        load_machine(path)
    with pytest.raises(MachineError, match="this is a folder"):
        load_machine(tmp_path)


def test_neither_file_nor_preset():
    with pytest.raises(MachineError, match=r"found neither .* did you mean 'ring4-demo'"):
        load_machine("ring5-demo")
