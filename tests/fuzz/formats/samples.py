"""Small programs that bellwire compiled, for the formats that read such."""

from __future__ import annotations

from functools import cache

from bellwire.api import compile as compile_circuit
from bellwire.command.compile import program_text
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

GHZ = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
creg c[3];
h q[0];
cx q[0],q[1];
t q[1];
cx q[1],q[2];
measure q -> c;
"""
FLOW = """OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[2] c;
h q[0];
cx q[0], q[2];
c[0] = measure q[0];
if (c[0]) { cx q[1], q[2]; } else { z q[1]; }
for uint i in [0:1] { cp(0.5) q[0], q[1]; }
c[1] = measure q[2];
"""


def machine() -> Machine:
    """Two modules with room for two qubits each."""
    return make_machine("line", 2, data_qubits=2, comm_qubits=2)


@cache
def compiled_texts(form: str) -> tuple[str, ...]:
    """Both circuits compiled, as files with this ending."""
    done = [compile_circuit(text, machine(), recipe="fast") for text in (GHZ, FLOW)]
    return tuple(program_text(one, form) for one in done)
