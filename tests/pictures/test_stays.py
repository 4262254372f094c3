"""Where qubits are over time agrees with the layout and with what each e-bit is for."""

from __future__ import annotations

import numpy as np
import pytest
from generators import random_machine, random_program
from pictures.programs import compiled, long_program

import bellwire
from bellwire.compiler.ebit_uses import ebit_uses
from bellwire.compiler.metrics import layout
from bellwire.compiler.program import Program
from bellwire.pictures.stays import Stay, stays
from bellwire.pictures.times import Times, times_of
from bellwire.targets.machine import Machine


def _homes(found: tuple[Stay, ...], qubit: int) -> list[Stay]:
    return [stay for stay in found if stay.qubit == qubit and stay.home]


def _check(program: Program, machine: Machine) -> tuple[Times, tuple[Stay, ...]]:
    times = times_of(program, machine)
    found = stays(times)
    modules = {q.name: q.module for q in program.qubits}
    first = layout(program)["initial"]
    for i, name in enumerate(program.logical):
        homes = _homes(found, i)
        assert times.modules[homes[0].module] == modules[first[name]]
        assert homes[0].start == 0
        for before, after in zip(homes, homes[1:]):
            assert before.end == after.start  # one home at a time, without holes
            assert after.moved
    assert all(0 <= stay.start < stay.end <= times.span for stay in found)
    return times, found


def test_homes_and_sessions_are_those_of_the_ebits() -> None:
    program, machine = compiled().program, compiled().machine
    _, found = _check(program, machine)
    uses = {use.use: use for use in ebit_uses(program)}.values()
    moved = sum(stay.moved for stay in found)
    copies = sum(not stay.home for stay in found)
    assert copies == sum(use.purpose != "unused" for use in uses)
    assert moved == sum(use.purpose in ("move", "session, then home") for use in uses)


def test_last_homes_are_those_of_the_outputs() -> None:
    program, machine = compiled().program, compiled().machine
    times, found = _check(program, machine)
    last = [times.modules[_homes(found, i)[-1].module] for i in range(len(program.logical))]
    assert last == [program.qubits[q].module for q in program.outputs]


def test_a_telegate_is_a_session_in_the_other_module() -> None:
    program, machine = long_program(3)
    _, found = _check(program, machine)
    copies = [stay for stay in found if not stay.home]
    assert [(stay.qubit, stay.module) for stay in copies] == [(0, 1)] * 3
    assert all(a.end <= b.start for a, b in zip(copies, copies[1:]))


@pytest.mark.parametrize("seed", range(6))
def test_random_programs_with_control_flow(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_program(rng, 5, 25, dynamic=True, flow=True)
    machine = random_machine(rng, 5)
    program = bellwire.compile(circuit, machine, recipe="fast", seed=seed).program
    _check(program, machine)
    for kind in ("timeline", "partition", "ebits", "fidelity"):
        assert program.draw(kind, machine=machine).svg
