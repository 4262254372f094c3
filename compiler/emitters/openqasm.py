"""Write a Program as OpenQASM 3 that any reader takes, and that reads back to the same Program."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from bellwire.compiler.conditions import (
    TRUE,
    Condition,
    bits_of,
    equals,
    literals,
    parity_bits,
    substitute,
)
from bellwire.compiler.conditions import to_text as condition_text
from bellwire.compiler.emitters.openqasm_modules import per_module
from bellwire.compiler.emitters.openqasm_names import BELL_PAIR, DEFINITIONS, header, make_names
from bellwire.compiler.emitters.openqasm_rows import Rows
from bellwire.compiler.operations import PAULIS, Family
from bellwire.compiler.program import Op, Program, Register, Stage
from bellwire.errors import NotSupported
from bellwire.targets.machine import Machine

__all__ = ["per_module", "to_openqasm3"]

MAX_LEAVES = 256  # copies of a block under a formula; beyond, the formula is written as it is

Lines = list[str]


def to_openqasm3(program: Program, machine: Machine | None = None) -> str:
    """Write a LOGICAL, LOWERED or SCHEDULED Program, and the machine that it is for.

    Each module's qubits are registers `A_data` and `A_comm`; a Bell pair is two resets and the gate
    `bell_pair` under an annotation that names its link; a condition is one bit or a whole register
    (a parity on a Pauli one `if` per bit, other formulas nested ones), as all readers take it.
    Annotations `@bellwire...` say what is needed to read exactly this Program back. Only a while
    over a formula stays one, which Qiskit does not read. Raises NotSupported for other stages.
    """
    if program.stage in (Stage.PLACED, Stage.DISTRIBUTED):
        raise NotSupported(
            f"a {program.stage.name} program has protocols that OpenQASM 3 cannot say; "
            "write the text form, or compile it to the end"
        )
    names = make_names(program)
    lines = ["OPENQASM 3.0;"]
    if data := header(program, machine, names):
        lines.append("@bellwire.program " + json.dumps(data))
    lines.append('include "stdgates.inc";')
    lines += [text for gate, text in DEFINITIONS.items() if program.count(gate)]
    if program.stage >= Stage.LOWERED:
        lines.append(BELL_PAIR)
    lines += [g.declaration for g in names.groups]
    lines += names.declarations
    _Writer(program, Rows(program, names)).write(program, "", lines)
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, program: Program, rows: Rows) -> None:
        self.rows, self.bits = rows, rows.names.bits
        self.timed = program.stage is Stage.SCHEDULED
        self.always: dict[Condition, bool | None] = {}
        self.whole = _whole_registers(rows.names.registers)

    def write(self, block: Program, indent: str, out: Lines) -> None:
        """Add the statements of a block."""
        plain = self.rows.plain
        for op in block.ops:
            if op.name == "barrier" and not op.qubits:
                continue
            settled = None
            if op.condition is not None and op.name != "while_loop":
                settled = self._always(op.condition)
            if settled is not None:
                self._settled(op, settled, indent, out)
                continue
            if self.timed and op.start_ns != -1:
                out.append(f"{indent}@bellwire.start {op.start_ns}")
            if op.blocks or op.row.family is Family.FLOW:
                self._flow(op, indent, out)
            elif op.condition is None:
                out += [indent + line for line in plain(op)]
            else:
                self._conditioned(op, op.condition, indent, out)

    def _always(self, condition: Condition) -> bool | None:
        """The truth of a formula that has the same one whatever its bits are; else None."""
        if parity_bits(condition) is not None:
            return None
        if condition not in self.always:
            found: set[bool] = set()
            _leaves(condition, MAX_LEAVES, found)
            self.always[condition] = found.pop() if len(found) == 1 else None
        return self.always[condition]

    def _settled(self, op: Op, value: bool, indent: str, out: Lines) -> None:
        """Write what is left of a row whose condition never changes."""
        if not op.blocks:
            out += [indent + line for line in self.rows.plain(op)] * value
        for block in op.blocks[:1] if value else op.blocks[1:]:
            self.write(block, indent, out)

    def _conditioned(self, op: Op, condition: Condition, indent: str, out: Lines) -> None:
        terms = parity_bits(condition)
        if terms is not None and len(terms[0]) > 1 and op.name in PAULIS:
            [line] = self.rows.plain(op)
            out.append(f"{indent}@bellwire.condition {self._text(condition)}")
            first, *more = [line] * terms[1] + [
                f"if ({self.bits[b]}) {{ {line} }}" for b in terms[0]
            ]
            out.append(indent + first)
            for text in more:
                out += [indent + "@bellwire.part", indent + text]
            return
        if op.row.family not in (Family.GATE, Family.MEASURE):
            out.append(f"{indent}@bellwire.row {op.name}")
        lines = self.rows.plain(op)
        self._if(condition, [lambda at, to: to.extend(at + line for line in lines)], indent, out)

    def _flow(self, op: Op, indent: str, out: Lines) -> None:
        self._spans(op, indent, out)
        if op.name == "if_else":
            assert op.condition is not None
            if _is_simplified(op):
                out.append(f"{indent}@bellwire.row if_else {len(op.blocks)}")
            branches = [self._branch(b) for b in op.blocks]
            self._if(op.condition, branches, indent, out)
        elif op.name in ("break_loop", "continue_loop"):
            out.append(f"{indent}{op.name.removesuffix('_loop')};")
        else:
            if op.name == "while_loop":
                assert op.condition is not None
                head = f"while ({self._test(op.condition) or self._text(op.condition)})"
            else:
                head = f"for int {self.rows.names.turn} in [0:{int(op.angles[0]) - 1}]"
            out.append(f"{indent}{head} {{")
            self.write(op.blocks[0], indent + "  ", out)
            out.append(indent + "}")

    def _branch(self, block: Program) -> Callable[[str, Lines], None]:
        return lambda indent, out: self.write(block, indent, out)

    def _spans(self, op: Op, indent: str, out: Lines) -> None:
        """Name what a row with blocks spans, where its blocks do not say it."""
        qubits = sorted({q for b in op.blocks for q in b.operands.values.tolist()})
        bits = sorted({x for b in op.blocks for x in b.bits.values.tolist()})
        if (list(op.qubits), list(op.bits)) != (qubits, bits):
            names = self.rows.names
            spans = {
                "qubits": [names.qubits[q] for q in op.qubits],
                "bits": [names.bits[b] for b in op.bits],
            }
            out.append(f"{indent}@bellwire.spans {json.dumps(spans)}")

    def _if(
        self,
        condition: Condition,
        branches: Sequence[Callable[[str, Lines], None]],
        indent: str,
        out: Lines,
    ) -> None:
        test = self._test(condition)
        if test is None:
            if _leaves(condition, MAX_LEAVES, set()) > MAX_LEAVES:
                test = self._text(condition)
            else:
                out.append(f"{indent}@bellwire.condition {self._text(condition)}")
                self._nested(condition, branches, indent, out)
                return
        bodies: list[Lines] = []
        for branch in branches:
            bodies.append([])
            branch(indent + "  ", bodies[-1])
        if len(bodies) == 1 and len(bodies[0]) == 1 and "@" not in bodies[0][0]:
            out.append(f"{indent}if ({test}) {{ {bodies[0][0].strip()} }}")
            return
        out.append(f"{indent}if ({test}) {{")
        out += bodies[0]
        for body in bodies[1:]:
            out += [f"{indent}}} else {{", *body]
        out.append(indent + "}")

    def _nested(
        self,
        condition: Condition,
        branches: Sequence[Callable[[str, Lines], None]],
        indent: str,
        out: Lines,
    ) -> None:
        """Ask for one bit of the formula after the other (Shannon's expansion)."""
        if condition.head == "const":
            for branch in branches[:1] if condition.index else branches[1:]:
                branch(indent, out)
            return
        known = bits_of(condition)[0]
        bodies: list[Lines] = [[], []]
        for value, body in zip((True, False), bodies):
            self._nested(substitute(condition, known, value), branches, indent + "  ", body)
        name = self.bits[known]
        if bodies[0] or not bodies[1]:
            out += [f"{indent}if ({name}) {{", *bodies[0]]
            out += [f"{indent}}} else {{", *bodies[1]] if bodies[1] else []
        else:
            out += [f"{indent}if (!{name}) {{", *bodies[1]]
        out.append(indent + "}")

    def _test(self, condition: Condition) -> str | None:
        """A condition on one bit or one whole register; None for all others."""
        wanted = literals(condition)
        if wanted is not None and len(wanted) == 1:
            [(place, value)] = wanted.items()
            return self.bits[place] if value else "!" + self.bits[place]
        places = tuple(wanted or ())
        if wanted is not None and places in self.whole:
            number = sum(int(wanted[b]) << i for i, b in enumerate(places))
            if condition == equals(places, number):
                return f"{self.whole[places]} == {number}"
        return None

    def _text(self, condition: Condition) -> str:
        return condition_text(condition, self.bits.__getitem__)


def _whole_registers(registers: Sequence[Register]) -> dict[tuple[int, ...], str]:
    first, whole = 0, {}
    for register in registers:
        whole[tuple(range(first, first + register.width))] = register.name
        first += register.width
    return whole


def _is_simplified(op: Op) -> bool:
    """Whether a reader would make something simpler of an if with these blocks."""
    if not all(len(b) for b in op.blocks):
        return True
    if len(op.blocks) > 1 or len(op.blocks[0]) > 1:
        return False
    [lone] = op.blocks[0].ops
    return lone.condition is None and lone.row.family in (Family.GATE, Family.MEASURE)


def _leaves(condition: Condition, limit: int, found: set[bool]) -> int:
    """How often nested ifs over single bits end, counted up to a little beyond the limit.

    `found` gets the values that they end with.
    """
    if condition.head == "const":
        found.add(condition == TRUE)
        return 1
    if limit <= 0:
        found.update((True, False))
        return 1
    known = bits_of(condition)[0]
    here = _leaves(substitute(condition, known, True), limit - 1, found)
    return here + _leaves(substitute(condition, known, False), limit - here, found)
