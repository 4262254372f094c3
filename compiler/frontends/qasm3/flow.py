"""Control flow of OpenQASM 3 as rows with nested blocks; loops with a variable are unrolled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import FALSE, TRUE, Condition, any_of, bits_of, negate
from bellwire.compiler.frontends.qasm3.bits import compare, truth
from bellwire.compiler.frontends.qasm3.bodies import spell_out
from bellwire.compiler.frontends.qasm3.values import Bits, Value, Word, described
from bellwire.compiler.operations import Family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bellwire.compiler.frontends.qasm3.reader import Reader


def block(reader: Reader, node: Any) -> None:
    """Read a bare block: only its names are its own."""
    reader.scoped(node)


def box(reader: Reader, node: Any) -> None:
    """Read a box like a block; that its length may be padded is left to the scheduler."""
    _, duration, body = node.children
    if duration is not None:
        reader.expressions.duration(duration.children[1])
    reader.scoped(body)


def if_else(reader: Reader, node: Any) -> None:
    """Read an if; with a condition that is known only the branch taken is read."""
    _, test, then, *other = node.children
    condition = reader.expressions.condition(test)
    branches = [then, *(n for n in other[1:] if n is not None)]
    if condition.head == "const":
        for taken in branches[:1] if condition == TRUE else branches[1:]:
            reader.scoped(taken)
    else:
        append_if(reader, node, condition, [reader.block(b) for b in branches])


def append_if(
    reader: Reader, node: Any, condition: Condition, blocks: Sequence[ProgramBuilder]
) -> None:
    """Add an if/else in its simplest form: empty blocks go, one lone row carries the condition."""
    then, *other = blocks
    other = [b for b in other if len(b)]
    if not len(then):
        if not other:
            return
        condition, then, other = negate(condition), other[0], []
    lone = then.lone_op() if not other else None
    if lone and lone.condition is None and lone.row.family in (Family.GATE, Family.MEASURE):
        if reader.start_ns == -1:
            reader.start_ns = lone.start_ns
        reader.add(node, lone.name, lone.qubits, lone.angles, lone.bits, condition)
    else:
        add_flow(reader, node, "if_else", (), condition, [then, *other])


def add_flow(
    reader: Reader,
    node: Any,
    name: str,
    angles: Sequence[float],
    condition: Condition | None,
    blocks: Sequence[ProgramBuilder],
) -> None:
    """Add a row with blocks; its qubits and bits are theirs, unless an annotation says more."""
    qubits: Sequence[int] = sorted({q for b in blocks for q in b.used_qubits})
    bits: Sequence[int] = sorted({x for b in blocks for x in b.used_bits})
    if reader.spans is not None:
        qubits, bits = reader.spans
    reader.add(node, name, qubits, angles, bits, condition, blocks)


def while_loop(reader: Reader, node: Any) -> None:
    """Read a while."""
    word, test, body = node.children
    condition = reader.expressions.condition(test)
    if condition == FALSE:
        return
    if condition == TRUE:
        raise reader.source.cannot(word, "while (true); give it a condition on bits")
    reader.loops += 1
    inside = reader.block(body)
    reader.loops -= 1
    add_flow(reader, node, "while_loop", (), condition, [inside])


def for_loop(reader: Reader, node: Any) -> None:
    """Read a for: kept where its variable is not used, else unrolled."""
    word, kind, name, numbers, body = node.children
    if reader.expressions.scalar(kind)[0] not in ("int", "uint"):
        raise reader.source.wrong(kind, "found a loop over something else; write int or uint")
    values = reader.expressions.numbers(numbers)
    if _uses(body, str(name)):
        _unroll(reader, node, values)
    elif values:
        if len(values) > 1 << 53:
            raise reader.source.cannot(word, f"{len(values)} turns; write fewer")
        reader.loops += 1
        inside = reader.block(body)
        reader.loops -= 1
        add_flow(reader, node, "for_loop", (float(len(values)),), None, [inside])


def _uses(body: Any, name: str) -> bool:
    """Whether a loop's body reads its variable, and not just another one of that name."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    waiting = [body]
    while waiting:
        node = waiting.pop()
        parts = getattr(node, "children", None)
        if parts is None:
            if node is not None and word.search(node):
                return True
        elif node.data == "for_loop":
            waiting += parts[3:4] if parts[2] == name else parts[3:]
        else:
            waiting += parts
    return False


def _unroll(reader: Reader, node: Any, values: Sequence[int]) -> None:
    name, body = node.children[2], node.children[-1]
    jump = _jump(body)
    if jump is not None:
        raise reader.source.cannot(
            jump,
            f"{jump} in a for loop that uses its variable {name}; write its turns out",
        )
    spell_out(node, reader.source)  # once, and not again in each turn
    body = node.children[-1]
    statements = len(body.children) - 1 if body.data == "block" else 1
    reader.unroll(node, statements * len(values))
    for value in values:
        reader.scopes.push()
        reader.scopes.define(name, value)
        reader.scoped(body)
        reader.scopes.pop()


def _jump(body: Any) -> Any:
    """A break or continue in a loop's body that leaves this loop, not one inside it."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        data = getattr(node, "data", None)
        if data in ("break_loop", "continue_loop"):
            return node.children[0]
        if data not in (None, "for_loop", "while_loop"):
            waiting.extend(node.children)
    return None


def switch(reader: Reader, node: Any, target: Value | None = None) -> None:
    """Read a switch as nested ifs: its target is looked at before any case runs."""
    _, expression, *cases = node.children
    value = reader.expressions.value(expression) if target is None else target
    if not isinstance(value, (Bits, Word, int)):
        raise reader.source.wrong(
            expression, f"found {described(value)} in a switch; write bits or an integer"
        )
    found: list[tuple[Condition, Any]] = []
    seen: set[int] = set()
    for case in cases:
        labels = case.children[1:-1]
        if found and found[-1][0] == TRUE and isinstance(value, (Bits, Word)):
            raise reader.source.wrong(case, "found a case after default; put default last")
        numbers = [reader.expressions.integer(n) for n in labels]
        if len(set(numbers)) < len(numbers) or seen & set(numbers):
            raise reader.source.wrong(labels[0], "found a label twice in a switch; write it once")
        seen.update(numbers)
        found.append((_case(reader, case, value, numbers), case.children[-1]))
    _chain(reader, node, found)


def _case(reader: Reader, case: Any, value: Bits | Word | int, labels: list[int]) -> Condition:
    if not labels:
        return TRUE
    if isinstance(value, int):
        return TRUE if value in labels else FALSE
    with reader.expressions.located(case):
        return any_of(*(truth(compare("==", value, n)) for n in labels))


def _chain(reader: Reader, node: Any, cases: Sequence[tuple[Condition, Any]]) -> None:
    """One if after the other where no case writes what they look at, else nested ifs."""
    left = [(c, b) for c, b in cases if c != FALSE]
    for i, (condition, _) in enumerate(left):
        if condition == TRUE:
            left = left[: i + 1]
            break
    if len(left) == 1 and left[0][0] == TRUE:
        reader.scoped(left[0][1])
        return
    blocks = [reader.block(b) for _, b in left]
    read = {b for c, _ in left for b in bits_of(c)}
    if any(read & b.used_bits for b in blocks):
        _nested(reader, node, list(zip([c for c, _ in left], blocks)))
        return
    before: list[Condition] = []
    for (condition, _), inside in zip(left, blocks):
        alone = negate(any_of(*before)) if condition == TRUE else condition
        append_if(reader, node, alone, [inside])
        before.append(condition)


def _nested(reader: Reader, node: Any, cases: Sequence[tuple[Condition, ProgramBuilder]]) -> None:
    (condition, then), *rest = cases
    other: list[ProgramBuilder] = []
    if rest and rest[0][0] == TRUE:
        other = [rest[0][1]]
    elif rest:
        with reader.aside() as inside:
            _nested(reader, node, rest)
        other = [inside]
    append_if(reader, node, condition, [then, *other])


def jump(reader: Reader, node: Any) -> None:
    """Read break or continue."""
    if not reader.loops:
        raise reader.source.wrong(node, f"found {node.children[0]} outside a loop; take it out")
    add_flow(reader, node, str(node.data), (), None, ())
