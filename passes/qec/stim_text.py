"""A Stim circuit as lines of text in blocks: quick to read, quick to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import stim

# Stim writes six digits: of a number with that many there may be more.
_LONG = re.compile(r"\([^)]*(?:\d\.?){6}|\([^)]*e-")
_LINE = re.compile(r"(\w+)(\[[^\]]*\])?(?:\(([^)]*)\))? ?(.*)")

# What the writer has to know of each kind of line; the names are Stim's.
RECORDS = frozenset(("DETECTOR", "OBSERVABLE_INCLUDE"))
MARKS = frozenset(("TICK", "QUBIT_COORDS", "SHIFT_COORDS"))
PRODUCTS = frozenset(("MPP", "MXX", "MYY", "MZZ"))
HERALDED = frozenset(("HERALDED_ERASE", "HERALDED_PAULI_CHANNEL_1"))
RESETS = frozenset(("R", "RX", "RY"))
MEASURES = frozenset(("M", "MX", "MY", "MR", "MRX", "MRY"))
TURNS = frozenset(("SPP", "SPP_DAG"))


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction: `tag` with its brackets, `arguments` without; targets as in the text."""

    name: str
    tag: str
    arguments: str
    targets: tuple[str, ...]

    @property
    def head(self) -> str:
        """All but the targets."""
        return f"{self.name}{self.tag}" + (f"({self.arguments})" if self.arguments else "")

    @property
    def text(self) -> str:
        """The line as Stim writes it."""
        return " ".join((self.head, *self.targets))


@dataclass(frozen=True, slots=True)
class Repeat:
    """A REPEAT block."""

    count: int
    tag: str
    body: list[Line | Repeat]


Lines = list[Line | Repeat]


def read_lines(circuit: stim.Circuit) -> Lines:
    """The instructions of a circuit; equal lines are one object."""
    whole = str(circuit)
    if _LONG.search(whole):
        return _read_exactly(circuit)
    known: dict[str, Line] = {}
    stack: list[tuple[Lines, int, str]] = [([], 1, "")]
    for text in map(str.strip, whole.split("\n")):
        if text == "}":
            body, count, tag = stack.pop()
            stack[-1][0].append(Repeat(count, tag, body))
            continue
        line = known.get(text) or _parsed(text)
        if line is None:  # the empty circuit
            continue
        known[text] = line
        if line.name == "REPEAT":
            stack.append(([], int(line.targets[0]), line.tag))
        else:
            stack[-1][0].append(line)
    return stack[0][0]


def _parsed(text: str) -> Line | None:
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    name, tag, arguments, rest = match.groups()
    return Line(name, tag or "", arguments or "", tuple(rest.split()))


def _read_exactly(circuit: stim.Circuit) -> Lines:
    """As `read_lines`, slowly, with all digits of numbers."""
    import stim

    lines: Lines = []
    for found in circuit:
        if isinstance(found, stim.CircuitRepeatBlock):
            tag = str(found).partition("REPEAT")[2].partition(" ")[0]
            lines.append(Repeat(found.repeat_count, tag, _read_exactly(found.body_copy())))
        elif (line := _parsed(str(found))) is not None:
            exact = ",".join(_digits(a) for a in found.gate_args_copy())
            lines.append(replace(line, arguments=exact))
    return lines


def _digits(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def qubits_of(line: Line) -> list[int]:
    """The qubits that a line names, in order."""
    if line.name in ("MPAD", "SHIFT_COORDS", "DETECTOR"):
        return []
    try:
        return [int(target) for target in line.targets]
    except ValueError:  # inverted, products, records
        return list(_named_in(line.targets))


def _named_in(targets: tuple[str, ...]) -> Iterator[int]:
    for target in targets:
        for part in target.lstrip("!").split("*"):
            part = part.lstrip("!")
            if part.isdigit():
                yield int(part)
            elif part[1:].isdigit():
                yield int(part[1:])


def acted_on(lines: Lines) -> list[int]:
    """The qubits that are acted on, in order; those that only have coordinates are not."""
    acting = (line for line in walk(lines) if line.name != "QUBIT_COORDS")
    return sorted({q for line in acting for q in qubits_of(line)})


@cache
def is_pair_gate(name: str) -> bool:
    """Whether it is a unitary gate on two qubits (or on one and a bit)."""
    import stim

    data = stim.gate_data(name)
    return bool(data.is_unitary and data.is_two_qubit_gate)


@cache
def is_single_gate(name: str) -> bool:
    """Whether it is a unitary gate on one qubit."""
    import stim

    data = stim.gate_data(name)
    return bool(data.is_unitary and data.is_single_qubit_gate)


@cache
def is_noise(name: str) -> bool:
    """Whether it is a noise channel."""
    import stim

    return bool(stim.gate_data(name).is_noisy_gate) and name not in MEASURES | PRODUCTS


def is_protected(circuit: stim.Circuit) -> bool:
    """Whether it has what only a Stim circuit can say: detectors, noise, padding, sweep bits."""
    return any(
        line.name in RECORDS
        or line.name in ("SHIFT_COORDS", "MPAD")
        or is_noise(line.name)
        or (line.name in MEASURES | PRODUCTS and line.arguments.strip("0.") != "")
        or any(target.startswith("sweep") for target in line.targets)
        for line in walk(read_lines(circuit))
    )


def walk(lines: Lines) -> Iterator[Line]:
    """All lines, those inside blocks once."""
    for line in lines:
        if isinstance(line, Repeat):
            yield from walk(line.body)
        else:
            yield line
