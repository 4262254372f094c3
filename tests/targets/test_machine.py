"""A machine refuses what contradicts itself, and names the field."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from bellwire.errors import MachineError
from bellwire.targets.machine import Fabric, GateQuality, Link, Machine, Module

A, B = Module("A", 2, 1), Module("B", 3, 2)

MODULES = [
    ({"name": "1A"}, "module.name"),
    ({"name": "A\n"}, "module.name"),
    ({"name": 3}, "module.name"),
    ({"data_qubits": -1}, "data_qubits"),
    ({"data_qubits": 2.0}, "data_qubits"),
    ({"data_qubits": True}, "data_qubits"),
    ({"data_qubits": "2"}, "data_qubits"),
    ({"data_qubits": 10**5000}, "data_qubits"),
    ({"comm_qubits": None}, "comm_qubits"),
    ({"data_qubits": 0}, "role"),
    ({"data_qubits": 0, "comm_qubits": 0}, "comm_qubits"),
    ({"role": "repeater"}, "role"),
    ({"role": "switchboard"}, "role"),
    ({"role": ["compute"]}, "role"),
    ({"t1_ns": 0}, "t1_ns"),
    ({"t1_ns": math.nan}, "t1_ns"),
    ({"t1_ns": -math.inf}, "t1_ns"),
    ({"t1_ns": 10**400}, "t1_ns"),
    ({"t1_ns": 100.0, "t2_ns": 201.0}, "t2_ns"),
    ({"t1_ns": 100.0}, "t2_ns"),
    ({"comm_t1_ns": 0}, "comm_t1_ns"),
    ({"comm_t2_ns": "long"}, "comm_t2_ns"),
    ({"comm_t1_ns": 100.0, "comm_t2_ns": 201.0}, "comm_t2_ns"),
    ({"comm_t1_ns": 100.0}, "comm_t2_ns"),  # T2 of the data qubits, infinite, is too long for it
    ({"attempt_dephasing": 0.6}, "attempt_dephasing"),
    ({"attempt_dephasing": None}, "attempt_dephasing"),
    ({"gate_1q": GateQuality(10, 0.3)}, "gate_1q.fidelity"),
    ({"gate_2q": GateQuality(10, 0.19)}, "gate_2q.fidelity"),
    ({"gate_2q": 0.99}, "gate_2q"),
    ({"source": 5}, "source"),
    ({"coupling": "square"}, "coupling"),
    ({"coupling": "grid 2x2"}, "coupling"),
    ({"coupling": "grid 0x0", "data_qubits": 0, "role": "repeater"}, "coupling"),
    ({"coupling": None}, "coupling"),
    ({"coupling": 7}, "coupling"),
    ({"coupling": ()}, "coupling"),
    ({"coupling": ((0, 1),)}, "coupling"),
    ({"coupling": ((0, 1), (1, 1))}, "coupling"),
    ({"coupling": ((0, 1), (1, 3))}, "coupling"),
    ({"coupling": ((0, 1), (1, True))}, "coupling"),
    ({"coupling": ((0, 1), (1, 2, 0))}, "coupling"),
    ({"coupling": ("01", "12")}, "coupling"),
]
LINKS = [
    ({"between": ("A", "A")}, "between"),
    ({"between": ("A",)}, "between"),
    ({"between": ("A", 2)}, "between"),
    ({"between": "AB"}, "between"),
    ({"between": None}, "between"),
    ({"attempt_ns": 0}, "attempt_ns"),
    ({"attempt_ns": math.inf}, "attempt_ns"),
    ({"attempt_ns": "10"}, "attempt_ns"),
    ({"success": 0}, "success"),
    ({"success": 1.01}, "success"),
    ({"success": math.nan}, "success"),
    ({"success": 1e-300}, "success"),
    ({"state": (0.9, 0.1)}, "state"),
    ({"state": (0.9, 0.1, 0.1, 0.1)}, "state"),
    ({"state": (1.1, -0.1, 0.0, 0.0)}, "state"),
    ({"state": (math.nan, 0, 0, 0)}, "state"),
    ({"state": 0.9}, "state"),
    ({"capacity": 0}, "capacity"),
    ({"capacity": 1.5}, "capacity"),
    ({"message_ns": -1}, "message_ns"),
    ({"dark": 1.01}, "dark"),
    ({"dark": -0.1}, "dark"),
    ({"herald_ns": -1}, "herald_ns"),
    ({"herald_ns": math.inf}, "herald_ns"),
    ({"cutoff_ns": 0}, "cutoff_ns"),
    ({"cutoff_ns": math.nan}, "cutoff_ns"),
]
FABRICS = [
    ({"name": 5}, "fabric.name"),
    ({"modules": "AB"}, "modules"),
    ({"modules": ("A",)}, "modules"),
    ({"modules": ("A", "A")}, "modules"),
    ({"modules": ("A", 5)}, "modules"),
    ({"ports": 0}, "ports"),
    ({"ports": 3}, "ports"),
    ({"ports": 2.0}, "ports"),
    ({"reconfigure_ns": -1}, "reconfigure_ns"),
    ({"source": None}, "source"),
]


@pytest.mark.parametrize(("change", "field"), MODULES)
def test_module_names_the_bad_field(change, field):
    with pytest.raises(MachineError, match=rf"{field}: found .*; it must be "):
        replace(A, **change)


@pytest.mark.parametrize(("change", "field"), LINKS)
def test_link_names_the_bad_field(change, field):
    with pytest.raises(MachineError, match=rf"link.*{field}: found .*; it must be "):
        replace(Link(("A", "B")), **change)


@pytest.mark.parametrize(("change", "field"), FABRICS)
def test_fabric_names_the_bad_field(change, field):
    with pytest.raises(
        MachineError, match=rf"fabric.*{field.split('.')[-1]}: found .*; it must be "
    ):
        replace(Fabric("switch", ("A", "B"), 2), **change)


@pytest.mark.parametrize(
    ("fabrics", "words"),
    [
        ([("x", "AC")], "fabric x: modules: found 'C'; it must be one of the modules A, B"),
        ([("x", "AB"), ("y", "AB")], "fabric y: modules: found 'A'; it must be in one fabric only"),
        ([("x", "AB"), ("x", "AB")], "fabric.name: found 'x'; it must be different"),
    ],
)
def test_machine_refuses_fabrics(fabrics, words):
    made = tuple(Fabric(name, tuple(modules), 2) for name, modules in fabrics)
    with pytest.raises(MachineError, match=words):
        Machine((A, B), (Link(("A", "B")),), fabrics=made)


def test_communication_qubits_are_as_the_data_qubits_unless_it_is_said():
    module = Module("A", 1, t1_ns=100.0, t2_ns=50.0)
    assert module.coherence_ns("data") == module.coherence_ns("comm") == (100.0, 50.0)
    assert replace(module, comm_t2_ns=7.0).coherence_ns("comm") == (100.0, 7.0)
    assert replace(module, comm_t1_ns=math.inf).coherence_ns("comm") == (math.inf, 50.0)
    assert replace(module, comm_t1_ns=30.0, comm_t2_ns=7.0).coherence_ns("data") == (100.0, 50.0)


def test_false_heralds_deliver_white_noise():
    link = Link(("A", "B"), 100, 0.5, (0.9, 0.1, 0, 0), herald_ns=30)
    assert link.delivered == link.state
    dark = replace(link, dark=0.2)
    assert dark.delivered == pytest.approx((0.77, 0.13, 0.05, 0.05))
    assert dark.fidelity == dark.delivered[0]
    assert replace(link, dark=1.0).delivered == (0.25,) * 4
    assert (link.mean_ns, link.wait_ns) == (200, 230)


@pytest.mark.parametrize("values", [(-1, 1.0), (1, 1.1), (math.inf, 1.0), (1, "1"), (True, 1)])
def test_quality_refuses(values):
    with pytest.raises(MachineError, match=r"(ns|fidelity): found"):
        GateQuality(*values)


@pytest.mark.parametrize(
    ("modules", "links", "words"),
    [
        ((), (), "module: found"),
        ((A, A), (), "module.name"),
        ((A, B), (Link(("A", "C")),), "'C'; it must be one of the modules A, B"),
        ((A, B), (Link(("A", "B")), Link(("B", "A"))), "linked once"),
        ((A, replace(B, comm_qubits=0)), (Link(("A", "B")),), "with communication qubits"),
        ((A, "B"), (), "a tuple of Modules"),
        (A, (), "a tuple of Modules"),
        ((A, B), Link(("A", "B")), "a tuple of Links"),
    ],
)
def test_machine_refuses(modules, links, words):
    with pytest.raises(MachineError, match=words):
        Machine(modules, links)


def test_numbers_and_lists_become_plain_values():
    module = Module("A", np.int64(2), 1, [[0, 1], [np.int32(1), 2]], t1_ns=np.float32(8), t2_ns=9)
    assert module == Module("A", 2, 1, ((0, 1), (1, 2)), t1_ns=8.0, t2_ns=9.0)
    assert type(module.data_qubits) is int
    assert type(module.t1_ns) is float
    link = Link(["A", "B"], state=[Fraction(1, 2), Fraction(1, 2), 0, 0])
    assert json.dumps([link.between, link.state]) == '[["A", "B"], [0.5, 0.5, 0.0, 0.0]]'
    machine = Machine([module, B], [link])
    assert len({machine, Machine((module, B), (link,))}) == 1


def test_qubits_are_numbered_module_by_module():
    machine = Machine((A, B), (Link(("A", "B")),))
    names = machine.qubit_names()
    assert names == (
        "A_data[0]",
        "A_data[1]",
        "A_comm[0]",
        "B_data[0]",
        "B_data[1]",
        "B_data[2]",
        "B_comm[0]",
        "B_comm[1]",
    )
    assert machine.offsets == {"A": 0, "B": 3}
    assert machine.data_qubits == 5


def test_links_and_paths():
    modules = tuple(Module(name, 1, 2) for name in "ABCD")
    machine = Machine(modules, (Link(("B", "A"), 10, 0.5), Link(("B", "C"))))
    assert machine.link("A", "B") is machine.links[0]
    assert machine.link("A", "C") is None
    assert machine.path("A", "C") == ("A", "B", "C")
    assert machine.path("A", "D") == ()
    assert machine.links[0].mean_ns == 20
    assert machine.graph.edges["A", "B"]["link"] is machine.links[0]
    with pytest.raises(MachineError, match="'E'; it must be one of A, B, C, D"):
        machine.module("E")
