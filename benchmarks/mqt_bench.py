"""All circuits of MQT Bench, compiled for small modular machines and proved.

Every benchmark at each size asked for, or at the next size that it has; K all-to-all modules of
ceil(n/K) + 1 data qubits and Q communication qubits on a complete network. e-bits are Bell pairs
made on links in the emitted program; spanning gates those before. Needs the package mqt.bench.

    python benchmarks/mqt_bench.py --sizes 6 10 --K 2 3 [--only NAME ...] [--json | --markdown]
"""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from unittest.mock import patch

import bellwire
from bellwire.compiler import mixture
from bellwire.compiler.equivalence import EXACT, RANDOM, prove
from bellwire.errors import BellwireError

MORE = 16  # times the room and work of an exact proof
FURTHER = 12  # at most so much larger than asked for


def circuits(sizes: list[int], only: list[str] | None) -> Iterator[tuple[str, int, Any]]:
    """(name, size asked for, circuit) of all benchmarks, none twice."""
    from mqt.bench.benchmarks import get_available_benchmark_names

    seen = set()
    for size in sizes:
        for name in only or get_available_benchmark_names():
            exists, circuit = circuit_of(name, size)
            if (name, exists) not in seen:
                yield name, size, circuit
            seen.add((name, exists))


def circuit_of(name: str, size: int) -> tuple[int, Any]:
    """A benchmark at the first size from `size` on that it has. Raises ValueError for none."""
    from mqt.bench import BenchmarkLevel, get_benchmark

    for n in range(size, size + FURTHER + 1):
        try:
            return n, get_benchmark(name, BenchmarkLevel.INDEP, n)
        except ValueError:
            continue
    raise ValueError(f"{name}: no size from {size} to {size + FURTHER}")


def measure(circuit: Any, modules: int, comm_qubits: int, recipe: str) -> dict[str, Any]:
    """Compile and prove one circuit."""
    source = bellwire.read(circuit)
    data = math.ceil(len(source.logical) / modules) + 1
    machine = bellwire.make_machine("complete", modules, data_qubits=data, comm_qubits=comm_qubits)
    start = time.process_time()
    done = bellwire.compile(source, machine, recipe=recipe)
    compiled = time.process_time()
    proof = done.verify()
    if proof.method == RANDOM:  # a strong test; half a minute more, and it is a proof
        with patch.multiple(
            mixture, AMPLITUDES=MORE * mixture.AMPLITUDES, WORK=MORE * mixture.WORK
        ):
            proof = prove(done.program, source, method=EXACT)
    return {
        "qubits": len(source.logical),
        "modules": modules,
        "two_qubit_gates": done.report["two_qubit_gates_read"],
        "spanning_gates": done.report["spanning_gates"],
        "ebits": done.report["ebits"],
        "compile_cpu_s": round(compiled - start, 2),
        "prove_cpu_s": round(time.process_time() - compiled, 2),
        "proved": bool(proof),
        "method": proof.method,
        "detail": "" if proof else proof.detail,
    }


def rows(said: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A row for each circuit; one that does not compile has `error` instead of figures."""
    modules = dict(zip(said.sizes, said.K))
    for name, size, circuit in circuits(said.sizes, said.only):
        row = {"benchmark": name, "size": size}
        try:
            yield row | measure(circuit, modules[size], said.Q, said.recipe)
        except BellwireError as error:
            yield row | {"proved": False, "error": str(error)}


COLUMNS = {
    "benchmark": "benchmark",
    "qubits": "qubits",
    "K": "modules",
    "gates on two": "two_qubit_gates",
    "spanning": "spanning_gates",
    "e-bits": "ebits",
    "compile s": "compile_cpu_s",
    "prove s": "prove_cpu_s",
    "proved by": "method",
}


def line(row: dict[str, Any]) -> str:
    """One row of the table."""
    if "error" in row:
        return f"| {row['benchmark']} | {row['error']} |" + " |" * (len(COLUMNS) - 2)
    cells = [str(row[key]) for key in COLUMNS.values()]
    if not row["proved"]:
        cells[-1] = f"NOT EQUAL: {row['detail']}"
    return f"| {' | '.join(cells)} |"


def head(said: argparse.Namespace) -> str:
    """What stands above the table in the documentation."""
    command = " ".join(
        ("python benchmarks/mqt_bench.py --sizes", *map(str, said.sizes), "--K", *map(str, said.K))
    )
    shapes = ", ".join(f"{k} modules for size {s}" for s, k in zip(said.sizes, said.K))
    return f"""# MQT Bench

All circuits of MQT Bench {version("mqt.bench")}, target-independent level, compiled by the recipe
`{said.recipe}` (seed 0) and proved equal to the circuit read. A benchmark without the size asked
for has the next one that exists.

- Machines: {shapes}, each of ceil(n/K) + 1 data qubits, all
  coupled, and {said.Q} communication qubits; a link between every two.
- E-bits are Bell pairs made on links in the emitted program. Spanning gates are those on two
  modules once gates are fused and homes chosen, before any e-bit is shared.
- CPU seconds on one shared core. "exact" proofs may take {MORE} times the room and work here that
  `bellwire verify` gives them.

```sh
{command} --markdown > docs/mqt_bench.md
```
"""


def main() -> None:
    """Print a table, one page of documentation, or one JSON object; exit with 1 when a circuit
    fails."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sizes", type=int, nargs="+", default=[6, 10])
    words.add_argument("--K", type=int, nargs="+", default=[2, 3], help="modules for each size")
    words.add_argument("--Q", type=int, default=2, help="communication qubits of a module")
    words.add_argument("--recipe", default="default")
    words.add_argument("--only", nargs="*", help="names of benchmarks")
    words.add_argument("--json", action="store_true")
    words.add_argument("--markdown", action="store_true")
    said = words.parse_args()
    warnings.simplefilter("ignore")
    if said.markdown:
        print(head(said))
    if not said.json:
        print(f"| {' | '.join(COLUMNS)} |")
        print("|" + "---|" * len(COLUMNS), flush=True)
    done = []
    for row in rows(said):
        done.append(row)
        if not said.json:
            print(line(row), flush=True)
    failed = [row["benchmark"] for row in done if not row["proved"]]
    ebits = sum(row.get("ebits", 0) for row in done)
    figures = {"circuits": len(done), "failed": failed, "ebits": ebits}
    if said.json:
        print(json.dumps(figures | {"rows": done}))
    else:
        print(f"\n{len(done)} circuits, {len(failed)} not proved, {ebits:,} e-bits.")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
