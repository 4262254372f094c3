"""Where all qubits are coupled, wires settle as the general router would have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generators import random_machine, random_program

from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.verify import verify
from bellwire.passes import route_locally as routing
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine


def all_coupled(machine: Machine) -> Machine:
    return replace(machine, modules=tuple(replace(m, coupling="all") for m in machine.modules))


@pytest.mark.parametrize("seed", range(8))
def test_settled_wires_are_those_of_the_router(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    machine = all_coupled(random_machine(rng, 6))
    circuit = random_program(rng, 6, 40, dynamic=True)
    program = run_passes(circuit, machine, recipe("fast")[:-2]).program
    settled = routing.route_locally(program, machine)
    monkeypatch.setattr(routing, "settle_wires", lambda *_: None)
    assert settled == routing.route_locally(program, machine)


def test_an_empty_place_is_swapped_under_a_communication_qubit_where_all_are_coupled() -> None:
    machine = make_machine("line", 2, data_qubits=2, comm_qubits=1)
    head = "bellwire 1 distributed\nqubits q[1] in A\nqubits a in A comm\nqubits x in B comm\n"
    program = read_text(f"{head}logical q[0] -> q[0] -> q[0]\nebit a x\n")[0]
    routed = routing.route_locally(program, machine, positions=[2])  # on the communication qubit
    assert [op.name for op in verify(routed, machine).ops] == ["swap", "ebit"]
