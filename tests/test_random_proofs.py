"""Random circuits on random machines: every program compiles, verifies, and is proved.

Shapes, one communication qubit and more, couplings, unequal modules, measurements, conditions,
loops, options; `make fuzz` tries many more (tests/fuzz/formats/proofs.py).
"""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from formats import proofs
from generators import random_machine, random_program

from bellwire.compiler.equivalence import Proof, prove
from bellwire.errors import DoesNotFit
from bellwire.passes.partition import partition
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe

PAIRS, CHUNK = 500, 50


@pytest.mark.parametrize("first", range(0, PAIRS, CHUNK))
def test_random_pairs_are_proved(first: int) -> None:
    proved = 0
    for seed in range(first, first + CHUNK):
        with contextlib.suppress(DoesNotFit):  # purification that finds no room
            proofs.read(seed)
            proved += 1
    assert proved >= CHUNK - 3


@pytest.mark.parametrize("seed", range(4))
def test_large_clifford_programs_are_proved(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_program(rng, 40, 600, clifford=True, dynamic=seed % 2 == 1)
    machine = random_machine(rng, 40)
    done = run_passes(circuit, machine, recipe("fast", seed=seed))
    proof = prove(done.program, circuit, seed=seed)
    assert (proof.equal, proof.method) == (True, "flows"), proof.detail


@pytest.mark.parametrize("seed", range(2))
def test_large_programs_with_any_angles_are_proved(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_program(rng, 40, 400)
    machine = random_machine(rng, 40)
    done = run_passes(circuit, machine, recipe("fast", seed=seed))
    assert prove(done.program, circuit) == Proof(True, "flows and rotations", 0)


def test_too_many_qubits_are_refused_with_what_would_fit() -> None:
    rng = np.random.default_rng(0)
    machine = random_machine(rng, 4)
    circuit = random_program(rng, machine.data_qubits + 1, 3)
    with pytest.raises(DoesNotFit, match="would fit"):
        partition(circuit, machine)
