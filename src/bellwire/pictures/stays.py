"""Where each input qubit is: its home over time, and the copies that sessions open elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from bellwire.compiler.ebit_uses import Follower, Held
from bellwire.compiler.program import Op, Program
from bellwire.pictures.times import Times


@dataclass(frozen=True, slots=True)
class Stay:
    """Input qubit `qubit` is in module `module` from `start` to `end`: at home, or as a copy. A
    home that `moved` has come from another module."""

    qubit: int
    module: int
    start: int
    end: int
    home: bool
    moved: bool = False


def stays(times: Times) -> tuple[Stay, ...]:
    """Follow all input qubits through a program, in order of qubit, then time."""
    watcher = _Watcher(times)
    watcher.walk(times.program, "")
    return watcher.finish()


class _Watcher(Follower):
    """Notes when copies begin, end, and become homes."""

    def __init__(self, times: Times) -> None:
        super().__init__(times.program)
        self.times = times
        self.module: dict[Held, int] = {}
        self.since: dict[Held, tuple[int, bool]] = {}  # start, whether it came as a copy
        self.homes = [copies[0] for copies in self.copies]
        self.found: list[Stay] = []
        for held, q in zip(self.homes, times.program.inputs):
            self.module[held] = int(times.module[q])
            self.since[held] = (0, False)

    def walk(self, program: Program, prefix: str) -> None:
        """Follow one list of operations; of a block only the copies are noted."""
        if not prefix:
            super().walk(program, prefix)
            return
        before, homes, known = dict(self.since), list(self.homes), len(self.found)
        super().walk(program, prefix)
        self.since, self.homes = before, homes
        self.found[known:] = [stay for stay in self.found[known:] if not stay.home]

    def _make(self, op: Op, place: str) -> None:
        super()._make(op, place)
        for q in op.qubits:
            half = self.holds[q]
            assert half is not None
            self.module[half] = int(self.times.module[q])

    def _spread(self, state: Held, near: Held) -> None:
        super()._spread(state, near)
        copy = self.copies[state.qubit][-1]
        self.since[copy] = (int(self.times.start[self.row]), True)

    def _end(self, place: int) -> None:
        ended = self.holds[place]
        super()._end(place)
        if ended is None or ended.qubit < 0:
            return
        now = int(self.times.end[self.row])
        self._note(ended, now)
        if self.homes[ended.qubit] is ended and self.copies[ended.qubit]:
            heir = self.copies[ended.qubit][0]
            self._note(heir, now)
            self.homes[ended.qubit], self.since[heir] = heir, (now, True)

    def _note(self, held: Held, now: int) -> None:
        start, came = self.since.pop(held, (now, False))
        home = self.homes[held.qubit] is held
        if now > start:
            moved = home and came
            self.found.append(Stay(held.qubit, self.module[held], start, now, home, moved))

    def finish(self) -> tuple[Stay, ...]:
        """Everything that has been noted; what is still there stays to the end."""
        for held in list(self.since):
            self._note(held, self.times.span)
        return tuple(sorted(self.found, key=lambda s: (s.qubit, s.start, not s.home, s.module)))
