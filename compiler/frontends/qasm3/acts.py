"""Statements of OpenQASM 3 that act on qubits: gates, measurement, reset, barrier, delay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bellwire.compiler.frontends.qasm3.calls import broadcast, read_call, read_gphase
from bellwire.compiler.frontends.qasm3.scopes import Variable
from bellwire.compiler.frontends.qasm3.values import Bits, Qubits

if TYPE_CHECKING:
    from bellwire.compiler.frontends.qasm3.reader import Reader
    from bellwire.compiler.frontends.qiskit_unroll import Steps


def call(reader: Reader, node: Any) -> None:
    """Call a gate, on each qubit of a register where it is given registers."""
    found = read_call(node, reader.source, reader.scopes, reader.expressions)
    assert found.symbol is not None
    count = max((len(q.at) for q in found.operands), default=1)
    if count:  # a call on empty registers is never worked out
        steps = reader.gates.steps(found.name, found.symbol, found.angles, found.modifiers)
        reader.expect(node, count * len(steps))
        _add_all(reader, node, found.operands, steps)


def _add_all(reader: Reader, node: Any, operands: Sequence[Qubits], steps: Steps) -> None:
    for qubits in broadcast(operands, node, reader.source):
        for row, places, angles in steps:
            reader.add(node, row, [qubits[p] for p in places], angles)


def gphase(reader: Reader, node: Any) -> None:
    """Apply a phase: nothing at all, unless it is controlled."""
    found = read_gphase(node, reader.source, reader.expressions)
    steps = reader.gates.phase_steps(found.name, found.angles[0], found.modifiers)
    _add_all(reader, node, found.operands, steps)


def expression_call(reader: Reader, node: Any) -> None:
    """Refuse a call of a function."""
    name = node.children[0]
    raise reader.source.cannot(
        name, f"{name}(...) without qubits is a call of a function; only gates can be called"
    )


def measure(reader: Reader, node: Any) -> None:
    """Measure: `measure q -> c;`."""
    word, qubits, target = node.children
    if target is None:
        raise reader.source.cannot(
            word, "a measurement whose result goes nowhere; write c = measure q;"
        )
    measure_into(reader, node, qubits, reader.expressions.bits(target))


def measure_into(reader: Reader, node: Any, operand: Any, bits: Bits) -> None:
    """Measure qubits into bits, one by one."""
    qubits = reader.expressions.qubits(operand)
    if len(qubits.at) == 1:  # measured once for each bit, as Qiskit has it
        qubits = Qubits(tuple(qubits.at) * len(bits.at))
    if len(qubits.at) != len(bits.at):
        raise reader.source.wrong(
            node,
            f"found {len(qubits.at)} qubits measured into {len(bits.at)} bits; "
            "give as many of both",
        )
    reader.expect(node, 2 * len(qubits.at))
    for qubit, bit in zip(qubits.at, bits.at):
        reader.add(node, "measure", (qubit,), (), (bit,))


def assign(reader: Reader, node: Any) -> None:
    """Measure: `c = measure q;`. Refuse all other assignments."""
    target, sign, value = node.children
    if getattr(value, "data", None) == "measured" and sign == "=":
        measure_into(reader, node, value.children[1], reader.expressions.bits(target))
        return
    name = target.children[0]
    symbol = reader.scopes.find(str(name))
    what = f"{symbol.kind} variable" if isinstance(symbol, Variable) else "value"
    raise reader.source.cannot(
        name, f"{what} {name} assigned at run time; bits are written by measuring only"
    )


def reset(reader: Reader, node: Any) -> None:
    """Reset a qubit or register."""
    qubits = reader.expressions.qubits(node.children[1])
    reader.expect(node, 2 * len(qubits.at))
    for qubit in qubits.at:
        reader.add(node, "reset", (qubit,))


def barrier(reader: Reader, node: Any) -> None:
    """Add a barrier, across all qubits where none is named."""
    operands = node.children[1]
    reader.add(node, "barrier", _all_of(reader, operands))


def _all_of(reader: Reader, operands: Any) -> list[int]:
    if operands is None:
        return list(range(len(reader.builder.qubits)))
    found = [q for n in operands.children for q in reader.expressions.qubits(n).at]
    return list(dict.fromkeys(found))


def delay(reader: Reader, node: Any) -> None:
    """Wait: `delay[10ns] q;`, on all qubits where none is named."""
    word, index, operands = node.children
    if len(index.children) != 2:
        raise reader.source.wrong(word, "found no single duration; write delay[10ns]")
    seconds = reader.expressions.duration(index.children[1])
    if operands is None:
        places = _all_of(reader, None)
    else:
        places = [q for n in operands.children for q in reader.expressions.qubits(n).at]
    for qubit in places:
        reader.add(node, "delay", (qubit,), (seconds,))


def fed_switch(reader: Reader, node: Any, following: Any) -> int:
    """Read `v = c; switch (v) {...}`, as Qiskit writes a switch; returns 2, or 0 if it is not."""
    from bellwire.compiler.frontends.qasm3.flow import switch

    target, sign, value = node.children
    name = target.children[0]
    symbol = reader.scopes.find(str(name))
    feeds = getattr(following, "data", None) == "switch" and following.children[1] == name
    if not (feeds and isinstance(symbol, Variable) and sign == "=" and len(target.children) == 1):
        return 0
    switch(reader, following, reader.expressions.value(value))
    return 2
