"""Which function reads which statement of the grammar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bellwire.compiler.frontends.qasm3 import acts, declarations, flow, own
from bellwire.compiler.frontends.qasm3.own import read_together

if TYPE_CHECKING:
    from bellwire.compiler.frontends.qasm3.reader import Reader

__all__ = ["HANDLERS", "read_together"]

HANDLERS: dict[str, Callable[[Reader, Any], None]] = {
    "include": declarations.include,
    "pragma": declarations.pragma,
    "qubits": declarations.qubits,
    "bits": declarations.bits,
    "signature": declarations.signature,
    "constant": declarations.constant,
    "variable": declarations.variable,
    "alias": declarations.alias,
    "gate": declarations.gate,
    "call": acts.call,
    "gphase": acts.gphase,
    "expression_call": acts.expression_call,
    "measure": acts.measure,
    "assign": acts.assign,
    "reset": acts.reset,
    "barrier": acts.barrier,
    "delay": acts.delay,
    "block": flow.block,
    "box": flow.box,
    "if_else": flow.if_else,
    "while_loop": flow.while_loop,
    "for_loop": flow.for_loop,
    "switch": flow.switch,
    "break_loop": flow.jump,
    "continue_loop": flow.jump,
    "annotated": own.annotated,
}
