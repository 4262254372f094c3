"""Names of an OpenQASM 3 program: what each stands for, and where it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bellwire.compiler.frontends.qasm3.values import Duration, Value

if TYPE_CHECKING:
    from lark import Token, Tree

    from bellwire.compiler.frontends.qasm3.parse import Source


@dataclass(frozen=True, slots=True)
class Variable:
    """A classical variable: it may be declared, but only feed the switch that follows at once."""

    kind: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate of the file: the names of its angles and qubits, and its statements."""

    name: str
    angles: tuple[str, ...]
    qubits: tuple[str, ...]
    body: Tree[Token] = field(compare=False)
    row: str | None = None  # the row of the table that it equals, up to a global phase
    level: int = 1  # 1 when it is made of standard gates alone, and so on


@dataclass(frozen=True, slots=True)
class Standard:
    """A gate of stdgates.inc."""

    name: str


Symbol = Value | Variable | Gate | Standard


@dataclass(slots=True)
class _Scope:
    names: dict[str, Symbol] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    sealed: bool = False  # a gate's body sees gates and numbers of what is around it, no more


class Scopes:
    """A stack of scopes. `changed` is called whenever a name may have got another meaning."""

    def __init__(self, source: Source, changed: Callable[[], None] = lambda: None) -> None:
        self.source, self.changed = source, changed
        self._stack = [_Scope()]

    @property
    def is_global(self) -> bool:
        """Whether no block is open."""
        return len(self._stack) == 1

    def push(self) -> None:
        """Open a scope."""
        self._stack.append(_Scope())

    def pop(self) -> None:
        """Close the innermost scope."""
        if self._stack.pop().names:
            self.changed()

    @contextmanager
    def inside_gate(self) -> Iterator[None]:
        """See what a gate's body sees: its own names, and gates and numbers that are global."""
        outside = self._stack
        self._stack = [outside[0], _Scope(sealed=True)]
        self.changed()
        try:
            yield
        finally:
            self._stack = outside
            self.changed()

    def define(self, token: Token, symbol: Symbol) -> None:
        """Give a name its meaning. Raises ParseError when this scope has the name already."""
        scope, name = self._stack[-1], str(token)
        if name in scope.names:
            line = scope.lines[name]
            where = f" in line {line}" if line else ""
            raise self.source.wrong(token, f"{name} is defined{where} already; take another name")
        scope.lines[name] = token.line or 0
        self.set(name, symbol)

    def include(self, token: Token, names: Sequence[str]) -> None:
        """Define the gates of stdgates.inc."""
        for name in names:
            if name in self._stack[0].names:
                raise self.source.wrong(
                    token, f"{name} is defined already; include stdgates.inc once, and first"
                )
            self._stack[0].names[name] = Standard(name)
            self._stack[0].lines[name] = token.line or 0
        self.changed()

    def set(self, name: str, symbol: Symbol) -> None:
        """Give a name its meaning, whatever it meant before."""
        self._stack[-1].names[name] = symbol
        self.changed()

    def find(self, name: str) -> Symbol | None:
        """What a name stands for, None where it is unknown."""
        sealed = False
        for scope in reversed(self._stack):
            symbol = scope.names.get(name)
            if symbol is not None:
                hidden = sealed and not isinstance(symbol, (int, float, Duration, Gate, Standard))
                return None if hidden else symbol
            sealed |= scope.sealed
        return None
