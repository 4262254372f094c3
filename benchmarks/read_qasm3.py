"""How fast OpenQASM 3 is read: gate statements by ours and by Qiskit's importer.

CPU seconds by time.process_time, per statement; Qiskit's importer gets fewer statements.

    python benchmarks/read_qasm3.py [--statements 100000] [--qiskit-statements 2000] [--qubits 50]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable

import numpy as np

from bellwire.compiler.frontends.openqasm import read_qasm3

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def circuit(statements: int, qubits: int, seed: int = 0) -> str:
    """Random gates: half of them on two qubits, a third with an angle that is new each time."""
    rng = np.random.default_rng(seed)
    lines = [f"qubit[{qubits}] q;", f"bit[{qubits}] c;"]
    for _ in range(statements):
        a, b = rng.choice(qubits, 2, replace=False).tolist()
        kind = rng.integers(6)
        angle = repr(float(rng.uniform(-math.pi, math.pi)))
        lines.append(
            (
                f"h q[{a}];",
                f"rz({angle}) q[{a}];",
                f"rx(pi/{rng.integers(1, 64)}) q[{a}];",
                f"cx q[{a}], q[{b}];",
                f"cz q[{a}], q[{b}];",
                f"cp({angle}) q[{a}], q[{b}];",
            )[kind]
        )
    return HEAD + "\n".join(lines) + "\n"


def seconds(read: Callable[[str], object], text: str) -> float:
    """CPU seconds of one reading, after a first short one that loads what is needed."""
    read(HEAD + "qubit[2] q; bit[2] c; h q[0]; rx(pi/2) q[0]; cx q[0], q[1];")
    start = time.process_time()
    read(text)
    return time.process_time() - start


def main() -> None:
    """Print the times, and how many times faster ours is, as JSON."""
    import qiskit.qasm3

    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--statements", type=int, default=100_000)
    words.add_argument("--qiskit-statements", type=int, default=2_000)
    words.add_argument("--qubits", type=int, default=50)
    said = words.parse_args()
    ours = seconds(read_qasm3, circuit(said.statements, said.qubits))
    theirs = seconds(qiskit.qasm3.loads, circuit(said.qiskit_statements, said.qubits))
    each, their_each = ours / said.statements, theirs / said.qiskit_statements
    figures = {
        "statements": said.statements,
        "bellwire_s": round(ours, 3),
        "bellwire_us_per_statement": round(each * 1e6, 2),
        "qiskit_statements": said.qiskit_statements,
        "qiskit_us_per_statement": round(their_each * 1e6, 2),
        "ratio": round(their_each / each, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
