"""The table of operations as a page, with the protocols drawn."""

from __future__ import annotations

from collections.abc import Callable

from bellwire.compiler.operations import ROWS, Family, Operation
from site_pages.markdown import code, table
from site_pages.protocols import rows

HEAD = """# Operations

From `compiler/operations.py`, the one table that everything else asks. An operand *acts*, or a
state is *made* on it, or the one that it held *ends*. An operation that is diagonal on an operand
commutes with Z there, so it may be done on a copy of the qubit. The tests prove that every
protocol does what it means, over all outcomes of its measurements.
"""
TITLES = {
    Family.GATE: "Gates",
    Family.MEASURE: "Measurement",
    Family.PROTOCOL: "Protocols",
    Family.FLOW: "Control flow",
    Family.MARK: "Marks",
}
COLUMNS = ("operation", "operands", "diagonal on", "angles", "bits", "what")


def page(picture: Callable[[str], str]) -> str:
    """The page as Markdown; `picture` gives the path of the picture of a protocol."""
    parts = [HEAD]
    for family, title in TITLES.items():
        parts += [f"## {title}\n", table(COLUMNS, map(line, _of(family)))]
        if family is Family.PROTOCOL:
            parts += [f"![{row.name}: {row.help}]({picture(row.name)})\n" for row in rows()]
    return "\n".join(parts)


def line(row: Operation) -> tuple[object, ...]:
    """What the table says of one operation."""
    operands = "any" if row.any_qubits else ", ".join(row.operands)
    diagonal = ", ".join(str(i + 1) for i, yes in enumerate(row.diagonal) if yes)
    return code(row.name), operands, diagonal, row.angles or "", row.bits or "", row.help


def _of(family: Family) -> list[Operation]:
    return [row for row in ROWS if row.family is family]
