"""Lay out a circuit over modules: each line with its noise, each layer with its Bell pairs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bellwire.passes.qec.gadgets import Gadgets
from bellwire.passes.qec.joint import JointMeasurements
from bellwire.passes.qec.layers import Feedback, Homes, Layer, Step, is_free, measures, steps_in
from bellwire.passes.qec.noise import Channels, either, on_qubits
from bellwire.passes.qec.packet_room import Limits, Packet
from bellwire.passes.qec.packets import check_qubits, form_packets
from bellwire.passes.qec.pairs import CommQubits, Part
from bellwire.passes.qec.products import products_of
from bellwire.passes.qec.stim_text import (
    HERALDED,
    MEASURES,
    RECORDS,
    RESETS,
    Line,
    Lines,
    Repeat,
    is_noise,
    is_single_gate,
    qubits_of,
)

MODES = ("per_gate", "packet", "safe_packet", "ghz", "direct")


class Layout:
    """Writes the lines of a circuit; `comm` has its communication qubits."""

    def __init__(
        self,
        lines: Lines,
        homes: Homes,
        comm: CommQubits,
        noise: Channels,
        *,
        pairs: str,
        copies: str,
        limits: Limits,
    ) -> None:
        self.homes, self.noise, self.limits = homes, noise, limits
        self.mode, self.copies = pairs, copies
        self.live: set[int] = set()
        self.checks = check_qubits(lines)
        self.seen_round = False
        self.gadgets = Gadgets(homes, comm, noise, limits, self.live)
        self.joint = JointMeasurements(self.gadgets)

    def part(self, lines: Lines) -> Part:
        """Lay out a block."""
        part = Part()
        for looping, run in groupby(lines, lambda line: isinstance(line, Repeat)):
            if looping:
                for loop in run:
                    self._loop(part, loop)  # type: ignore[arg-type]
            else:
                self._stretch(part, list(run))  # type: ignore[arg-type]
        return part

    def _loop(self, part: Part, loop: Repeat) -> None:
        """Lay out a loop; its first turn alone where other qubits hold states than later on."""
        before = set(self.live)
        first = self.part(loop.body)
        if self.noise.ages and self.live != before and loop.count > 1:
            self._append(part, first, 1, loop.tag)
            self._append(part, self.part(loop.body), loop.count - 1, loop.tag)
        else:
            self._append(part, first, loop.count, loop.tag)

    def _append(self, part: Part, body: Part, count: int, tag: str) -> None:
        part.block.repeat(body.block, count, tag)
        part.tally.spanning += body.tally.spanning * count
        part.tally.rounds += body.tally.rounds * count
        part.tally.layers += [(pairs, b, n * count) for pairs, b, n in body.tally.layers]

    def _stretch(self, part: Part, lines: list[Line]) -> None:
        steps = steps_in(lines, self.homes)
        packets: list[Packet] = []
        if self.mode == "packet":
            packets = form_packets(
                steps,
                self.homes,
                self.checks,
                copies=self.copies,
                limits=self.limits,
                way=self.noise.way,
            )
        starts = _measurement_layers(steps)
        for at, step in enumerate(steps):
            if at in starts:
                self._measurement_layer(part, starts[at])
            if isinstance(step, Layer):
                self._layer(part, step, packets)
            elif isinstance(step, Feedback):
                part.block.look(step.head, [step.look])
            else:
                self._line(part, step)

    def _layer(self, part: Part, layer: Layer, packets: list[Packet]) -> None:
        if layer.spanning and self.mode != "direct":
            self.gadgets.layer(part, layer, packets)
        else:
            self.gadgets.direct(part, layer)
        for _, a, b in layer.local:
            self.live.update((a, b))
        for gate in layer.spanning:
            self.live.update((gate.a, gate.b))

    def _measurement_layer(self, part: Part, measured: set[int]) -> None:
        if measured & self.checks or not (self.checks or self.seen_round):
            part.tally.rounds += 1
            self.seen_round = True
        if self.noise.idle:
            waiting = sorted(self.live - measured)
            part.add(*on_qubits((self.noise.idle, str(q)) for q in waiting))

    def _line(self, part: Part, line: Line) -> None:
        name = line.name
        if name in RECORDS:
            part.block.look(line.head, [_look(t) for t in line.targets])
        elif name in HERALDED or name == "MPAD":
            part.add(line.text)
            part.block.records.keep(len(line.targets))
        elif is_free(line):
            part.add(line.text)
        elif name in MEASURES:
            self._measure(part, line)
        elif name in RESETS:
            part.add(line.text, *self._flips(name, line))
            self.live.difference_update(qubits_of(line))
        elif products_of(line):
            self._products(part, line)
        else:
            part.add(line.text)
            if is_single_gate(name):
                heads = self.noise.single
                part.add(*on_qubits((heads[self.homes[int(q)]], q) for q in line.targets))
            self.live.update(qubits_of(line))

    def _flips(self, name: str, line: Line) -> list[str]:
        if not self.noise.flip:
            return []
        letter = "Z" if name[-1] in "XY" else "X"
        return [f"{letter}_ERROR({self.noise.flip!r}) " + " ".join(map(str, qubits_of(line)))]

    def _measure(self, part: Part, line: Line) -> None:
        flips = self._flips(line.name, line)
        part.add(*flips)
        for wrong, run in groupby(line.targets, self._misread):
            argument = either(line.arguments, wrong)
            part.add(Line(line.name, line.tag, argument, tuple(run)).text)
        part.block.records.keep(len(line.targets))
        if "R" in line.name:
            part.add(*flips)
            self.live.difference_update(qubits_of(line))

    def _misread(self, target: str) -> float:
        return self.noise.misread[self.homes[int(target.lstrip("!"))]]

    def _products(self, part: Part, line: Line) -> None:
        wide = 1 if line.name == "MPP" else 2
        for i, product in enumerate(products_of(line)):
            if self.mode != "direct" and len(product.modules(self.homes)) > 1:
                self.joint.measure(part, product, line.arguments, ghz=self.mode == "ghz")
            else:
                argument = either(line.arguments, self.noise.flip)
                part.tally.spanning += len(product.modules(self.homes)) > 1
                targets = line.targets[wide * i : wide * (i + 1)]
                part.add(Line(line.name, line.tag, argument, targets).text)
                part.block.records.keep(1)
        self.live.update(qubits_of(line))


def _look(target: str) -> tuple[str, int, str]:
    return ("", int(target[5:-1]), "") if target[0] == "r" else (target, 0, "")


def _measurement_layers(steps: Sequence[Step]) -> dict[int, set[int]]:
    """For the first step of each run of measurements and resets (nothing but noise between) the
    qubits that are measured or reset in it; runs that only reset do not count."""
    found: dict[int, set[int]] = {}
    start = -1
    for at, step in enumerate(steps):
        line = step if isinstance(step, Line) else None
        if line is not None and (measures(line) or line.name in RESETS):
            if measures(line) and start < 0:
                start, found[at] = at, set()
                found[at].update(_reset_before(steps, at))
            if start >= 0:
                found[start].update(qubits_of(line))
        elif line is None or not is_noise(line.name):
            start = -1
    return found


def _reset_before(steps: Sequence[Step], at: int) -> set[int]:
    """The qubits that were reset in the same run, before its first measurement."""
    found: set[int] = set()
    for step in reversed(steps[:at]):
        if not isinstance(step, Line) or not (step.name in RESETS or is_noise(step.name)):
            break
        if step.name in RESETS:
            found.update(qubits_of(step))
    return found
