"""The rows of a sweep together: totals, tables."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from bellwire.runtime.sweep.row_file import Row

SHOWN = ("ebits", "makespan_s", "expected_fidelity", "hellinger_fidelity", "error")
MOST_SHOWN = 40  # rows in a notebook


@dataclass(frozen=True, eq=False)
class SweepResult:
    """All rows of a sweep in the order of its points; `pandas.DataFrame(result.rows)` takes them.

    `resumed` of them were in the `output` file already. `varied`: the columns that were swept.
    """

    name: str
    version: str
    rows: tuple[Row, ...]
    varied: Sequence[str]
    resumed: int = 0
    output: str | None = None

    @property
    def totals(self) -> dict[str, Any]:
        """Sums over all rows; `errors` counts rows without figures by kind."""
        errors = Counter(row["error_kind"] for row in self.rows if "error" in row)
        return {
            "rows": len(self.rows),
            "done": len(self.rows) - errors.total(),
            "errors": dict(sorted(errors.items())),
            "shots": sum(sum(row.get("counts", {}).values()) for row in self.rows),
            "ebits": sum(row.get("ebits", 0) for row in self.rows),
            "cpu_s": round(sum(row.get("cpu_s", 0) for row in self.rows), 3),
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values: what `bellwire sweep --json` prints."""
        return {
            "name": self.name,
            "version": self.version,
            "varied": list(self.varied),
            "rows": list(self.rows),
            "totals": self.totals,
            "resumed": self.resumed,
            "output": self.output,
        }

    def to_csv(self) -> str:
        """All rows as CSV with a header: the columns of any of them, counts as JSON."""
        columns = list(dict.fromkeys(key for row in self.rows for key in row))
        out = io.StringIO()
        table = csv.DictWriter(out, columns, lineterminator="\n")
        table.writeheader()
        for row in self.rows:
            table.writerow(row | ({"counts": json.dumps(row["counts"])} if "counts" in row else {}))
        return out.getvalue()

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Columns and cells for people: what was varied, and the figures that say most."""
        wanted = [*self.varied, *SHOWN]
        columns = [name for name in wanted if any(row.get(name) is not None for row in self.rows)]
        return columns, [[_short(row.get(name)) for name in columns] for row in self.rows]

    def _repr_html_(self) -> str:
        columns, cells = self.table()
        lines = ["".join(f"<th>{escape(name)}</th>" for name in columns)]
        lines += ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in cells[:MOST_SHOWN]]
        rest = len(cells) - MOST_SHOWN
        more = f"<p>and {rest} more rows</p>" if rest > 0 else ""
        return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>{more}"


def _short(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
