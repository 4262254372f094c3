"""Ask the link layer for Bell pairs: users of two priorities, and a way over a repeater."""

from __future__ import annotations

from statistics import mean

import numpy as np

import bellwire
from bellwire.targets.noise import werner_state

link = bellwire.Link(
    ("A", "B"), attempt_ns=1000, success=0.1, state=werner_state(0.96), message_ns=100
)
machine = bellwire.make_machine("line", 3, data_qubits=1, comm_qubits=2, link=link)

# Users of priority 1 and 0 ask for measured pairs at random times; together 90 % of what A-B makes.
print("scheduler   priority 1   priority 0   mean wait for a pair, us")
for scheduler in ("fifo", "strict", "wfq"):
    service = bellwire.LinkLayer(machine, scheduler=scheduler, load_check=False, seed=1)
    random = np.random.default_rng(1)
    for at_ns in np.cumsum(random.exponential(10_000, 3000)).astype(int).tolist():
        service.create("A", "B", kind="measure", priority=int(random.integers(2)), at_ns=at_ns)
    service.run()
    waits: dict[int, list[float]] = {0: [], 1: []}
    for ticket in service.tickets:
        waits[ticket.request.priority].append((ticket.ok_ns[0] - ticket.request.at_ns) / 1000)
    print(f"{scheduler:9}   {mean(waits[1]):10.1f}   {mean(waits[0]):10.1f}")

# No link joins A and C: B swaps. What cannot be had is refused at once.
service = bellwire.LinkLayer(machine, seed=2)
print(service.create("A", "C", min_fidelity=0.95))
service.create("A", "C", min_fidelity=0.9, number=2, consecutive=True)
for ok in service.run():
    true = service.release(ok)[0]
    goodness = f"goodness {ok.goodness:.4f}, true {true:.4f}"
    print(f"{ok.at_ns} ns: {ok.bell_state} in {ok.qubits}, {goodness}")
