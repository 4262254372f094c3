"""Partitions keep hard, unequal capacities, are repaired, and do without METIS."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from generators import random_program

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.program import Qubit, Stage
from bellwire.errors import DoesNotFit
from bellwire.passes.candidates import has_metis, metis_parts, repair
from bellwire.passes.homes import module_homes
from bellwire.passes.interactions import Interactions, interactions
from bellwire.passes.partition import partition
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import Link, Machine, Module
from bellwire.targets.shapes import make_machine


def weighted(qubits: int, weights: dict[tuple[int, int], int]) -> Interactions:
    """The graph of a circuit in which each pair has so many gates."""
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)])
    for pair, times in weights.items():
        for _ in range(times):
            out.append("cz", pair)
    return interactions(timeline(out.finish(Stage.LOGICAL)))


def unequal(*sizes: int) -> Machine:
    """A ring of modules with these many data qubits; 0 makes a repeater."""
    names = [chr(65 + i) for i in range(len(sizes))]
    modules = tuple(
        Module(n, s, 2, role="compute" if s else "repeater") for n, s in zip(names, sizes)
    )
    ends = zip(names, [*names[1:], names[0]])
    return Machine(modules, tuple(Link(pair) for pair in ends))


@pytest.mark.parametrize("sizes", [(3, 3, 4, 10), (2,) * 10, (16, 1, 2, 1), (5, 0, 8, 7)])
@pytest.mark.parametrize("metis", [True, False])
def test_full_unequal_modules_are_never_overfilled(
    sizes: tuple[int, ...], metis: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not metis:
        monkeypatch.setitem(sys.modules, "pymetis", None)
    assert has_metis() is metis
    machine = unequal(*sizes)
    circuit = unroll(random_program(np.random.default_rng(1), sum(sizes), 80))
    placed = partition(circuit, machine, seed=1)
    used = np.bincount(module_homes(placed, machine), minlength=len(sizes))
    assert used.tolist() == list(sizes)


def test_repair_moves_only_what_is_too_much() -> None:
    homes = np.array([0, 0, 0, 0, 1])
    weights = {(0, 1): 5, (1, 2): 5, (3, 4): 1, (0, 2): 5}
    fixed = repair(homes, weighted(5, weights), np.array([3, 2]))
    assert fixed.tolist() == [0, 0, 0, 1, 1]


def test_the_plain_partitioner_keeps_two_cliques_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymetis", None)
    rng = np.random.default_rng(0)
    weights = {(a, b): 9 for c in (0, 4) for a in range(c, c + 4) for b in range(a + 1, c + 4)}
    weights[0, 4] = 1
    capacity = np.array([4, 4])
    cuts = [
        sum(w for (u, v), w in weights.items() if parts[u] != parts[v])
        for parts in metis_parts(weighted(8, weights), capacity, rng, 8)
    ]
    assert min(cuts) == 1


def test_a_machine_that_is_too_small_is_refused_with_what_would_fit() -> None:
    circuit = unroll(random_program(np.random.default_rng(2), 9, 20))
    with pytest.raises(DoesNotFit, match=r"found 9 qubits.* has 8 data qubits.* 3 data qubits per"):
        partition(circuit, make_machine("ring", 4, data_qubits=2))


def test_weights_count_gates_in_blocks_too() -> None:
    circuit = random_program(np.random.default_rng(5), 4, 60, flow=True)
    assert interactions(timeline(circuit)).weight.sum() > 10


@pytest.mark.parametrize("qubits", [3, 8, 9])
def test_metis_says_nothing_on_stdout(qubits: int, capfd: pytest.CaptureFixture[str]) -> None:
    machine = make_machine("line", 8, data_qubits=2, comm_qubits=2)  # some get less than a qubit
    partition(unroll(random_program(np.random.default_rng(0), qubits, 20)), machine)
    assert capfd.readouterr().out == ""
