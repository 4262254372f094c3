"""An architect's question: how good must the links be for this circuit?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bellwire

CIRCUIT = Path(__file__).resolve().parent / "circuits" / "ghz_n6.qasm"

machine = bellwire.load_machine("ring4-demo")
print("link fidelity   all equal   mean makespan")
for fidelity in (0.90, 0.95, 0.99, 0.999):
    rest = (1 - fidelity) / 3
    links = tuple(replace(link, state=(fidelity, rest, rest, rest)) for link in machine.links)
    done = bellwire.compile(CIRCUIT, replace(machine, links=links))
    result = done.run(4000, seed=7)
    good = result.counts.get("0" * 6, 0) + result.counts.get("1" * 6, 0)
    mean_ms = result.makespan_s["mean"] * 1e3
    print(f"{fidelity:13.3f}   {good / 4000:9.3f}   {mean_ms:10.3f} ms")
