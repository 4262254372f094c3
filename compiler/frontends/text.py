"""Read the text form: one line per operation, by hand or from `to_text`.

qubits q[2]
bits c[2]
h q[0]
cx q[0] q[1]
measure q[0] -> c[0]
x q[1] if c[0]
if c[0] {
  rz(pi/4) q[1]
} else {
  reset q[1]
}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NoReturn

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import Condition
from bellwire.compiler.conditions import from_text as read_condition
from bellwire.compiler.emitters.text import OPENS, SHORT, VERSION
from bellwire.compiler.frontends.text_words import Places, Strings, Wrong, read_angle
from bellwire.compiler.generation import ASAP, generation_of, with_generation
from bellwire.compiler.operations import TABLE, Family, Operation
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.sources import with_sources
from bellwire.errors import BellwireError, ParseError
from bellwire.targets.machine import Machine

MAX_DEPTH = 50  # of blocks in blocks

_HEAD = re.compile(r"([a-z_][a-z_0-9]*)\s*(?:\(([^()]*)\))?(?=\s|\Z)", re.ASCII)
_TIME = re.compile(r"@(-?\d{1,18})\s+(?=\S)", re.ASCII)
_TIMES = re.compile(r"(-1|\d{1,10})\*(\d{1,10})\Z", re.ASCII)  # of `sources`
_BLOCK = re.compile(
    r"(?P<word>\w+)(?P<test> .*?)?(?: on(?P<on>( \S+)*?))?(?: writes(?P<bits>( \S+)*?))? ?\{\Z",
    re.ASCII,
)
_STAGES = {stage.name.lower(): stage for stage in Stage}
_FLOW = {word: name for name, word in OPENS.items()}
_ROWS = {n: row for n, row in TABLE.items() if row.family is not Family.FLOW}
_ROWS |= {short: TABLE[name] for name, short in SHORT.items()}


def read_text(text: str, path: str = "") -> tuple[Program, Machine | None]:
    """Read a Program, and the machine that it is for where the text has one.

    Without a header the Program is LOGICAL. `source` of an operation is its line,
    or what `sources` says. Raises ParseError with line and column.
    """
    return _Reader(path).read(text)


@dataclass(slots=True)
class _Frame:
    """A block that is still open; `qubits` and `bits` where the text names them."""

    name: str
    parent: ProgramBuilder
    line: int
    start_ns: int
    condition: Condition | None
    angles: tuple[float, ...]
    qubits: list[int] | None
    bits: list[int] | None
    blocks: list[ProgramBuilder] = field(default_factory=list)


class _Reader:
    def __init__(self, path: str) -> None:
        self.path, self.number = path, 0
        self.stage, self.name = Stage.LOGICAL, "program"
        self.machine: Machine | None = None
        self.logical: list[tuple[str, int, int]] | None = None
        self.sources: list[int] = []
        self.generation = ASAP
        self.strings = Strings()
        self.places = Places(self.strings)
        self.angles: dict[str, float] = {}
        self.conditions: dict[str, Condition] = {}
        self.frames: list[_Frame] = []
        self.block: ProgramBuilder | None = None

    def read(self, text: str) -> tuple[Program, Machine | None]:
        """Read all lines."""
        for self.number, raw in enumerate(text.split("\n"), 1):
            line = raw.strip()
            try:
                if line.startswith(_JSON):
                    self._declare(*line.split(None, 1))
                    continue
                if '"' in line or "#" in line or "$" in line:
                    line = self.strings.set_aside(line)
                if line:
                    self._statement(line)
            except Wrong as error:
                self._fail(error.message, raw, self.strings.written(error.word))
            except BellwireError as error:
                self._fail(str(error), raw, line.split()[0])
        if self.frames:
            self.number = self.frames[-1].line
            self._fail("this block is never closed; close it with }")
        outputs = None if self.logical is None else [end for _, _, end in self.logical]
        program = self._builder().finish(self.stage, outputs)
        program = with_generation(program, self.generation)
        return with_sources(program, self.sources), self.machine

    def _fail(self, message: str, raw: str = "", word: str = "") -> NoReturn:
        raise ParseError(message, self.path, self.number, max(raw.find(word) + 1, 1))

    def _statement(self, line: str) -> None:
        word = line.split(None, 1)[0]
        if word in _DECLARATIONS:
            self._declare(word, line[len(word) :])
            return
        builder = self._builder()
        start, match = -1, _TIME.match(line) if line[0] == "@" else None
        if match:
            if self.stage is not Stage.SCHEDULED:
                raise Wrong("a start time belongs to `bellwire 1 scheduled`; leave it out", word)
            start, line = int(match[1]), line[match.end() :]
        if line[-1] == "{" or line[0] == "}":
            self._bracket(builder, line, start)
        else:
            self._operation(builder, line, start)

    def _builder(self) -> ProgramBuilder:
        """The innermost open block; made at the first operation."""
        if self.block is None:
            names = None if self.logical is None else [name for name, _, _ in self.logical]
            starts = None if self.logical is None else [start for _, start, _ in self.logical]
            self.block = ProgramBuilder(
                self.places.qubits,
                self.places.registers,
                logical=names,
                inputs=starts,
                name=self.name,
            )
        return self.block

    def _declare(self, word: str, rest: str) -> None:
        if self.block is not None:
            raise Wrong("this comes after the first operation; declare things before it", word)
        _DECLARATIONS[word](self, [rest] if f"{word} " in _JSON else rest.split())

    def _header(self, words: list[str]) -> None:
        version, stage, *name = *words[:3], *[""] * (2 - len(words))
        if version != str(VERSION):
            raise Wrong(f"found version {version!r}; write `bellwire {VERSION} STAGE`", version)
        if stage not in _STAGES:
            raise Wrong(f"found stage {stage!r}; write one of {', '.join(_STAGES)}", stage)
        self.stage = _STAGES[stage]
        self.name = self.strings.plain(name[0]) if name and name[0] else self.name

    def _machine(self, words: list[str]) -> None:
        from bellwire.targets.load import machine_from_dict

        self.machine = machine_from_dict(_json_object("machine", words), "machine")

    def _generation(self, words: list[str]) -> None:
        self.generation = generation_of(_json_object("generation", words))

    def _qubits(self, words: list[str]) -> None:
        module, role = None, "data"
        if words[-1:] == ["comm"]:
            role = words.pop()
        if words[-2:-1] == ["in"]:
            module = self.strings.plain(words.pop())
            words.pop()
        self.places.add_qubits(words, module, role)

    def _bits(self, words: list[str]) -> None:
        self.places.add_bits(words)

    def _logical(self, words: list[str]) -> None:
        self.logical = self.logical or []
        if not words:
            return
        if words[1:4:2] != ["->", "->"] or len(words) != 5:
            raise Wrong("write `logical NAME -> START -> END`, each a qubit", words[0])
        name = self.strings.plain(words[0])
        self.logical.append((name, self.places.qubit(words[2]), self.places.qubit(words[4])))

    def _sources(self, words: list[str]) -> None:
        for word in words:
            match = _TIMES.match(word)
            if match is None:
                raise Wrong("write `sources LINE*COUNT ...`, as bellwire does", word)
            self.sources += (int(match[1]), int(match[2]))

    def _bracket(self, builder: ProgramBuilder, line: str, start: int) -> None:
        if line == "}":
            self._close()
        elif line.split() == ["}", "else", "{"]:
            frame = self.frames[-1] if self.frames else None
            if frame is None or frame.name != "if_else" or len(frame.blocks) > 1:
                raise Wrong("there is no `if` block that this could continue", "}")
            self._enter(frame)
        else:
            self._open(builder, line, start)

    def _open(self, builder: ProgramBuilder, line: str, start: int) -> None:
        match = _BLOCK.match(" ".join(line.split()))
        if match is None or match["word"] not in _FLOW:
            raise Wrong("write `if COND {`, `} else {`, `while COND {`, `repeat N {` or `}`")
        if len(self.frames) >= MAX_DEPTH:
            raise Wrong(f"blocks stand in each other more than {MAX_DEPTH} deep; flatten them")
        name, test = _FLOW[match["word"]], (match["test"] or "").strip()
        angles: tuple[float, ...] = ()
        if name == "for_loop":
            count, _, test = test.partition(" if ")
            angles = (self._turns(count.strip()),)
        self.frames.append(
            _Frame(
                name,
                builder,
                self.number,
                start,
                self._condition(test) if test or name != "for_loop" else None,
                angles,
                None if match["on"] is None else self._all(match["on"], self.places.qubit),
                None if match["bits"] is None else self._all(match["bits"], self.places.bit),
            )
        )
        self._enter(self.frames[-1])

    def _turns(self, text: str) -> float:
        value = read_angle(text)
        if value < 0 or value != int(value):
            raise Wrong(f"found {text} turns; write a whole number", text)
        return value

    def _all(self, text: str, find: Callable[[str], int]) -> list[int]:
        return [find(word) for word in text.split()]

    def _enter(self, frame: _Frame) -> None:
        self.block = frame.parent.child()
        frame.blocks.append(self.block)

    def _close(self) -> None:
        if not self.frames:
            raise Wrong("there is no open block; take this } out", "}")
        frame = self.frames.pop()
        blocks = frame.blocks
        used, written = frame.qubits, frame.bits
        if used is None:
            used = sorted(set[int]().union(*(b.used_qubits for b in blocks)))
        if written is None:
            written = sorted(set[int]().union(*(b.used_bits for b in blocks)))
        self.block = frame.parent
        self.block.append(
            frame.name,
            used,
            frame.angles,
            written,
            frame.condition,
            blocks,
            frame.line,
            frame.start_ns,
        )

    def _operation(self, builder: ProgramBuilder, line: str, start: int) -> None:
        body, tested, test = line.partition(" if ")
        body, arrow, written = body.partition("->")
        match = _HEAD.match(body)
        row = _ROWS.get(match[1]) if match else None
        if match is None or row is None:
            raise Wrong(*_unknown(body))
        find = self.places.qubit_at
        words = body[match.end() :].split()
        try:
            qubits = [find[w] for w in words]
        except KeyError:
            qubits = [self.places.qubit(w) for w in words]
        angles = self._angles(match[2]) if match[2] is not None else ()
        bits = self._all(written, self.places.bit) if arrow else ()
        if not row.any_qubits:
            self._check(row, qubits, angles, bits)
        if len(set(qubits)) < len(qubits):
            raise Wrong(f"{match[1]} names a qubit twice; it needs different ones", words[-1])
        condition = self._condition(test) if tested else None
        builder.append(row.name, qubits, angles, bits, condition, (), self.number, start)

    def _angles(self, text: str) -> list[float]:
        found = self.angles.get(text)
        if found is not None:
            return [found]
        values = [read_angle(part) for part in text.split(",")] if text.strip() else []
        if len(values) == 1:
            self.angles[text] = values[0]
        return values

    def _check(
        self, row: Operation, qubits: Sequence[int], angles: Sequence[float], bits: Sequence[int]
    ) -> None:
        for what, found, wanted in (
            ("qubit", len(qubits), row.num_qubits),
            ("angle", len(angles), row.angles),
            ("bit", len(bits), row.bits),
        ):
            if found != wanted:
                raise Wrong(f"{row.name} takes {_counted(wanted, what)}; found {found}", row.name)

    def _condition(self, text: str) -> Condition:
        found = self.conditions.get(text)
        if found is None:
            found = self.conditions[text] = read_condition(text, self.places.bit)
        return found


_DECLARATIONS: dict[str, Callable[[_Reader, list[str]], None]] = {
    "bellwire": _Reader._header,
    "machine": _Reader._machine,
    "qubits": _Reader._qubits,
    "bits": _Reader._bits,
    "logical": _Reader._logical,
    "sources": _Reader._sources,
    "generation": _Reader._generation,
}
_JSON = ("machine ", "generation ")  # declarations whose words are one JSON object


def _json_object(word: str, words: list[str]) -> dict[str, Any]:
    try:
        found = json.loads(words[0])
    except (ValueError, RecursionError) as error:
        raise Wrong(f"the {word} is not JSON ({error}); write {word} {{...}}") from None
    if not isinstance(found, dict):
        raise Wrong(f"the {word} is not a JSON object; write {word} {{...}}")
    return found


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _unknown(body: str) -> tuple[str, str]:
    word = re.split(r"[\s(]", body, maxsplit=1)[0]
    near = get_close_matches(word, _ROWS, 1)
    advice = f"did you mean {near[0]}?" if near else "write a row of the operations table"
    return f"operation {word!r} is unknown; {advice}", word
