"""Counts that are known: formulas, and what each kind of e-bit costs."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import pytest

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.metrics import program_metrics
from bellwire.compiler.program import Program, Qubit, Stage
from bellwire.passes.pipeline import Passed, run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine


def ghz(qubits: int) -> Program:
    """h, then a chain of cx."""
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)])
    out.append("h", [0])
    for i in range(qubits - 1):
        out.append("cx", [i, i + 1])
    return out.finish(Stage.LOGICAL)


def qft(qubits: int) -> Program:
    """The quantum Fourier transform without its final swaps."""
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)])
    for i in reversed(range(qubits)):
        out.append("h", [i])
        for j in reversed(range(i)):
            out.append("cp", [j, i], [pi / 2 ** (i - j)])
    return out.finish(Stage.LOGICAL)


def through(circuit: Program, machine: Machine, name: str = "default") -> Passed:
    """Compile with a recipe."""
    return run_passes(circuit, machine, recipe(name))


@pytest.mark.parametrize("modules", [2, 3, 4])
@pytest.mark.parametrize("comm", [1, 2])
def test_ghz_takes_one_ebit_per_cut(modules: int, comm: int) -> None:
    machine = make_machine("line", modules, data_qubits=3, comm_qubits=comm)
    assert through(ghz(3 * modules), machine).program.count("ebit") == modules - 1


def test_qft_over_two_modules_takes_one_ebit_per_qubit_of_the_smaller() -> None:
    machine = make_machine("complete", 2, data_qubits=9, comm_qubits=16)
    assert through(qft(16), machine).program.count("ebit") == 7  # n - C, proved optimal by MILP


def test_qft_over_four_modules_takes_what_one_module_cannot_hold_and_one_more() -> None:
    machine = make_machine("complete", 4, data_qubits=5, comm_qubits=16)
    assert through(qft(16), machine).program.count("ebit") == 12


def triangle() -> Program:
    """Three qubits, a gate between every two."""
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(3)])
    for pair in ((0, 1), (1, 2), (0, 2)):
        out.append("cz", pair)
    return out.finish(Stage.LOGICAL)


def test_two_copies_meet_in_the_middle_module() -> None:
    machine = make_machine("line", 3, data_qubits=1, comm_qubits=2)
    done = through(triangle(), machine)
    assert done.program.count("ebit") == 2  # every gate happens in B, nothing is swapped
    assert program_metrics(done.program, machine)["ebits"] == 2


def test_gates_between_unlinked_modules_pay_for_every_link() -> None:
    out = ProgramBuilder([Qubit("q[0]"), Qubit("q[1]")])
    out.append("cz", [0, 1])
    ends = make_machine("line", 3, data_qubits=1, comm_qubits=2)
    middle = replace(ends.modules[1], data_qubits=0, role="repeater")
    machine = replace(ends, modules=(ends.modules[0], middle, ends.modules[2]))
    done = through(out.finish(Stage.LOGICAL), machine)
    assert done.costs["ebit_requests"] == 1
    assert done.program.count("ebit") == 2


def test_a_swap_heavy_qubit_moves_instead_of_being_copied() -> None:
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(5)])
    for block in ((0, 1), (2, 3)):
        for _ in range(6):
            for other in block:
                out.append("h", [4])
                out.append("cz", [4, other])
                out.append("h", [other])
        for _ in range(8):
            out.append("cz", block)
            out.append("h", [block[0]])
            out.append("cz", block)
            out.append("h", [block[1]])
    machine = make_machine("line", 2, data_qubits=3, comm_qubits=1)
    done = through(out.finish(Stage.LOGICAL), machine)
    assert done.costs["teleports"] == 1
    assert done.program.count("ebit") == 1
