"""Packets within the communication qubits of the modules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bellwire.errors import DoesNotFit
from bellwire.passes.qec.layers import Homes, Layer, Spanning, Step
from bellwire.passes.qec.products import Way, halves_needed, products_of
from bellwire.passes.qec.stim_text import Line

Limits = Sequence[int] | None


@dataclass(frozen=True, slots=True)
class Packet:
    """The copy of `qubit`, with respect to Pauli `letter`, in a module; `gates` by step."""

    qubit: int
    letter: str
    module: int
    gates: list[tuple[int, Spanning]] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The step in which it opens."""
        return self.gates[0][0]

    @property
    def last(self) -> int:
        """The step in which it closes."""
        return self.gates[-1][0]


def packets_with_room(
    packets: list[Packet], steps: Sequence[Step], homes: Homes, *, limits: Sequence[int], way: Way
) -> list[Packet]:
    """Give up packets, the longest first, until the communication qubits suffice."""
    kept = list(packets)
    while (over := _overfull(kept, steps, homes, limits, way)) is not None:
        at, module = over
        held = [p for p in kept if p.module == module and p.first <= at <= p.last]
        opened = [p for p in kept if p.first == at and module in way((homes[p.qubit], p.module))]
        if not (held or opened):
            raise DoesNotFit(
                f"module {module}: found {limits[module]} communication qubits, too few for the "
                "gates that span it; give it more"
            )
        longest = max(held or opened, key=lambda p: p.last - p.first)
        kept = [p for p in kept if p is not longest]
    return kept


def _overfull(
    packets: list[Packet], steps: Sequence[Step], homes: Homes, limits: Sequence[int], way: Way
) -> tuple[int, int] | None:
    """A step and a module that has too few communication qubits there, None if there is none."""
    served = {id(gate) for packet in packets for _, gate in packet.gates}
    for at, step in enumerate(steps):
        need = _passing(step, homes, served, way)
        held: Counter[int] = Counter()
        for packet in packets:
            if packet.first <= at <= packet.last:
                held[packet.module] += 1
            if packet.first == at:
                hops = pairwise(way((homes[packet.qubit], packet.module)))
                need |= Counter(m for hop in hops for m in hop) - Counter((packet.module,))
        for module, count in sorted((need + held).items()):
            if count > limits[module]:
                return at, module
    return None


def _passing(step: Step, homes: Homes, served: set[int], way: Way) -> Counter[int]:
    """How many communication qubits each module needs for a moment in a step."""
    need: Counter[int] = Counter()
    if isinstance(step, Layer):
        for gate in step.spanning:
            if id(gate) not in served:
                need |= Counter(m for h in pairwise(way((homes[gate.a], homes[gate.b]))) for m in h)
    elif isinstance(step, Line):
        for product in products_of(step):
            need |= halves_needed(product, homes, way)
    return need
