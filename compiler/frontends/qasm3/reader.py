"""The reader itself: runs through the statements of a program and collects operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import Condition
from bellwire.compiler.frontends.qasm3.expressions import Expressions
from bellwire.compiler.frontends.qasm3.fast import Fast
from bellwire.compiler.frontends.qasm3.gates import Gates
from bellwire.compiler.frontends.qasm3.parse import Source, place_of
from bellwire.compiler.frontends.qasm3.scopes import Scopes
from bellwire.compiler.frontends.qasm3.values import Bits, Qubits
from bellwire.compiler.program import Qubit, Register

if TYPE_CHECKING:
    from lark import Token, Tree

    Node = Tree[Token] | Token

MAX_DEPTH = 50  # of blocks in blocks
MAX_OPERANDS = 10_000_000  # qubits named by all operations together
MAX_QUBITS = 1_000_000
MAX_BITS = 1_000_000
MAX_UNROLLED = 1_000_000  # statements that loops were unrolled to

Handler = Callable[["Reader", Any], None]


class Reader:
    """Reads one program. `lowered`: it is one of ours, with Bell pairs between modules."""

    def __init__(self, source: Source, *, name: str = "program", lowered: bool = False) -> None:
        from bellwire.compiler.frontends.qasm3 import statements  # it needs this file

        self.source, self.lowered = source, lowered
        self.handlers, self.read_together = statements.HANDLERS, statements.read_together
        self.scopes = Scopes(source, self._changed)
        self.expressions = Expressions(source, self.scopes, self._hardware)
        self.gates = Gates(source, self.scopes)
        self.builder = ProgramBuilder(name=name)
        self.blocks: list[ProgramBuilder] = []
        self.fast = Fast(self)
        self.depth = self.loops = self.spent = self.unrolled = self.width = 0
        self.start_ns = self.line = -1
        self.node: object = None  # the statement of that line
        self.spans: tuple[list[int], list[int]] | None = None  # of the next row with blocks
        self.hardware: bool | None = None  # whether qubits are $0, $1, ...; None: not yet known

    def run(self, statements: Sequence[Any]) -> None:
        """Read statements one after the other; a few of them belong together."""
        from lark import Token

        at, fast = 0, self.fast.handlers
        slow = "CLEARED" if self.lowered else ""  # a reset may begin a Bell pair
        while at < len(statements):
            node = statements[at]
            if isinstance(node, Token) and node.type != slow:
                fast[node.type](node)
                at += 1
            else:
                at += self._several(statements, at)

    def _several(self, statements: Sequence[Any], at: int) -> int:
        """Read the statement at a place, and those after it that belong to it; says how many."""
        count = self.read_together(self, statements, at)
        if count == 0:
            self.statement(statements[at])
            count = 1
        self.start_ns, self.spans = -1, None
        return count

    def statement(self, node: Any) -> None:
        """Read one statement."""
        data = getattr(node, "data", None)
        if data is None:
            self.fast.handlers[node.type](node)
            return
        self.handlers[data](self, node)

    def add(
        self,
        node: Node,
        name: str,
        qubits: Sequence[int],
        angles: Sequence[float] = (),
        bits: Sequence[int] = (),
        condition: Condition | None = None,
        blocks: Sequence[ProgramBuilder] = (),
    ) -> None:
        """Add one operation."""
        self.charge(node, len(qubits))
        if node is not self.node:
            self.node, self.line = node, place_of(node)[0] or -1
        self.builder.append(name, qubits, angles, bits, condition, blocks, self.line, self.start_ns)

    def expect(self, node: Node, operands: int) -> None:
        """Raise NotSupported when so many operands more are beyond all bounds."""
        if self.spent + operands > MAX_OPERANDS:
            raise self.source.cannot(
                node, f"more than {MAX_OPERANDS:,} operands in all; split the program"
            )

    def charge(self, node: Node, operands: int) -> None:
        """Count operands. Raises NotSupported for a program beyond all bounds."""
        self.spent += operands + 1
        if self.spent > MAX_OPERANDS:
            self.expect(node, 0)

    def unroll(self, node: Node, statements: int) -> None:
        """Count statements of a loop's turns. Raises NotSupported when they have no end."""
        self.unrolled += statements
        if self.unrolled > MAX_UNROLLED:
            raise self.source.cannot(
                node, f"loops unroll to more than {MAX_UNROLLED:,} statements; split them"
            )

    def block(self, statement: Any) -> ProgramBuilder:
        """Read a statement, or all statements of a block, as a nested block."""
        with self.aside() as inside:
            self.scoped(statement)
        return inside

    @contextmanager
    def aside(self) -> Iterator[ProgramBuilder]:
        """Collect operations in a builder of their own for a while."""
        outside = self.builder, self.start_ns, self.spans
        self.builder, self.start_ns, self.spans = self.builder.child(), -1, None
        self.blocks.append(self.builder)
        yield self.builder
        self.builder, self.start_ns, self.spans = outside

    def scoped(self, statement: Any) -> None:
        """Read a statement, or all statements of a block, in a scope of its own."""
        if self.depth >= MAX_DEPTH:
            raise self.source.wrong(
                statement, f"blocks nested more than {MAX_DEPTH} deep; flatten the control flow"
            )
        self.depth += 1
        self.scopes.push()
        is_block = getattr(statement, "data", None) == "block"
        self.run(statement.children[1:] if is_block else [statement])
        self.scopes.pop()
        self.depth -= 1

    def add_qubits(self, node: Node, name: str, size: int | None) -> Qubits:
        """Add a register of qubits, or one qubit."""
        first, count = len(self.builder.qubits), 1 if size is None else size
        if first + count > MAX_QUBITS:
            raise self.source.cannot(node, f"more than {MAX_QUBITS:,} qubits; declare fewer")
        if size is None:
            self.builder.qubits.append(Qubit(name))
            return Qubits((first,), True)
        self.builder.qubits.extend(Qubit(f"{name}[{i}]") for i in range(size))
        return Qubits(range(first, first + size))

    def add_bits(self, node: Node, name: str, size: int | None) -> Bits:
        """Add a register of bits, or one bit."""
        first, width = self.width, 1 if size is None else size
        if first + width > MAX_BITS:
            raise self.source.cannot(node, f"more than {MAX_BITS:,} bits; declare fewer")
        self.width += width
        self.builder.registers.append(Register(name, size))
        return Bits((first,), True) if size is None else Bits(range(first, first + width))

    def _hardware(self, token: Token) -> Qubits:
        """The qubit of $0, $1, ...: they are there as soon as they are named."""
        if self.hardware is False:
            raise self.source.wrong(token, f"found {token} beside declared qubits; use one kind")
        self.hardware = True
        digits = str(token)[1:]
        if len(digits) > 7 or int(digits) >= MAX_QUBITS:
            raise self.source.cannot(token, f"qubit {digits[:12]}; {MAX_QUBITS:,} are the most")
        while len(self.builder.qubits) <= int(digits):
            self.builder.qubits.append(Qubit(f"${len(self.builder.qubits)}"))
        return Qubits((int(digits),), True)

    def _changed(self) -> None:
        self.fast.forget()
