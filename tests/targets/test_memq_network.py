"""Networks of memq-dqc as machines: qubits, couplings, links; what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bellwire
from bellwire.errors import MachineError
from bellwire.targets.load import load_machine
from bellwire.targets.memq_network import read_memq_network
from bellwire.targets.noise import werner_state


def qubit(name: str, local: str, remote: str = "", **more: Any) -> dict[str, Any]:
    """An entry of the section `qubits`; q_1_0 is a computation qubit of processor 1."""
    return {
        "id": name,
        "type": "computation" if name[0] == "q" else "communication",
        "processorId": int(name.split("_")[1]),
        "localConnections": local.split(),
        "remoteConnections": remote.split(),
        **more,
    }


def chain() -> dict[str, Any]:
    """QPU 0: three data qubits in a line; QPU 1: a repeater; QPU 2: two data qubits, all to all."""
    t2 = {"coherenceTime": 100, "coherenceTimeUnit": "us"}
    qubits = [
        qubit("q_0_0", "q_0_1", **t2),
        qubit("q_0_1", "q_0_0 q_0_2 c_0_0", coherenceTime=2, coherenceTimeUnit="ms"),
        qubit("q_0_2", "q_0_1 c_0_1"),
        qubit("c_0_0", "q_0_1", "c_1_0"),
        qubit("c_0_1", "q_0_2", "c_1_1"),
        qubit("c_1_0", "c_1_1 c_1_2", "c_0_0"),
        qubit("c_1_1", "c_1_2", "c_0_1"),
        qubit("c_1_2", "c_1_0", "c_2_0"),
        qubit("q_2_0", "q_2_1 c_2_0"),
        qubit("q_2_1", "c_2_0"),
        qubit("c_2_0", ""),
    ]
    return {
        "processors": {str(i): {"id": i} for i in range(3)},
        "qubits": {q["id"]: q for q in qubits},
        "connections": [
            {"qubit1": "c_0_0", "qubit2": "c_1_0", "type": "remote", "fidelity": 0.9},
            {"qubit1": "c_1_1", "qubit2": "c_0_1", "type": "remote", "fidelity": 0.96},
            {"qubit1": "q_0_0", "qubit2": "q_0_2", "type": "local"},
        ],
    }


def test_modules_and_links() -> None:
    machine = read_memq_network(json.dumps(chain()), "chain")
    first, middle, last = machine.modules
    assert [(m.name, m.data_qubits, m.comm_qubits) for m in machine.modules] == [
        ("qpu0", 3, 2),
        ("qpu1", 0, 3),
        ("qpu2", 2, 1),
    ]
    assert {frozenset(p) for p in first.edges} == {
        frozenset(p) for p in ((0, 1), (1, 2), (1, 3), (2, 4))
    }
    assert (middle.role, middle.coupling, last.coupling) == ("repeater", "all", "all")
    assert (first.t2_ns, first.t1_ns, first.comm_t2_ns) == (1e5, float("inf"), float("inf"))
    near, far = machine.link("qpu0", "qpu1"), machine.link("qpu1", "qpu2")
    assert (near.capacity, near.state) == (2, pytest.approx(werner_state(0.93)))
    assert (far.capacity, far.fidelity) == (1, 1.0)
    assert machine.link("qpu0", "qpu2") is None


def test_a_file_compiles(tmp_path: Path) -> None:
    path = tmp_path / "chain.json"
    path.write_text(json.dumps(chain()))
    assert load_machine(path).name == str(path)
    gates = "".join(f"cx q[{a}], q[{b}]; " for a in range(4) for b in range(4) if a != b)
    text = f'OPENQASM 3.0; include "stdgates.inc"; qubit[4] q; h q[0]; {gates}'
    done = bellwire.compile(text, path)
    assert done.verify()
    assert done.report["ebits"] >= 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["qubits"]["q_0_0"].update(type="idle"), "qubit q_0_0: found type 'idle'"),
        (lambda d: d["qubits"]["q_0_0"].update(processorId=7), "processorId 7; it must be one of"),
        (lambda d: d["qubits"]["q_0_0"].update(localConnections=["x"]), "a connection to 'x'"),
        (lambda d: d["qubits"]["c_0_0"].pop("type"), "KeyError 'type'"),
        (lambda d: d.pop("processors"), "no processors and qubits"),
        (lambda d: d["qubits"].update(q_0_0=3), "give a memq-dqc network file"),
    ],
)
def test_what_is_refused(change: Any, words: str) -> None:
    data = chain()
    change(data)
    with pytest.raises(MachineError, match=words) as told:
        read_memq_network(json.dumps(data), "net.json")
    assert str(told.value).startswith("net.json: ")
    with pytest.raises(MachineError, match="valid JSON"):
        read_memq_network("{", "net.json")
