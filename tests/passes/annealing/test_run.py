"""Runs of the annealer: within the limits, compiled as plain, ended early."""

from __future__ import annotations

import numpy as np
import pytest
from nets import random_net
from test_room import homes_of

from bellwire.passes.annealing.room import fill, overfull
from bellwire.passes.annealing.run import anneal, copied
from bellwire.passes.annealing.sheet import total_cost


@pytest.mark.parametrize("seed", range(30))
def test_the_best_plan_is_within_the_limits_and_costs_what_is_said(seed: int) -> None:
    net, marks = random_net(seed)
    first = total_cost(net.sheet, marks)
    cost, best = anneal(net, marks, np.random.default_rng(seed), sweeps=12, heat=0.4)
    assert cost == total_cost(net.sheet, best) <= first
    assert (net.sheet.data >= homes_of(net.sheet, best).T).all()
    fill(net.sheet, best)
    assert overfull(net.sheet, best) == 0


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_compiled_kernels_draw_the_same_plan(seed: int, tight: bool) -> None:
    net, marks = random_net(seed, tight=tight)
    runs = [
        anneal(net, copied(marks), np.random.default_rng(seed), sweeps=6, heat=0.5, plain=plain)
        for plain in (True, False)
    ]
    (cost, plain), (again, compiled) = runs
    assert cost == again
    assert all(np.array_equal(a, b) for a, b in zip(plain, compiled))


def test_a_run_ends_when_the_cost_is_enough() -> None:
    net, marks = random_net(3)
    before = [column.copy() for column in marks[:4]]
    cost, best = anneal(net, marks, np.random.default_rng(0), sweeps=9, heat=0.4, enough=1e9)
    assert cost == total_cost(net.sheet, marks)
    assert all(np.array_equal(a, b) for a, b in zip(before, best))


@pytest.mark.parametrize("seed", [0, 7, 14, 21, 28])
def test_given_homes_stay(seed: int) -> None:
    net, marks = random_net(seed)
    first = net.sheet.first[:-1]
    given = marks.home[first].copy()
    assert net.anchored
    _, best = anneal(net, marks, np.random.default_rng(seed), sweeps=8, heat=0.6)
    assert np.array_equal(best.home[first], given)
