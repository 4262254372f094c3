"""Progress: long passes tell how far they are, and nobody's watching changes what they find."""

from __future__ import annotations

import numpy as np
import pytest
from generators import random_program

import bellwire
from bellwire.compiler.emitters.text import to_text
from bellwire.compiler.progress import planned, watching, worked
from bellwire.targets.shapes import make_machine


def test_shares_are_of_the_work_that_was_planned() -> None:
    told: list[tuple[float, str]] = []
    with watching(lambda share, text: told.append((share, text))), planned(8.0):
        worked(2.0, "%d e-bits", 7)
        worked(6.0, "done")
    worked(1.0, "nobody watches")
    assert told == [(0.25, "7 e-bits"), (0.75, "done")]


def test_a_search_tells_its_way_and_finds_the_same() -> None:
    told: list[tuple[float, str]] = []
    machine = make_machine("complete", 3, data_qubits=4, comm_qubits=2)
    circuit = random_program(np.random.default_rng(3), 10, 120)
    alone = bellwire.compile(circuit, machine, seed=3)
    with watching(lambda share, text: told.append((share, text))):
        watched = bellwire.compile(circuit, machine, seed=3)
    assert to_text(watched.program) == to_text(alone.program)
    assert len(told) > 5
    assert 0.5 < sum(share for share, _ in told) < 4  # the work is an estimate
    assert told[-1][1].endswith("e-bits")
    assert float(told[-1][1].split()[0]) == pytest.approx(alone.report["ebits"], abs=6)
