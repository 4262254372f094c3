"""Running passes: what is kept, what is checked, what is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.program import Program
from bellwire.errors import ProgramError
from bellwire.passes.pipeline import pass_name, run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

MACHINE = make_machine("line", 2, data_qubits=1, comm_qubits=1)
CIRCUIT = read_text("qubits q[2]\ncx q[0] q[1]\n")[0]


def test_only_the_programs_that_are_asked_for_are_kept() -> None:
    steps = recipe("fast")
    assert run_passes(CIRCUIT, MACHINE, steps).after == {}
    done = run_passes(CIRCUIT, MACHINE, steps, keep=("partition", "schedule"))
    assert list(done.after) == ["partition", "schedule"]
    assert done.after["schedule"] is done.program
    assert list(done.seconds) == [pass_name(step) for step in steps]


def test_costs_on_the_way_are_counted() -> None:
    done = run_passes(CIRCUIT, MACHINE, recipe("fast"))
    wanted = {"spanning_gates": 1, "ebit_requests": 1, "teleports": 0, "cat_sessions": 1}
    assert done.costs == wanted


def test_a_pass_that_breaks_a_rule_is_named() -> None:
    def careless(program: Program, machine: Machine) -> Program:
        return replace(program, condition=program.condition[1:])

    with pytest.raises(ProgramError, match=r"after pass careless: .*columns do not fit"):
        run_passes(CIRCUIT, MACHINE, [careless])
