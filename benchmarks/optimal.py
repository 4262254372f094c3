"""Small circuits: the proved fewest e-bits beside what the recipes reach, without limit on
communication qubits (64 per module), all-to-all links.

    python benchmarks/optimal.py [--random 10] [--seconds 60]
"""

from __future__ import annotations

import argparse
import time

from small_cases import Case, small_cases

from bellwire.passes.lower_bound import lower_bound
from bellwire.passes.optimal import optimal_ebits
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe

RECIPES = ("default", "thorough")
COLUMNS = ("bound", "optimum", *RECIPES)


def measure(case: Case, seconds: float) -> tuple[dict[str, int], bool, list[float]]:
    """The four counts of a case, whether the optimum is proved, seconds of the last three."""
    counts, spent, machine = {}, [], case.machine
    start = time.perf_counter()
    for name in RECIPES:
        done = run_passes(case.circuit, machine, recipe(name), keep=("unroll",))
        counts[name] = done.program.count("ebit")
        spent.append(time.perf_counter() - start)
        start = time.perf_counter()
    gates = done.after["unroll"]
    best = optimal_ebits(gates, machine, seconds=seconds)
    spent.insert(0, time.perf_counter() - start)
    counts |= {"optimum": best.ebits, "bound": lower_bound(gates, machine)}
    return counts, best.proved, spent


def main() -> None:
    """Print one line per case (? behind an optimum that is not proved), then the totals."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--random", type=int, default=10, help="circuits of each random kind")
    words.add_argument("--seconds", type=float, default=60.0, help="of search per case")
    said = words.parse_args()
    totals, reached, cases = dict.fromkeys(COLUMNS, 0), dict.fromkeys(COLUMNS, 0), 0
    print(f"{'case':24}" + "".join(f"{c:>10}" for c in COLUMNS) + "   seconds")
    for case in small_cases(said.random):
        counts, proved, spent = measure(case, said.seconds)
        cells = [f"{counts[c]}{'?' * (c == 'optimum' and not proved)}" for c in COLUMNS]
        times = " ".join(f"{s:6.2f}" for s in spent)
        print(f"{case.name:24}" + "".join(f"{c:>10}" for c in cells) + f"   {times}", flush=True)
        cases += 1
        for c in COLUMNS:
            totals[c] += counts[c]
            reached[c] += counts[c] == counts["optimum"]
    print(f"{'total':24}" + "".join(f"{totals[c]:>10}" for c in COLUMNS))
    print(
        f"{'equal to the optimum':24}" + "".join(f"{reached[c]:>10}" for c in COLUMNS),
        f" of {cases}",
    )


if __name__ == "__main__":
    main()
