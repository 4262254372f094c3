"""The JSON Schema of machine files and the loader take and refuse the same files."""

import json
import tomllib
from importlib.resources import files

import jsonschema
import pytest

from bellwire.errors import MachineError
from bellwire.targets.load import machine_to_dict, read_machine_toml
from bellwire.targets.presets import preset_names, preset_text

SCHEMA = json.loads((files("bellwire.targets") / "machine.schema.json").read_text("utf-8"))
MODULE = '[[module]]\nname = "A"\ndata_qubits = 2\n'
PAIR = MODULE + '[[module]]\nname = "B"\ndata_qubits = 2\n[[link]]\nbetween = ["A", "B"]\n'
SHORT = 'topology = "ring"\nmodules = 3\n'

GOOD = [
    MODULE,
    PAIR,
    "name = 'x'\n[calibration]\ndate = '2026-01-01'\n" + PAIR,
    PAIR + "fidelity = 0.9",
    PAIR + "state = [1, 0, 0, 0]\ncapacity = 4\nattempt_ns = 1.5\nsuccess = 0.1\nmessage_ns = 0",
    PAIR + "source = {state = 'x'}",
    MODULE + "t1_ns = inf\nt2_ns = 5",
    MODULE + "t1_ns = 5\nt2_ns = 5\ncomm_t1_ns = inf\ncomm_t2_ns = 'inf'\nattempt_dephasing = 0.5",
    PAIR + "dark = 1\nherald_ns = 0\ncutoff_ns = inf",
    PAIR + "[[fabric]]\nname = 'x'\nmodules = ['A', 'B']\nports = 2\nreconfigure_ns = 0",
    "topology = 'switch'\nmodules = 3\n[module]\ndata_qubits = 3",
    "topology = 'switch'\nmodules = 3\n[module]\ndata_qubits = 3\n[fabric]\nports = 4",
    MODULE + "coupling = 'grid 1x2'",
    MODULE + "coupling = [[0, 1], ['data[1]', 'comm[0]']]",
    MODULE + "gates = {'1q' = {ns = 5}, '2q' = {fidelity = 0.2}}\nreadout = {}",
    MODULE + "role = 'memory'\nsource = {gates = {'1q' = 'x'}, t1_ns = 'y'}",
    "[[module]]\nname = 'R'\nrole = 'repeater'\ncomm_qubits = 2",
    "[[module]]\nname = 'R'\nrole = 'repeater'",
    SHORT + "[module]\ndata_qubits = 3",
    SHORT + "[module]\ndata_qubits = 3\n[link]\nsuccess = 0.5",
]
BAD = [
    "",
    "name = 5\n" + MODULE,
    "nam = 'x'\n" + MODULE,
    "calibration = {x = 5}\n" + MODULE,
    "module = []",
    "module = [5]",
    "[module]\ndata_qubits = 1",
    "[[module]]\nname = 'A'",
    "[[module]]\ndata_qubits = 2",
    "[[module]]\nname = 'A b'\ndata_qubits = 2",
    "[[module]]\nname = 'A'\ndata_qubits = 0",
    "[[module]]\nname = 'A'\ndata_qubits = -1",
    "[[module]]\nname = 'A'\ndata_qubits = 1.5",
    "[[module]]\nname = 'A'\ndata_qubits = true",
    "[[module]]\nname = 'A'\ndata_qubits = 2_000_000",
    "[[module]]\nname = 'R'\nrole = 'repeater'\ndata_qubits = 1",
    "[[module]]\nname = 'R'\nrole = 'repeater'\ncomm_qubits = 0",
    MODULE + "comm_qubits = 'two'",
    MODULE + "role = 'switch'",
    MODULE + "coupling = 'ring'",
    MODULE + "coupling = 'grid 0x2'",
    MODULE + "coupling = [[0, 1, 2]]",
    MODULE + "coupling = [[0, 'q[1]']]",
    MODULE + "coupling = [[0, -1]]",
    MODULE + "t1_ns = 0",
    MODULE + "t2_ns = -5",
    MODULE + "t1_ns = 'long'",
    MODULE + "comm_t1_ns = 0",
    MODULE + "comm_t1_ns = 'short'",
    MODULE + "attempt_dephasing = 0.6",
    PAIR + "dark = 1.1",
    PAIR + "herald_ns = inf",
    PAIR + "cutoff_ns = 0",
    PAIR + "[[fabric]]\nname = 'x'\nmodules = ['A', 'B']\nports = 3",
    PAIR + "[[fabric]]\nname = 'x'\nmodules = ['A']\nports = 2",
    PAIR + "[[fabric]]\nname = 'x'\nmodules = ['A', 'A']\nports = 2",
    PAIR + "[[fabric]]\nname = 'x'\nmodules = ['A', 'B']",
    PAIR + "[[fabric]]\nmodules = ['A', 'B']\nports = 2",
    PAIR + "[fabric]\nname = 'x'\nmodules = ['A', 'B']\nports = 2",
    PAIR + "[[fabric]]\nname = 'x'\nmodules = ['A', 'B']\nports = 2\nport = 2",
    "topology = 'switch'\nmodules = 3\n[module]\ndata_qubits = 3\n[fabric]\nports = 5",
    "topology = 'switch'\nmodules = 3\n[module]\ndata_qubits = 3\n[fabric]\nname = 'x'",
    MODULE + "gates = {'3q' = {ns = 5}}",
    MODULE + "gates = {'1q' = {ns = -5}}",
    MODULE + "gates = {'1q' = {fidelity = 0.3}}",
    MODULE + "gates = {'2q' = {fidelity = 0.19}}",
    MODULE + "gates = {'2q' = {fidelty = 0.9}}",
    MODULE + "readout = 0.9",
    MODULE + "source = ['x']",
    MODULE + "source = {t1_ns = 5}",
    PAIR + "links = 5",
    PAIR + "attempt_ns = 0",
    PAIR + "attempt_ns = inf",
    PAIR + "success = 0",
    PAIR + "success = 1.5",
    PAIR + "state = [1, 0, 0]",
    PAIR + "state = [2, 0, 0, -1]",
    PAIR + "state = [1, 0, 0, 0]\nfidelity = 1",
    PAIR + "capacity = 0",
    PAIR + "message_ns = -1",
    MODULE + "[[link]]\nsuccess = 1",
    MODULE + "[[link]]\nbetween = ['A']",
    MODULE + "[[link]]\nbetween = ['A', 'A']",
    MODULE + "[[link]]\nbetween = ['A', 5]",
    "topology = 'ring'\n[module]\ndata_qubits = 3",
    "modules = 4\n[module]\ndata_qubits = 3",
    SHORT,
    SHORT + MODULE,
    SHORT + "[module]\nname = 'A'\ndata_qubits = 3",
    SHORT + "[module]\ndata_qubits = 3\n[link]\nbetween = ['A', 'B']",
    "topology = 'cube'\nmodules = 8\n[module]\ndata_qubits = 3",
    "topology = 'ring'\nmodules = 0\n[module]\ndata_qubits = 3",
]
CONTRADICTIONS = [  # a schema cannot say these
    MODULE + MODULE,
    MODULE + "t1_ns = 5\nt2_ns = 11",
    MODULE + "coupling = 'grid 2x2'",
    MODULE + "coupling = [[0, 1]]",
    MODULE + "coupling = [[0, 1], [1, 7]]",
    MODULE + "t1_ns = nan",
    PAIR + "state = [0.5, 0, 0, 0]",
    MODULE + "t1_ns = 5\nt2_ns = 5\ncomm_t2_ns = 11",
    PAIR + "[[fabric]]\nname = 'x'\nmodules = ['A', 'C']\nports = 2",
    "topology = 'ring'\nmodules = 3\n[module]\ndata_qubits = 3\n[fabric]\nports = 4",
    PAIR + "[[link]]\nbetween = ['B', 'A']",
    MODULE + "[[link]]\nbetween = ['A', 'B']",
    "[[module]]\nname = 'A'\ndata_qubits = 2.0",
]


def schema_takes(text):
    data = json.loads(json.dumps(tomllib.loads(text)))
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(data)


def loader_takes(text):
    try:
        read_machine_toml(text)
    except MachineError:
        return False
    return True


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", [*GOOD, *map(preset_text, preset_names())])
def test_both_take(text):
    assert loader_takes(text)
    assert schema_takes(text)
    data = machine_to_dict(read_machine_toml(text))
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(data)


@pytest.mark.parametrize("text", BAD)
def test_both_refuse(text):
    assert not loader_takes(text)
    assert not schema_takes(text)


@pytest.mark.parametrize("text", CONTRADICTIONS)
def test_only_the_loader_sees_contradictions(text):
    assert schema_takes(text)
    assert not loader_takes(text)
