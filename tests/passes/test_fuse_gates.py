"""Fusing gates: what is fused, what is not, and that the meaning stays."""

from __future__ import annotations

import numpy as np
import pytest

from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.program import Program, ProgramBuilder, Qubit, Stage
from bellwire.passes.fuse_gates import fuse_gates


def names(text: str) -> list[str]:
    """The operations that are left of a circuit in the text form."""
    return [op.name for op in fuse_gates(read_text(text)[0]).ops]


@pytest.mark.parametrize(
    ("between", "left"),
    [
        ("rz(0.3) q[1]", ["rzz"]),
        ("t q[1]", ["rzz"]),
        ("", []),
        ("rz(1e-9) q[1]", ["rzz"]),  # small angles are kept
        ("t q[1]\ntdg q[1]", ["rzz", "rzz"]),
        ("t q[0]\ncz q[0] q[2]\nt q[1]", ["t", "cz", "rzz"]),
        ("t q[1]\nh q[0]", ["cx", "t", "h", "cx"]),
        ("t q[1]\nx q[1]", ["cx", "t", "x", "cx"]),
        ("t q[1]\ncz q[1] q[2]", ["cx", "t", "cz", "cx"]),
        ("t q[1]\ncx q[2] q[1]", ["cx", "t", "cx", "cx"]),
        ("t q[1]\ncx q[2] q[0]", ["cx", "t", "cx", "cx"]),
        ("t q[1]\nmeasure q[0] -> c[0]", ["cx", "t", "measure", "cx"]),
        ("t q[1] if c[0]", ["cx", "t", "cx"]),
    ],
)
def test_sandwiches(between: str, left: list[str]) -> None:
    assert names(f"qubits q[3]\nbits c[1]\ncx q[0] q[1]\n{between}\ncx q[0] q[1]\n") == left


def random_phases(seed: int) -> Program:
    """Few qubits, many cx and phases: plenty to fuse."""
    rng = np.random.default_rng(seed)
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(3)])
    for _ in range(30):
        name = str(rng.choice(["cx", "cx", "cx", "rz", "p", "t", "z", "cz", "h", "x"]))
        width = 2 if name in ("cx", "cz") else 1
        angles = [float(rng.uniform(-3, 3))] if name in ("rz", "p") else []
        out.append(name, rng.choice(3, width, replace=False).tolist(), angles)
    return out.finish(Stage.LOGICAL)


def test_random_circuits_keep_their_meaning_and_some_gates_are_fused() -> None:
    fused = 0
    for seed in range(150):
        circuit = random_phases(seed)
        done = fuse_gates(circuit)
        assert prove(done, circuit).equal, seed
        fused += done.count("rzz")
    assert fused > 20
