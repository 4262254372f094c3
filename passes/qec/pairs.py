"""Communication qubits and what happens on them: text of pairs, gates and measurements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bellwire.passes.qec.noise import Channels, Link2, on_qubits, pauli
from bellwire.passes.qec.pieces import Block

Half = int


@dataclass(slots=True)
class Tally:
    """What a block costs: spanning gates, rounds, and the pairs per link of each layer, with how
    many batches it took and how often it comes."""

    spanning: int = 0
    rounds: int = 0
    layers: list[tuple[Mapping[Link2, int], int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """A block that is being written, and its tally."""

    block: Block = field(default_factory=Block)
    tally: Tally = field(default_factory=Tally)

    def add(self, *lines: str) -> None:
        """Append lines that look at no old record."""
        self.block.pieces += lines


class CommQubits:
    """The communication qubits of all modules; the free one of the lowest number comes first."""

    def __init__(self, first: int, modules: int) -> None:
        self._next = first
        self._free: list[list[int]] = [[] for _ in range(modules)]
        self.module_of: dict[int, int] = {}

    def take(self, module: int) -> int:
        """A free one, a new one if there is none."""
        free = self._free[module]
        if free:
            free.sort()
            return free.pop(0)
        qubit, self._next = self._next, self._next + 1
        self.module_of[qubit] = module
        return qubit

    def give(self, qubit: int) -> None:
        """It is free again."""
        self._free[self.module_of[qubit]].append(qubit)

    def counts(self) -> list[int]:
        """How many each module needs."""
        found = Counter(self.module_of.values())
        return [found[m] for m in range(len(self._free))]


def pair_lines(pairs: Iterable[tuple[int, int]], comm: CommQubits, noise: Channels) -> list[str]:
    """Make Bell pairs; the errors of each are on its second half."""
    pairs = list(pairs)
    if not pairs:
        return []
    lines = [
        "R " + " ".join(f"{a} {b}" for a, b in pairs),
        "H " + " ".join(str(a) for a, _ in pairs),
        "CX " + " ".join(f"{a} {b}" for a, b in pairs),
    ]
    at = comm.module_of
    return lines + on_qubits((pauli(noise.pair((at[a], at[b]))), str(b)) for a, b in pairs)


def gate_lines(
    gates: Iterable[tuple[str, int, int]], modules: Mapping[int, int], noise: Channels
) -> list[str]:
    """Write gates (head, a, b) at disjoint qubits, and the noise of those inside modules."""
    by_head: dict[str, list[str]] = {}
    errors: list[tuple[str, str]] = []
    for head, a, b in gates:
        words = f"{a} {b}"
        by_head.setdefault(head, []).append(words)
        here = modules[a]
        errors.append((noise.double[here] if here == modules[b] else noise.crossing, words))
    lines = [f"{head} {' '.join(words)}" for head, words in by_head.items()]
    return lines + on_qubits(errors)


def measure_lines(
    measured: list[tuple[int, str]], modules: Mapping[int, int], noise: Channels
) -> tuple[list[str], list[int]]:
    """Measure (qubit, basis X or Z); returns the lines and how far back each record then is."""
    by_head: dict[tuple[str, str], list[int]] = {}
    for i, (qubit, basis) in enumerate(measured):
        wrong = noise.misread[modules[qubit]]
        argument = f"({wrong!r})" if wrong else ""
        by_head.setdefault((basis, argument), []).append(i)
    flips: list[str] = []
    lines: list[str] = []
    back = [0] * len(measured)
    at = -len(measured)
    for (basis, argument), which in by_head.items():
        words = " ".join(str(measured[i][0]) for i in which)
        if noise.flip:
            flips.append(f"{'X' if basis == 'Z' else 'Z'}_ERROR({noise.flip!r}) {words}")
        lines.append(f"{'M' if basis == 'Z' else 'MX'}{argument} {words}")
        for i in which:
            back[i] = at
            at += 1
    return flips + lines, back


def feedback_lines(corrections: Iterable[tuple[str, int, int]]) -> list[str]:
    """Paulis (letter, record, qubit) under the condition of records."""
    by_letter: dict[str, list[str]] = {}
    for letter, record, qubit in corrections:
        by_letter.setdefault(letter, []).append(f"rec[{record}] {qubit}")
    return [f"C{letter} {' '.join(words)}" for letter, words in by_letter.items()]
