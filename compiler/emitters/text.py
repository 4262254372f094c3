"""Write a Program in the text form: one line per operation, for people, diffs and test cases."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice

from bellwire.compiler.conditions import to_text as condition_text
from bellwire.compiler.operations import KIND, ROWS
from bellwire.compiler.program import Program, Qubit, Ragged, Register, Stage
from bellwire.compiler.sources import pack_sources
from bellwire.errors import ProgramError
from bellwire.targets.machine import Machine

VERSION = 1
RESERVED = frozenset(("if", "else", "while", "repeat", "in", "comm", "on", "writes"))
SHORT = {"break_loop": "break", "continue_loop": "continue"}
OPENS = {"if_else": "if", "while_loop": "while", "for_loop": "repeat"}

_QUBIT = re.compile(r"[A-Za-z_]\w*(\[(0|[1-9]\d*)\]|\(\d+\))?\Z", re.ASCII)
_BIT = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_MEMBER = re.compile(r"([A-Za-z_]\w*)\[(0|[1-9]\d*)\]\Z", re.ASCII)
_PER_LINE = 12
_NAMES = [SHORT.get(row.name, row.name) for row in ROWS]
Row = tuple[int | float, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """All qubits and bits of a Program as they stand in the text."""

    qubits: list[str]
    bits: list[str]


def qubit_word(name: str) -> str:
    """A qubit's name as it stands in the text: plain, or in quotes where it would be misread."""
    return name if _QUBIT.match(name) and name not in RESERVED else json.dumps(name)


def register_word(name: str) -> str:
    """The name of a register or loose bit as it stands in the text."""
    return name if _BIT.match(name) and name not in RESERVED else json.dumps(name)


def bit_words(registers: Sequence[Register]) -> list[str]:
    """All bits as they stand in the text, in order."""
    return [
        word if r.size is None else f"{word}[{i}]"
        for r in registers
        for word in (register_word(r.name),)
        for i in range(r.width)
    ]


@lru_cache(maxsize=1 << 16)
def angle_text(angle: float) -> str:
    """The shortest text that reads back as the same number; k*pi/d where that is the number."""
    if angle == 0 or not math.isfinite(angle):
        return f"{angle:g}"
    for d in (1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 256, 512, 1024):
        k = round(angle * d / math.pi) if abs(angle) < 1e6 else 0
        if 0 < abs(k) <= 64 and k * math.pi / d == angle:
            head = {1: "pi", -1: "-pi"}.get(k, f"{k}*pi")
            return head if d == 1 else f"{head}/{d}"
    return repr(angle)


def to_text(program: Program, machine: Machine | None = None) -> str:
    """Write a Program, and the machine that it is for, so that `read_text` gives both back.

    Raises ProgramError when two qubits or two bits have the same name.
    """
    qubits = [qubit_word(q.name) for q in program.qubits]
    bits = bit_words(program.registers)
    for words in (qubits, bits):
        _need_unique(words)
    lines = [*_head(program, machine, qubits), *_body(program, Words(qubits, bits), "")]
    return "\n".join(lines) + "\n"


def _need_unique(words: list[str]) -> None:
    if len(set(words)) < len(words):
        twice = max(words, key=Counter(words).__getitem__)
        raise ProgramError(f"two places are called {twice}; rename one before writing text")


def _head(program: Program, machine: Machine | None, qubits: list[str]) -> Iterator[str]:
    title = "" if program.name == "program" else " " + json.dumps(program.name)
    yield f"bellwire {VERSION} {program.stage.name.lower()}{title}"
    if machine is not None:
        from bellwire.targets.load import machine_to_dict

        yield "machine " + json.dumps(machine_to_dict(machine))
    if said := program.generation.said():
        yield "generation " + json.dumps(said)
    yield from _qubit_lines(program.qubits)
    for line in _lines_of(_register_item(r) for r in program.registers):
        yield f"bits {line}"
    yield from _logical_lines(program, qubits)
    if program.stage >= Stage.LOWERED:
        packed = pack_sources(program)
        for line in _lines_of(f"{a}*{n}" for a, n in zip(packed[::2], packed[1::2])):
            yield f"sources {line}"


def _lines_of(items: Iterator[str]) -> Iterator[str]:
    while chunk := list(islice(items, _PER_LINE)):
        yield " ".join(chunk)


def _register_item(r: Register) -> str:
    return register_word(r.name) + ("" if r.size is None else f"[{r.size}]")


def _qubit_lines(qubits: Sequence[Qubit]) -> Iterator[str]:
    for (module, role), group in groupby(qubits, key=lambda q: (q.module, q.role)):
        home = "" if module is None else f" in {register_word(module)}"
        rest = home if role == "data" else f"{home} {role}"
        for line in _lines_of(_runs([q.name for q in group])):
            yield f"qubits {line}{rest}"


def _runs(names: list[str]) -> Iterator[str]:
    """q[0], q[1], q[2] as q[3]; q[4], q[5] as q[4..5]; other names as they are."""
    at = 0
    while at < len(names):
        match = _MEMBER.match(names[at])
        if match is None:
            yield qubit_word(names[at])
            at += 1
            continue
        stem, first = match[1], int(match[2])
        last = first
        while names[at + 1 + last - first : at + 2 + last - first] == [f"{stem}[{last + 1}]"]:
            last += 1
        yield f"{stem}[{last + 1}]" if first == 0 else f"{stem}[{first}..{last}]"
        at += 1 + last - first


def _logical_lines(program: Program, qubits: list[str]) -> Iterator[str]:
    plain = tuple(range(len(qubits)))
    same_names = program.logical == tuple(q.name for q in program.qubits)
    if same_names and program.inputs == program.outputs == plain:
        return
    if not program.logical:
        yield "logical"
    for name, start, end in zip(program.logical, program.inputs, program.outputs):
        yield f"logical {qubit_word(name)} -> {qubits[start]} -> {qubits[end]}"


def _body(program: Program, words: Words, indent: str) -> Iterator[str]:
    timed = program.stage is Stage.SCHEDULED and program.start_ns is not None
    starts = program.start_ns.tolist() if timed and program.start_ns is not None else []
    tests = [condition_text(c, words.bits.__getitem__) for c in program.conditions]
    columns = zip(
        program.kind.tolist(),
        program.operands.lists(),
        program.angles.lists(),
        program.bits.lists(),
        program.condition.tolist(),
    )
    for i, (kind, qubits, angles, written, condition) in enumerate(columns):
        head = f"{indent}@{starts[i]} " if timed else indent
        test = tests[condition] if condition >= 0 else ""
        if i in program.blocks:
            blocks = program.blocks[i]
            head += _opening(ROWS[kind].name, angles, test)
            head += _extra(" on ", words.qubits, qubits, [b.operands for b in blocks])
            head += _extra(" writes ", words.bits, written, [b.bits for b in blocks])
            yield from _block_lines(blocks, head, words, indent)
        else:
            yield head + _line(kind, qubits, angles, written, words) + (f" if {test}" * bool(test))


def _line(kind: int, qubits: Row, angles: Row, written: Row, words: Words) -> str:
    text = _NAMES[kind]
    if angles:
        write = repr if kind == KIND["delay"] else angle_text
        text += "(" + ", ".join([write(a) for a in angles]) + ")"
    for q in qubits:
        text += " " + words.qubits[q]  # type: ignore[index]
    if written:
        text += " -> " + " ".join([words.bits[b] for b in written])  # type: ignore[index]
    return text


def _opening(name: str, angles: Row, test: str) -> str:
    if name == "for_loop":
        return f"repeat {angles[0]:.17g}" + (f" if {test}" if test else "")
    if not test:
        raise ProgramError(f"{name} has no condition; give it one before writing text")
    return f"{OPENS[name]} {test}"


def _extra(head: str, words: list[str], found: Row, blocks: list[Ragged]) -> str:
    """What a control-flow row names, where that is not exactly what its blocks use."""
    used = sorted({x for b in blocks for x in b.values.tolist()})
    return "" if list(found) == used else head + " ".join([words[int(x)] for x in found])


def _block_lines(blocks: Sequence[Program], head: str, words: Words, indent: str) -> Iterator[str]:
    yield head + " {"
    yield from _body(blocks[0], words, indent + "  ")
    for other in blocks[1:]:
        yield indent + "} else {"
        yield from _body(other, words, indent + "  ")
    yield indent + "}"
