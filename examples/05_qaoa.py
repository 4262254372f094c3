"""QAOA on a modular machine: the circuit is compiled once, 50 sets of angles run on it."""

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp

from bellwire import backends
from bellwire.primitives import EstimatorV2, SamplerV2

EDGES = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 3), (1, 4)]
NODES = 6


def ansatz() -> QuantumCircuit:
    """One layer: a phase for each edge that is cut, then a turn of each qubit."""
    gamma, beta = Parameter("gamma"), Parameter("beta")
    circuit = QuantumCircuit(NODES)
    circuit.h(range(NODES))
    for a, b in EDGES:
        circuit.rzz(-gamma, a, b)
    circuit.rx(2 * beta, range(NODES))
    return circuit


def cut(bits: str) -> int:
    """How many edges a measured string cuts; qubit 0 stands last."""
    return sum(bits[-1 - a] != bits[-1 - b] for a, b in EDGES)


def main() -> None:
    backend, circuit = backends.ring4_demo(), ansatz()
    terms = [("ZZ", [a, b], -0.5) for a, b in EDGES] + [("", [], len(EDGES) / 2)]
    edges_cut = SparsePauliOp.from_sparse_list(terms, NODES)

    estimator = EstimatorV2(backend, noise=False)
    grid = [(b, g) for b in np.linspace(0.1, 0.7, 5) for g in np.linspace(0.1, 1.5, 10)]
    [result] = estimator.run([(circuit, edges_cut, grid)], precision=0).result()
    best = grid[int(np.argmax(result.data.evs))]
    print(f"{len(grid)} sets of angles, compiled {len(estimator.compilations)} time")
    print(f"{result.metadata['ebits']} e-bits, {result.metadata['makespan_s'] * 1e6:.0f} us a shot")
    print(f"best: {result.data.evs.max():.3f} of {len(EDGES)} edges cut on average")

    measured = circuit.copy()
    measured.measure_all()
    for noise in (False, True):
        sampler = SamplerV2(backend, seed=1, noise=noise)
        [run] = sampler.run([(measured, best)], shots=400).result()
        counts = run.data.meas.get_counts()
        mean = sum(cut(bits) * times for bits, times in counts.items()) / 400
        largest = max(counts, key=cut)
        print(f"noise {noise}: {mean:.2f} edges; the best cut found is {largest}, {cut(largest)}")


if __name__ == "__main__":
    main()
