"""Costs of programs whose costs are plain to see."""

from __future__ import annotations

import pytest

from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.metrics import program_metrics
from bellwire.passes.pipeline import Passed, run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine


def compiled(text: str, machine: Machine) -> Passed:
    """Compile the text form of a circuit."""
    return run_passes(read_text(text)[0], machine, recipe("default"))


def test_one_telegate() -> None:
    machine = make_machine("line", 2, data_qubits=1, comm_qubits=1)
    done = compiled("qubits q[2]\ncx q[0] q[1]\n", machine)
    found = program_metrics(done.program, machine)
    wanted = {"ebits": 1, "ebit_depth": 1, "swaps_local": 0, "two_qubit_gates": 2, "messages": 2}
    assert {k: found[k] for k in wanted} == wanted
    assert found["comm_qubits_peak"] == {"A": 1, "B": 1}
    assert done.costs["spanning_gates"] == 1
    # herald, cx, readout, message, correction, cz (and an h before and after), readout, message
    link, module = machine.links[0], machine.modules[0]
    least = link.mean_ns + 2 * (module.gate_2q.ns + module.readout.ns + link.message_ns)
    assert found["makespan_s"] * 1e9 >= least


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_depth_counts_a_chain_of_ebits(turns: int) -> None:
    machine = make_machine("line", 2, data_qubits=1, comm_qubits=1)
    text = "qubits q[2]\n" + "cz q[0] q[1]\nh q[0]\nh q[1]\n" * turns
    done = compiled(text, machine)
    found = program_metrics(done.program, machine)
    assert (found["ebits"], found["ebit_depth"]) == (turns, turns)


def test_depth_of_gates_side_by_side_is_one() -> None:
    machine = make_machine("line", 2, data_qubits=2, comm_qubits=2)
    text = "qubits q[4]\n" + "cz q[0] q[1]\ncz q[2] q[3]\nh q[0]\nh q[3]\ncz q[0] q[2]\n"
    found = program_metrics(compiled(text, machine).program, machine)
    assert found["ebit_depth"] <= found["ebits"] <= 3


def test_a_swapped_pair_counts_both_links_and_one_in_depth() -> None:
    machine = make_machine("line", 3, data_qubits=2, comm_qubits=2)
    ring = "".join(f"cz q[{i}] q[{i + 1}]\nh q[{i}]\n" * 2 for i in (0, 2, 4))
    text = f"qubits q[6]\n{ring}cz q[0] q[2]\ncz q[2] q[4]\nh q[2]\ncz q[0] q[4]\n"
    done = compiled(text, machine)
    found = program_metrics(done.program, machine)
    assert found["ebits"] == found["modules"]["B"]["ebits"]
    assert found["ebit_depth"] <= done.costs["ebit_requests"]


def test_layout_names_where_states_start_and_end() -> None:
    machine = make_machine("line", 2, data_qubits=1, comm_qubits=1)
    done = compiled("qubits q[2]\ncx q[0] q[1]\n", machine)
    found = program_metrics(done.program, machine)["layout"]
    assert sorted(found["initial"].values()) == ["A_data[0]", "B_data[0]"]
    assert found["initial"] == found["final"]
