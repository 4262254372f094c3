"""The report of a program: one HTML page with everything in it, and nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files

import numpy as np

from bellwire.compiler.depth import ebit_depth
from bellwire.compiler.ebit_totals import link_name
from bellwire.compiler.ebit_uses import EbitUse, ebit_uses
from bellwire.compiler.fidelity import fidelity_budget
from bellwire.compiler.metrics import messages
from bellwire.compiler.operations import ROWS
from bellwire.compiler.prediction import predict
from bellwire.compiler.program import Program, Stage
from bellwire.pictures.bars import ebits_by_source, waterfall
from bellwire.pictures.colours import THEME, module_colour
from bellwire.pictures.network import network
from bellwire.pictures.packing import packed
from bellwire.pictures.pairs import bell_pairs
from bellwire.pictures.stays import stays
from bellwire.pictures.times import KINDS, NO_KIND, Times, time_text, times_of
from bellwire.targets.machine import Machine

MOST_ROWS = 200_000  # operations, pairs, stays and e-bits that a page holds; the first of them
MOST_LINES = 20_000  # source lines that a page holds
_SCRIPTS = ("common", "timeline", "homes", "table", "start")
_NO_MACHINE = "<p>The program names no machine.</p>"


def report_page(
    program: Program, machine: Machine | None = None, *, source: str | None = None
) -> str:
    """Write the report of a LOWERED or SCHEDULED program as the text of an HTML file.

    Without a machine, time is counted in steps, and there is no network and no fidelity. `source`:
    the text of the circuit, whose lines the e-bits then show. Same program, same bytes. Raises
    NotSupported for earlier stages.
    """
    times = times_of(program, machine)
    uses = ebit_uses(program)
    lines = [] if source is None else source.splitlines()[:MOST_LINES]
    parts = {
        "TITLE": escape(program.name),
        "STYLE": f"{_theme()}\n{_file('page.css')}",
        "REMARK": escape(_remark(times, uses)),
        "SUMMARY": _summary(times, machine, len(uses)),
        "NETWORK": _NO_MACHINE if machine is None else network(machine).svg,
        "FIDELITY": _NO_MACHINE
        if machine is None
        else waterfall(fidelity_budget(program, machine), program.name).svg,
        "SOURCES": ebits_by_source(uses, program.name).svg,
        "DATA": json.dumps(_data(times, uses, lines), separators=(",", ":")).replace(
            "<", "\\u003c"
        ),
        "SCRIPT": "\n".join(_file(f"{name}.js") for name in _SCRIPTS),
    }
    head, *rest = _file("page.html").split("{{")
    pieces = (piece.split("}}", 1) for piece in rest)
    return head + "".join(parts[name] + after for name, after in pieces)


def _file(name: str) -> str:
    return files("bellwire.pictures.page").joinpath(name).read_text(encoding="utf-8")


def _theme() -> str:
    light, dark = (
        ";".join(f"--{name}:{pair[k]}" for name, pair in THEME.items()) for k in range(2)
    )
    return f":root{{{light}}}\n@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _remark(times: Times, uses: Sequence[EbitUse]) -> str:
    """What the page leaves out."""
    program = times.program
    out = []
    if len(program) > MOST_ROWS or len(uses) > MOST_ROWS:
        out.append(f"This page holds the first {MOST_ROWS:,} operations and e-bits.")
    if program.blocks:
        out.append("A block of control flow is one operation of the timeline.")
    return " ".join(out)


def _summary(times: Times, machine: Machine | None, ebits: int) -> str:
    program = times.program
    facts = {
        "stage": program.stage.name,
        "modules": f"{len(times.modules):,}",
        "qubits": f"{len(program.logical):,}",
        "operations": f"{sum(len(part) for part in program.walk()):,}",
        "e-bits": f"{ebits:,}",
        "e-bit depth": f"{ebit_depth(program):,}",
    }
    if machine is not None:
        facts["messages"] = f"{messages(program):,}"
        if program.stage is Stage.SCHEDULED:
            found = predict(program, machine)
            facts["expected makespan"] = time_text(found.makespan_s * 1e9)
            facts["expected fidelity"] = f"{found.fidelity:.4g}"
        else:
            facts["makespan at mean waits"] = time_text(times.span)
    tiles = (f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in facts.items())
    return f"<dl>{''.join(tiles)}</dl>"


def _data(times: Times, uses: Sequence[EbitUse], lines: Sequence[str]) -> dict[str, object]:
    program = times.program
    return {
        "name": program.name,
        "steps": times.steps,
        "span": times.span,
        "modules": times.modules,
        "colours": [module_colour(i) for i in range(len(times.modules))],
        "qubits": [q.name for q in program.qubits],
        "comm": [int(q.role == "comm") for q in program.qubits],
        "home": times.module.tolist(),
        "logical": program.logical,
        "kinds": list(KINDS),
        "kindTexts": list(KINDS.values()),
        "names": [row.name for row in ROWS],
        "lines": lines,
        "operations": _operations(times),
        "pairs": _pairs(times),
        "stays": _stays(times),
        "ebits": _ebits(times, uses[:MOST_ROWS]),
        "purposes": sorted({use.purpose for use in uses}),
        "places": [use.place if "." in use.place else 0 for use in uses[:MOST_ROWS]],
    }


def _operations(times: Times) -> dict[str, object]:
    """The operations but marks; of those on more than two qubits the first and the last."""
    program = times.program
    rows = np.flatnonzero(times.kind[:MOST_ROWS] != NO_KIND)
    starts = program.operands.starts
    rows = rows[starts[rows + 1] > starts[rows]]
    values = program.operands.values
    return packed(
        {
            "row": ("i", rows),
            "start": ("f", times.start[rows]),
            "length": ("f", (times.end - times.start)[rows]),
            "kind": ("i", times.kind[rows]),
            "name": ("i", program.kind[rows]),
            "first": ("i", values[starts[rows]]),
            "second": ("i", values[starts[rows + 1] - 1]),
            "source": ("i", program.source[rows]),
            "if": ("i", program.condition[rows] >= 0),
        }
    )


def _pairs(times: Times) -> dict[str, object]:
    pairs = bell_pairs(times)
    k = slice(MOST_ROWS)
    return packed(
        {
            "row": ("i", pairs.row[k]),
            "herald": ("f", pairs.heralded[k]),
            "usedA": ("f", pairs.used[k, 0]),
            "usedB": ("f", pairs.used[k, 1]),
            "qubitA": ("i", pairs.qubits[k, 0]),
            "qubitB": ("i", pairs.qubits[k, 1]),
        }
    )


def _stays(times: Times) -> dict[str, object]:
    found = stays(times)[:MOST_ROWS]
    return packed(
        {
            "qubit": ("i", [stay.qubit for stay in found]),
            "module": ("i", [stay.module for stay in found]),
            "start": ("f", [stay.start for stay in found]),
            "length": ("f", [stay.end - stay.start for stay in found]),
            "home": ("i", [stay.home for stay in found]),
            "moved": ("i", [stay.moved for stay in found]),
        }
    )


def _ebits(times: Times, uses: Sequence[EbitUse]) -> dict[str, object]:
    """`gates` is how many source lines each e-bit has, `line` and `times` are those of all."""
    modules = {name: i for i, name in enumerate(times.modules)}
    qubits = {name: i for i, name in enumerate(times.program.logical)}
    purposes = sorted({use.purpose for use in uses})
    ends = [link_name(use).split("-") for use in uses]
    served = [gate for use in uses for gate in use.gates]
    return packed(
        {
            "operation": ("i", [int(use.place.split(".")[0]) for use in uses]),
            "a": ("i", [modules[a] for a, _ in ends]),
            "b": ("i", [modules[b] for _, b in ends]),
            "purpose": ("i", [purposes.index(use.purpose) for use in uses]),
            "use": ("i", [use.use for use in uses]),
            "chain": ("i", [use.chain for use in uses]),
            "qubit": ("i", [qubits.get(use.qubit or "", -1) for use in uses]),
            "gates": ("i", [len(use.gates) for use in uses]),
            "line": ("i", [line for line, _ in served]),
            "times": ("i", [count for _, count in served]),
        }
    )
