"""A link is lost for good while the program runs: when does that still matter?"""

from __future__ import annotations

from pathlib import Path

import bellwire
from bellwire.runtime.faults.scenario import LinkDown, Policy, Scenario

ADDER = Path(__file__).resolve().parent / "circuits" / "qft_adder_n8.qasm"

done = bellwire.compile(ADDER, "ring4-demo", recipe="fast")
module = [str(qubit.module) for qubit in done.program.qubits]
pairs = [op.qubits for op in done.program.ops if op.name == "ebit"]
link = (module[pairs[0][0]], module[pairs[0][1]])

for remedies in ((), ("reroute", "spare"), ("recompile",)):
    scenario = Scenario((LinkDown(link=link, at_ns=5_000),), Policy(remedies=remedies))
    run = bellwire.run_with_faults(done, scenario, shots=200, noise=False, seed=1)
    mean_us = run.result.makespan_s["mean"] * 1e6
    print(f"{' and '.join(remedies) or 'nothing':18} may be done:", end=" ")
    print(f"{sum(run.result.counts.values())} shots ended, {mean_us:.0f} us on average,", end=" ")
    print(f"right sums: {run.result.counts.get('1011', 0)}, given up: {dict(run.result.aborted)}")
