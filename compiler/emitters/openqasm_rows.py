"""Rows of the operations table as OpenQASM 3 statements."""

from __future__ import annotations

from bellwire.compiler.emitters.openqasm_names import Names
from bellwire.compiler.operations import TABLE, Family
from bellwire.compiler.program import Op, Program
from bellwire.errors import NotSupported

_GATES = {
    name: "U" if name == "u" else name for name, row in TABLE.items() if row.family is Family.GATE
}


class Rows:
    """Writes operations without blocks, conditions left aside."""

    def __init__(self, program: Program, names: Names) -> None:
        self.names = names
        self.stage = program.stage
        self.modules = [q.module for q in program.qubits]

    def plain(self, op: Op) -> list[str]:
        """The statements and annotations of one operation."""
        at = [self.names.qubits[q] for q in op.qubits]
        gate = _GATES.get(op.name)
        if gate is not None:
            angles = f"({', '.join(map(repr, op.angles))})" if op.angles else ""
            return [f"{gate}{angles} {', '.join(at)};"]
        if op.name == "measure":
            return [f"{self.names.bits[op.bits[0]]} = measure {at[0]};"]
        if op.name == "reset":
            return [f"reset {at[0]};"]
        if op.name == "barrier":
            return [f"barrier {', '.join(at)};"] if at else []
        if op.name == "delay":
            return [f"delay[{op.angles[0]!r}s] {at[0]};"]
        if op.name == "ebit":
            link = " ".join(str(self.modules[q]) for q in op.qubits)
            return [
                *(f"reset {q};" for q in at),
                f"@bellwire.link {link}",
                f"bell_pair {at[0]}, {at[1]};",
            ]
        if op.name == "move":
            return [
                "@bellwire.body move",
                f"reset {at[1]};",
                "@bellwire.part",
                f"cx {at[0]}, {at[1]};",
                "@bellwire.part",
                f"cx {at[1]}, {at[0]};",
            ]
        raise NotSupported(
            f"{op.name} is a protocol of a {self.stage.name} program; "
            "expand it first (passes.expand_protocols)"
        )
