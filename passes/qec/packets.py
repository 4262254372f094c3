"""Packets: one Bell pair that serves all gates of one qubit into one module.

A copy of the qubit in the other module (Z-copy or X-copy, after the gates' Pauli on it) stands in
for as long as the qubit itself sees only gates of the same Pauli. Packets end with a stretch, and
those of qubits that are not measured in every round end where others are measured, so that they
are local in time. The fewest packets are a minimum vertex cover (compiler's static sessions).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bellwire.errors import DoesNotFit
from bellwire.passes.qec.gates import LETTERS
from bellwire.passes.qec.layers import Feedback, Homes, Layer, Spanning, Step, is_free, measures
from bellwire.passes.qec.products import halves_needed, products_of
from bellwire.passes.qec.stim_text import Line, Lines, Repeat, qubits_of

Limits = Sequence[int] | None


@dataclass(frozen=True, slots=True)
class Packet:
    """The copy of `qubit`, with respect to Pauli `letter`, in a module."""

    qubit: int
    letter: str
    module: int


def check_qubits(lines: Lines) -> set[int]:
    """The qubits that are measured in a loop, or used again after they were measured."""
    checks: set[int] = set()
    _find_checks(lines, set(), checks, inside=False)
    return checks


def _find_checks(lines: Lines, seen: set[int], checks: set[int], *, inside: bool) -> None:
    for line in lines:
        if isinstance(line, Repeat):
            _find_checks(line.body, seen, checks, inside=True)
        elif not is_free(line):
            qubits = set(qubits_of(line))
            checks |= qubits & seen
            if measures(line):
                seen |= qubits
                if inside:
                    checks |= qubits


def form_packets(
    steps: Sequence[Step], homes: Homes, checks: set[int], limits: Limits
) -> list[Packet]:
    """Give each spanning gate of a stretch its packet; those of one gate stay without.

    Marks the gates and the layers in which packets open and close. `limits`: communication qubits
    by module; packets that do not fit are given up, the longest first.
    """
    segments, gates = _segments(steps, checks)
    packets: list[Packet] = []
    members: list[list[tuple[int, Spanning]]] = []
    numbers: dict[tuple[int, int], int] = {}
    for chosen, at, gate in _served(segments, gates, homes):
        number = numbers.setdefault(chosen, len(packets))
        if number == len(packets):
            segment, module = chosen
            packets.append(Packet(*segments[segment], module))
            members.append([])
        members[number].append((at, gate))
    alive = [n for n, gates_of in enumerate(members) if len(gates_of) > 1]
    if limits is not None:
        alive = _within(alive, packets, members, steps, homes, limits)
    for n in alive:
        for _, gate in members[n]:
            gate.packet = n
        steps[members[n][0][0]].opens.append(n)  # type: ignore[union-attr]
        steps[members[n][-1][0]].closes.append(n)  # type: ignore[union-attr]
    return packets


Placed = tuple[int, Spanning, int, int]  # step, gate, segments of its qubits


def _segments(
    steps: Sequence[Step], checks: set[int]
) -> tuple[list[tuple[int, str]], list[Placed]]:
    """Cut each qubit's life where its Pauli changes; segments as (qubit, Pauli), and the gates."""
    segments: list[tuple[int, str]] = []
    now: dict[int, int] = {}
    gates: list[Placed] = []

    def touch(qubit: int, letter: str) -> int:
        segment = now.get(qubit)
        if segment is None or segments[segment][1] != letter:
            segment = now[qubit] = len(segments)
            segments.append((qubit, letter))
        return segment

    for at, step in enumerate(steps):
        if isinstance(step, Layer):
            for head, a, b in step.local:
                letters = LETTERS.get(head.partition("[")[0], "")
                for qubit, letter in zip((a, b), letters or "--"):
                    touch(qubit, letter)
                    if not letters:
                        del now[qubit]
            for g in step.spanning:
                gates.append((at, g, touch(g.a, g.first), touch(g.b, g.second)))
        elif isinstance(step, Feedback):
            now.pop(step.qubit, None)
        elif not is_free(step):
            for qubit in qubits_of(step):
                now.pop(qubit, None)
            if measures(step):
                now = {q: s for q, s in now.items() if q in checks}
    return segments, gates


def _served(
    segments: list[tuple[int, str]], gates: list[Placed], homes: Homes
) -> Iterator[tuple[tuple[int, int], int, Spanning]]:
    """For each gate the (segment, module) of a smallest cover that serves it."""
    from bellwire.passes.cover import Meetings, cover_sessions

    first: dict[tuple[int, int], int] = {}
    last: dict[tuple[int, int], int] = {}
    for at, _, a, b in gates:
        first.setdefault((a, b), at)
        last[a, b] = at
    times = np.array([(first[p], last[p]) for p in first], dtype=np.int64).reshape(-1, 2)
    pairs = np.array(list(first), dtype=np.int64).reshape(-1, 2)
    qubits = np.arange(len(segments), dtype=np.int64)
    module = np.array([homes[q] for q, _ in segments], dtype=np.int64)
    cover = set(cover_sessions(Meetings(qubits, pairs, times), module))
    for at, gate, a, b in gates:
        near = (a, homes[gate.b])
        yield (near if near in cover else (b, homes[gate.a])), at, gate


def _within(
    alive: list[int],
    packets: list[Packet],
    members: list[list[tuple[int, Spanning]]],
    steps: Sequence[Step],
    homes: Homes,
    limits: Sequence[int],
) -> list[int]:
    """The packets that the communication qubits have room for."""
    while True:
        spans = {n: (members[n][0][0], members[n][-1][0]) for n in alive}
        over = _overfull(spans, packets, members, steps, homes, limits)
        if over is None:
            return alive
        at, module = over
        held = [n for n in alive if packets[n].module == module]
        held = [n for n in held if spans[n][0] <= at <= spans[n][1]]
        if not held:
            raise DoesNotFit(
                f"module {module}: found {limits[module]} communication qubits, but a gate spans "
                "it; give it at least one"
            )
        longest = max(held, key=lambda n: (spans[n][1] - spans[n][0], n))
        alive = [n for n in alive if n != longest]


def _overfull(
    spans: dict[int, tuple[int, int]],
    packets: list[Packet],
    members: list[list[tuple[int, Spanning]]],
    steps: Sequence[Step],
    homes: Homes,
    limits: Sequence[int],
) -> tuple[int, int] | None:
    """A step and a module that has too few communication qubits there, None if there is none."""
    served = {id(g) for n in spans for _, g in members[n]}
    for at, step in enumerate(steps):
        need = _passing(step, homes, served)
        need |= Counter({homes[packets[n].qubit]: 1 for n, span in spans.items() if span[0] == at})
        need.update(packets[n].module for n, (i, j) in spans.items() if i <= at <= j)
        for module, count in sorted(need.items()):
            if count > limits[module]:
                return at, module
    return None


def _passing(step: Step, homes: Homes, served: set[int]) -> Counter[int]:
    """How many communication qubits each module needs for a moment in a step."""
    if isinstance(step, Layer):
        waiting = [g for g in step.spanning if id(g) not in served]
        return Counter({homes[q]: 1 for g in waiting for q in (g.a, g.b)})
    need: Counter[int] = Counter()
    if isinstance(step, Line):
        for product in products_of(step):
            need |= halves_needed(product, homes)
    return need
