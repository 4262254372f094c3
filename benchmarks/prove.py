"""How long a proof takes: a random Clifford circuit in communities, compiled, proved by flows.

CPU seconds by time.process_time, one run, cold (kernels are compiled on the first run only).

    python benchmarks/prove.py [--qubits 1000] [--gates 200000] [--modules 16] [--json]
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.equivalence import prove
from bellwire.compiler.program import Program, Qubit, Stage
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.shapes import make_machine

ONE = ("h", "s", "x", "z", "sx")
TWO = ("cx", "cz")


def planted(qubits: int, gates: int, modules: int, seed: int = 0) -> Program:
    """Random Clifford gates, 98 of 100 two-qubit gates inside one of `modules` communities."""
    rng = np.random.default_rng(seed)
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)], name="planted")
    size = qubits // modules
    for _ in range(gates):
        out.append(str(ONE[rng.integers(len(ONE))]), [int(rng.integers(qubits))])
        first = int(rng.integers(size * modules))
        low = first // size * size if rng.random() < 0.98 else 0
        width = size if low or rng.random() < 0.98 else qubits
        second = low + int(rng.integers(width))
        if first != second:
            out.append(TWO[rng.integers(2)], [first, second])
    return out.finish(Stage.LOGICAL)


def main() -> None:
    """Compile, prove, prove that one more Z is seen, print the times."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--qubits", type=int, default=1000)
    words.add_argument("--gates", type=int, default=200_000)
    words.add_argument("--modules", type=int, default=16)
    words.add_argument("--json", action="store_true")
    said = words.parse_args()
    circuit = planted(said.qubits, said.gates, said.modules)
    data = -(-said.qubits // said.modules) + 4
    machine = make_machine("complete", said.modules, data_qubits=data, comm_qubits=4)
    start = time.process_time()
    done = run_passes(circuit, machine, recipe("fast"))
    compiled = time.process_time()
    proof = prove(done.program, circuit)
    proved = time.process_time()
    figures = {
        "qubits": said.qubits,
        "two_qubit_gates": circuit.count(*TWO),
        "operations": len(done.program),
        "ebits": done.program.count("ebit"),
        "equal": proof.equal,
        "method": proof.method,
        "compile_cpu_s": round(compiled - start, 2),
        "prove_cpu_s": round(proved - compiled, 2),
        "pass_cpu_s": {name: round(s, 2) for name, s in done.seconds.items()},
    }
    if said.json:
        print(json.dumps(figures))
    else:
        for key, value in figures.items():
            print(f"{key:16} {value}")


if __name__ == "__main__":
    main()
