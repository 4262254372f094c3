"""A protocol as circuits: what is given, what is done, and what that is the same as."""

from __future__ import annotations

from collections.abc import Sequence

from bellwire.compiler.operations import Operation, Step
from bellwire.errors import NotSupported
from bellwire.pictures.axis import heading
from bellwire.pictures.colours import module_colour, text_on
from bellwire.pictures.gate_symbols import BOX, Spot, bell_pair, symbol
from bellwire.pictures.shapes import Line, Rect, Shape, Text, text_width
from bellwire.pictures.svg import Picture

_COLUMN, _WIRE, _GAP = 42.0, 38.0, 20.0
_TOP = 84.0  # title, remark, names of the parts
_LEFT = 34.0  # the bar with the name of the module


def protocol(row: Operation) -> Picture:
    """Draw a row of the operations table: premise, body and meaning, one wire for each operand.

    Modules are told apart by colour: operands that share a two-qubit gate of the body are in one
    module. Raises NotSupported for an operation without a body.
    """
    if not row.body:
        raise NotSupported(f"{row.name}: found no protocol; draw an operation that has a body")
    names, remark = _names(row)
    modules = _modules(row)
    heights = [_TOP + _WIRE * (i + 0.5) + _GAP * module for i, module in enumerate(modules)]
    x = _LEFT + 10 + max(text_width(name, 10.5) for name in names) + 14
    shapes: list[Shape] = []
    parts = (
        ("given", row.premise),
        ("what is done", row.body),
        ("does the same as", row.meaning if row.meaning != row.body else ()),
    )
    alive = {i for i, what in enumerate(row.operands) if what != "makes"}
    alive -= {q for step in row.premise for q in step.qubits if step.name in ("ebit", "reset")}
    before = frozenset(alive)
    for number, (title, steps) in enumerate(parts):
        if steps:
            start = before if number == 2 else alive
            part = _Part(row, _needed(steps), heights, x, start)
            shapes += [Text(x, _TOP - 12, title, "muted", 10.5), *part.shapes]
            if number == 2:
                shapes.append(Line(x - 14, _TOP, x - 14, heights[-1] + _WIRE / 2, "grid"))
            end = max(part.end, x + text_width(title, 10.5))
            alive, x = part.alive, (part.end if number == 0 else end + 30)
    bands = _bands(names, modules, heights, x - 12)
    width = max(x, text_width(remark, 10.5) + 24)
    shapes = [*heading(row.name, remark), *bands, *shapes]
    return Picture(f"protocol {row.name}", width, heights[-1] + _WIRE / 2 + 12, tuple(shapes))


def _names(row: Operation) -> tuple[list[str], str]:
    """What the operands are called, which the help says before its colon, and the rest of it."""
    said, colon, rest = row.help.partition(": ")
    names = said.split(", ")
    if colon and len(names) == row.num_qubits:
        return names, rest
    return [f"qubit {i + 1}" for i in range(row.num_qubits)], row.help


def _modules(row: Operation) -> list[int]:
    """Numbers of modules in the order of the operands; a gate of the body joins its operands."""
    module = list(range(row.num_qubits))
    for step in row.body if row.name != "ebit" else ():
        if len(step.qubits) == 2:
            old, new = sorted((module[q] for q in step.qubits), reverse=True)
            module = [new if m == old else m for m in module]
    numbers = {m: i for i, m in enumerate(dict.fromkeys(module))}
    return [numbers[m] for m in module]


def _needed(steps: Sequence[Step]) -> list[Step]:
    """All steps but resets of qubits that nothing else touches."""
    used = {q for step in steps if step.name != "reset" for q in step.qubits}
    return [step for step in steps if step.name != "reset" or step.qubits[0] in used]


class _Part:
    """One of the circuits, drawn from `x` to `end`; `alive` are the qubits that go on after it."""

    def __init__(
        self,
        row: Operation,
        steps: Sequence[Step],
        heights: Sequence[float],
        x: float,
        alive: frozenset[int] | set[int],
    ) -> None:
        self.heights = heights
        self.since = dict.fromkeys(sorted(alive), x)  # where each living wire has been drawn to
        self.wires: list[Shape] = []
        self.drawn: list[Shape] = []
        self.bits: dict[int, int] = {}  # bit -> the qubit that was measured into it
        self.measured: dict[int, float] = {}  # qubit -> where
        full = [0] * len(heights)
        for step in steps:
            rows = self._rows(step)
            column = max(full[r] for r in rows)
            for r in rows:
                full[r] = column + 1
            self._draw(step, x + _COLUMN * (column + 0.5))
        self.end = x + _COLUMN * max(full)
        for qubit in list(self.since):
            self._wire(qubit, self.end)
        self.alive = set(self.since)
        self.shapes = [*self.wires, *self.drawn]

    def _rows(self, step: Step) -> range:
        """The wires that a step is drawn across."""
        touched = list(step.qubits)
        if step.condition is not None:
            touched.append(self.bits[step.condition])
        return range(min(touched), max(touched) + 1)

    def _draw(self, step: Step, x: float) -> None:
        spots = [Spot(x, self.heights[q]) for q in step.qubits]
        if step.name == "ebit":
            self.drawn += bell_pair(*spots)
            self.since |= dict.fromkeys(step.qubits, x)
            return
        if step.condition is not None:
            self._bit(self.bits[step.condition], step.qubits[0], x)
        self.drawn += symbol(step.name, spots)
        if step.name == "reset":
            self.since[step.qubits[0]] = x + BOX / 2
        elif step.name == "measure":
            self._wire(step.qubits[0], x)
            del self.since[step.qubits[0]]
            self.bits[step.bits[0]] = step.qubits[0]
            self.measured[step.qubits[0]] = x

    def _wire(self, qubit: int, x: float) -> None:
        y = self.heights[qubit]
        self.wires.append(Line(self.since[qubit], y, x, y, "ink", 1.2))

    def _bit(self, source: int, target: int, x: float) -> None:
        """The double line of a measured bit: along its wire, then to the gate that it switches."""
        start, y, end = self.measured[source], self.heights[source], self.heights[target]
        side = 1 if end > y else -1
        for shift in (-1.5, 1.5):
            self.wires.append(Line(start, y + shift, x + 1.5, y + shift, "measure"))
            self.wires.append(Line(x + shift, y - 1.5 * side, x + shift, end, "measure"))


def _bands(
    names: Sequence[str], modules: Sequence[int], heights: Sequence[float], right: float
) -> list[Shape]:
    """A band behind the wires of each module, with its letter, and the names of the wires."""
    out: list[Shape] = []
    for module in sorted(set(modules)):
        rows = [y for y, m in zip(heights, modules, strict=True) if m == module]
        top, height = rows[0] - _WIRE / 2, rows[-1] - rows[0] + _WIRE
        colour, letter = module_colour(module), "ABCDEFGH"[module]
        out += [
            Rect(8, top, right - 8, height, "panel", f"module {letter}", round=6),
            Rect(8, top, 18, height, colour, f"module {letter}", round=6),
            Text(17, top + height / 2 + 4, letter, text_on(colour), 11, "middle", bold=True),
        ]
    out += [Text(_LEFT, y + 4, name, "ink", 10.5) for name, y in zip(names, heights, strict=True)]
    return out
