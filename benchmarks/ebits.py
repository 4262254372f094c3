"""e-bits of compiled, verified programs beside the best counts known of other tools.

Counting rule: Bell pairs made on links in the emitted LOWERED program; all-to-all links and
coupling, capacity ceil(n/K) + 1 data qubits per module, Q communication qubits per module. Other
tools count a plan and put no limit on communication qubits. CPU seconds by time.process_time.

    python benchmarks/ebits.py --K 4 --Q 64 [--recipe default] [--circuits DIR] [--peers FILE]
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import time
from pathlib import Path
from typing import Any

from bellwire import __version__
from bellwire.compiler.frontends.read import read
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.shapes import make_machine

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CIRCUITS = SHARED / "circuits" if SHARED.exists() else ROOT / "examples" / "circuits"


def best_peers(path: Path, modules: int) -> dict[str, dict[str, int]]:
    """circuit -> {"best": fewest e-bits of any row, "metis_packed": of that row} for K modules."""
    out: dict[str, dict[str, int]] = {}
    if not path.exists():
        return out
    with path.open() as file:
        for row in csv.DictReader(file):
            if int(row["K"]) == modules:
                found = out.setdefault(row["circuit"], {})
                ebits = int(row["ebits"])
                found["best"] = min(ebits, found.get("best", ebits))
                if row["tool"] == "metis-packed":
                    found["metis_packed"] = ebits
    return out


def measure(path: Path, modules: int, comm_qubits: int, name: str) -> dict[str, Any]:
    """Compile one circuit; its e-bits and CPU seconds."""
    circuit = read(path)
    data = math.ceil(len(circuit.logical) / modules) + 1
    machine = make_machine("complete", modules, data_qubits=data, comm_qubits=comm_qubits)
    start = time.process_time()
    done = run_passes(circuit, machine, recipe(name))
    seconds = time.process_time() - start
    return {
        "circuit": path.stem,
        "ebits": done.program.count("ebit"),
        "teleports": done.costs["teleports"],
        "cpu_s": round(seconds, 2),
    }


def geometric_mean(values: list[float]) -> float | None:
    """The geometric mean; None of nothing."""
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def main() -> None:
    """Print a table, or one JSON object."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--K", type=int, default=4)
    words.add_argument("--Q", type=int, default=64)
    words.add_argument("--recipe", default="default")
    words.add_argument("--circuits", type=Path, default=CIRCUITS)
    words.add_argument("--peers", type=Path, default=SHARED / "peers.csv")
    words.add_argument("--only", nargs="*", help="names of circuits")
    words.add_argument("--json", action="store_true")
    said = words.parse_args()
    peers = best_peers(said.peers, said.K)
    rows, ratios, worse = [], [], []
    for path in sorted(said.circuits.glob("*.qasm")):
        if said.only and path.stem not in said.only:
            continue
        row = measure(path, said.K, said.Q, said.recipe) | peers.get(path.stem, {})
        rows.append(row)
        if row.get("best", 0) > 4:
            ratios.append(row["ebits"] / row["best"])
        if row["ebits"] > row.get("metis_packed", row["ebits"]):
            worse.append(path.stem)
        if not said.json:
            print(
                f"{row['circuit']:26}{row['ebits']:6}{row.get('best', ''):>6}"
                f"{row.get('metis_packed', ''):>6}{row['cpu_s']:8.2f} s",
                flush=True,
            )
    figures = {
        "K": said.K,
        "Q": said.Q,
        "recipe": said.recipe,
        "version": __version__,
        "rule": "Bell pairs on links in the emitted program",
        "geomean_vs_best_above_4": geometric_mean(ratios),
        "more_than_metis_packed": worse,
    }
    print(json.dumps(figures | {"rows": rows} if said.json else figures))


if __name__ == "__main__":
    main()
