"""Packets: one Bell pair that serves all gates of one qubit into one module.

A copy of the qubit in the other module (Z-copy or X-copy, after the gates' Pauli on it) stands in
for as long as the qubit itself sees only gates of the same Pauli. Packets end with a stretch, and
those of qubits that are not measured in every round end where others are measured, so that they
are local in time. The fewest packets are a minimum vertex cover (compiler's static sessions).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bellwire.passes.qec.gates import LETTERS
from bellwire.passes.qec.layers import Feedback, Homes, Layer, Spanning, Step, is_free, measures
from bellwire.passes.qec.packet_room import Limits, Packet, packets_with_room
from bellwire.passes.qec.products import Way
from bellwire.passes.qec.stim_text import Lines, Repeat, qubits_of


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
    steps: Sequence[Step],
    homes: Homes,
    checks: set[int],
    *,
    copies: str,
    limits: Limits,
    way: Way,
) -> list[Packet]:
    """Give each spanning gate of a stretch its packet; those of one gate stay without.

    Marks the gates and the layers in which packets open and close. `copies`: the Paulis of which
    there may be copies. `limits`: communication qubits
    by module; packets that do not fit are given up, the longest first. `way`: the modules on the
    way of links between two.
    """
    segments, gates = _segments(steps, checks)
    packets: dict[tuple[int, int], Packet] = {}
    for chosen, at, gate in _served(segments, gates, homes):
        segment, module = chosen
        packet = packets.setdefault(chosen, Packet(*segments[segment], module))
        packet.gates.append((at, gate))
    alive = [p for p in packets.values() if len(p.gates) > 1 and p.letter in copies]
    if limits is not None:
        alive = packets_with_room(alive, steps, homes, limits=limits, way=way)
    for number, packet in enumerate(alive):
        for _, gate in packet.gates:
            gate.packet = number
        for step, which in ((steps[packet.first], "opens"), (steps[packet.last], "closes")):
            getattr(step, which).append(number)
    return alive


Placed = tuple[int, Spanning, int, int]  # step, gate, segments of its qubits


def _segments(
    steps: Sequence[Step], checks: set[int]
) -> tuple[list[tuple[int, str]], list[Placed]]:
    """Cut the life of each qubit with spanning gates where its Pauli changes: segments as
    (qubit, Pauli), and the gates."""
    layers = [step for step in steps if isinstance(step, Layer)]
    spanning = {q for layer in layers for g in layer.spanning for q in (g.a, g.b)}
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
                if a not in spanning and b not in spanning:
                    continue
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
