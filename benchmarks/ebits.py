"""e-bits of compiled, verified programs beside METIS with packing and the best counts known.

Counting rule: Bell pairs made on links in the emitted LOWERED program; all-to-all links and
coupling, capacity ceil(n/K) + 1 data qubits per module, Q communication qubits per module, both
hard limits. `static`: METIS (the best of 8 seeds, k-way and recursive) with a smallest vertex cover
per pair of modules, carried out under the same limits. Other tools (--peers) count a plan and put
no limit on communication qubits. CPU seconds by time.process_time from the circuit to the scheduled
program, verification included, kernels compiled before.

    python benchmarks/ebits.py --K 4 --Q 64 [--free 64] [--recipe default] [--circuits DIR]
        [--peers FILE] [--only NAME ...] [--json] [--markdown]

`--free Q`: also compile with so many communication qubits, for count(Q) / count(free).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scale import planted

from bellwire import __version__
from bellwire.compiler.frontends.read import read
from bellwire.compiler.program import Program
from bellwire.passes.annealing.nodes import build, meetings
from bellwire.passes.candidates import metis_parts, repair
from bellwire.passes.carry_out import carry_out
from bellwire.passes.cover import cover_cost
from bellwire.passes.homes import place, prices
from bellwire.passes.interactions import interactions
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import timeline
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CIRCUITS = SHARED / "circuits" if SHARED.exists() else ROOT / "examples" / "circuits"
METIS_SEEDS = 8
SMALL = 4  # best counts up to here are left out of the geometric means: one e-bit is too much there


def best_peers(path: Path, modules: int) -> dict[str, dict[str, Any]]:
    """circuit -> {"best": fewest e-bits of any row for K modules, "by": whose, "tools": each}."""
    out: dict[str, dict[str, Any]] = {}
    if not path.exists():
        return out
    with path.open() as file:
        for row in csv.DictReader(file):
            if int(row["K"]) != modules:
                continue
            ebits, tool = int(row["ebits"]), row["tool"]
            known = out.setdefault(row["circuit"], {"best": math.inf, "by": "", "tools": {}})
            known["tools"][tool] = min(ebits, known["tools"].get(tool, ebits))
            if ebits < known["best"]:
                known |= {"best": ebits, "by": f"{tool} {row['method']}"}
    return out


def machine_for(circuit: Program, modules: int, comm_qubits: int) -> Machine:
    """All-to-all modules that hold the circuit with about one data qubit to spare each."""
    data = math.ceil(len(circuit.logical) / modules) + 1
    return make_machine("complete", modules, data_qubits=data, comm_qubits=comm_qubits)


def measure(circuit: Program, machine: Machine, name: str) -> tuple[int, int, float]:
    """e-bits, those of the static plan under the same limits, and CPU seconds."""
    start = time.process_time()
    done = run_passes(circuit, machine, recipe(name), keep=("unroll",))
    seconds = time.process_time() - start
    return done.program.count("ebit"), static_ebits(done.after["unroll"], machine), seconds


def static_ebits(program: Program, machine: Machine) -> int:
    """The e-bits of fixed homes by METIS and the fewest sessions, carried out."""
    clock = timeline(program)
    graph, meet, price = interactions(clock), meetings(build(clock, machine)), prices(machine)
    capacity = np.array([m.data_qubits for m in machine.modules], dtype=np.int64)
    parts = metis_parts(graph, capacity, np.random.default_rng(0), METIS_SEEDS)
    homes = min(
        (repair(p, graph, capacity) for p in parts), key=lambda h: cover_cost(meet, h, price)
    ).tolist()
    plan = static_plan(program, homes)
    return carry_out(place(program, machine, homes), machine, plan).count("ebit")


def warm_up(said: argparse.Namespace) -> None:
    """Let all kernels be compiled: those for small circuits, and those for large ones alone."""
    for gates in (1500, 60_000):
        circuit = planted(64, gates, said.K)
        measure(circuit, machine_for(circuit, said.K, 2), "fast")


def row_of(path: Path, said: argparse.Namespace) -> dict[str, Any]:
    """All figures of one circuit but those of other tools."""
    circuit = read(path)
    machine = machine_for(circuit, said.K, said.Q)
    ebits, static, seconds = measure(circuit, machine, said.recipe)
    row = {
        "circuit": path.stem,
        "qubits": len(circuit.logical),
        "capacity": machine.modules[0].data_qubits,
        "ebits": ebits,
        "static": static,
        "cpu_s": round(seconds, 2),
    }
    if said.free is not None:
        row["free"] = measure(circuit, machine_for(circuit, said.K, said.free), said.recipe)[0]
    return row


def geometric_mean(values: Sequence[float]) -> float | None:
    """The geometric mean; None of nothing."""
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Geometric means over the rows, and the rows that are worse than they should be."""

    def mean(other: str, least: int) -> float | None:
        return geometric_mean([r["ebits"] / r[other] for r in rows if r.get(other, 0) > least])

    return {
        "geomean_vs_best_above_4": mean("best", SMALL),
        "geomean_vs_tools_above_4": by_tool(rows),
        "geomean_vs_static": mean("static", 0),
        "geomean_vs_free": mean("free", 0),
        "more_than_best": [r["circuit"] for r in rows if r["ebits"] > r.get("best", math.inf)],
        "more_than_static": [r["circuit"] for r in rows if r["ebits"] > r["static"]],
        "cpu_s": round(sum(r["cpu_s"] for r in rows), 2),
    }


def by_tool(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[float | None, int]]:
    """Tool -> the geometric mean against its fewest e-bits, and over how many circuits."""
    ratios: dict[str, list[float]] = {}
    for row in rows:
        for tool, ebits in row.get("tools", {}).items():
            if ebits > SMALL:
                ratios.setdefault(tool, []).append(row["ebits"] / ebits)
    return {tool: (geometric_mean(found), len(found)) for tool, found in sorted(ratios.items())}


def conditions(said: argparse.Namespace) -> dict[str, Any]:
    """What the figures were measured under."""
    return {
        "K": said.K,
        "Q": said.Q,
        "capacity": "ceil(n/K) + 1",
        "recipe": said.recipe,
        "rule": "Bell pairs on links in the emitted, verified program",
        "versions": {
            "bellwire": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "numba", "scipy", "pymetis")},
        },
    }


def markdown(summary: dict[str, Any], rows: Sequence[dict[str, Any]]) -> str:
    """The table of docs/ebits.md."""
    columns = ["circuit", "qubits", "capacity", "ebits", "static", "free", "best", "by", "cpu_s"]
    shown = [c for c in columns if any(c in row for row in rows)]
    lines = [f"| {' | '.join(shown)} |", "|" + "---|" * len(shown)]
    lines += [f"| {' | '.join(str(row.get(c, '')) for c in shown)} |" for row in rows]
    facts = {k: v for k, v in summary.items() if k not in ("rule", "versions")}
    return "\n".join([*lines, "", *(f"- {k}: {_short(v)}" for k, v in facts.items())])


def _short(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, dict):
        told = (f"{tool} {mean:.3f} of {count}" for tool, (mean, count) in value.items())
        return ", ".join(told) or "none"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Print a table, or one JSON object."""
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    words.add_argument("--K", type=int, default=4)
    words.add_argument("--Q", type=int, default=64)
    words.add_argument("--free", type=int)
    words.add_argument("--recipe", default="default")
    words.add_argument("--circuits", type=Path, default=CIRCUITS)
    words.add_argument("--peers", type=Path, default=SHARED / "peers.csv")
    words.add_argument("--only", nargs="*", help="names of circuits")
    words.add_argument("--markdown", action="store_true")
    words.add_argument("--json", action="store_true")
    said = words.parse_args()
    quiet = said.json or said.markdown
    peers = best_peers(said.peers, said.K)
    files = [
        p for p in sorted(said.circuits.glob("*.qasm")) if not said.only or p.stem in said.only
    ]
    warm_up(said)
    rows = []
    if not quiet:
        print(f"{'circuit':26}{'n':>5}{'C':>5}{'e-bits':>8}{'static':>8}{'best':>6}  {'CPU s':>6}")
    for path in files:
        row = row_of(path, said) | peers.get(path.stem, {})
        rows.append(row)
        if not quiet:
            best = f"{row.get('best', ''):>6}  {row['cpu_s']:6.2f}  {row.get('by', '')}"
            free = f"  free {row['free']}" if "free" in row else ""
            print(
                f"{row['circuit']:26}{row['qubits']:5}{row['capacity']:5}{row['ebits']:8}"
                f"{row['static']:8}{best}{free}",
                flush=True,
            )
    summary = conditions(said) | figures(rows)
    if said.markdown:
        print(markdown(summary, rows))
    else:
        print(json.dumps(summary | {"rows": rows} if said.json else summary))


if __name__ == "__main__":
    main()
