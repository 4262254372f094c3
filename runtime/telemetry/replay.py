"""One shot again, operation by operation: when each began and ended, which pairs served what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bellwire.compiler.ebit_uses import MOVE, UNUSED, EbitUse, ebit_uses
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Ints, Program
from bellwire.compiler.timelines import Timelines
from bellwire.compiler.timing import durations_ns
from bellwire.compiler.waits import Waits, waits
from bellwire.targets.machine import Machine

_FRESH = (KIND["ebit"], KIND["reset"])
_MARKS = (KIND["barrier"], KIND["delay"])


@dataclass(frozen=True, eq=False, slots=True)
class RemoteGate:
    """What one e-bit is for, from the request in row `ebit` to the last row that uses a half."""

    ebit: int
    last: int
    use: EbitUse

    @property
    def mode(self) -> str:
        """A gate or several through a copy (telegate), or a state that moves (teledata)."""
        return "teledata" if self.use.purpose == MOVE else "telegate"


class Replay:
    """A program whose sampled shots are followed row by row; blocks of control flow are one row
    that takes its expected time."""

    def __init__(self, program: Program, machine: Machine) -> None:
        self.wait: Waits = waits(program, machine)
        self.durations: Ints = durations_ns(program, machine)
        self.gates = tuple(remote_gates(program))

    def shot(self, drawn: Timelines, shot: int) -> tuple[Ints, Ints]:
        """Start and end of each row in a shot drawn in detail, in ns, shape (rows,) each."""
        durations = self.durations.copy()
        durations[drawn.pairs] = drawn.latency_ns[:, shot]
        return self._times(durations, self.wait.lag_ns)

    def span_ns(self, *, pairs: bool, messages: bool) -> int:
        """The makespan with expected waits, with pairs or messages that take no time if false."""
        durations = self.durations.copy()
        if not pairs:
            durations[self.wait.link >= 0] = 0
        lags = self.wait.lag_ns if messages else np.zeros_like(self.wait.lag_ns)
        return int(self._times(durations, lags)[1].max(initial=0))

    def _times(self, durations: Ints, lags: Ints) -> tuple[Ints, Ints]:
        first, before = self.wait.first.tolist(), self.wait.before.tolist()
        lag, length = lags.tolist(), durations.tolist()
        start, end = [0] * len(length), [0] * len(length)
        for i in range(len(length)):
            for k in range(first[i], first[i + 1]):
                start[i] = max(start[i], end[before[k]] + lag[k])
            end[i] = start[i] + length[i]
        return np.array(start, dtype=np.int64), np.array(end, dtype=np.int64)


def remote_gates(program: Program) -> Iterator[RemoteGate]:
    """The e-bits of a LOWERED or SCHEDULED program that serve something, but for those in blocks
    of control flow."""
    last = _last_uses(program)
    for use in ebit_uses(program):
        if use.place.isdecimal() and use.purpose != UNUSED:
            row = int(use.place)
            yield RemoteGate(row, last[row], use)


def _last_uses(program: Program) -> dict[int, int]:
    """By row of an `ebit`: the last row that uses one of its halves."""
    holder: dict[int, int] = {}  # qubit -> the row of the pair whose half it holds
    last: dict[int, int] = {}
    for row, (kind, qubits) in enumerate(zip(program.kind.tolist(), program.operands.lists())):
        if kind == KIND["ebit"]:
            holder.update(dict.fromkeys(qubits, row))
            last[row] = row
        elif kind in _FRESH:
            holder.pop(qubits[0], None)
        elif kind not in _MARKS:
            last.update({holder[q]: row for q in qubits if q in holder})
    return last
