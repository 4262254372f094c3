"""The fewest e-bits that a small circuit can be compiled to, proved: the optimiser's yardstick.

**What is counted.** A label S(v) is the set of modules that hold a qubit at any time during its
segment v (between two operations that make copies untrue). Each e-bit, by a session or a teleport,
lets one more module hold one qubit, so e-bits >= sum of |S(v)| - 1, and two conditions hold:

- a two-qubit gate happens in a module that holds both qubits: S(u) and S(v) meet;
- between two segments a qubit is in one module alone, and that is in both labels: they meet.

Backwards, labels that meet so can be carried out at that cost with enough communication qubits: all
copies are opened when their segment starts. Gates that are "not covered" and homes that change "by
a plain move" need no terms of their own: their e-bit puts one more module into a label.

**Room.** Whenever a gate happens, every qubit has its home in some module that holds it at that
time, and no module is home to more than its data qubits. Homes may change between any two gates,
in the middle of a segment too: the home at a gate is any member of the label, and different gates
do not share it. Nothing is asked between gates (two qubits may change places; one-qubit gates may
happen on a communication qubit). Commuting operations may happen in any order: at a gate another
qubit may be in any segment that some order allows, and its home in any of their labels (each gate
on its own: very rarely no single order suits all of them, and the optimum here is one too low). So
it is never above what a program in this model can have, whatever its order, its moves in the middle
of segments, or its communication qubits.

**The model itself.** Measured and reset qubits are states like others, gates are those of the given
circuit after `unroll` (fuse first to compare with a recipe that fuses), and copies do not outlive
an operation that makes them untrue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from bellwire.compiler.program import Program, is_flow
from bellwire.errors import DoesNotFit, NotSupported
from bellwire.passes.copy_sets import CopySets, copy_sets
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import Machine

MOST_QUBITS = 12
MOST_MODULES = 3

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Optimum:
    """The fewest e-bits found; `proved` when no labels have fewer, and none below `bound` ever.

    `labels[q]`: for each segment of qubit q with two-qubit gates the modules that hold it.
    """

    ebits: int
    proved: bool
    bound: int
    labels: tuple[tuple[tuple[str, ...], ...], ...]


def optimal_ebits(program: Program, machine: Machine, *, seconds: float = 60.0) -> Optimum:
    """Find the fewest e-bits of a LOGICAL program, unrolled here, without limit on communication
    qubits; `seconds` of search, then the best found so far.

    Raises DoesNotFit for too few data qubits; NotSupported for more than 12 qubits or 3 modules,
    control flow, modules without a link of their own, and when the time finds nothing at all.
    """
    _check(program, machine)
    model = copy_sets(unroll(program, machine))
    room = [m.data_qubits for m in machine.modules]
    rows = _Rows(model, len(room))
    rows.labels_meet()
    rows.homes_fit(room)
    found = rows.solve(seconds)
    if found.x is None:
        raise NotSupported(f"{program.name}: nothing was found in {seconds:g} s; give it more")
    names = [m.name for m in machine.modules]
    holds = found.x[rows.label] > 0.5
    labels = [tuple(n for n, here in zip(names, row) if here) for row in holds]
    return Optimum(
        ebits=round(found.fun) - model.segments,
        proved=found.status == 0,
        bound=max(0, ceil(found.mip_dual_bound - model.segments - 1e-6)),
        labels=tuple(tuple(labels[s] for s in ids) for ids in model.of_qubit),
    )


def _check(program: Program, machine: Machine) -> None:
    """Raise where a program or a machine is beyond the model."""
    qubits, modules = len(program.qubits), [m.name for m in machine.modules]
    if any(is_flow(op) for op in program.ops):
        raise NotSupported(f"{program.name}: found control flow; optimal takes circuits without")
    if qubits > MOST_QUBITS or len(modules) > MOST_MODULES:
        raise NotSupported(
            f"{program.name}: found {qubits} qubits and {len(modules)} modules; "
            f"optimal takes up to {MOST_QUBITS} and {MOST_MODULES}"
        )
    for i, a in enumerate(modules):
        for b in modules[:i]:
            if machine.link(a, b) is None:
                raise NotSupported(
                    f"machine {machine.name}: found no link {b}-{a}; optimal takes machines in "
                    "which every two modules have one, so that all e-bits cost the same"
                )
    if qubits > machine.data_qubits:
        raise DoesNotFit(
            f"{program.name}: found {qubits} qubits, but machine {machine.name} has "
            f"{machine.data_qubits} data qubits; give it more"
        )


@dataclass
class _Rows:
    """The linear programme: columns `label[s, m]`, `meet[e, m]`, `home[k, q, m]`, all from 0 to 1.

    Only labels are whole numbers: for whole labels the homes of a moment are a flow, which has a
    whole solution if it has any, and a meeting is worth no more than what the labels allow.
    """

    model: CopySets
    modules: int
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    at: list[tuple[int, int, int]] = field(default_factory=list)  # row, column, factor

    def __post_init__(self) -> None:
        model, modules = self.model, self.modules
        self.pairs = (*model.gates, *model.moves)
        self.moments = model.moments or (model.of_qubit,)
        shapes = (
            (model.segments, modules),
            (len(self.pairs), modules),
            (len(self.moments), len(model.of_qubit), modules),
        )
        stops = np.cumsum([0, *(np.prod(s, dtype=int) for s in shapes)]).tolist()
        blocks = [np.arange(a, b).reshape(s) for a, b, s in zip(stops, stops[1:], shapes)]
        self.label, self.meet, self.home = blocks
        self.columns = stops[-1]

    def _row(self, low: float, plus: Iterable[int], high: float, minus: Iterable[int] = ()) -> None:
        """Ask for low <= sum of some columns - sum of others <= high."""
        row = len(self.lower)
        self.at += [(row, int(c), 1) for c in plus]
        self.at += [(row, int(c), -1) for c in minus]
        self.lower.append(low)
        self.upper.append(high)

    def labels_meet(self) -> None:
        """Some module holds every segment, and some module both of every pair."""
        for row in (*self.label, *self.meet):
            self._row(1, row, np.inf)
        for pair, meets in zip(self.pairs, self.meet):
            for s in pair:
                for meet, label in zip(meets, self.label[s]):
                    self._row(-np.inf, [meet], 0, [label])

    def homes_fit(self, room: Sequence[int]) -> None:
        """At every moment each qubit has one home that holds it, and homes have room."""
        for homes, moment in zip(self.home, self.moments):
            for own, ids in zip(homes, moment):
                self._row(1, own, 1)
                for m, home in enumerate(own):
                    self._row(-np.inf, [home], 0, self.label[list(ids), m])
            for m, data_qubits in enumerate(room):
                self._row(0, homes[:, m], data_qubits)
        self._order_equal_modules(room)

    def _order_equal_modules(self, room: Sequence[int]) -> None:
        """Equal modules get their first homes in order: one name for solutions that are alike."""
        first = self.home[0]
        for m in range(1, self.modules):
            twins = [k for k in range(m) if room[k] == room[m]]
            for q in range(len(first)) if twins else ():
                self._row(-np.inf, [first[q, m]], 0, first[:q, twins[-1]])

    def solve(self, seconds: float) -> Any:
        """Minimise the members of all labels."""
        rows, columns, factors = np.array(self.at).T
        whole = np.zeros(self.columns)
        whole[self.label] = 1  # and each costs one
        size = (len(self.lower), self.columns)
        matrix = coo_array((factors, (rows, columns)), shape=size).tocsr()
        return milp(
            whole,
            integrality=whole,
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, self.lower, self.upper),
            options={"time_limit": seconds},
        )
