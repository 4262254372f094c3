"""Pairs take turns on communication qubits: sooner done, the same meaning, nothing pinned moves."""

from dataclasses import replace

import numpy as np
import pytest

from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.read import read
from bellwire.compiler.program import Stage
from bellwire.compiler.timing import makespan_ns
from bellwire.compiler.verify import verify
from bellwire.passes import spread_pairs as module
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.passes.schedule import schedule
from bellwire.passes.spread_pairs import spread_pairs
from bellwire.targets.shapes import make_machine

CIRCUIT = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[6];
creg c[1];
h q[0];
cx q[0],q[3]; h q[0]; h q[3]; cx q[0],q[4]; h q[0]; cx q[5],q[0]; h q[5]; h q[0]; cx q[0],q[3];
measure q[1] -> c[0];
if (c == 1) cx q[2],q[5];
h q[5]; h q[2]; cx q[5],q[1]; h q[1]; cx q[1],q[4]; h q[4]; cx q[4],q[2];
"""


def lowered(coupling: str = "all"):
    machine = make_machine("line", 2, data_qubits=3, comm_qubits=3, coupling=coupling)
    circuit = read(CIRCUIT)
    program = run_passes(circuit, machine, recipe("fast")).program
    return circuit, machine, replace(program, stage=Stage.LOWERED, start_ns=None)


def test_pairs_are_made_ahead_and_mean_the_same():
    circuit, machine, program = lowered()
    spread = verify(spread_pairs(program, machine), machine)
    assert spread.count("ebit") == program.count("ebit")
    assert prove(spread, circuit).equal
    assert makespan_ns(spread, machine) < makespan_ns(program, machine)
    best = schedule(program, machine, critical_path=True)
    assert makespan_ns(best, machine) <= makespan_ns(spread, machine)
    assert prove(best, circuit).equal


def test_a_coupling_keeps_its_qubits():
    _, machine, program = lowered("line")
    assert spread_pairs(program, machine) == program


def test_qubits_of_blocks_inputs_and_outputs_stay():
    _, machine, program = lowered()
    spread = spread_pairs(program, machine)
    assert spread.blocks == program.blocks
    for i in program.blocks:
        starts = program.operands.starts
        here = slice(starts[i], starts[i + 1])
        assert np.array_equal(spread.operands.values[here], program.operands.values[here])
    assert (spread.inputs, spread.outputs) == (program.inputs, program.outputs)


def test_a_block_takes_only_qubits_that_it_has():
    _, machine, program = lowered()
    for block in (b for bs in program.blocks.values() for b in bs):
        spread = spread_pairs(block, machine, inside=True)
        assert set(spread.operands.values.tolist()) == set(block.operands.values.tolist())


def test_plain_and_compiled_agree(monkeypatch):
    _, machine, program = lowered()
    plain = spread_pairs(program, machine)
    monkeypatch.setattr(module, "SMALL", 0)
    assert spread_pairs(program, machine) == plain


@pytest.mark.parametrize("seed", range(3))
def test_random_compiled_circuits_stay_what_they_are(seed):
    random = np.random.default_rng(seed)
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', "qreg q[8];"]
    for _ in range(40):
        a, b = random.permutation(8)[:2].tolist()
        lines += [f"h q[{a}];", f"cx q[{a}],q[{b}];"]
    circuit = read("\n".join(lines))
    machine = make_machine("ring", 4, data_qubits=3, comm_qubits=2)
    program = run_passes(circuit, machine, recipe("fast")).program
    low = replace(program, stage=Stage.LOWERED, start_ns=None)
    spread = verify(spread_pairs(low, machine), machine)
    assert prove(spread, circuit).equal
