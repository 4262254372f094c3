"""Fusing gates: what is fused, what is not, and that the meaning stays."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from generators import random_program

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit
from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.metrics import two_qubit_gates
from bellwire.compiler.operations import KIND, ROWS, Family
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.compiler.verify import verify
from bellwire.passes import fuse_gates as fusing
from bellwire.passes import write_gates as writing
from bellwire.passes.fuse_gates import fuse_gates

ANGLES = (0.3, -0.3, 0.7, pi, -pi, pi / 2, -pi / 2, pi / 4, 1e-9, 1e-300, 0.0)
EULER = (
    (0.0, 0.0, 0.3),
    (0.0, 0.3, 0.0),
    (0.3, 0.0, 0.0),
    (0.3, -pi / 2, pi / 2),
    (pi, 0.0, pi),
    (pi, pi / 2, pi / 2),
    (pi / 2, 0.0, pi),
    (pi / 2, 0.0, -pi),
    (0.1, 0.2, 0.3),
)
MANY = {"cx": 6, "cz": 4, "h": 6, "x": 2, "u": 2}
NAMES = [
    row.name
    for row in ROWS
    if row.family in (Family.GATE, Family.MEASURE, Family.MARK)
    for _ in range(MANY.get(row.name, 1))
]


def fused(text: str) -> list[str]:
    """The operations that are left of a circuit in the text form."""
    circuit = read_text(text)[0]
    done = verify(fuse_gates(circuit))
    assert prove(done, circuit, method="exact")
    return [op.name for op in done.ops]


@pytest.mark.parametrize(
    ("between", "pairs"),
    [
        ("", 0),
        ("rz(0.3) q[1]", 1),
        ("rz(1e-9) q[1]", 1),  # small angles are kept
        ("t q[1]\ntdg q[1]", 0),
        ("t q[1]\np(0.1) q[1]", 2),
        ("t q[1]\np(0.1) q[1]\ns q[1]", 2),  # three turns: left as it is
        ("t q[0]\ncz q[0] q[2]\nt q[1]", 2),
        ("t q[1]\nh q[0]", 2),
        ("rx(0.2) q[0]", 1),
        ("ry(0.2) q[1]", 2),
        ("t q[1]\nx q[1]", 1),
        ("x q[0]", 0),  # the X comes out on both
        ("t q[1]\nx q[0]", 2),  # not on both sides
        ("x q[0]\nz q[1]", 2),
        ("t q[1]\ncz q[1] q[2]", 3),
        ("t q[1]\ncx q[2] q[1]", 2),  # a common target commutes
        ("t q[1]\ncx q[2] q[0]", 3),
        ("t q[1]\nmeasure q[0] -> c[0]", 1),
        ("measure q[1] -> c[0]", 2),
        ("reset q[0]", 2),
        ("t q[1] if c[0]", 2),
        ("x q[1] if c[0]", 0),
        ("barrier q[0] q[1]", 2),
        ("delay(1e-9) q[1]", 2),
        ("h q[1]\nh q[1]", 0),
        ("u(0.0, 0.0, 0.3) q[1]", 1),
    ],
)
def test_sandwiches(between: str, pairs: int) -> None:
    names = fused(f"qubits q[3]\nbits c[1]\ncx q[0] q[1]\n{between}\ncx q[0] q[1]\n")
    assert sum(ROWS[KIND[n]].num_qubits == 2 for n in names) == pairs


@pytest.mark.parametrize(
    ("circuit", "left"),
    [
        ("h q[1]\ncx q[0] q[1]\nh q[1]\ncz q[0] q[1]", []),
        ("cp(0.3) q[0] q[1]\nt q[0]\ncp(-0.3) q[1] q[0]", ["t"]),
        ("crz(0.3) q[0] q[1]\ncrz(-0.3) q[1] q[0]", ["crz", "crz"]),
        ("rx(0.3) q[1]\ncx q[0] q[1]\nrx(-0.3) q[1]", ["h", "cz", "h"]),
        ("h q[0]\nt q[0]\nh q[0]", ["rx"]),
        ("cz q[0] q[1]\nh q[1]\ns q[1]\nh q[1]\ncz q[0] q[1]", ["rzz"]),
        ("h q[0]\nx q[0]\nh q[0]", ["z"]),
        ("cx q[0] q[1]\nx q[0]\nx q[0]\ncx q[0] q[1]", []),
        ("u(1.5707963267948966, 0.0, 3.141592653589793) q[0]", ["h"]),
    ],
)
def test_what_is_left(circuit: str, left: list[str]) -> None:
    names = fused(f"qubits q[2]\n{circuit}\n")
    if "rzz" in left:  # its Hadamards aside
        names = [n for n in names if n != "h"]
    assert names == left


@pytest.mark.parametrize("angle", [1e-300, 1e-9, 5e-324, 0.0])
def test_tiny_angles_are_carried_over_as_they_are(angle: float) -> None:
    out = ProgramBuilder([Qubit("a"), Qubit("b")])
    for name, qubits in (("cx", [0, 1]), ("rz", [1]), ("cx", [0, 1]), ("cp", [0, 1])):
        out.append(name, qubits, [angle] * ROWS[KIND[name]].angles)
    done = list(fuse_gates(out.finish(Stage.LOGICAL)).ops)
    assert [(op.name, op.angles) for op in done] == [("rzz", (angle,)), ("cp", (angle,))]


def rich_program(rng: np.random.Generator, qubits: int, gates: int) -> Program:
    """Few qubits and angles, so that much can be fused."""
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)], [Register("c", 2)])
    for name in rng.choice(NAMES, gates).tolist():
        row = ROWS[KIND[name]]
        on = rng.choice(qubits, row.num_qubits or 2, replace=False).tolist()
        angles = [float(rng.choice(ANGLES)) for _ in range(row.angles)]
        if name == "u":
            angles = list(EULER[rng.integers(len(EULER))])
        on_bit = rng.random() < 0.05 and row.matrix is not None
        condition = bit(int(rng.integers(2))) if on_bit else None
        out.append(name, on, angles, [int(rng.integers(2))] * row.bits, condition)
    return out.finish(Stage.LOGICAL)


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_circuits_keep_their_meaning_exactly(first: int) -> None:
    before = after = 0
    for seed in range(first, first + 50):
        rng = np.random.default_rng(seed)
        circuit = rich_program(rng, int(rng.integers(2, 5)), int(rng.integers(5, 40)))
        done = verify(fuse_gates(circuit))
        proof = prove(done, circuit, seed=seed, method="exact")
        assert proof.equal, f"{seed}: {proof.detail}"
        before, after = before + two_qubit_gates(circuit), after + two_qubit_gates(done)
    assert after < before * 0.98


@pytest.mark.parametrize("seed", range(20))
def test_blocks_keep_their_meaning(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = random_program(rng, 4, 30, dynamic=seed % 2 == 0, flow=True)
    assert prove(fuse_gates(circuit), circuit, method="exact")


def test_nothing_is_fused_across_a_jump_out_of_a_loop() -> None:
    text = (
        "qubits q[2]\nbits c[1]\nh q[0]\nmeasure q[0] -> c[0]\nrepeat 2 {\n  h q[1]\n"
        "  cx q[0] q[1]\n  if c[0] {\n    break\n  }\n  cx q[0] q[1]\n  h q[1]\n}\n"
    )
    assert fused(text)[-1] == "for_loop"
    loop = next(op for op in fuse_gates(read_text(text)[0]).ops if op.blocks).blocks[0]
    assert two_qubit_gates(loop) == 2


@pytest.mark.parametrize("seed", range(3))
def test_compiled_kernels_do_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = rich_program(np.random.default_rng(seed), 8, 600)
    plain = fuse_gates(circuit)
    for module in (fusing, writing):
        monkeypatch.setattr(module, "SMALL", 0)
    assert fuse_gates(circuit) == plain
