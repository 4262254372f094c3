"""Where each measurement record of a circuit goes: exact, and as small as the circuit's text."""

from __future__ import annotations

from bisect import bisect_right

New = tuple[int, ...]


class Records:
    """The new records whose parity is an old record, for a block; loops are kept as loops.

    `old` and `new` count the records of the block so far. Both are numbered from its start.
    """

    def __init__(self) -> None:
        self.old = self.new = 0
        self._starts: list[int] = []
        self._parts: list[tuple[int, list[New] | Records]] = []
        self._open: list[New] | None = None

    def keep(self, count: int) -> None:
        """The next `count` old records are the next new ones."""
        rows = self._rows(count)
        rows += [(i,) for i in range(self.new, self.new + count)]
        self.new += count

    def merge(self, count: int) -> None:
        """The next old record is the parity of the next `count` new ones."""
        self._rows(1).append(tuple(range(self.new, self.new + count)))
        self.new += count

    def skip(self, count: int) -> None:
        """The next `count` new records are of the compiler alone."""
        self.new += count

    def repeat(self, inner: Records, times: int) -> None:
        """A block comes `times` times."""
        if inner.old:
            self._starts.append(self.old)
            self._parts.append((self.new, inner))
            self._open = None
        self.old += times * inner.old
        self.new += times * inner.new

    def _rows(self, count: int) -> list[New]:
        if self._open is None:
            self._open = []
            self._starts.append(self.old)
            self._parts.append((0, self._open))
        self.old += count
        return self._open

    def __call__(self, old: int) -> New:
        """The new records of old record `old`."""
        at = bisect_right(self._starts, old) - 1
        base, part = self._parts[at]
        index = old - self._starts[at]
        if isinstance(part, list):
            return part[index]
        turn, inside = divmod(index, part.old)
        base += turn * part.new
        return tuple(base + new for new in part(inside))
