"""A pass is a function from Program to Program: write one, put it into a recipe, run it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import bellwire
from bellwire import Machine, Program
from bellwire.passes.pipeline import run_passes

CIRCUIT = Path(__file__).resolve().parent / "circuits" / "qft_adder_n8.qasm"


def count_ebits_per_link(program: Program, machine: Machine) -> Program:
    """Print how many Bell pairs each link makes; change nothing."""
    links = Counter(
        " - ".join(sorted(str(program.qubits[q].module) for q in op.qubits))
        for op in program.ops
        if op.name == "ebit"
    )
    for link, pairs in sorted(links.items()):
        print(f"link {link}: {pairs} Bell pairs")
    return program


machine = bellwire.make_machine("ring", 4, data_qubits=2, comm_qubits=2)
steps = [*bellwire.recipe("default", seed=1), count_ebits_per_link]
done = run_passes(bellwire.read(CIRCUIT), machine, steps)
print(done.program)
