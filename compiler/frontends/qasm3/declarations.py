"""Statements of OpenQASM 3 that name things: registers, constants, aliases, gates, includes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bellwire.compiler.frontends.qasm3.acts import measure_into
from bellwire.compiler.frontends.qasm3.numbers import convert
from bellwire.compiler.frontends.qasm3.scopes import Variable
from bellwire.compiler.frontends.qasm3.standard import INCLUDED
from bellwire.compiler.frontends.qasm3.values import (
    AtRunTime,
    Bits,
    Duration,
    Misfit,
    Qubits,
    Value,
    described,
)

if TYPE_CHECKING:
    from bellwire.compiler.frontends.qasm3.reader import Reader


def include(reader: Reader, node: Any) -> None:
    """Know the gates of stdgates.inc."""
    word, name = node.children
    if str(name)[1:-1] != "stdgates.inc":
        raise reader.source.cannot(
            name, f'found {name}; only "stdgates.inc" can be included: write the gates out'
        )
    _only_global(reader, word)
    reader.scopes.include(word, INCLUDED)


def _only_global(reader: Reader, node: Any) -> None:
    if not reader.scopes.is_global:
        raise reader.source.wrong(
            node, f"found {node} inside a block; write it before the block, at the top level"
        )


def qubits(reader: Reader, node: Any) -> None:
    """Declare `qubit[2] q;`, `qubit q;` or `qreg q[2];`."""
    word, *rest = node.children
    size, name = rest if word.type == "QUBIT" else reversed(rest)
    _only_global(reader, word)
    if reader.hardware:
        raise reader.source.wrong(word, "found qubits declared beside $0; use one kind")
    reader.hardware = False
    count = None if size is None else _size(reader, size)
    reader.scopes.define(name, reader.add_qubits(name, str(name), count))


def _size(reader: Reader, node: Any) -> int:
    size = reader.expressions.integer(node, "a size")
    if size < 0:
        raise reader.source.wrong(node, f"found size {size:.6g}; write 0 or more")
    return size


def bits(reader: Reader, node: Any) -> None:
    """Declare `bit[2] c;`, `bit c = measure q;` or `creg c[2];`; bits start as 0."""
    words = [t for t in node.children if getattr(t, "type", "") in ("OUTPUT", "BIT", "CREG")]
    rest = node.children[len(words) :]
    size, name, start = (*rest, None)[:3] if words[-1].type == "BIT" else (rest[1], rest[0], None)
    if not reader.scopes.is_global:
        raise reader.source.cannot(
            words[0], f"bit {name} inside a block; declare it at the top level"
        )
    count = None if size is None else _size(reader, size)
    value = reader.add_bits(name, str(name), count)
    if getattr(start, "data", None) == "measured":
        reader.scopes.define(name, value)
        measure_into(reader, node, start.children[1], value)
        return
    if start is not None and reader.expressions.number(start, "0, for bits start as 0") != 0:
        raise reader.source.cannot(
            start, f"bit {name} that starts as 1; measure a qubit that is in |1> instead"
        )
    reader.scopes.define(name, value)


def signature(reader: Reader, node: Any) -> None:
    """Refuse inputs, which nobody has bound, and outputs that are no bits."""
    word, kind, name = node.children
    if word.type == "INPUT":
        raise reader.source.cannot(
            name, f"input {name} is not bound; write its value instead: const float {name} = 0.5;"
        )
    raise reader.source.cannot(name, f"output {name} of type {kind.children[0]}; use bits")


def constant(reader: Reader, node: Any) -> None:
    """Declare `const float a = pi / 2;`."""
    _, kind, name, expression = node.children
    value = reader.expressions.value(expression)
    what, size = reader.expressions.scalar(kind)
    with reader.expressions.located(expression):
        reader.scopes.define(name, _constant(what, size, value))


def _constant(kind: str, size: int | None, value: Value) -> Value:
    if kind == "duration" and isinstance(value, Duration):
        return value
    if kind == "bit":
        raise AtRunTime("a constant of type bit; write uint or bool")
    if kind == "duration" or not isinstance(value, (int, float)):
        raise Misfit(f"found {described(value)} for a const {kind}; write a value of that type")
    return convert(kind, size, value)


def variable(reader: Reader, node: Any) -> None:
    """Know a classical variable; it may only feed a switch, as Qiskit writes it."""
    kind, name, start = node.children
    word = str(kind.children[0])
    if start is not None or word not in ("int", "uint"):
        raise reader.source.cannot(
            name,
            f"{word} variable {name}, which changes at run time; "
            "use a const, or keep the value in classical bits",
        )
    reader.scopes.define(name, Variable(word))


def alias(reader: Reader, node: Any) -> None:
    """Give qubits or bits another name: `let a = q[0:1] ++ r;`."""
    _, name, *parts = node.children
    values = [reader.expressions.value(p) for p in parts[::2]]
    kinds = {type(v) for v in values}
    places: list[Qubits | Bits] = [v for v in values if isinstance(v, (Qubits, Bits))]
    if len(kinds) > 1 or len(places) < len(values):
        wrong = next((v for v in values if not isinstance(v, (Qubits, Bits))), values[-1])
        raise reader.source.wrong(
            parts[0], f"found {described(wrong)} in an alias; write qubits or bits alone"
        )
    reader.charge(name, sum(len(v.at) for v in places))
    if len(places) == 1:
        reader.scopes.define(name, places[0])
        return
    joined = tuple([i for v in places for i in v.at])
    if len(set(joined)) < len(joined):
        raise reader.source.wrong(parts[0], "found something twice in an alias; name it once")
    reader.scopes.define(name, type(places[0])(joined))


def gate(reader: Reader, node: Any) -> None:
    """Take in a gate definition."""
    _only_global(reader, node.children[0])
    reader.gates.define(node)


def pragma(reader: Reader, node: Any) -> None:
    """Pass over a pragma: none is known that changes what a program means."""
