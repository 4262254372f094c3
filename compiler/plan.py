"""The plan of the e-bits: which modules hold each qubit when each gate happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Plan:
    """Where states are to be, for a PLACED program and one machine. Modules are counted as in
    `machine.modules`; a mask has bit m set for module m.

    `start` (qubits,): the home of each qubit at the start. `rows` (T,): the rows of the program
    that are two-qubit gates, in order. Per gate and operand, shape (T, 2): `home`, the home when
    the gate happens; `label`, the mask of modules that hold the operand then, its home among them;
    `hold`, the mask of the copies that are kept until the qubit's next gate. `flows` (F,): the rows
    that are control flow; `resting` (F, qubits): the homes while they run, without copies. `inner`:
    by row of control flow the plans of its blocks, which start and end with the resting homes.
    """

    start: Ints
    rows: Ints
    home: Ints
    label: Ints
    hold: Ints
    flows: Ints
    resting: Ints
    inner: Mapping[int, tuple[Plan, ...]] = field(default_factory=dict)
