"""The statements inside a gate definition, once the angles of a call are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bellwire.compiler.frontends.qasm3.calls import broadcast, read_call, read_gphase
from bellwire.compiler.frontends.qasm3.expressions import Expressions
from bellwire.compiler.frontends.qasm3.parse import Source, parse_again, parts_of_run
from bellwire.compiler.frontends.qasm3.scopes import Gate, Scopes, Standard
from bellwire.compiler.frontends.qasm3.standard import Modifier
from bellwire.compiler.frontends.qasm3.values import Qubits
from bellwire.compiler.frontends.qasm3.words import FAST

if TYPE_CHECKING:
    from lark import Token, Tree

MAX_PARTS = 1_000_000
MAX_DEPTH = 50  # of loops in loops
# Statements that hold statements.
_HOLDERS = ("for_loop", "while_loop", "if_else", "block", "annotated", "box", "switch", "case")
_REFUSED = {
    "reset": "a reset in a gate; a gate is unitary: reset outside it",
    "measure": "a measurement in a gate; a gate is unitary: measure outside it",
    "assign": "an assignment in a gate; a gate is unitary: assign outside it",
    "if_else": "an if in a gate; put it around the call",
    "while_loop": "a while in a gate; put it around the call",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One statement of a gate's body, on places among the gate's qubits.

    `name` is its first word; `symbol` the gate that it calls, None for gphase, barrier and delay.
    `angles` are in radians, for a delay in seconds.
    """

    name: Token
    symbol: Gate | Standard | None
    angles: tuple[float, ...]
    modifiers: tuple[Modifier, ...]
    places: tuple[int, ...]


class Bodies:
    """Reads bodies in the scopes of the moment."""

    def __init__(self, source: Source, scopes: Scopes) -> None:
        self.source, self.scopes = source, scopes
        self.expressions = Expressions(source, scopes)
        self.depth = 0

    def parts(self, gate: Gate, angles: Sequence[float]) -> list[Part]:
        """All statements of a gate, loops unrolled. Raises ParseError for what is wrong there."""
        out: list[Part] = []
        self.depth = 0
        with self.scopes.inside_gate():
            for name, angle in zip(gate.angles, angles):
                self.scopes.set(name, angle)
            for i, name in enumerate(gate.qubits):
                self.scopes.set(name, Qubits((i,), True))
            for part in self._block(gate.body):
                out.append(part)
                if len(out) > MAX_PARTS:
                    message = f"gate {gate.name} has more than {MAX_PARTS:,} statements; split it"
                    raise self.source.cannot(gate.body, message)
        return out

    def _block(self, block: Tree[Token]) -> Iterator[Part]:
        for node in block.children[1:]:
            yield from self._statement(node)

    def _statement(self, node: Any) -> Iterator[Part]:
        data = getattr(node, "data", None) or ""
        if data == "call":
            yield from self._call(node)
        elif data == "gphase":
            yield from self._gphase(node)
        elif data == "barrier":
            yield self._on_all(node.children[0], (), node.children[1])
        elif data == "delay":
            time = self.expressions.duration(node.children[1].children[1])
            yield self._on_all(node.children[0], (time,), node.children[2])
        elif data in ("for_loop", "block"):
            yield from self._nested(node, data)
        elif data == "annotated":
            yield from self._statement(node.children[-1])
        elif data != "pragma":
            what = _REFUSED.get(data, "this statement in a gate; only gates and loops stand there")
            raise self.source.wrong(node, f"found {what}")

    def _nested(self, node: Any, data: str) -> Iterator[Part]:
        if self.depth >= MAX_DEPTH:
            raise self.source.wrong(
                node, f"blocks nested more than {MAX_DEPTH} deep; flatten the loops"
            )
        self.depth += 1
        if data == "for_loop":
            yield from self._loop(node)
        else:
            self.scopes.push()
            yield from self._block(node)
            self.scopes.pop()
        self.depth -= 1

    def _loop(self, node: Tree[Token]) -> Iterator[Part]:
        parts: list[Any] = node.children
        _, _, name, numbers, body = parts
        values = self.expressions.numbers(numbers)
        if len(values) > MAX_PARTS:
            raise self.source.cannot(
                node, f"a loop of more than {MAX_PARTS:,} statements in a gate; split it"
            )
        for value in values:
            self.scopes.push()
            self.scopes.set(str(name), value)
            yield from self._statement(body)
            self.scopes.pop()

    def _call(self, node: Tree[Token]) -> Iterator[Part]:
        call = read_call(node, self.source, self.scopes, self.expressions)
        for places in broadcast(call.operands, node, self.source):
            yield Part(call.name, call.symbol, call.angles, call.modifiers, places)

    def _gphase(self, node: Tree[Token]) -> Iterator[Part]:
        call = read_gphase(node, self.source, self.expressions)
        for places in broadcast(call.operands, node, self.source):
            yield Part(call.name, None, call.angles, call.modifiers, places)

    def _on_all(self, word: Token, angles: tuple[float, ...], operands: Any) -> Part:
        nodes = [] if operands is None else operands.children
        places = [q for n in nodes for q in self.expressions.qubits(n).at]
        if not nodes:
            raise self.source.wrong(word, f"{word} in a gate without qubits; name them")
        return Part(word, None, angles, (), tuple(dict.fromkeys(places)))


def spell_out(block: Tree[Token], source: Source) -> None:
    """Replace statements of a body that came as one token by their parts."""
    from lark import Token

    waiting: list[Any] = [block]
    while waiting:
        node = waiting.pop()
        parts: list[Any] = []
        for part in node.children:
            if isinstance(part, Token) and part.type in FAST:
                parts.append(parse_again(part, source))
            elif isinstance(part, Token) and part.type == "RUN":
                parts += [parse_again(p, source) for p in parts_of_run(part)]
            else:
                parts.append(part)
                if getattr(part, "data", None) in _HOLDERS:
                    waiting.append(part)
        node.children = parts
