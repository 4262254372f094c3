"""Layers of spanning gates as telegates and packets over Bell pairs.

A telegate of Pauli P on a (module A) and Q on b (module B), Eisert et al., Phys. Rev. A 62, 052317
(2000), here with both local gates at once: halves h in A, k in B; P on a controls X on h, Z on k
controls Q on b; h is measured in Z and its record puts Q on b; k in X, and its record puts P on a.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bellwire.errors import DoesNotFit
from bellwire.passes.qec.gates import controlled
from bellwire.passes.qec.layers import Homes, Layer, Spanning
from bellwire.passes.qec.noise import Channels, Link2, independent, on_qubits
from bellwire.passes.qec.packet_room import Limits, Packet
from bellwire.passes.qec.pairs import (
    CommQubits,
    Part,
    feedback_lines,
    gate_lines,
    measure_lines,
    pair_lines,
)

Gate = tuple[str, int, int]


class Gadgets:
    """Writes what spans modules. `live`: the qubits that hold a state, for those that wait."""

    def __init__(
        self, homes: Homes, comm: CommQubits, noise: Channels, limits: Limits, live: set[int]
    ) -> None:
        self.homes, self.comm, self.noise, self.limits, self.live = homes, comm, noise, limits, live
        self.modules = dict(homes)  # of communication qubits too
        self.copies: dict[int, tuple[Packet, int]] = {}
        self.made: Counter[Link2] = Counter()

    # Layers

    def direct(self, part: Part, layer: Layer) -> None:
        """Write the gates as they are, with the noise of spanning gates."""
        gates = [controlled(g.first, g.a, g.second, g.b) for g in layer.spanning]
        part.add(*gate_lines([*layer.local, *gates], self.modules, self.noise))
        part.add(*self._pair_errors(layer.spanning))
        self.count(part, 0, len(layer.spanning))

    def layer(self, part: Part, layer: Layer, packets: Sequence[Packet]) -> None:
        """Write a layer in as many batches as the communication qubits make necessary."""
        batches = 0
        opens = [(self.homes[packets[n].qubit], packets[n].module) for n in layer.opens]
        for some in self._batches(opens):
            self._open(part, [(layer.opens[i], packets[layer.opens[i]]) for i in some])
            batches += 1
        gates: list[Gate] = [*layer.local]
        gates += [self._by_copy(g) for g in layer.spanning if g.packet >= 0]
        alone = [g for g in layer.spanning if g.packet < 0]
        for some in self._batches([(self.homes[g.a], self.homes[g.b]) for g in alone]):
            self._telegates(part, gates, [alone[i] for i in some])
            gates = []
            batches += 1
        part.add(*gate_lines(gates, self.modules, self.noise))
        self._close(part, layer.closes)
        self.count(part, batches, len(layer.spanning))

    def count(self, part: Part, batches: int, spanning: int) -> None:
        """Add the pairs that were made and the gates that they served to the tally."""
        part.tally.spanning += spanning
        if self.made:
            part.tally.layers.append((self.made, batches, 1))
            self.made = Counter()

    def _batches(self, ends: list[Link2]) -> Iterator[list[int]]:
        """Cut gates into batches that the communication qubits have room for."""
        batch: list[int] = []
        used: Counter[int] = Counter()
        for i, link in enumerate(ends):
            need = Counter(m for hop in pairwise(self.noise.way(link)) for m in hop)
            if batch and self.lacking(used + need) is not None:
                yield batch
                batch, used = [], Counter()
            if (module := self.lacking(need)) is not None:
                raise self.too_few(module)
            batch.append(i)
            used += need
        if batch:
            yield batch

    def lacking(self, used: Counter[int]) -> int | None:
        """The first module that has too few communication qubits beside those in use."""
        if self.limits is None:
            return None
        held = Counter(self.comm.module_of[b] for _, b in self.copies.values())
        return next((m for m, n in sorted(used.items()) if held[m] + n > self.limits[m]), None)

    def too_few(self, module: int) -> DoesNotFit:
        """The error that says so."""
        assert self.limits is not None
        return DoesNotFit(
            f"module {module}: found {self.limits[module]} communication qubits, too few for the "
            "gates that span it; give it more"
        )

    # Pairs

    def make_pairs(self, part: Part, links: list[Link2]) -> list[tuple[int, int]]:
        """Make a Bell pair for each two modules, joined of one pair per link on their way."""
        hops = [list(pairwise(self.noise.way(link))) for link in links]
        ends = [[(self.comm.take(a), self.comm.take(b)) for a, b in way] for way in hops]
        self.modules.update(self.comm.module_of)
        made = Counter((min(hop), max(hop)) for way in hops for hop in way)
        self.made += made
        self._wait(part, made)
        part.add(*pair_lines([pair for way in ends for pair in way], self.comm, self.noise))
        self._swap(part, [way for way in ends if len(way) > 1])
        return [(way[0][0], way[-1][1]) for way in ends]

    def _swap(self, part: Part, ways: list[list[tuple[int, int]]]) -> None:
        """Entanglement swapping: Bell measurements in the middle, corrections on the last half.
        Zukowski et al., PRL 71, 4287 (1993)."""
        inner = [
            (left, right, way[-1][1]) for way in ways for (_, left), (right, _) in pairwise(way)
        ]
        if inner:
            gates = [("CX", left, right) for left, right, _ in inner]
            part.add(*gate_lines(gates, self.modules, self.noise))
            measured = [(right, "Z") for _, right, _ in inner]
            measured += [(left, "X") for left, _, _ in inner]
            letters = "X" * len(inner) + "Z" * len(inner)
            back = self.measure(part, measured)
            fixes = zip(letters, back, [last for _, _, last in inner] * 2)
            part.add(*feedback_lines(fixes))

    def _wait(self, part: Part, pairs: Counter[Link2]) -> None:
        if self.noise.waiting is not None and self.live:
            heads = self.noise.waiting(pairs)
            part.add(*on_qubits((heads[self.homes[q]], str(q)) for q in sorted(self.live)))

    def _pair_errors(self, gates: Sequence[Spanning]) -> list[str]:
        """What the errors of pairs do to ideal telegates: QP on (a, b) by independent events."""
        lines: list[tuple[str, str]] = []
        both: list[str] = []
        for g in gates:
            x, y, z = independent(self.noise.pair((self.homes[g.a], self.homes[g.b])))
            if x:
                lines.append((f"{g.second}_ERROR({x!r})", str(g.b)))
            if z:
                lines.append((f"{g.first}_ERROR({z!r})", str(g.a)))
            if y:
                both.append(f"E({y!r}) {g.first}{g.a} {g.second}{g.b}")
        return on_qubits(lines) + both

    # Telegates

    def _telegates(self, part: Part, gates: list[Gate], some: list[Spanning]) -> None:
        links = [(self.homes[g.a], self.homes[g.b]) for g in some]
        ends = self.make_pairs(part, links)
        for g, (h, k) in zip(some, ends):
            gates.append(controlled(g.first, g.a, "X", h))
            gates.append(controlled("Z", k, g.second, g.b))
        part.add(*gate_lines(gates, self.modules, self.noise))
        measured = [(h, "Z") for h, _ in ends] + [(k, "X") for _, k in ends]
        back = self.measure(part, measured)
        n = len(some)
        at_b = [(g.second, back[i], g.b) for i, g in enumerate(some)]
        at_a = [(g.first, back[n + i], g.a) for i, g in enumerate(some)]
        part.add(*feedback_lines(at_b + at_a))

    def measure(self, part: Part, measured: list[tuple[int, str]]) -> list[int]:
        """Measure communication qubits (qubit, basis), which are free then; returns how far back
        their records are."""
        lines, back = measure_lines(measured, self.modules, self.noise)
        part.add(*lines)
        part.block.records.skip(len(measured))
        for qubit, _ in measured:
            self.comm.give(qubit)
        return back

    # Packets

    def _open(self, part: Part, some: list[tuple[int, Packet]]) -> None:
        """Make copies: of Z, near half measured in Z; of X or Y, near half measured in X."""
        links = [(self.homes[p.qubit], p.module) for _, p in some]
        ends = self.make_pairs(part, links)
        for (n, packet), (_, far) in zip(some, ends):
            self.copies[n] = packet, far
        frames = ["X" if p.letter == "Z" else "Z" for _, p in some]
        gates = [
            controlled(p.letter, p.qubit, f, near)
            for (_, p), (near, _), f in zip(some, ends, frames)
        ]
        part.add(*gate_lines(gates, self.modules, self.noise))
        bases = ["Z" if f == "X" else "X" for f in frames]
        back = self.measure(part, [(near, basis) for (near, _), basis in zip(ends, bases)])
        part.add(*feedback_lines((f, r, far) for f, r, (_, far) in zip(frames, back, ends)))

    def _by_copy(self, g: Spanning) -> Gate:
        packet, copy = self.copies[g.packet]
        letter = "Z" if packet.letter == "Z" else "X"
        far = (g.second, g.b) if packet.qubit == g.a else (g.first, g.a)
        return controlled(letter, copy, *far)

    def _close(self, part: Part, numbers: Sequence[int]) -> None:
        ending = [self.copies.pop(n) for n in numbers]
        if ending:
            bases = ["X" if p.letter == "Z" else "Z" for p, _ in ending]
            back = self.measure(part, [(far, basis) for (_, far), basis in zip(ending, bases)])
            part.add(*feedback_lines((p.letter, r, p.qubit) for (p, _), r in zip(ending, back)))
