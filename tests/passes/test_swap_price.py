"""Swaps inside modules have a price: plans are chosen by e-bits and swaps of routed programs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from generators import random_program

from bellwire.compiler.program import Program
from bellwire.passes.optimise_ebits import optimise_ebits
from bellwire.passes.partition import partition, ranked_partitions
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.static_plan import static_plan
from bellwire.passes.swap_price import LEAST, USUAL, routed_cost, swap_price
from bellwire.passes.tight_search import Tried, attempt
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import GateQuality, Machine
from bellwire.targets.noise import werner_state
from bellwire.targets.shapes import make_machine

STARTS = 4


def line_machine(modules: int, data: int, *, gate: float = 1.0, pair: float = 1.0) -> Machine:
    """Modules whose qubits stand in a line, with links and gates of some fidelity."""
    machine = make_machine("complete", modules, data_qubits=data, comm_qubits=2, coupling="line")
    quality = GateQuality(60.0, gate)
    return replace(
        machine,
        modules=tuple(replace(m, gate_2q=quality) for m in machine.modules),
        links=tuple(replace(link, state=werner_state(pair)) for link in machine.links),
    )


def test_a_swap_is_worth_its_infidelity_in_ebits() -> None:
    assert swap_price(line_machine(2, 3, gate=0.999, pair=0.97)) == pytest.approx(0.1)
    assert swap_price(line_machine(2, 3, gate=0.999999, pair=0.9)) == LEAST
    assert swap_price(line_machine(2, 3)) == USUAL


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_with_fixed_homes_is_better_by_ebits_and_swaps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = unroll(random_program(rng, 10, 60))
    machine = line_machine(3, 4, gate=0.99, pair=0.97)
    placed = partition(circuit, machine, seed=seed, starts=STARTS)
    done = optimise_ebits(placed, machine, seed=seed, starts=STARTS)
    assert done.plan is not None
    ours = attempt(done, machine, done.plan)
    best = min(_packed(placed, machine, seed), key=lambda t: (t.cost, routed_cost(t, machine)))
    assert routed_cost(ours, machine) <= routed_cost(best, machine)


def _packed(placed: Program, machine: Machine, seed: int) -> list[Tried]:
    homes = ranked_partitions(timeline(placed), machine, seed=seed, starts=STARTS)
    return [attempt(placed, machine, static_plan(placed, h.tolist())) for h in homes]


def test_dear_swaps_are_avoided_at_the_price_of_ebits() -> None:
    def costs(gate: float) -> tuple[int, int]:
        machine = line_machine(4, 5, gate=gate, pair=0.97)
        circuits = [random_program(np.random.default_rng(seed), 16, 150) for seed in range(4)]
        done = [run_passes(c, machine, recipe("fast")).program for c in circuits]
        return sum(p.count("ebit") for p in done), sum(p.count("swap") for p in done)

    (few_ebits, many_swaps), (many_ebits, few_swaps) = costs(0.9999), costs(0.98)
    assert few_ebits <= many_ebits
    assert few_swaps < many_swaps
