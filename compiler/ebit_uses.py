"""What each e-bit of a compiled program is for: its session or move, its qubit, its gates.

The protocols are followed as they are written out: `cx state, half` with a fresh half of a Bell
pair spreads the state to the other half; `cx half, half` joins two pairs; a measurement into our
own register ends what the qubit holds; local swaps and moves carry states along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.errors import NotSupported

SESSION, MOVE, BOTH, UNUSED = "session", "move", "session, then home", "unused"
OURS = "bellwire["


@dataclass(frozen=True, slots=True)
class EbitUse:
    """One e-bit. `place`: its operation, as 12, or 5.0.3 in block 0 of operation 5.

    `use` numbers sessions and moves; e-bits of one swap chain share it. `purpose`: session (a copy
    for gates), move (a teleport), "session, then home" (the copy stayed as the qubit's home) or
    unused. `chain`: how many e-bits were swapped together. `qubit`: the input qubit, None when not
    known. `gates`: source lines (-1: unknown) of the two-qubit gates served, each with how many.
    """

    number: int
    place: str
    modules: tuple[str, str]
    use: int
    purpose: str
    chain: int
    qubit: str | None
    gates: tuple[tuple[int, int], ...]

    @property
    def kind(self) -> str:
        """session, move, ... or swap: part of an entanglement-swapping chain."""
        return "swap" if self.chain > 1 else self.purpose

    @property
    def count(self) -> int:
        """How many gates it serves."""
        return sum(times for _, times in self.gates)


def ebit_uses(program: Program) -> tuple[EbitUse, ...]:
    """Find the use of every e-bit of a LOWERED or SCHEDULED program, in order.

    A gate is served by the sessions and moves that brought its two states where they are, and by
    the sessions that those copies were made from. Raises NotSupported for other stages.
    """
    if program.stage < Stage.LOWERED:
        raise NotSupported(
            f"{program.name}: found a {program.stage.name} program; compile it to the end to see "
            "what its e-bits are for"
        )
    follower = Follower(program)
    follower.walk(program, "")
    return tuple(follower.rows())


@dataclass(eq=False, slots=True)
class _Use:
    """A session or a move."""

    number: int
    qubit: int
    chain: int
    purpose: str = SESSION
    gates: Counter[int] = field(default_factory=Counter)


@dataclass(eq=False, slots=True)
class _Pair:
    """Bell pairs that are swapped into one."""

    ebits: list[int]
    use: _Use | None = None


@dataclass(eq=False, slots=True)
class Held:
    """What a qubit holds: a fresh half (`qubit` -1), or input qubit `qubit` thanks to `uses`."""

    qubit: int = -1
    uses: tuple[_Use, ...] = ()
    pair: _Pair | None = None
    partner: Held | None = None


def _far_end(half: Held) -> tuple[Held, _Pair]:
    """The other half of a pair, and the pair."""
    assert half.partner is not None
    assert half.pair is not None
    return half.partner, half.pair


class Follower:
    """Walks through a program and knows what each qubit holds; `row` is the operation at hand."""

    def __init__(self, program: Program) -> None:
        self.program, self.names = program, program.bit_names
        self.holds: list[Held | None] = [None] * len(program.qubits)
        self.copies: list[list[Held]] = []  # of each input qubit, its home first
        for i, q in enumerate(program.inputs):
            self.holds[q] = Held(i)
            self.copies.append([self.holds[q]])  # type: ignore[list-item]
        self.made: list[tuple[str, tuple[str, str]]] = []
        self.pair_of: list[_Pair] = []
        self.uses = 0
        self.row = -1  # of the program itself, also while its blocks are followed

    def walk(self, program: Program, prefix: str) -> None:
        """Follow one list of operations; a block leaves every state where it was."""
        ops = list(program.ops)
        for i, op in enumerate(ops):
            self.row = self.row if prefix else i
            if op.name == "ebit":
                self._make(op, f"{prefix}{i}")
            elif op.name in ("swap", "move"):
                a, b = op.qubits
                self.holds[a], self.holds[b] = self.holds[b], self.holds[a]
            elif op.name == "measure" and self.names[op.bits[0]].startswith(OURS):
                self._end(op.qubits[0])
            elif len(op.qubits) == 2 and op.row.family is Family.GATE:
                self._gate(op, ops[i + 1 : i + 2])
            for k, block in enumerate(op.blocks):
                before = list(self.holds), [list(c) for c in self.copies]
                self.walk(block, f"{prefix}{i}.{k}.")
                self.holds, self.copies = before

    def _make(self, op: Op, place: str) -> None:
        pair = _Pair([len(self.made)])
        near, far = Held(pair=pair), Held(pair=pair)
        near.partner, far.partner = far, near
        a, b = op.qubits
        self.holds[a], self.holds[b] = near, far
        qubits = self.program.qubits
        self.made.append((place, (str(qubits[a].module), str(qubits[b].module))))
        self.pair_of.append(pair)

    def _gate(self, op: Op, following: list[Op]) -> None:
        a, b = op.qubits
        first, second = self.holds[a], self.holds[b]
        if first is None or second is None:
            if op.name == "cx" and any((o.name, o.qubits) == ("cx", (b, a)) for o in following):
                self.holds[a], self.holds[b] = second, first  # a move onto an empty qubit
        elif first.qubit >= 0 and second.qubit >= 0:
            for use in {*first.uses, *second.uses}:
                use.gates[op.source] += 1
        elif first.qubit >= 0:
            self._spread(first, second)
            self.holds[b] = None
        elif second.qubit < 0:
            self._join(first, second)
            self.holds[a] = self.holds[b] = None

    def _spread(self, state: Held, near: Held) -> None:
        """The far half of a pair becomes a copy of a state."""
        far, pair = _far_end(near)
        copies = self.copies[state.qubit]
        pair.use = _Use(self.uses, state.qubit, len(pair.ebits))
        self.uses += 1
        far.qubit = state.qubit
        far.uses = (pair.use,) if state is copies[0] else (pair.use, *state.uses)
        copies.append(far)

    def _join(self, first: Held, second: Held) -> None:
        """Two pairs become one."""
        (a, one), (b, other) = _far_end(first), _far_end(second)
        pair = _Pair([*one.ebits, *other.ebits])
        for ebit in pair.ebits:
            self.pair_of[ebit] = pair
        a.pair = b.pair = pair
        a.partner, b.partner = b, a

    def _end(self, place: int) -> None:
        """A state is measured away: a copy is given back, or a home that lives on in a copy."""
        ended, self.holds[place] = self.holds[place], None
        if ended is None or ended.qubit < 0:
            return
        copies = self.copies[ended.qubit]
        was_home = ended is copies[0]
        copies.remove(ended)
        if was_home and copies and copies[0].uses:
            use = copies[0].uses[0]
            use.purpose = BOTH if use.gates else MOVE
            copies[0].uses = (use,)

    def rows(self) -> Iterator[EbitUse]:
        """What has been found."""
        known = self._names_known()
        for i, ((place, modules), pair) in enumerate(zip(self.made, self.pair_of)):
            use = pair.use or _Use(-1, -1, len(pair.ebits), UNUSED)
            name = self.program.logical[use.qubit] if known and use.qubit >= 0 else None
            gates = tuple(sorted(use.gates.items()))
            yield EbitUse(
                i + 1, place, modules, use.number + 1, use.purpose, use.chain, name, gates
            )

    def _names_known(self) -> bool:
        """Whether all states end where the program says; not so where gates exchanged two."""
        held = [self.holds[q] for q in self.program.outputs]
        return [-1 if h is None else h.qubit for h in held] == list(range(len(held)))
