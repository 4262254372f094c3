"""Who holds what while a program is folded: each qubit the parity of some symbols.

A symbol is a wire of the folded circuit, or free (both its values, with equal amplitudes). Of a
free one there may be a phase: (-1) where it and a parity are one.
"""

from __future__ import annotations


class Symbols:
    """The symbols of all qubits. `held[q]`: those of qubit q, as bits of a number; `flip[q]`: it
    holds one more; `holders`: the qubits of each symbol; `wire`: of the symbols that are not free;
    `phases`: the parity of each phase, `odd`: whether it is one more."""

    def __init__(self, qubits: int) -> None:
        self.held = [0] * qubits
        self.flip = [False] * qubits
        self.holders: dict[int, set[int]] = {}
        self.wire: dict[int, int] = {}
        self.phases: dict[int, int] = {}
        self.odd: dict[int, bool] = {}
        self.count = 0

    def set(self, q: int, held: int) -> None:
        """Let a qubit hold other symbols."""
        for s in bits_of_number(self.held[q] ^ held):
            self.holders.setdefault(s, set()).symmetric_difference_update((q,))
        self.held[q] = held

    def new(self) -> int:
        """One more symbol, free until it has a wire."""
        self.count += 1
        return self.count - 1

    def alone(self, q: int) -> bool:
        """Whether a qubit holds one wire that nobody else knows of."""
        held = self.held[q]
        symbol = held.bit_length() - 1
        return (
            held.bit_count() == 1
            and symbol in self.wire
            and len(self.holders[symbol]) == 1
            and not any(parity >> symbol & 1 for parity in self.phases.values())
        )

    def shared(self, q: int) -> bool:
        """Whether a qubit holds something that others know of."""
        return self.held[q] != 0 and not self.alone(q)

    def free(self, q: int) -> bool:
        """Whether there is a free symbol in what a qubit holds."""
        return any(s not in self.wire for s in bits_of_number(self.held[q]))

    def only_names(self, control: int, target: int) -> bool:
        """Whether a cx only changes what its target holds: it is fresh, a pair, or the same."""
        if not self.held[control]:
            return not self.flip[control]
        fresh = not self.held[target] or self.held[target] == self.held[control]
        return fresh or self.free(target)

    def express(self, wanted: int, without: int) -> list[int] | None:
        """Qubits other than `without` whose symbols add up to `wanted`; None: there are none."""
        near, symbols = set[int](), {*bits_of_number(wanted)}
        while True:
            more = {q for s in symbols for q in self.holders.get(s, ())} - {without}
            if more <= near:
                break
            near |= more
            symbols |= {s for q in more for s in bits_of_number(self.held[q])}
        rows: dict[int, tuple[int, set[int]]] = {}  # leading symbol -> sum, and who is in it
        for q in sorted(near):
            held, who = _reduced(self.held[q], {q}, rows)
            if held:
                rows[held.bit_length()] = held, who
        left, who = _reduced(wanted, set(), rows)
        return None if left else sorted(who)

    def swap(self, a: int, b: int) -> None:
        """Exchange what two qubits hold."""
        one, other = self.held[a], self.held[b]
        self.set(a, other)
        self.set(b, one)
        self.flip[a], self.flip[b] = self.flip[b], self.flip[a]

    def make_phase(self, q: int) -> None:
        """Make a phase of what a qubit holds: a Hadamard."""
        symbol = self.new()
        self.phases[symbol] = self.held[q]
        self.odd[symbol] = self.flip[q]
        self.set(q, 1 << symbol)
        self.flip[q] = False

    def known_elsewhere(self, q: int) -> bool:
        """Whether the other qubits hold, together, what a qubit does."""
        return self.express(self.held[q], q) is not None

    def learn(self, q: int) -> list[tuple[int, int]] | None:
        """Measure a qubit that holds a free symbol, with outcome 0.

        Returns the errors (qubit, 0 for X or 1 for Z) that are the same as outcome 1; None where
        no errors are.
        """
        held, flip = self.held[q], self.flip[q]
        if held.bit_count() == 1 and held.bit_length() - 1 in self.phases:
            return self._end_phase(q)
        free = (s for s in bits_of_number(held) if s not in self.wire and s not in self.phases)
        symbol = next(free)
        others = sorted(self.holders[symbol] - {q})
        for other in others:
            self.set(other, self.held[other] ^ held)
            self.flip[other] ^= flip
        errors = [(other, 0) for other in others] + [(q, 0)]
        for y, of in self.phases.items():
            if of >> symbol & 1:
                self.phases[y] ^= held
                self.odd[y] ^= flip
                errors += [(holder, 1) for holder in sorted(self.holders.get(y, ()))]
        self.set(q, 0)
        self.flip[q] = False
        return errors

    def _end_phase(self, q: int) -> list[tuple[int, int]] | None:
        """The same for a phase that no other qubit holds: outcome 1 is a Z on its parity."""
        symbol = self.held[q].bit_length() - 1
        who = self.express(self.phases.pop(symbol), q)
        if who is None or self.holders[symbol] != {q}:
            return None
        self.set(q, 0)
        self.flip[q] = False
        return [(q, 0), *((other, 1) for other in who)]


def bits_of_number(number: int) -> list[int]:
    """The places of its ones, the lowest first."""
    out = []
    while number:
        low = number & -number
        out.append(low.bit_length() - 1)
        number ^= low
    return out


def _reduced(
    held: int, who: set[int], rows: dict[int, tuple[int, set[int]]]
) -> tuple[int, set[int]]:
    """Take sums away until no leading symbol is one of theirs."""
    who = set(who)
    left, kept = held, 0
    while left:
        lead = left.bit_length()
        if lead in rows:
            left ^= rows[lead][0]
            who ^= rows[lead][1]
        else:
            kept |= 1 << lead - 1
            left ^= 1 << lead - 1
    return kept, who
