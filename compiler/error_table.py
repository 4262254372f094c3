"""Which errors happen in which shot, as effects on the folded circuit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.error_effects import Effects, Pair
from bellwire.compiler.idle import Gaps
from bellwire.compiler.noise_events import Channel, NoiseEvents
from bellwire.compiler.program import Program

Floats = NDArray[np.float64]

_CELLS = 1 << 22  # random numbers drawn at once


@dataclass(frozen=True, eq=False, slots=True)
class ErrorTable:
    """Independent errors: channel c has effect `effects[c][k]` with the chance `weights[c, k]`."""

    effects: list[tuple[int, ...]]
    weights: Floats

    def draw(self, shots: int, random: np.random.Generator) -> list[int]:
        """The sum of the effects in each shot."""
        out = [0] * shots
        for first in range(0, shots, step := max(1, _CELLS // max(1, len(self.effects)))):
            count = min(step, shots - first)
            luck = random.random((count, len(self.effects)))
            _note(out, first, luck, self.effects, self.weights[None])
        return out


def _note(
    out: list[int], first: int, luck: Floats, effects: Sequence[Sequence[int]], weights: Floats
) -> None:
    """Add what happens in the shots from `first` on. `luck`: (shots, channels); `weights`: (shots
    or 1, channels, errors)."""
    total = weights.sum(axis=2)
    shots, channels = np.nonzero(luck < total)
    ends = weights.cumsum(axis=2)[shots if len(weights) > 1 else 0, channels]
    which = (luck[shots, channels][:, None] >= ends).sum(axis=1)
    for s, c, k in zip(shots.tolist(), channels.tolist(), which.tolist()):
        out[first + s] ^= effects[c][k]


def error_table(program: Program, effects: Effects, events: NoiseEvents) -> ErrorTable:
    """The errors of a program that do something to its folded circuit."""
    found: list[dict[int, float]] = []
    operands = program.operands.lists()
    for events_of, places in ((events.before, effects.before), (events.after, effects.after)):
        for row, channels in events_of.items():
            where = dict(zip(operands[row], places[row]))
            found += [_spread(channel, [where[q] for q in channel.qubits]) for channel in channels]
    for row, chance in events.flips.items():
        found.append({effects.flip.get(row, 0): chance})
    found += [{coin: 0.5} for coin in effects.coins]
    for channel in found:
        channel.pop(0, None)
    found = [channel for channel in found if channel]
    weights = np.zeros((len(found), max(map(len, found), default=1)))
    for c, channel in enumerate(found):
        weights[c, : len(channel)] = list(channel.values())
    return ErrorTable([tuple(channel) for channel in found], weights)


def _spread(channel: Channel, places: Sequence[Pair]) -> dict[int, float]:
    """The effects of a channel with their chances."""
    effects = [0]
    for x, z in places:
        effects = [old ^ new for old in effects for new in (0, x, x ^ z, z)]
    out: dict[int, float] = {}
    for effect, weight in zip(effects[1:], channel.weights):
        out[effect] = out.get(effect, 0.0) + weight
    return out


@dataclass(frozen=True, eq=False, slots=True)
class WaitTable:
    """The errors of waiting: gap g brings an X, Y or Z with the effects `effects[g]`."""

    gaps: NDArray[np.int64]
    effects: list[tuple[int, int, int]]

    def draw(self, out: list[int], weights: Floats, random: np.random.Generator) -> None:
        """Add the effects of waiting to those of all shots; `weights`: of all gaps in some
        timelines, (timelines, gaps, 3), which the shots take in turn."""
        weights = weights[:, self.gaps]
        for first in range(0, len(out), step := max(1, _CELLS // max(1, 3 * len(self.gaps)))):
            shots = np.arange(first, min(first + step, len(out)))
            luck = random.random((len(shots), len(self.gaps)))
            _note(out, first, luck, self.effects, weights[shots % len(weights)])


def wait_table(program: Program, effects: Effects, gaps: Gaps) -> WaitTable:
    """The gaps in which waiting does something to the folded circuit."""
    operands = program.operands.lists()
    kept, found = [], []
    for g, (row, qubit) in enumerate(zip(gaps.rows.tolist(), gaps.qubits.tolist())):
        x, z = effects.before[row][operands[row].index(qubit)]
        if x or z:
            kept.append(g)
            found.append((x, x ^ z, z))
    return WaitTable(np.array(kept, dtype=np.int64), found)
