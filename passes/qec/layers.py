"""Lines as steps: lines that stay, and layers of two-qubit gates at disjoint qubits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from bellwire.errors import NotSupported
from bellwire.passes.qec.gates import LETTERS, steps_of
from bellwire.passes.qec.pieces import Look
from bellwire.passes.qec.stim_text import (
    MARKS,
    MEASURES,
    PRODUCTS,
    RECORDS,
    TURNS,
    Line,
    is_noise,
    is_pair_gate,
    qubits_of,
)

Homes = Mapping[int, int]


@dataclass(slots=True)
class Spanning:
    """A gate between modules: Pauli `first` of qubit a controls Pauli `second` of qubit b.

    `packet` is the number of the packet that serves it, -1 for a pair of its own.
    """

    first: str
    a: int
    second: str
    b: int
    packet: int = -1


@dataclass(slots=True)
class Layer:
    """Gates at disjoint qubits: `local` ones as (head, a, b), and those that span modules.

    `opens` and `closes`: packets whose first or last gates are here.
    """

    local: list[tuple[str, int, int]] = field(default_factory=list)
    spanning: list[Spanning] = field(default_factory=list)
    opens: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Feedback:
    """A gate whose other operand is a measured bit."""

    head: str
    look: Look
    qubit: int


Step = Line | Layer | Feedback


def steps_in(lines: Sequence[Line], homes: Homes) -> list[Step]:
    """Turn a stretch of lines, without loops, into steps. Raises NotSupported by name."""
    steps: list[Step] = []
    for line in lines:
        if is_pair_gate(line.name):
            steps += _pair_steps(line, homes)
        else:
            if line.name in TURNS and not all(_together(t, homes) for t in line.targets):
                raise NotSupported(
                    f"{line.text}: a rotation about a product that spans modules; write it as "
                    "controlled Paulis"
                )
            steps.append(line)
    return steps


def _together(product: str, homes: Homes) -> bool:
    at = [homes[q] for q in qubits_of(Line("SPP", "", "", (product,)))]
    return len(set(at)) <= 1


def _pair_steps(line: Line, homes: Homes) -> Iterator[Step]:
    targets = line.targets
    pairs = list(zip(targets[::2], targets[1::2]))
    for quantum, run in groupby(pairs, lambda ab: ab[0].isdigit() and ab[1].isdigit()):
        if not quantum:
            yield from _bits(line, list(run))
            continue
        for some in _disjoint([(int(a), int(b)) for a, b in run]):
            yield from _layers(line, some, homes)


def _bits(line: Line, pairs: list[tuple[str, str]]) -> Iterator[Step]:
    """Gates with a bit: records move, sweep bits stay; two bits do nothing to a state."""
    for a, b in pairs:
        qubit, bit = (a, b) if a.isdigit() else (b, a)
        if bit.startswith("sweep"):
            yield Line(line.name, line.tag, "", (a, b))
        elif qubit.isdigit():
            words = (f"{a} ", "") if a.isdigit() else ("", f" {b}")
            back = int(bit[5:-1])
            yield Feedback(line.name + line.tag, (words[0], back, words[1]), int(qubit))


def _disjoint(pairs: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Cut gates in order into runs at disjoint qubits."""
    run: list[tuple[int, int]] = []
    used: set[int] = set()
    for a, b in pairs:
        if a in used or b in used:
            yield run
            run, used = [], set()
        run.append((a, b))
        used.update((a, b))
    yield run


def _layers(line: Line, pairs: list[tuple[int, int]], homes: Homes) -> Iterator[Step]:
    """The layers of gates of one name: one, unless spanning ones have to be made of others."""
    local = [(a, b) for a, b in pairs if homes[a] == homes[b]]
    spanning = [(a, b) for a, b in pairs if homes[a] != homes[b]]
    head = line.name + line.tag
    kept = [(head, a, b) for a, b in local]
    if not spanning:
        yield Layer(kept)
        return
    for name, places in steps_of(line.name):
        if len(places) == 1:
            yield Line(name, "", "", tuple(str(ab[places[0]]) for ab in spanning))
            continue
        p, q = LETTERS[name][0], LETTERS[name][1]
        i, j = places
        yield Layer(kept, [Spanning(p, ab[i], q, ab[j]) for ab in spanning])
        kept = []
    if kept:
        yield Layer(kept)


def is_free(line: Line) -> bool:
    """Whether a line acts on no state but by noise."""
    name = line.name
    return name in MARKS or name in RECORDS or name == "MPAD" or is_noise(name)


def measures(line: Line) -> bool:
    """Whether a line measures qubits."""
    return line.name in MEASURES or line.name in PRODUCTS
