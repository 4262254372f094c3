"""Write out the body of every protocol; the operations table has them all."""

from __future__ import annotations

from bellwire.compiler.operations import ROWS, Family
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.rows import Piece, each_level, written_out
from bellwire.targets.machine import Machine

_BODIES = {
    row.kind: [Piece(s.name, s.qubits, (), s.bits, s.condition) for s in row.body]
    for row in ROWS
    if row.family is Family.PROTOCOL and row.name != "ebit"
}


def expand_protocols(program: Program, machine: Machine) -> Program:
    """Replace cat-entanglers, teleports, swaps of e-bits and moves by their bodies; keep `ebit`."""
    return each_level(program, lambda p: written_out(p, _BODIES)).with_stage(Stage.DISTRIBUTED)
