"""The noise of a machine in an error-corrected circuit: gates, readouts, links, waiting."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import comb, inf

from bellwire.compiler.noise_events import disturbed, gate_weights, pair_weights
from bellwire.errors import DoesNotFit, NotSupported
from bellwire.passes.qec.noise import Channels, Link2, head, pauli, three
from bellwire.targets.machine import Link, Machine
from bellwire.targets.noise import idle_pauli


def channels_of_machine(machine: Machine) -> Channels:
    """The channels of a machine whose modules, in order, are those of the circuit."""
    parts = machine.modules
    names = [m.name for m in parts]

    def link(ends: Link2) -> Link:
        found = machine.link(names[ends[0]], names[ends[1]])
        if found is None:
            raise NotSupported(
                f"machine {machine.name}: no link joins {names[ends[0]]} and {names[ends[1]]}; "
                "spread it over Bell pairs (per_gate or packet)"
            )
        return found

    def way(ends: Link2) -> tuple[int, ...]:
        found = machine.path(names[ends[0]], names[ends[1]])
        if not found:
            raise DoesNotFit(
                f"machine {machine.name}: found a gate between {names[ends[0]]} and "
                f"{names[ends[1]]}, which no way of links joins; choose other homes"
            )
        return tuple(machine.index[name] for name in found)

    def waiting(pairs: Mapping[Link2, int]) -> tuple[str, ...]:
        ns = max((layer_wait_ns(link(ends), n) for ends, n in pairs.items()), default=0)
        tries = [0.0] * len(parts)
        for ends, n in pairs.items():
            for module in ends:
                tries[module] += n / link(ends).success
        aged = [idle_pauli(ns, *m.coherence_ns("data")) for m in parts]
        return tuple(
            pauli(disturbed(weights, m.attempt_dephasing, t))
            for weights, m, t in zip(aged, parts, tries)
        )

    still = all(m.t1_ns == m.t2_ns == inf and not m.attempt_dephasing for m in parts)
    return Channels(
        single=tuple(head("DEPOLARIZE1", sum(gate_weights(m, 1))) for m in parts),
        double=tuple(head("DEPOLARIZE2", sum(gate_weights(m, 2))) for m in parts),
        crossing="",
        flip=0.0,
        misread=tuple(1 - m.readout.fidelity for m in parts),
        idle="",
        pair=lambda ends: three(pair_weights(link(ends).delivered)),
        way=way,
        waiting=None if still else waiting,
    )


def layer_wait_ns(link: Link, pairs: int) -> float:
    """The expected time in ns until a link has made `pairs` pairs, and one herald."""
    return expected_slots(link.success, link.capacity, pairs) * link.attempt_ns + link.herald_ns


@cache
def expected_slots(success: float, capacity: int, pairs: int) -> float:
    """The expected number of slots until all `pairs` pairs have come, each slot with as many
    attempts in parallel as there are pairs to come, `capacity` at most."""
    slots = [0.0]
    for left in range(1, pairs + 1):
        tries = min(capacity, left)
        none = (1 - success) ** tries
        later = sum(
            comb(tries, k) * success**k * (1 - success) ** (tries - k) * slots[left - k]
            for k in range(1, tries + 1)
        )
        slots.append((1 + later) / (1 - none))
    return slots[pairs]
