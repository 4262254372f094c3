"""The protocols that are drawn: rows of the operations table, and what is made of several rows."""

from __future__ import annotations

from collections.abc import Iterator

from bellwire.compiler.operations import ROWS, TABLE, Family, Operation, Step


def rows() -> list[Operation]:
    """The protocols of the table that have a body."""
    return [row for row in ROWS if row.body]


def composed() -> list[Operation]:
    """What the rows make together; the tests prove body == meaning for these too."""
    return [_telegate(), _session(), _purification()]


def _telegate() -> Operation:
    return _made(
        "telegate",
        "qubit a, near half, far half, qubit b: one gate between modules for one e-bit",
        ("acts", "ends", "ends", "acts"),
        premise=[Step("ebit", (1, 2))],
        body=[
            Step("cat_entangle", (0, 1, 2), (0,)),
            Step("cz", (2, 3)),
            Step("cat_disentangle", (2, 0), (1,)),
        ],
        meaning=[Step("cz", (0, 3))],
    )


def _session() -> Operation:
    return _made(
        "session",
        "qubit a, near half, far half, qubit b, qubit c: gates that share a copy, and one e-bit",
        ("acts", "ends", "ends", "acts", "acts"),
        premise=[Step("ebit", (1, 2))],
        body=[
            Step("cat_entangle", (0, 1, 2), (0,)),
            Step("cz", (2, 3)),
            Step("cz", (2, 4)),
            Step("cat_disentangle", (2, 0), (1,)),
        ],
        meaning=[Step("cz", (0, 3)), Step("cz", (0, 4))],
    )


def _purification() -> Operation:
    """Wires in the order A kept, A spent, B spent, B kept: pairs 0-3 and 1-2."""
    return _made(
        "purification",
        "kept half, spent half, spent half, kept half: keep the pair if both outcomes agree",
        ("acts", "ends", "ends", "acts"),
        premise=[Step("ebit", (0, 3)), Step("ebit", (1, 2))],
        body=[
            Step("cx", (0, 1)),
            Step("cx", (3, 2)),
            Step("measure", (1,), (0,)),
            Step("measure", (2,), (1,)),
        ],
        meaning=[Step("ebit", (0, 3))],
    )


def _made(
    name: str,
    text: str,
    operands: tuple[str, ...],
    *,
    premise: list[Step],
    body: list[Step],
    meaning: list[Step],
) -> Operation:
    steps = tuple(inner for step in body for inner in _written_out(step))
    bits = sum(step.name == "measure" for step in steps)
    return Operation(
        name,
        operands,
        text,
        Family.PROTOCOL,
        bits=bits,
        premise=tuple(premise),
        body=steps,
        meaning=tuple(meaning),
    )


def _written_out(step: Step) -> Iterator[Step]:
    """A protocol as the steps of its body in the table; any other step as it is."""
    row = TABLE[step.name]
    if not row.body:
        yield step
    for inner in row.body:
        qubits = tuple(step.qubits[q] for q in inner.qubits)
        bits = tuple(step.bits[b] for b in inner.bits)
        condition = None if inner.condition is None else step.bits[inner.condition]
        yield Step(inner.name, qubits, bits, condition)
