"""What every pass keeps: its stage's rules, the meaning, and the same bytes for the same seed."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from generators import random_machine, random_program

from bellwire.compiler.equivalence import prove
from bellwire.compiler.program import Program
from bellwire.compiler.verify import verify
from bellwire.passes.pipeline import Pass, pass_name
from bellwire.passes.recipes import RECIPES, recipe

STEPS = [pass_name(p) for p in recipe("default")]


@pytest.mark.parametrize("name", sorted(RECIPES))
@pytest.mark.parametrize("seed", range(6))
def test_every_pass_verifies_and_keeps_the_meaning(name: str, seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    circuit = random_program(rng, 5, 20, dynamic=seed % 2 == 0, flow=seed % 3 == 0)
    machine = random_machine(rng, 5)
    now = circuit
    for step in recipe(name, seed=seed):
        before, now = now, verify(step(now, machine), machine)
        proof = prove(now, before, seed=seed)
        assert proof.equal, f"{pass_name(step)}: {proof.detail}"


def _through(circuit: Program, seed: int, steps: list[Pass], machine: object) -> list[Program]:
    out = []
    for step in steps:
        circuit = step(circuit, machine)  # type: ignore[arg-type]
        out.append(circuit)
    return out


@pytest.mark.parametrize("seed", range(4))
def test_same_seed_gives_the_same_program_after_every_pass(seed: int) -> None:
    rng = np.random.default_rng(200 + seed)
    circuit = random_program(rng, 6, 40, dynamic=True)
    machine = random_machine(rng, 6)
    first = _through(circuit, seed, recipe("default", seed=seed), machine)
    again = _through(circuit, seed, recipe("default", seed=seed), machine)
    for name, a, b in zip(STEPS, first, again):
        assert a == b, name


@pytest.mark.parametrize("step", range(len(STEPS)), ids=STEPS)
def test_a_pass_does_not_change_its_input(step: int) -> None:
    rng = np.random.default_rng(7)
    circuit = random_program(rng, 5, 30, dynamic=True, flow=True)
    machine = random_machine(rng, 5)
    passes = recipe("fast", seed=0)
    before = circuit if step == 0 else _through(circuit, 0, passes[:step], machine)[-1]
    columns = [c.copy() for c in (before.kind, before.operands.values, before.angles.values)]
    partial(passes[step])(before, machine)
    for old, new in zip(columns, (before.kind, before.operands.values, before.angles.values)):
        assert np.array_equal(old, new)
