"""What is counted step by step is what counting from nothing gives."""

from __future__ import annotations

import numpy as np
import pytest
from nets import random_net
from numpy.typing import NDArray

from bellwire.passes.annealing.room import fill, overfull
from bellwire.passes.annealing.run import anneal
from bellwire.passes.annealing.sheet import Marks, Sheet

Ints = NDArray[np.int64]


def homes_of(sheet: Sheet, marks: Marks) -> Ints:
    """How many qubits are at home in each module at each time."""
    out = np.zeros((len(sheet.data), len(sheet.left)), dtype=np.int64)
    for a, end in zip(sheet.first, sheet.first[1:]):
        for v in range(a, end):
            start = marks.since[v] if v > a else 0
            stop = marks.since[v + 1] if v + 1 < end else out.shape[1]
            out[marks.home[v], start:stop] += 1
    return out


def load_of(sheet: Sheet, marks: Marks) -> Ints:
    """How many communication qubits are in use in each module at each time."""
    out = np.zeros((len(sheet.data), len(sheet.left)), dtype=np.int64)
    modules = np.arange(len(sheet.data))
    for a, end in zip(sheet.first, sheet.first[1:]):
        for v in range(a, end):
            copies = marks.label[v] & ~(1 << marks.home[v])
            out[:, sheet.when[v] : sheet.last[v] + 1] += (copies >> modules & 1)[:, None]
            if v + 1 < end:
                held = marks.hold[v] >> modules & 1
                out[:, sheet.last[v] + 1 : sheet.when[v + 1]] += held[:, None]
    moment = marks.private.copy()
    for side in (sheet.left, sheet.right):
        moment |= np.where(side[:, None] >= 0, marks.source[side], 0)
    ends, middle = (mask[None, :] >> modules[:, None] & 1 for mask in moment.T)
    out += np.maximum(ends, 2 * middle)
    return out


@pytest.mark.parametrize("seed", range(40))
def test_counts_hold_after_many_sweeps(seed: int) -> None:
    for tight in (False, True):
        net, marks = random_net(seed, tight=tight)
        last = marks._replace()  # the arrays that the annealer works on
        anneal(net, marks, np.random.default_rng(seed), sweeps=8, heat=0.6, plain=seed % 2 == 0)
        assert np.array_equal(last.homes, homes_of(net.sheet, last))
        assert np.array_equal(last.load, load_of(net.sheet, last) if tight else 0 * last.load)


@pytest.mark.parametrize("seed", range(40))
def test_a_whole_plan_is_counted_as_it_is(seed: int) -> None:
    net, marks = random_net(seed, tight=True)
    fill(net.sheet, marks)
    homes, load = homes_of(net.sheet, marks), load_of(net.sheet, marks)
    assert np.array_equal(marks.homes, homes)
    assert np.array_equal(marks.load, load)
    missing = np.maximum(0, homes.T - net.sheet.data) + np.maximum(0, load.T - net.sheet.comm)
    assert overfull(net.sheet, marks) == missing.sum()
