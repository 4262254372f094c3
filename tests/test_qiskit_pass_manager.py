"""Our passes one by one in a PassManager of the user's own."""

from __future__ import annotations

import pytest
from qiskit.circuit.random import random_circuit
from qiskit.transpiler import PassManager, TranspilerError
from qiskit.transpiler.passes import (
    ApplyLayout,
    EnlargeWithAncilla,
    FullAncillaAllocation,
    Optimize1qGatesDecomposition,
)
from qiskit.transpiler.preset_passmanagers import common
from test_qiskit_plugin import check_pairs, check_same

from bellwire.qiskit_passes import FinishLinks, LowerLinks, ModularLayout
from bellwire.targets.qiskit_backend import machine_target
from bellwire.targets.shapes import make_machine

RING = make_machine("ring", 4, data_qubits=2, comm_qubits=2)
CIRCUIT = random_circuit(6, 4, max_operands=2, seed=4)


def test_layout_then_links() -> None:
    target = machine_target(RING)
    embed = [FullAncillaAllocation(target), EnlargeWithAncilla(), ApplyLayout()]
    manager = PassManager([ModularLayout(RING), *embed, LowerLinks(RING)])
    out = manager.run(CIRCUIT)
    assert check_pairs(out, RING) == manager.property_set["ebits"] > 0
    check_same(out, CIRCUIT, RING)


def test_links_alone_take_qubits_where_they_are() -> None:
    circuit = random_circuit(8, 3, max_operands=2, seed=2)
    out = PassManager([LowerLinks(RING, level=1, seed=3)]).run(circuit)
    assert check_pairs(out, RING) > 0
    with pytest.raises(TranspilerError, match="a layout stage must come first"):
        PassManager([LowerLinks(RING)]).run(CIRCUIT)


def test_passes_of_others_between_sealed_links_and_the_end() -> None:
    stages = PassManager([ModularLayout(RING)])
    stages += common.generate_embed_passmanager(machine_target(RING))
    stages.append(LowerLinks(RING, sealed=True))
    physical = machine_target(RING, physical=True)
    stages += common.generate_translation_passmanager(physical)
    stages.append(Optimize1qGatesDecomposition(target=physical))
    stages.append(FinishLinks(RING))
    out = stages.run(CIRCUIT)
    assert check_pairs(out, RING) > 0
    check_same(out, CIRCUIT, RING)
