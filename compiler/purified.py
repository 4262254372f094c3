"""Bell pairs as a link hands them over: raw, or purified once before the program gets them.

A purified pair is made by the link alone: a pair, a second one on the last communication qubit of
both modules, a CNOT on each side, two readouts that have to agree, else all over again. It is
heralded and never control flow: the program sees one `ebit`, later and better.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np

from bellwire.compiler.program import Ints, Program
from bellwire.errors import DoesNotFit, ProgramError
from bellwire.targets.link import BellState, Link
from bellwire.targets.machine import Machine
from bellwire.targets.module import Module
from bellwire.targets.noise import combine, depolarising_1q, store_pair
from bellwire.targets.purification import best_rotation, purify
from bellwire.targets.waiting import geometric_decay


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair when it is handed over: its state (target, Z-, X-, Y-type error), the expected wait
    for it, the chance that one try is kept (1: a raw pair), the expected number of raw pairs, and
    the time of the gates, readouts and messages of one try."""

    state: BellState
    wait_ns: float
    kept: float = 1.0
    raw_pairs: float = 1.0
    check_ns: float = 0.0


def pair_of(program: Program, machine: Machine, link: Link) -> Pair:
    """The pairs of a link as this program asks for them."""
    if link_name(link) not in program.generation.purify:
        return Pair(link.delivered, link.wait_ns)
    return purified_pair(link, *(machine.module(end) for end in link.between))


def link_name(link: Link) -> str:
    """The name of a link: its modules."""
    return "-".join(link.between)


@cache
def purified_pair(link: Link, first: Module, second: Module) -> Pair:
    """A pair of a link between two modules after one round of purification.

    The rarest error is the one that is missed (targets/purification.py; Deutsch et al., Phys. Rev.
    Lett. 77, 2818 (1996)). The kept pair ages while the second one is made (mean over the geometric
    number of attempts) and checked; gates and readouts are those of the worse module.
    """
    ends = (first, second)
    gate = min(m.gate_2q.fidelity for m in ends)
    readout = min(m.readout.fidelity for m in ends)
    check_ns = ceil(max(m.gate_2q.ns + m.readout.ns for m in ends) + link.message_ns)
    kept, other = _aged(link, first, second), link.delivered
    missed = best_rotation(kept, other, gate_2q=gate, readout=readout)
    if missed != "z":
        turns = [_turned(depolarising_1q(m.gate_1q.fidelity)) for m in ends]
        kept, other = combine(kept, *turns), combine(other, *turns)
    state, chance = purify(kept, other, missed=missed, gate_2q=gate, readout=readout)
    memory = [m.coherence_ns("comm") for m in ends]
    state = store_pair(state, check_ns, first=memory[0], second=memory[1])
    wait_ns = (2 * link.wait_ns + check_ns) / chance
    return Pair(state, wait_ns, chance, 2 / chance, check_ns)


def _turned(p: float) -> BellState:
    """The errors of one gate on one qubit of a pair."""
    return 1 - 3 * p / 4, p / 4, p / 4, p / 4


def _aged(link: Link, first: Module, second: Module) -> BellState:
    """A pair that has waited for the next one of its link, on the mean: in both memories together
    the rates add, and e^(-rate * attempts) has a mean in closed form."""
    rates = [
        sum(1 / m.coherence_ns("comm")[k] for m in (first, second)) for k in (0, 1)
    ]  # per ns, of T1 and T2
    left = [
        geometric_decay(link.success, rate * link.attempt_ns) * np.exp(-rate * link.herald_ns)
        for rate in rates
    ]
    flip = (1 - left[0]) / 4
    phase = max(0.0, (1 - left[1]) / 2 - flip)
    return combine(link.delivered, (1 - 2 * flip - phase, phase, flip, flip))


def improved_links(machine: Machine) -> tuple[str, ...]:
    """The links whose pairs are better when purified and whose modules have the room for it."""
    found = []
    for link in machine.links:
        ends = [machine.module(end) for end in link.between]
        if all(m.comm_qubits > 1 and m.edges is None for m in ends):
            better = purified_pair(link, *ends).state[0] > link.fidelity
            found += [link_name(link)] * better
    return tuple(found)


def purifying(program: Program, machine: Machine) -> list[int]:
    """The links (places in `machine.links`) whose pairs the program wants purified. Raises
    ProgramError for one that the machine has not."""
    known = {link_name(link): i for i, link in enumerate(machine.links)}
    lost = [name for name in program.generation.purify if name not in known]
    if lost:
        raise ProgramError(
            f"generation: purify: machine {machine.name} has no link {lost[0]!r}; it has "
            f"{', '.join(known)}"
        )
    return [known[name] for name in program.generation.purify]


def scratch_qubits(program: Program, machine: Machine) -> Ints:
    """The communication qubits that the second pairs need: the last one of each module that
    purifies. Raises DoesNotFit for a module that has no other one."""
    links = purifying(program, machine)
    names = sorted({end for k in links for end in machine.links[k].between})
    for name in names:
        if machine.module(name).comm_qubits < 2:
            raise DoesNotFit(
                f"module {name}: purification takes two communication qubits, it has one"
            )
    last = [machine.offsets[name] + machine.module(name).size - 1 for name in names]
    return np.array(last, dtype=np.int64)


def check_scratch(program: Program, machine: Machine) -> None:
    """Raise ProgramError where a program uses a communication qubit that purification needs."""
    if not program.generation.purify:
        return
    scratch = scratch_qubits(program, machine)
    for part in program.walk():
        taken = np.flatnonzero(np.isin(part.operands.values, scratch))
        if len(taken):
            row = int(np.searchsorted(part.operands.starts, taken[0], side="right")) - 1
            name = program.qubits[int(part.operands.values[taken[0]])].name
            raise ProgramError(
                f"operation {row}: {name} is kept for purification; run schedule again"
            )


def purified_in_turn(program: Program, machine: Machine, link: Ints) -> tuple[Ints, Ints, Ints]:
    """The extra waits of purified pairs, as columns of rows, of the rows that they wait for, and of
    lags: those of one module are made one after the other, because they need the same qubit."""
    last: dict[str, int] = {}
    edges = []
    rows = np.flatnonzero(np.isin(link, purifying(program, machine)))
    for i in rows.tolist():
        for end in machine.links[int(link[i])].between:
            if end in last:
                edges.append((i, last[end], 0))
            last[end] = i
    columns = np.array(edges, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]
