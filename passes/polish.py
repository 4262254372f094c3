"""A plan for a large program: the copies of one partition, polished in a few cool sweeps."""

from __future__ import annotations

import numpy as np

from bellwire.passes.annealing.nodes import build, covered
from bellwire.passes.annealing.run import anneal, sweep_us
from bellwire.passes.annealing.sheet import Ints
from bellwire.passes.search import Found
from bellwire.passes.timeline import Timeline
from bellwire.targets.machine import Machine

LARGE = 20_000  # gates; a program of fewer is always searched
SEARCH_US = 500.0  # per gate; with less work trying several starts, hot, leads nowhere
HEAT, COLD = 0.08, 0.05  # e-bits; so cool that a few sweeps make a good plan no worse
PRESS = (30.0, 300.0)  # e-bits per node that has no data qubit: the plan stays within the limits
MOST = 100  # sweeps
TIMES = 4  # per node of a qubit; finer ones would cost qubits times gates


def is_large(clock: Timeline, work_us: float) -> bool:
    """Whether the work is too little to search for a plan of so many gates."""
    return len(clock) > LARGE and work_us < SEARCH_US * len(clock)


def polish(
    clock: Timeline, machine: Machine, homes: Ints, rng: np.random.Generator, *, work_us: float
) -> Found:
    """The best copies for fixed homes, then sweeps for about `work_us` microseconds (counted in
    steps, not by a clock), one at least. Data qubits are watched at few times."""
    net = build(clock, machine, times=_times(clock))
    sweeps = int(np.clip(work_us / sweep_us(net), 1, MOST))
    marks = covered(net, homes)
    cost, marks = anneal(net, marks, rng, sweeps=sweeps, heat=HEAT, cold=COLD, press=PRESS)
    return Found(cost, clock, net, marks)


def _times(clock: Timeline) -> int:
    """So many times that a node lasts about TIMES of them."""
    gates = clock.pair[:, 0] >= 0
    begins = int(clock.fresh[gates].sum()) + clock.qubits * len(clock.inner)
    busy = max(1, len(np.unique(clock.pair[gates])))
    return 1 + TIMES * begins // busy
