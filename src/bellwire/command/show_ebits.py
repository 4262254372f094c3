"""`bellwire show --ebits`: every e-bit of a program, what it is for, and where they all go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from bellwire.command.options import print_json

if TYPE_CHECKING:
    from rich.table import Table

    from bellwire.compiler.ebit_uses import EbitUse
    from bellwire.compiler.program import Program

WIDTH = 100
SHOWN = 5  # source lines of one e-bit, and entries of one total


def show_ebits(program: Program, bound: int | None, as_json: bool) -> None:
    """Print the e-bits of a LOWERED program; `bound`: the fewest that its circuit can take."""
    from bellwire.compiler.ebit_uses import ebit_uses

    uses = ebit_uses(program)
    if as_json:
        print_json(ebits_json(program.name, uses, bound))
        return
    from rich.console import Console

    console = Console(width=WIDTH, highlight=False)
    typer.echo(_headline(program.name, len(uses), bound))
    if uses:
        console.print(_list(uses))
        console.print(_totals(uses))


def ebits_json(name: str, uses: Sequence[EbitUse], bound: int | None) -> dict[str, Any]:
    """One object with the list and the totals; unknown names, sources and bounds are null."""
    from bellwire.compiler.ebit_totals import by_kind, by_link, by_source, link_name

    rows = [
        {
            "number": use.number,
            "place": use.place,
            "link": link_name(use),
            "modules": use.modules,
            "kind": use.kind,
            "purpose": use.purpose,
            "use": use.use or None,
            "chain": use.chain,
            "qubit": use.qubit,
            "gates": use.count,
            "sources": [{"source": _known(s), "gates": n} for s, n in use.gates],
        }
        for use in uses
    ]
    return {
        "name": name,
        "ebits": len(uses),
        "lower_bound": bound,
        "by_kind": by_kind(uses),
        "by_link": by_link(uses),
        "by_source": [{"source": _known(s), "ebits": x} for s, x in by_source(uses).items()],
        "list": rows,
    }


def _known(source: int) -> int | None:
    return None if source < 0 else source


def _headline(name: str, ebits: int, bound: int | None) -> str:
    least = "" if bound is None else f"; its circuit takes at least {bound} on this machine"
    return f"{name}: {ebits} e-bit{'' if ebits == 1 else 's'}{least}"


def _list(uses: Sequence[EbitUse]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from bellwire.compiler.ebit_totals import link_name

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("e-bit", justify="right")
    table.add_column("operation", justify="right")
    table.add_column("link")
    table.add_column("for")
    table.add_column("qubit")
    table.add_column("gates", justify="right")
    table.add_column("source lines")
    for use in uses:
        table.add_row(
            *(str(use.number), use.place, link_name(use), _purpose(use), use.qubit or "?"),
            *(str(use.count), _sources(use.gates)),
        )
    return table


def _purpose(use: EbitUse) -> str:
    swapped = f", 1 of {use.chain} swapped" if use.chain > 1 else ""
    first, _, rest = use.purpose.partition(",")
    number = f" {use.use}" if use.use else ""
    return f"{first}{number}{',' + rest if rest else ''}{swapped}"


def _sources(gates: Sequence[tuple[int, int]]) -> str:
    words = [_line(s) + (f" ×{n}" if n > 1 else "") for s, n in gates[:SHOWN]]
    more = len(gates) - SHOWN
    return ", ".join(words) + (f", … {more} more" if more > 0 else "")


def _line(source: int) -> str:
    return "?" if source < 0 else str(source)


def _totals(uses: Sequence[EbitUse]) -> Table:
    from rich.table import Table

    from bellwire.compiler.ebit_totals import by_kind, by_link, by_source

    shares = {_line(s): f"{x:.2f}" for s, x in by_source(uses).items()}
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("by kind", _entries(by_kind(uses)))
    table.add_row("by link", _entries(by_link(uses)))
    table.add_row("by source line", _entries(shares) or "none")
    return table


def _entries(totals: Mapping[str, object]) -> str:
    words = [f"{key}: {value}" for key, value in totals.items()]
    more = len(words) - SHOWN
    return "  ".join(words[:SHOWN]) + (f"  … {more} more" if more > 0 else "")
