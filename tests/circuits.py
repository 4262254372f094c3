"""Random small circuits, and those whose outcome is known."""

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.program import Program, Qubit, Register, Stage


def logical(qubits: int) -> ProgramBuilder:
    return ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)], [Register("c", qubits)])


def measured(b: ProgramBuilder) -> Program:
    for i in range(len(b.logical)):
        b.append("measure", [i], bits=[i])
    return b.finish(Stage.LOGICAL)


def ghz(qubits: int) -> Program:
    b = logical(qubits)
    b.append("h", [0])
    for i in range(qubits - 1):
        b.append("cx", [i, i + 1])
    return measured(b)


def clifford_and_back(qubits: int, gates: int, seed: int) -> Program:
    """Random Clifford gates, then their inverse: all bits are 0."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(gates):
        i, j = random.permutation(qubits)[:2].tolist()
        rows.append((("h", [i]), ("s", [i]), ("cx", [i, j]), ("cz", [i, j]))[random.integers(4)])
    b = logical(qubits)
    for name, on in rows:
        b.append(name, on)
    b.append("barrier", range(qubits))
    for name, on in reversed(rows):
        b.append({"s": "sdg"}.get(name, name), on)
    return measured(b)


def turned(qubits: int, gates: int, seed: int, *, feedback: bool = False) -> Program:
    """Random gates, not Clifford; with `feedback` measurements and conditions in between."""
    random = np.random.default_rng(seed)
    b = logical(qubits)
    for _ in range(gates):
        i, j = random.permutation(qubits)[:2].tolist()
        angle = [float(random.uniform(0, 6))]
        kind = random.integers(5)
        b.append("ry" if kind == 0 else "h", [i], angle if kind == 0 else [])
        b.append(
            "cx" if kind == 1 else "rzz" if kind < 4 else "cp", [i, j], [] if kind == 1 else angle
        )
        if feedback and random.random() < 0.2:
            b.append("measure", [i], bits=[i])
            b.append("ry", [j], [1.0], condition=bit(i))
            if random.random() < 0.5:
                b.append("reset", [i])
    return measured(b)
