"""What a plan means for each gate, found out before it is carried out.

Copies are opened by the first gate that uses them and given back after the last one, so a label may
name more than its gate needs: each gate meets in one module of both labels, the one that takes the
fewest new copies. A second scan, backwards, says which copies are used again and when.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.compiler.ragged import Column
from bellwire.errors import ProgramError
from bellwire.passes.carrying.trees import Trees, grow_trees, is_even
from bellwire.passes.carrying.whereabouts import NEVER
from bellwire.passes.gate_segments import EFFECT, GATE, SMALL, gate_operands, gate_segments


class Foresight(NamedTuple):
    """Per two-qubit gate, T of them; 64-bit integers.

    `meet` (T,): the module to meet in, -1 where the labels share none. Per operand (T, 2): `home`,
    its home then; `keep`, the mask of copies that are kept after the gate; `after`, the gate that
    uses the copy in `meet` next, or NEVER; `going`, the home of its next gate or -1; `border`,
    whether its segment ends before that; `along`, the mask of the modules from which its copy in
    `meet` is to be opened, one after the other; `land`, the same for a copy in its next home.
    """

    home: Column
    meet: Column
    keep: Column
    after: Column
    going: Column
    border: Column
    along: Column
    land: Column


def foresee(program: Program, plan: Plan, price: Column, *, times: int = 1) -> Foresight:
    """Read a plan; `price[a, b]`: of a Bell pair between two modules. `times`: about how often this
    is going to be done. Raises ProgramError when the plan is not one for this program."""
    rows = np.flatnonzero(EFFECT[program.kind] == GATE)
    if not np.array_equal(rows, plan.rows):
        raise ProgramError(
            f"{program.name}: the plan is for {len(plan.rows)} gates, it has {len(rows)}; "
            "make the plan for this program"
        )
    operands, segment = gate_operands(program), gate_segments(program)
    n, work, small = len(program.qubits), times * len(rows), SMALL // 3
    meet = np.zeros(len(rows), dtype=np.int64)
    label = plan.label | np.int64(1) << plan.home
    live, last = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    choose = choose_meetings.at_hand(work, small=small)
    choose(operands, segment, plan.home, label, plan.hold, live, last, meet)
    columns = [np.zeros((len(rows), 2), dtype=np.int64) for _ in range(7)]
    trees = Trees(columns[4], columns[6], columns[5])
    if not is_even(price):
        scene = np.full((n, 4 + len(price)), -1, dtype=np.int64)
        grow = grow_trees.at_hand(work, small=small)
        grow(operands, segment, plan.home, label, plan.hold, meet, price, scene, trees)
    seen = Foresight(plan.home, meet, *columns[:6])
    last, wanted, roots = np.full(n, -1, dtype=np.int64), *np.zeros((2, n), dtype=np.int64)
    use = np.zeros((n, len(price)), dtype=np.int64)
    look = look_back.at_hand(work, small=small)
    look(operands, segment, label, plan.hold, trees.new, seen, last, wanted, roots, use)
    return seen


@kernel
def choose_meetings(
    operands: Column,
    segment: Column,
    home: Column,
    label: Column,
    hold: Column,
    live: Column,
    last: Column,
    meet: Column,
) -> None:
    """Choose where each gate meets. `live`: per qubit the copies opened so far that are held;
    `last`: the segment of its latest gate."""
    for t in range(len(meet)):
        a, b = operands[t, 0], operands[t, 1]
        for i in range(2):
            q = operands[t, i]
            if last[q] != segment[t, i]:
                last[q], live[q] = segment[t, i], 0
            live[q] |= 1 << home[t, i]
        both, best, m = label[t, 0] & label[t, 1], 8, 0
        meet[t] = -1
        if home[t, 0] == home[t, 1]:
            both = 1 << home[t, 0]
        while both >> m:
            if both >> m & 1:
                new = 4 - 2 * (live[a] >> m & 1) - 2 * (live[b] >> m & 1)
                if m != home[t, 0] and m != home[t, 1]:
                    new += 1
                if new < best:
                    best, meet[t] = new, m
            m += 1
        for i in range(2):
            q = operands[t, i]
            if meet[t] >= 0:
                live[q] |= 1 << meet[t]
            live[q] &= hold[t, i] & ~(1 << home[t, i])


@kernel
def look_back(
    operands: Column,
    segment: Column,
    label: Column,
    hold: Column,
    new: Column,
    seen: Foresight,
    last: Column,
    wanted: Column,
    roots: Column,
    use: Column,
) -> None:
    """Fill in what is used again. `last`: the next gate and operand of each qubit as one number;
    `wanted`: the mask of copies that are useful before that gate; `roots`: of those from which
    others will be opened; `use`: the gates that use them.
    """
    home, meet = seen.home, seen.meet
    for k in range(2 * len(meet) - 1, -1, -1):
        t, i = k // 2, k % 2
        q, m, here = operands[t, i], meet[t], 1 << home[t, i]
        after, late, going, keep = wanted[q], 0, -1, 0
        if last[q] >= 0:
            then, j = last[q] // 2, last[q] % 2
            going = home[then, j]
            seen.border[t, i] = segment[t, i] != segment[then, j]
            if seen.border[t, i]:
                after, roots[q] = 0, 0
            if going != home[t, i]:
                late = 1 << going
                after |= late
                use[q, going] = then
            after &= ~here
            if not seen.border[t, i]:
                keep = after & hold[t, i]
        below = roots[q] & ~here
        seen.going[t, i], seen.keep[t, i] = going, keep | below
        seen.after[t, i] = use[q, m] if m >= 0 and (after | below) >> m & 1 else NEVER
        wanted[q] = keep | late & label[t, i]
        if m >= 0 and m != home[t, i]:
            wanted[q] |= 1 << m
            use[q, m] = t
            _note_roots(seen.along[t, i], t, roots, use, q)
        roots[q] = (roots[q] | seen.land[t, i]) & ~new[t, i]
        last[q] = k


@kernel
def _note_roots(along: int, t: int, roots: Column, use: Column, q: int) -> None:
    """Note which copies gate t needs as sources."""
    roots[q] |= along
    for m in range(use.shape[1]):
        if along >> m & 1:
            use[q, m] = t
