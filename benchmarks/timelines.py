"""How fast timelines are sampled, and what folding protocols saves.

A program of telegates (8 operations, one e-bit each) and local gates on a ring of 16 modules,
written down directly; CPU seconds by time.process_time after some shots that are not counted
(kernels are compiled in them). An operation-sample is one operation in one shot. The large program
is also run by the `timing` backend, everything from the Program on counted.

    python benchmarks/timelines.py [--sizes 10000 100000 1000000] [--json]
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from bellwire.api import compile as compile_circuit
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.timelines import TimelineSampler
from bellwire.runtime.execute import prepare
from bellwire.targets.machine import GateQuality, Link, Machine, Module
from bellwire.targets.shapes import make_machine

MODULES, DATA, COMM = 16, 16, 2
SIZES = (10_000, 100_000, 1_000_000)
SAMPLES = 2e8  # operation-samples per size


def machine() -> Machine:
    """A ring of modules with probabilistic links."""
    return make_machine(
        "ring",
        MODULES,
        data_qubits=DATA,
        comm_qubits=COMM,
        module=Module("A", DATA, COMM),
        link=Link(("A", "B"), attempt_ns=1_000, success=0.05),
    )


def program(target: Machine, operations: int, seed: int = 0) -> Program:
    """About as many operations: telegates to the next module, twice as many local gates."""
    rng = np.random.default_rng(seed)
    size = DATA + COMM
    qubits = [
        Qubit(name, name.split("_")[0], "comm" if "comm" in name else "data")
        for name in target.qubit_names()
    ]
    data = [i for i, q in enumerate(qubits) if q.role == "data"]
    bits = 2 * MODULES
    b = ProgramBuilder(
        qubits,
        [Register("bellwire", bits)],
        logical=[qubits[i].name for i in data],
        inputs=data,
        name="telegates",
    )
    while len(b) < operations:
        m = int(rng.integers(MODULES))
        here, there = m * size, (m + 1) % MODULES * size
        control, target_qubit = rng.integers(DATA, size=2).tolist()
        near, far = here + DATA, there + DATA + 1
        one, other = 2 * m, 2 * m + 1
        b.append("ebit", [near, far])
        b.append("cx", [here + control, near])
        b.append("measure", [near], bits=[one])
        b.append("x", [far], condition=bit(one))
        b.append("cx", [far, there + target_qubit])
        b.append("h", [far])
        b.append("measure", [far], bits=[other])
        b.append("z", [here + control], condition=bit(other))
        for _ in range(8):
            q, r = rng.choice(DATA, size=2, replace=False).tolist()
            b.append("h", [here + q])
            b.append("cx", [here + q, here + r])
    return b.finish(Stage.LOWERED)


def speed(target: Machine, operations: int) -> dict[str, Any]:
    """Operation-samples per CPU second of one size, with and without detail."""
    lowered = program(target, operations)
    begun = time.process_time()
    sampler = TimelineSampler(lowered, target)
    made_ready = time.process_time() - begun
    sampler.sample(64)
    shots = max(64, int(SAMPLES / len(lowered)))
    begun = time.process_time()
    spans = sampler.sample(shots, 1).makespan_ns
    took = time.process_time() - begun
    return {
        "operations": len(lowered),
        "ebits": lowered.count("ebit"),
        "shots": shots,
        "prepare_s": round(made_ready, 3),
        "sample_s": round(took, 3),
        "samples_per_s": round(len(lowered) * shots / took),
        "makespan_s": float(spans.mean()) * 1e-9,
    }


def timing_run(target: Machine, operations: int, shots: int) -> dict[str, Any]:
    """A whole run in the `timing` backend."""
    lowered = program(target, operations)
    begun = time.process_time()
    result = prepare(lowered, target, backend="timing").run(shots, seed=1)
    return {
        "operations": len(lowered),
        "shots": shots,
        "run_s": round(time.process_time() - begun, 3),
        "makespan_s": result.makespan_s,
        "pairs": dict(result.pairs),
    }


def brickwork(qubits: int, layers: int, seed: int = 0) -> Program:
    """Layers of random one-qubit turns and two-qubit phases between neighbours, then measured."""
    rng = np.random.default_rng(seed)
    b = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)], [Register("c", qubits)])
    for layer in range(layers):
        for q in range(qubits):
            b.append("ry", [q], [float(rng.uniform(0, np.pi))])
        for q in range(layer % 2, qubits - 1, 2):
            b.append("cp", [q, q + 1], [float(rng.uniform(0, np.pi))])
    for q in range(qubits):
        b.append("measure", [q], bits=[q])
    return b.finish(Stage.LOGICAL)


def folding(qubits: int, shots: int) -> dict[str, Any]:
    """The same noisy program with its protocols folded away and as it is."""
    small = make_machine(
        "ring",
        qubits // 3,
        data_qubits=4,
        comm_qubits=2,
        module=Module(
            "A",
            4,
            2,
            gate_1q=GateQuality(30, 0.9995),
            gate_2q=GateQuality(60, 0.998),
            readout=GateQuality(500, 0.995),
            t1_ns=1e6,
            t2_ns=1e6,
        ),
        link=Link(("A", "B"), attempt_ns=1_000, success=0.2, state=(0.97, 0.01, 0.01, 0.01)),
    )
    compiled = compile_circuit(brickwork(qubits, 12), small, recipe="fast").program
    found: dict[str, Any] = {"qubits": qubits, "shots": shots, "ebits": compiled.count("ebit")}
    for name, explicit in (("folded", False), ("explicit", True)):
        prepare(compiled, small, backend="aer", explicit=explicit).run(2)
        begun = time.process_time()
        ready = prepare(compiled, small, backend="aer", explicit=explicit)
        result = ready.run(shots, seed=1)
        found[name] = {"s": round(time.process_time() - begun, 3), "backend": result.backend}
    found["times_faster"] = round(found["explicit"]["s"] / found["folded"]["s"], 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--shots", type=int, default=1_000, help="of the run in timing")
    parser.add_argument("--qubits", type=int, default=12, help="of the folded program")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    target = machine()
    report = {
        "sampling": [speed(target, size) for size in args.sizes],
        "timing": timing_run(target, max(args.sizes), args.shots),
        "folding": folding(args.qubits, 1_000),
    }
    if args.json:
        print(json.dumps(report, indent=1))
        return
    for row in report["sampling"]:
        print(
            f"{row['operations']:>9,} operations, {row['shots']:>6,} shots: {row['sample_s']} s, "
            f"{row['samples_per_s']:.3g} operation-samples per CPU second"
        )
    print(f"timing backend: {report['timing']}")
    print(f"folding: {report['folding']}")


if __name__ == "__main__":
    main()
