"""A Program in a few lines, for terminals and notebooks."""

from __future__ import annotations

from html import escape

from bellwire.compiler.program import Program, Stage

CELL = "<{0} style='text-align:left'>{1}</{0}>"
SHOWN = 12  # operations in a notebook's preview


def program_facts(program: Program) -> dict[str, str]:
    """Short facts: stage, qubits, operations, e-bits, modules."""
    modules = list(dict.fromkeys(q.module for q in program.qubits if q.module))
    facts = {
        "stage": program.stage.name,
        "qubits": str(len(program.logical)),
        "operations": str(sum(len(part) for part in program.walk())),
        "bits": ", ".join(f"{r.name}[{r.width}]" for r in program.registers) or "none",
    }
    if modules:
        facts["modules"] = ", ".join(modules)
    if program.stage >= Stage.DISTRIBUTED:
        facts["e-bits"] = str(program.count("ebit"))
    if program.stage is Stage.SCHEDULED:
        facts["pairs asked for"] = str(program.generation)
    return facts


def program_html(program: Program, drawing: str | None = None) -> str:
    """A small table of facts, a drawing (when not given its timeline), the first operations."""
    rows = "".join(
        f"<tr>{CELL.format('th', escape(k))}{CELL.format('td', escape(v))}</tr>"
        for k, v in program_facts(program).items()
    )
    lines = [
        " ".join((op.name, *(program.qubits[q].name for q in op.qubits)))
        for _, op in zip(range(SHOWN), program.ops)
    ]
    more = f"\n… {len(program) - SHOWN} more" if len(program) > SHOWN else ""
    preview = "\n".join(lines) + more
    drawing = program._repr_svg_() or "" if drawing is None else drawing
    return (
        f"<div><b>{escape(program.name)}</b><table>{rows}</table>{drawing}"
        f"<details><summary>operations</summary><pre>{escape(preview)}</pre></details></div>"
    )
