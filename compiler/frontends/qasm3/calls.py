"""Gate calls: read from the syntax tree, checked, and broadcast over registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bellwire.compiler.frontends.qasm3.expressions import Expressions
from bellwire.compiler.frontends.qasm3.parse import Source
from bellwire.compiler.frontends.qasm3.scopes import Gate, Scopes, Standard
from bellwire.compiler.frontends.qasm3.standard import ARITY, Modifier
from bellwire.compiler.frontends.qasm3.values import Qubits

if TYPE_CHECKING:
    from lark import Token, Tree


@dataclass(frozen=True, slots=True)
class Call:
    """A gate call, read but not yet broadcast. `symbol` is None for gphase."""

    name: Token
    symbol: Gate | Standard | None
    angles: tuple[float, ...]
    modifiers: tuple[Modifier, ...]
    operands: tuple[Qubits, ...]


def read_call(node: Tree[Token], source: Source, scopes: Scopes, expressions: Expressions) -> Call:
    """Read a gate call. Raises ParseError when it has not what the gate takes."""
    parts: list[Any] = node.children
    *before, name, given, duration, operands = parts
    if duration is not None:
        raise source.cannot(duration, f"a duration for {name}; use delay and box instead")
    symbol = find_gate(name, source, scopes)
    modifiers = _modifiers(before, source, expressions)
    angles = _given(given, expressions)
    qubits = tuple(expressions.qubits(n) for n in operands.children)
    check_call(name, symbol, len(angles), len(qubits), modifiers, source)
    return Call(name, symbol, angles, modifiers, qubits)


def read_gphase(node: Tree[Token], source: Source, expressions: Expressions) -> Call:
    """Read a gphase statement."""
    parts: list[Any] = node.children
    *before, name, given, operands = parts
    modifiers = _modifiers(before, source, expressions)
    angles = _given(given, expressions)
    nodes = [] if operands is None else operands.children
    qubits = tuple(expressions.qubits(n) for n in nodes)
    controls = sum(int(n) for kind, n in modifiers if kind in ("ctrl", "negctrl"))
    for found, wanted, what in ((len(angles), 1, "angles"), (len(qubits), controls, "qubits")):
        if found != wanted:
            raise source.wrong(name, f"found {found} {what} for gphase; it takes {wanted}")
    return Call(name, None, angles, modifiers, qubits)


def find_gate(name: Token, source: Source, scopes: Scopes) -> Gate | Standard:
    """The gate of a name. Raises ParseError where there is none."""
    symbol = scopes.find(str(name))
    if symbol is None and str(name) in ARITY:
        return Standard(str(name))
    if isinstance(symbol, (Gate, Standard)):
        return symbol
    if symbol is None:
        raise source.wrong(name, f"gate {name} is not defined; define it first")
    raise source.wrong(name, f"{name} is no gate; write the name of one")


def check_call(
    name: Token,
    symbol: Gate | Standard,
    angles: int,
    qubits: int,
    modifiers: tuple[Modifier, ...],
    source: Source,
) -> None:
    """Raise ParseError when a call has not as many angles and qubits as it should."""
    wanted = arity(symbol)
    more = sum(int(n) for kind, n in modifiers if kind in ("ctrl", "negctrl"))
    for found, want, what in ((angles, wanted[0], "angles"), (qubits, wanted[1] + more, "qubits")):
        if found != want:
            raise source.wrong(name, f"found {found} {what} for {name}; it takes {want}")


def arity(symbol: Gate | Standard) -> tuple[int, int]:
    """How many angles and qubits a gate takes."""
    if isinstance(symbol, Gate):
        return len(symbol.angles), len(symbol.qubits)
    return ARITY[symbol.name]


def broadcast(
    operands: Sequence[Qubits], node: Tree[Token] | Token, source: Source
) -> Iterator[tuple[int, ...]]:
    """The qubits of each single gate of a call on registers."""
    sizes = {len(q.at) for q in operands if not q.single}
    if len(sizes) > 1:
        shown = " and ".join(str(s) for s in sorted(sizes))
        raise source.wrong(node, f"found registers of {shown} qubits; they must be equally long")
    count = sizes.pop() if sizes else 1
    columns = [q.at * count if q.single else q.at for q in operands]  # type: ignore[operator]
    for qubits in zip(*columns) if columns else [()]:
        if len(set(qubits)) < len(qubits):
            raise source.wrong(node, "found a qubit twice in one gate; give different qubits")
        yield qubits


def _given(given: Any, expressions: Expressions) -> tuple[float, ...]:
    nodes = [] if given is None else given.children[1:]
    return tuple(expressions.angle(n) for n in nodes if n is not None)


def _modifiers(
    nodes: Sequence[Any], source: Source, expressions: Expressions
) -> tuple[Modifier, ...]:
    out: list[Modifier] = []
    for node in nodes:
        kind, argument = node.children[0], (*node.children, None)[1]
        if kind.type == "POW":
            if argument is None:
                raise source.wrong(kind, "found pow without an exponent; write pow(2) @")
            out.append(("pow", expressions.angle(argument)))
        elif kind.type == "INV":
            out.append(("inv", 1))
        else:
            count = 1 if argument is None else expressions.integer(argument)
            if not 1 <= count < 1 << 31:
                raise source.wrong(kind, f"found {count:.6g} controls; write 1 or more")
            out.append((str(kind), count))
    return tuple(out)
