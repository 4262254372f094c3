"""Links of unequal quality: the cheap ways are taken, and by default all links are alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

import bellwire
from bellwire.compiler.program import Program
from bellwire.errors import NotSupported
from bellwire.passes.link_prices import link_costs, weighed
from bellwire.passes.paths import Routes
from bellwire.targets.machine import Machine
from bellwire.targets.shapes import make_machine

CIRCUIT = "OPENQASM 3.0;\ninclude 'stdgates.inc';\nqubit[8] q;\n" + "".join(
    f"cx q[{i}], q[{j}];\nh q[{j}];\n" for i in range(8) for j in range(i + 1, 8)
)


def ring(link_price: str = "pairs") -> Machine:
    """Four modules; the pairs of link A-B are bad and slow."""
    machine = make_machine("ring", 4, data_qubits=2, comm_qubits=3)
    links = tuple(
        replace(k, state=(0.98, 0.02, 0, 0), success=0.5)
        if k.between != ("A", "B")
        else replace(k, state=(0.6, 0.4, 0, 0), success=0.01)
        for k in machine.links
    )
    return weighed(replace(machine, links=links), link_price)


def used(program: Program) -> Counter[str]:
    """How many pairs each link makes."""
    ends = (sorted(str(program.qubits[q].module) for q in op.qubits) for op in program.ops)
    names = [op.name for op in program.ops]
    return Counter("-".join(e) for e, name in zip(ends, names) if name == "ebit")


@pytest.mark.parametrize("link_price", ["fidelity", "time"])
def test_a_bad_link_of_a_ring_is_avoided(link_price: str) -> None:
    plain = bellwire.compile(CIRCUIT, ring(), recipe="fast")
    done = bellwire.compile(CIRCUIT, ring(), recipe="fast", link_price=link_price)
    assert used(plain.program)["A-B"] > 0
    assert used(done.program)["A-B"] == 0
    assert done.report["ebits"] == sum(used(done.program).values())
    assert done.verify().equal


def test_the_cheapest_link_costs_one() -> None:
    costs = link_costs(ring("time"))
    assert costs[frozenset("AB")] == pytest.approx(50)
    assert sorted(costs.values())[:3] == [1, 1, 1]
    assert set(link_costs(ring()).values()) == {1}


def test_a_way_around_is_cheaper_than_a_bad_link() -> None:
    assert Routes(ring()).swap(0, 1) == (0, 1)
    assert Routes(ring("time")).swap(0, 1) == (0, 3, 2, 1)
    assert Routes(ring("time")).price(0, 1) == 3


def test_an_unknown_price_is_refused() -> None:
    with pytest.raises(NotSupported, match="there are pairs, fidelity, time"):
        weighed(ring(), "euros")
