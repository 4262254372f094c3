"""Which rows of a program may change places: groups of rows that commute on a qubit or a bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.operations import ROWS, is_diagonal
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.passes.gate_segments import EFFECT, FLOW, GATE

NONE = -1

_DIAGONAL = [is_diagonal(kind) for kind in range(len(ROWS))]


@dataclass
class Groups:
    """Every qubit and every bit is a line, cut into groups of rows. A group may begin when the one
    before it on its line is done; its rows may come in any order.

    `of[i]`: the groups of row i. Per group: `line`, qubits before bits; `size`, its rows; `first`
    of them; `follows`, the next group of the line or NONE; `arrives`, the module to which the
    qubit moves before it or NONE. `begin`: the groups that begin lines.
    """

    of: list[list[int]] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    follows: list[int] = field(default_factory=list)
    arrives: list[int] = field(default_factory=list)
    begin: list[int] = field(default_factory=list)

    def add(self, line: int, before: int, row: int, arrives: int) -> int:
        """One more group, after the group `before` or as the first one of its line."""
        made = len(self.line)
        self.line.append(line)
        self.size.append(0)
        self.first.append(row)
        self.follows.append(NONE)
        self.arrives.append(arrives)
        if before == NONE:
            self.begin.append(made)
        else:
            self.follows[before] = made
        return made


def commuting_groups(program: Program, plan: Plan) -> Groups:
    """Cut all lines. On a qubit diagonal rows commute, for as long as the plan leaves it in one
    home; on a bit nothing does; control flow is on all lines."""
    out, qubits = Groups(), len(program.qubits)
    latest, loose = [NONE] * (qubits + len(program.bit_names)), set[int]()
    home = plan.start.tolist()
    homes, resting = iter(plan.home.tolist()), iter(plan.resting.tolist())
    for i, (kind, lines) in enumerate(_lines(program)):
        going = dict(zip(lines, next(homes))) if EFFECT[kind] == GATE else {}
        for line in lines:
            moves = line in going and going[line] != home[line]
            free = _DIAGONAL[kind] and line < qubits
            if moves or not free or line not in loose:
                arrives = going[line] if moves else NONE
                latest[line] = out.add(line, latest[line], i, arrives)
            (loose.add if free else loose.discard)(line)
            out.size[latest[line]] += 1
        out.of.append([latest[line] for line in lines])
        for line, module in going.items():
            home[line] = module
        if EFFECT[kind] == FLOW:
            home = next(resting)
    return out


def _lines(program: Program) -> Iterator[tuple[int, list[int]]]:
    """The kind of each row, and the lines that it is on: qubits, bits written, bits read."""
    qubits, everything = len(program.qubits), len(program.qubits) + len(program.bit_names)
    read = [bits_of(condition) for condition in program.conditions]
    rows = zip(
        program.kind.tolist(),
        program.operands.lists(),
        program.bits.lists(),
        program.condition.tolist(),
    )
    for kind, operands, bits, condition in rows:
        if EFFECT[kind] == FLOW:
            yield kind, list(range(everything))
            continue
        if condition >= 0:
            bits = bits + read[condition]
        yield kind, [*operands, *(qubits + b for b in dict.fromkeys(bits))]
