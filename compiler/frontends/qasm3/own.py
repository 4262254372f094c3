"""Statements of our own files that stand for one row together, as annotations say.

An annotation never replaces what the statements do: it names the row that they spell out, and a
file whose statements do something else is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import (
    FALSE,
    Condition,
    bits_of,
    from_text,
    parity_bits,
    substitute,
)
from bellwire.compiler.frontends.qasm3.acts import fed_switch
from bellwire.compiler.frontends.qasm3.flow import add_flow, append_if
from bellwire.compiler.frontends.qasm3.parse import first_token, parse_again
from bellwire.compiler.frontends.qasm3.values import Bits, Qubits
from bellwire.compiler.operations import PAULIS, TABLE
from bellwire.compiler.program import Op, Stage
from bellwire.errors import ParseError, ProgramError

if TYPE_CHECKING:
    from bellwire.compiler.frontends.qasm3.reader import Reader

_PREFIX = "@bellwire."
_STATEMENTS = {"ebit": 3, "move": 3}
_SPLIT = "the statements below do not do what this annotation says; take it out"
Ops = Sequence[Op]


def annotated(reader: Reader, node: Any) -> None:
    """Read a statement with annotations that change nothing but its start time."""
    reader.statement(node.children[-1])


def read_together(reader: Reader, statements: Sequence[Any], at: int) -> int:
    """Read statements that belong together; returns how many, 0 where one stands alone."""
    node = statements[at]
    if getattr(node, "data", None) == "assign" and at + 1 < len(statements):
        return fed_switch(reader, node, statements[at + 1])
    notes = _notes(node)
    if "start" in notes:
        reader.start_ns = _integer(reader, node, notes["start"])
    if reader.lowered and _is_bell_pair(statements[at : at + 3]):
        return _row_of_body(reader, statements, at, "ebit")
    if "condition" in notes:
        return _formula(reader, statements, at, notes)
    if "spans" in notes:
        reader.spans = _spans(reader, node, notes["spans"])
    if notes.get("body") == "move":
        return _row_of_body(reader, statements, at, "move")
    if notes.get("row"):
        _kept_if(reader, _bare(node), notes["row"])
        return 1
    return 0


def _notes(node: Any) -> dict[str, str]:
    """Our annotations of a statement: what follows `@bellwire.`, word by word."""
    if getattr(node, "data", None) != "annotated":
        return {}
    found = {}
    for token in node.children[:-1]:
        if token.startswith(_PREFIX):
            word, _, rest = token[len(_PREFIX) :].partition(" ")
            found[word.strip()] = rest.strip()
    return found


def _bare(node: Any) -> Any:
    """A statement without its annotations."""
    return node.children[-1] if getattr(node, "data", None) == "annotated" else node


def _integer(reader: Reader, node: Any, text: str) -> int:
    if not text.lstrip("-").isdecimal() or len(text) > 18:
        raise reader.source.wrong(node, f"found start time {text[:20]!r}; write whole ns")
    return int(text)


def _spans(reader: Reader, node: Any, text: str) -> tuple[list[int], list[int]]:
    """The qubits and bits that a row with blocks names beyond those of its blocks."""
    try:
        names = json.loads(text)
        qubits, bits = [str(n) for n in names["qubits"]], [str(n) for n in names["bits"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise reader.source.wrong(
            node, 'found spans that cannot be read; write {"qubits": [], "bits": []}'
        ) from None
    places = (
        [reader.fast.place(n, Qubits) for n in qubits],
        [reader.fast.place(n, Bits) for n in bits],
    )
    if None in places[0] or None in places[1]:
        raise reader.source.wrong(node, "found an unknown name in spans; write declared ones")
    return places  # type: ignore[return-value]


def _collected(reader: Reader, statements: Sequence[Any]) -> list[Op]:
    """The operations of some statements, the first one without its annotations."""
    with reader.aside() as inside:
        reader.run([_bare(statements[0]), *statements[1:]])
    return list(inside.finish(Stage.SCHEDULED).ops)  # start times included


def _is_bell_pair(statements: Sequence[Any]) -> bool:
    """Whether these are two resets and a call of bell_pair under the name of its link."""
    if len(statements) < 3 or "link" not in _notes(statements[2]):
        return False
    words = []
    for node in statements:
        token = first_token(_bare(node))
        words.append("" if token is None else str(token).split(None, 1)[0])
    return words == ["reset", "reset", "bell_pair"]


def _row_of_body(reader: Reader, statements: Sequence[Any], at: int, name: str) -> int:
    """Read statements that write out the body of a row of the table as that row."""
    row, count, start = TABLE[name], _STATEMENTS[name], reader.start_ns
    lowered, reader.lowered = reader.lowered, False  # or the resets would begin a Bell pair again
    ops = _collected(reader, [_bare(s) for s in statements[at : at + count]])
    reader.lowered = lowered
    operands = {p: q for op, step in zip(ops, row.body) for p, q in zip(step.qubits, op.qubits)}
    qubits = [operands.get(i, -1) for i in range(row.num_qubits)]
    wanted = [(s.name, tuple(qubits[p] for p in s.qubits)) for s in row.body]
    if [(o.name, o.qubits) for o in ops] != wanted or any(o.condition for o in ops):
        if name == "ebit":  # a gate that is called bell_pair, no more
            return 0
        raise reader.source.wrong(statements[at], _SPLIT)
    reader.start_ns = start
    reader.add(statements[at], name, qubits)
    return count


def _kept_if(reader: Reader, node: Any, kind: str) -> None:
    """Read an if as the row that it stands for, however simple it is."""
    if getattr(node, "data", None) is None:
        node = parse_again(node, reader.source)
    if node.data != "if_else":
        raise reader.source.wrong(node, _SPLIT)
    _, test, then, *other = node.children
    condition = reader.expressions.condition(test)
    branches = [then, *(n for n in other[1:] if n is not None)]
    _add_row(reader, node, kind, condition, [reader.block(b) for b in branches])


def _add_row(
    reader: Reader,
    node: Any,
    kind: str,
    condition: Condition,
    blocks: list[ProgramBuilder],
) -> None:
    """Add `if_else N` with so many blocks, or the lone operation of that name."""
    name, _, number = kind.partition(" ")
    if not kind:
        append_if(reader, node, condition, blocks)
    elif name == "if_else" and number in ("1", "2") and len(blocks) <= int(number):
        while len(blocks) < int(number):
            with reader.aside() as empty:
                blocks.append(empty)
        add_flow(reader, node, "if_else", (), condition, blocks)
    else:
        lone = blocks[0].lone_op()
        if lone is None or lone.name != name or lone.condition or len(blocks) > 1:
            raise reader.source.wrong(node, _SPLIT)
        reader.add(node, name, lone.qubits, lone.angles, lone.bits, condition)


def _formula(reader: Reader, statements: Sequence[Any], at: int, notes: dict[str, str]) -> int:
    """Read ifs over single bits as one row whose condition is a formula."""
    node, start = statements[at], reader.start_ns
    formula = _read_formula(reader, node, notes["condition"])
    if "spans" in notes:
        reader.spans = _spans(reader, node, notes["spans"])
    ops = _collected(reader, statements[at : at + 1])
    terms = parity_bits(formula)
    reader.start_ns = start
    if terms and len(terms[0]) > 1 and len(ops) == 1 and ops[0].name in PAULIS:
        count = len(terms[0]) + terms[1]
        more = statements[at + 1 : at + count]
        ops += _collected(reader, more) if more else []
        conditions = [None] * terms[1] + [Condition("bit", b) for b in terms[0]]
        same = {(o.name, o.qubits, o.blocks) for o in ops} == {(ops[0].name, ops[0].qubits, ())}
        if not same or [o.condition for o in ops] != conditions:
            raise reader.source.wrong(node, _SPLIT)
        reader.add(node, ops[0].name, ops[0].qubits, (), (), formula)
        return count
    found: dict[bool, Ops] = {}
    _leaves(formula, ops, found, lambda: reader.source.wrong(node, _SPLIT))
    blocks = [_rebuilt(reader, found[value]) for value in (True, False) if found.get(value)]
    if not found.get(True):
        with reader.aside() as empty:
            blocks.insert(0, empty)
    _add_row(reader, node, notes.get("row", ""), formula, blocks)
    return 1


def _read_formula(reader: Reader, node: Any, text: str) -> Condition:
    def index(name: str) -> int:
        place = reader.fast.place(name, Bits)
        if place is None:
            raise ProgramError(f"bit {name[:40]!r} is not declared; declare it first")
        return place

    try:
        formula = from_text(text, index)
    except ProgramError as error:
        raise reader.source.wrong(node, str(error)) from None
    if formula.head == "const":
        raise reader.source.wrong(node, "found a condition that never changes; take it out")
    return formula


def _leaves(
    formula: Condition, ops: Ops, found: dict[bool, Ops], wrong: Callable[[], ParseError]
) -> None:
    """Follow nested ifs, one bit of the formula after the other, down to what they all do."""
    if formula.head == "const":
        value = formula != FALSE
        if _deeds(found.setdefault(value, ops)) != _deeds(ops):
            raise wrong()
        return
    known = bits_of(formula)[0]
    then: Ops = ()
    other: Ops = ()
    if ops:
        then, other = _branches(ops, known, wrong)
    _leaves(substitute(formula, known, True), then, found, wrong)
    _leaves(substitute(formula, known, False), other, found, wrong)


def _deeds(ops: Ops) -> list[Op]:
    """Operations without the lines that they come from."""
    return [replace(op, source=-1) for op in ops]


def _branches(ops: Ops, known: int, wrong: Callable[[], ParseError]) -> tuple[Ops, Ops]:
    """What an if on one bit does when the bit is 1, and when it is 0."""
    terms = parity_bits(ops[0].condition) if ops[0].condition is not None else None
    if len(ops) != 1 or terms is None or terms[0] != (known,):
        raise wrong()
    op = ops[0]
    if op.name == "if_else":
        then: Ops = list(op.blocks[0].ops)
        other: Ops = list(op.blocks[1].ops) if len(op.blocks) > 1 else ()
    else:
        then, other = [replace(op, condition=None)], ()
    return (other, then) if terms[1] else (then, other)


def _rebuilt(reader: Reader, ops: Ops) -> ProgramBuilder:
    """A block with copies of operations and of the blocks in them."""
    with reader.aside() as builder:
        for op in ops:
            blocks = [_rebuilt(reader, list(b.ops)) for b in op.blocks]
            builder.append(
                *(op.name, op.qubits, op.angles, op.bits, op.condition, blocks, op.source),
                start_ns=op.start_ns,
            )
    return builder
