"""Hello: a GHZ state over two modules, in a dozen lines."""

from __future__ import annotations

from qiskit import QuantumCircuit

import bellwire

circuit = QuantumCircuit(4, 4)
circuit.h(0)
for target in (1, 2, 3):
    circuit.cx(0, target)
circuit.measure(range(4), range(4))

machine = bellwire.make_machine("line", 2, data_qubits=2, comm_qubits=1)
done = bellwire.compile(circuit, machine)
print(f"{done.report['ebits']} e-bit for {done.report['spanning_gates']} spanning gates")
print("proved:", done.verify().equal)
print("counts:", done.run(1000).counts)
