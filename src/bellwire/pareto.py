"""The front over recipes and policies: fewer e-bits, less time, more fidelity, and their price."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from bellwire.compiler.metrics import ebits_of
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Program
from bellwire.passes.choose_schedule import prices_to_try, schedules
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe as passes_of
from bellwire.targets.machine import Machine

COLUMNS = (
    "recipe", "link_price", "order", "policy", "window_ns", "buffer", "cutoff_ns", "purified",
    "ebits", "makespan_s", "expected_fidelity", "on_front",
)  # fmt: skip


def pareto(
    circuit: Program,
    machine: Machine,
    *,
    recipes: Sequence[str] = ("fast", "default"),
    seed: int = 0,
    seconds: float | None = None,
) -> list[dict[str, Any]]:
    """Compile a LOGICAL program with several recipes and link prices, schedule each result in
    several ways, and predict what they are worth: rows with COLUMNS.

    `order`: "program", or "critical" where pairs are served by the longest path to the end. On the
    front are those than which no other has fewer e-bits, a smaller makespan and a higher fidelity,
    equal in what it does not better.
    """
    rows = []
    for name in dict.fromkeys(recipes):
        for price in prices_to_try(machine, "fidelity"):
            steps = passes_of(name, seed=seed, seconds=seconds, link_price=price)
            program = run_passes(circuit, machine, steps).program
            for order, way in schedules(program, machine):
                rows.append({"recipe": name, "link_price": price, "order": order})
                rows[-1] |= _row(way, machine, seed)
    return [row | {"on_front": not any(_dominates(other, row) for other in rows)} for row in rows]


def _row(program: Program, machine: Machine, seed: int) -> dict[str, Any]:
    made, found = program.generation, predict(program, machine, seed=seed)
    return {
        "policy": made.policy,
        "window_ns": made.window_ns if made.policy == "window" else "",
        "buffer": made.buffer or "",
        "cutoff_ns": made.cutoff_ns,
        "purified": " ".join(made.purify),
        "ebits": ebits_of(program, machine)[0],
        "makespan_s": found.makespan_s,
        "expected_fidelity": found.fidelity,
    }


def _dominates(one: dict[str, Any], other: dict[str, Any]) -> bool:
    here, there = (
        (row["ebits"], row["makespan_s"], -row["expected_fidelity"]) for row in (one, other)
    )
    return here != there and all(a <= b for a, b in zip(here, there))


def to_csv(rows: list[dict[str, Any]]) -> str:
    """The rows as CSV with a header."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()
