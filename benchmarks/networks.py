"""e-bits on networks and on modules with a coupling, beside METIS + packing within the same limits.

Counting rule: Bell pairs made on links in the emitted LOWERED program, those of entanglement
swapping included. K modules of ceil(n/K) + 1 data qubits and Q communication qubits. METIS +
packing: the same METIS seeds (and blocks), homes that stay, the fewest copies for them, carried out
within the same limits, the best of all. CPU seconds by time.process_time.

    python benchmarks/networks.py --K 4 8 --Q 4 2 [--circuits DIR] [--only NAME ...] [--json]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ebits import CIRCUITS, geometric_mean

from bellwire import __version__
from bellwire.compiler.frontends.read import read
from bellwire.compiler.program import Program
from bellwire.passes.carried_cost import carried_cost
from bellwire.passes.homes import place
from bellwire.passes.insert_ebits import insert_ebits
from bellwire.passes.partition import ranked_partitions
from bellwire.passes.pipeline import Pass, pass_name, run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import timeline
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

NETWORKS = (("line", "all"), ("ring", "all"), ("grid", "all"), ("complete", "line"))
STARTS = 8  # METIS seeds of the default recipe
MOST_QUBITS = 64  # of a circuit; larger ones are left out


def machines(qubits: int, modules: int, comm_qubits: int) -> Iterator[Machine]:
    """The machines that a circuit is measured on; none where modules would have one data qubit."""
    data = math.ceil(qubits / modules) + 1
    for shape, coupling in NETWORKS if data > 2 else ():
        yield make_machine(
            shape, modules, data_qubits=data, comm_qubits=comm_qubits, coupling=coupling
        )


def packed(program: Program, machine: Machine) -> Program:
    """Fixed homes with the fewest copies, the partition that needs the fewest e-bits (PLACED)."""
    homes = ranked_partitions(timeline(program), machine, seed=0, starts=STARTS)
    best = min(
        homes, key=lambda h: carried_cost(program, machine, static_plan(program, h.tolist()))
    )
    return place(program, machine, best.tolist())


def packing(name: str) -> list[Pass]:
    """The recipe with METIS + packing in the place of the optimiser."""
    steps = recipe(name)
    at = [pass_name(step) for step in steps].index("partition")
    end = [pass_name(step) for step in steps].index("insert_ebits")
    return [*steps[:at], packed, partial(insert_ebits), *steps[end + 1 :]]


def measure(circuit: Program, machine: Machine, name: str) -> dict[str, Any]:
    """e-bits, local swaps and CPU seconds of both."""
    row: dict[str, Any] = {}
    for who, steps in (("", recipe(name)), ("packed_", packing(name))):
        start = time.process_time()
        done = run_passes(circuit, machine, steps)
        row |= {
            f"{who}ebits": done.program.count("ebit"),
            f"{who}swaps_local": done.program.count("swap"),
            f"{who}cpu_s": round(time.process_time() - start, 2),
        }
    return row


def cases(said: argparse.Namespace) -> Iterator[tuple[str, Program, Machine, int]]:
    """All circuits on all machines."""
    for path in sorted(said.circuits.glob("*.qasm")):
        if said.only and path.stem not in said.only:
            continue
        circuit = read(path)
        if len(circuit.logical) > said.most_qubits:
            continue
        for modules in said.K:
            for comm_qubits in said.Q:
                for machine in machines(len(circuit.logical), modules, comm_qubits):
                    yield path.stem, circuit, machine, comm_qubits


def main() -> None:
    """Print a table, or one JSON object."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--K", type=int, nargs="+", default=[4])
    words.add_argument("--Q", type=int, nargs="+", default=[4, 2])
    words.add_argument("--recipe", default="default")
    words.add_argument("--circuits", type=Path, default=CIRCUITS)
    words.add_argument("--only", nargs="*", help="names of circuits")
    words.add_argument("--most-qubits", type=int, default=MOST_QUBITS)
    words.add_argument("--json", action="store_true")
    said = words.parse_args()
    rows = []
    if not said.json:
        print("| circuit | machine | Q | e-bits | packed | swaps | packed | CPU s | |")
        print("|---|---|---|---|---|---|---|---|---|")
    for circuit, program, machine, comm_qubits in cases(said):
        coupling = machine.modules[0].coupling
        row = {"circuit": circuit, "machine": machine.name, "coupling": coupling, "Q": comm_qubits}
        row |= measure(program, machine, said.recipe)
        row["worse"] = row["ebits"] > row["packed_ebits"]
        rows.append(row)
        if not said.json:
            name = machine.name if coupling == "all" else f"{machine.name}, coupling {coupling}"
            print(
                f"| {circuit} | {name} | {comm_qubits} | {row['ebits']} | {row['packed_ebits']} | "
                f"{row['swaps_local']} | {row['packed_swaps_local']} | {row['cpu_s']:.1f} | "
                f"{'worse' if row['worse'] else ''} |",
                flush=True,
            )
    ratios = [r["ebits"] / r["packed_ebits"] for r in rows if r["ebits"] and r["packed_ebits"]]
    figures = {
        "recipe": said.recipe,
        "version": __version__,
        "rule": "Bell pairs on links in the emitted program",
        "geomean_ebits_vs_packed": geometric_mean(ratios),
        "rows_worse": sum(r["worse"] for r in rows),
        "rows_measured": len(rows),
    }
    print(json.dumps(figures | {"rows": rows} if said.json else figures))


if __name__ == "__main__":
    main()
