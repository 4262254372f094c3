"""How compiling grows: planted communities, from the circuit object to the LOWERED program.

Counting rule: Bell pairs made on links in the emitted LOWERED program; all-to-all links and
coupling, capacity ceil(n/K) + 4 data qubits and Q communication qubits per module. Beside them
stands what the planted communities would cost as homes that stay, with the fewest sessions and
communication qubits without limit. Every program between two passes is verified by rule. CPU
seconds by time.process_time; each size runs in a process of its own, after one that is not counted
(kernels are compiled in it), and the peak memory is that of this process. The exponent is the slope
of log(CPU seconds) over log(two-qubit gates), of all sizes and of the last two: small programs are
searched for seconds, so that all sizes alone would flatter.

    python benchmarks/scale.py [--sizes 10000 100000 1000000] [--recipe fast] [--Q 4] [--json]
    python benchmarks/scale.py --qubits 10000 --modules 60 --sizes 1000000
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import resource
import subprocess
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire import __version__
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program, Qubit, Ragged, Stage
from bellwire.compiler.verify import verify
from bellwire.passes.annealing.nodes import build, meetings
from bellwire.passes.cover import cover_cost
from bellwire.passes.fuse_gates import fuse_gates
from bellwire.passes.homes import prices
from bellwire.passes.pipeline import pass_name
from bellwire.passes.recipes import RECIPES, recipe
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

ONE = ("h", "s", "x", "z", "sx", "t")
TWO = ("cx", "cz")
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
INSIDE = 0.98  # share of the two-qubit gates that stay inside a community
WARM = 100_000  # two-qubit gates of a first run that is not counted: kernels are compiled in it
SPARE = 4  # data qubits per module beyond an even share


def communities(qubits: int, modules: int) -> NDArray[np.int64]:
    """The community of each qubit."""
    return np.arange(qubits) * modules // qubits


def planted(qubits: int, gates: int, modules: int, seed: int = 0) -> Program:
    """As many one-qubit gates as two-qubit gates, each of these inside one of `modules` communities
    but for a share."""
    rng = np.random.default_rng(seed)
    community = communities(qubits, modules)
    first = rng.integers(qubits, size=gates)
    low = np.searchsorted(community, community[first])
    high = np.searchsorted(community, community[first], side="right")
    inside = rng.random(gates) < INSIDE
    low, high = np.where(inside, low, 0), np.where(inside, high, qubits)
    second = low + (first - low + rng.integers(1, high - low)) % (high - low)
    kinds = [[KIND[name] for name in names] for names in (ONE, TWO)]
    kind = np.stack([rng.choice(k, gates) for k in kinds], axis=1).ravel()
    lone = rng.integers(qubits, size=gates)
    starts = np.zeros(2 * gates + 1, dtype=np.int64)
    starts[1:] = np.cumsum(np.tile([1, 2], gates))
    operands = np.stack([lone, first, second], axis=1).ravel()
    nothing = np.zeros(2 * gates + 1, dtype=np.int64)
    empty = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)], name="planted")
    return replace(
        empty.finish(Stage.LOGICAL),
        kind=kind.astype(np.uint8),
        operands=Ragged(starts, operands.astype(np.int32)),
        angles=Ragged(nothing, np.zeros(0)),
        bits=Ragged(nothing, np.zeros(0, dtype=np.int32)),
        condition=np.full(2 * gates, -1, dtype=np.int32),
        source=np.arange(2 * gates, dtype=np.int32),
    )


def planted_ebits(circuit: Program, machine: Machine) -> int:
    """The Bell pairs of the fewest sessions if each community stayed in a module of its own."""
    clock = timeline(unroll(fuse_gates(circuit, machine), machine))
    homes = communities(len(circuit.qubits), len(machine.modules))
    return round(cover_cost(meetings(build(clock, machine)), homes, prices(machine)))


def measure(said: argparse.Namespace, gates: int) -> dict[str, Any]:
    """Compile one circuit up to LOWERED: seconds of each pass and of verifying its result."""
    circuit = planted(said.qubits, gates, said.modules, said.seed)
    data = math.ceil(said.qubits / said.modules) + SPARE
    machine = make_machine("complete", said.modules, data_qubits=data, comm_qubits=said.Q)
    steps = [step for step in recipe(said.recipe) if pass_name(step) != "schedule"]
    passes: dict[str, float] = {}
    checks: dict[str, float] = {}
    begun = start = time.process_time()
    now = verify(circuit, machine)
    checks["circuit"] = time.process_time() - start
    for step in steps:
        name, start = pass_name(step), time.process_time()
        result = step(now, machine)
        changed, now = result is not now, result
        passes[name] = time.process_time() - start
        start = time.process_time()
        if changed:
            verify(now, machine)
        checks[name] = time.process_time() - start
    cpu_s = time.process_time() - begun
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "two_qubit_gates": circuit.count(*TWO),
        "one_qubit_gates": circuit.count(*ONE),
        "operations": len(now),
        "ebits": now.count("ebit"),
        "planted_ebits": planted_ebits(circuit, machine),
        "cpu_s": cpu_s,
        "pass_cpu_s": passes,
        "verify_cpu_s": sum(checks.values()),
        "verify_cpu_s_after": checks,
        "peak_mb": peak_kb / 1024,
    }


def fresh(gates: int, arguments: list[str]) -> dict[str, Any]:
    """Measure one size in a process of its own."""
    command = [sys.executable, __file__, *arguments, "--one", str(gates)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def exponent(rows: list[dict[str, Any]]) -> float | None:
    """The slope of log(CPU seconds) over log(two-qubit gates); None of fewer than two sizes."""
    if len(rows) < 2:
        return None
    gates, seconds = ([math.log(row[key]) for row in rows] for key in ("two_qubit_gates", "cpu_s"))
    return float(np.polyfit(gates, seconds, 1)[0])


def show(row: dict[str, Any]) -> None:
    """Print one size for people."""
    print(
        f"{row['two_qubit_gates']:>9} two-qubit gates: {row['cpu_s']:7.2f} s CPU, of it verify "
        f"{row['verify_cpu_s']:.2f} s; peak {row['peak_mb']:.0f} MB; {row['ebits']} e-bits, "
        f"planted {row['planted_ebits']}"
    )
    for name, seconds in row["verify_cpu_s_after"].items():
        print(f"    {name:20}{row['pass_cpu_s'].get(name, 0):8.2f} s, verify {seconds:6.2f} s")
    sys.stdout.flush()


def main() -> None:
    """Print seconds, memory and e-bits of each size, and the exponent; or one JSON object."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    words.add_argument("--qubits", type=int, default=1000)
    words.add_argument("--modules", type=int, default=16)
    words.add_argument("--Q", type=int, default=4)
    words.add_argument("--recipe", default="default", choices=RECIPES)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--json", action="store_true")
    words.add_argument("--one", type=int, help=argparse.SUPPRESS)
    said = words.parse_args()
    if said.one is not None:
        print(json.dumps(measure(said, said.one)))
        return
    fresh(min(max(said.sizes), WARM), sys.argv[1:])
    rows = []
    for gates in said.sizes:
        rows.append(fresh(gates, sys.argv[1:]))
        if not said.json:
            show(rows[-1])
    figures = {
        "qubits": said.qubits,
        "modules": said.modules,
        "data_qubits": math.ceil(said.qubits / said.modules) + SPARE,
        "Q": said.Q,
        "recipe": said.recipe,
        "seed": said.seed,
        "rule": "Bell pairs on links in the LOWERED program; all-to-all links and coupling",
        "exponent": exponent(rows),
        "exponent_of_last_two": exponent(rows[-2:]),
        "versions": {
            "bellwire": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "scipy", "numba", "pymetis")},
        },
    }
    if said.json:
        print(json.dumps(figures | {"rows": rows}))
    else:
        print("\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
