"""Random nets for the tests of the annealer."""

from __future__ import annotations

import numpy as np
from generators import random_program

from bellwire.passes.annealing.nodes import Net, build, covered
from bellwire.passes.annealing.sheet import Marks
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.shapes import make_machine


def random_net(seed: int, *, tight: bool = False) -> tuple[Net, Marks]:
    """Coarse, fine or finer nodes of a circuit on a small machine, and a plan with fixed homes."""
    rng = np.random.default_rng(seed)
    modules, qubits = int(rng.integers(2, 7)), int(rng.integers(3, 9))
    shape = ("complete", "ring", "star", "line")[seed % 4]
    room = -(-qubits // modules) + int(rng.integers(2))
    machine = make_machine(shape, modules, data_qubits=room, comm_qubits=1 + seed % 3)
    circuit = unroll(random_program(rng, qubits, 30, flow=seed % 5 == 0))
    clock = timeline(circuit)
    if seed % 7 == 0:
        clock = clock.anchored()
    options = ({"blocks": True}, {}, {"grain": 1}, {"grain": 3})[seed % 3 + (seed % 2)]
    net = build(clock, machine, tight=tight, **options)
    return net, covered(net, rng.permutation(np.repeat(np.arange(modules), room))[:qubits])
