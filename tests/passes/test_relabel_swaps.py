"""Dropped swaps: names exchanged for the rest of the program, and where every input ends."""

from __future__ import annotations

import numpy as np
import pytest
from generators import random_program

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.metrics import program_metrics
from bellwire.compiler.program import Program, Qubit, Stage
from bellwire.compiler.verify import verify
from bellwire.passes import relabel_swaps as relabelling
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.relabel_swaps import relabel_swaps
from bellwire.targets.shapes import make_machine


def relabelled(text: str) -> Program:
    """A circuit in the text form, its swaps dropped; proved."""
    circuit = read_text(text)[0]
    done = verify(relabel_swaps(circuit))
    assert prove(done, circuit, method="exact")
    return done


@pytest.mark.parametrize(
    ("circuit", "left", "outputs"),
    [
        ("swap q[0] q[1]\nt q[0]", ["t"], (1, 0, 2)),
        ("swap q[0] q[1]\nbarrier q[0] q[1]\nswap q[1] q[2]", ["barrier"], (1, 2, 0)),
        ("swap q[0] q[1] if c[0]", ["swap"], (0, 1, 2)),
        ("cx q[0] q[1]\ncx q[1] q[0]\ncx q[0] q[1]", [], (1, 0, 2)),
        ("cx q[0] q[1]\ncx q[1] q[0]", ["cx"], (1, 0, 2)),
        ("cx q[0] q[1]\nbarrier q[0]\ncx q[1] q[0]", ["cx", "barrier", "cx"], (0, 1, 2)),
        ("cx q[0] q[1]\nt q[0]\ncx q[1] q[0]", ["cx", "t", "cx"], (0, 1, 2)),
        ("iswap q[0] q[2]\nh q[0]", ["s", "s", "cz", "h"], (2, 1, 0)),
        ("iswap q[0] q[1] if c[0]", ["iswap"], (0, 1, 2)),
        ("swap q[0] q[1]\nif c[0] {\n  swap q[1] q[2]\n  h q[0]\n}", ["if_else"], (1, 0, 2)),
    ],
)
def test_swaps(circuit: str, left: list[str], outputs: tuple[int, ...]) -> None:
    head = "qubits q[3]\nbits c[1]\nh q[2]\nmeasure q[2] -> c[0]\nh q[0]\n"
    done = relabelled(head + circuit + "\n")
    assert [op.name for op in done.ops][3:] == left
    assert done.outputs == outputs


@pytest.mark.parametrize("seed", range(60))
def test_random_circuits_keep_their_meaning_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(4)])
    for name in rng.choice(["swap", "iswap", "cx", "cx", "cx", "h", "t"], 30).tolist():
        width = 1 if name in "ht" else 2
        out.append(name, rng.choice(4, width, replace=False).tolist())
    circuit = out.finish(Stage.LOGICAL)
    done = verify(relabel_swaps(circuit))
    assert prove(done, circuit, method="exact")
    assert done.count("swap", "iswap") == 0
    assert done.count("cx", "cz") <= circuit.count("cx", "iswap")
    dynamic = random_program(rng, 4, 25, dynamic=True, flow=True)
    assert prove(relabel_swaps(dynamic), dynamic, method="exact")


def test_the_compiled_kernel_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = random_program(np.random.default_rng(1), 6, 400, dynamic=True, flow=True)
    plain = relabel_swaps(circuit)
    monkeypatch.setattr(relabelling, "SMALL", 0)
    assert relabel_swaps(circuit) == plain


def test_a_circuit_of_swaps_takes_no_ebits_and_the_report_says_where_states_end() -> None:
    text = "qubits q[4]\nh q[0]\nswap q[0] q[3]\nswap q[1] q[2]\nswap q[0] q[1]\n"
    circuit = read_text(text)[0]
    machine = make_machine("line", 2, data_qubits=2, comm_qubits=1)
    done = run_passes(circuit, machine, recipe("default")).program
    assert prove(done, circuit)
    metrics = program_metrics(done, machine)
    start, end = metrics["layout"]["initial"], metrics["layout"]["final"]
    assert metrics["ebits"] == 0
    assert [end[f"q[{i}]"] for i in range(4)] == [start[f"q[{i}]"] for i in (2, 3, 1, 0)]
