"""What the rewriter makes: text, lines that look back at records, loops; and how they are written.

A block is laid out once. Where its records lie does not depend on the turn of a loop, only what is
looked at before the loop began does: so the first turns are written out, as many as look that far
back, and all the others are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bellwire.errors import NotSupported, ParseError
from bellwire.passes.qec.records import Records

MOST_TURNS = 100_000  # of one loop that are written out

# Text before, how many old records back, text after; or text that looks at none.
Look = tuple[str, int, str]


@dataclass(slots=True)
class Refs:
    """A line that looks at records: `old` and `new` count those of its block before it."""

    head: str
    looks: list[Look]
    old: int
    new: int


@dataclass(slots=True)
class Loop:
    """A block `count` times; `old` and `new` count the records of the outer block before it."""

    count: int
    tag: str
    body: Block
    old: int
    new: int


@dataclass(slots=True)
class Block:
    """Pieces in order. `reach`: how many records before its start it looks back at most."""

    pieces: list[str | Refs | Loop] = field(default_factory=list)
    records: Records = field(default_factory=Records)
    reach: int = 0

    def look(self, head: str, looks: list[Look]) -> None:
        """Append a line that looks at old records."""
        records = self.records
        self.pieces.append(Refs(head, looks, records.old, records.new))
        back = max((k for _, k, _ in looks), default=0) - records.old
        if back > self.reach:
            self.reach = back

    def repeat(self, body: Block, count: int, tag: str) -> None:
        """Append a loop."""
        records = self.records
        self.pieces.append(Loop(count, tag, body, records.old, records.new))
        self.reach = max(self.reach, body.reach - records.old)
        records.repeat(body.records, count)


def written(block: Block) -> str:
    """The text of a whole circuit."""
    lines: list[str] = []
    _write(block, block.records, 0, 0, lines)
    return "\n".join(lines)


def _write(block: Block, records: Records, old: int, new: int, lines: list[str]) -> None:
    for piece in block.pieces:
        if isinstance(piece, str):
            lines.append(piece)
        elif isinstance(piece, Refs):
            lines.append(_looking(piece, records, old + piece.old, new + piece.new))
        else:
            _write_loop(piece, records, old + piece.old, new + piece.new, lines)


def _looking(line: Refs, records: Records, old: int, new: int) -> str:
    words = [line.head]
    for before, back, after in line.looks:
        if back > old:
            raise ParseError(f"{line.head}: rec[-{back}] is before the first measurement")
        if back:
            words += [f"{before}rec[{r - new}]{after}" for r in records(old - back)]
        else:
            words.append(before)
    return " ".join(words)


def _write_loop(loop: Loop, records: Records, old: int, new: int, lines: list[str]) -> None:
    body = loop.body
    first = _first_stable_turn(loop)
    turns: list[tuple[str, int]] = []
    for turn in range(min(first + 1, loop.count)):
        text: list[str] = []
        at = turn * body.records.old, turn * body.records.new
        _write(body, records, old + at[0], new + at[1], text)
        times = loop.count - turn if turn == first else 1
        whole = "\n".join(text)
        if turns and turns[-1][0] == whole:
            times += turns.pop()[1]
        turns.append((whole, times))
    for whole, times in turns:
        if times == 1 or not whole:
            lines.append(whole)
        else:
            lines.append(f"REPEAT{loop.tag} {times} {{\n{whole}\n}}")


def _first_stable_turn(loop: Loop) -> int:
    """The first turn from which on all look at records of the loop alone."""
    body = loop.body
    if body.reach <= 0 or loop.count == 1:
        return 0
    if not body.records.old and not body.records.new:
        return 0
    turns = -(-body.reach // body.records.old) if body.records.old else loop.count
    if min(turns, loop.count) > MOST_TURNS:
        raise NotSupported(
            f"REPEAT {loop.count}: found a look at records from before the loop in all of its "
            f"turns; at most {MOST_TURNS:,} can be written out, so repeat less"
        )
    return turns
