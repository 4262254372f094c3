"""Networks: what a plan says is what its program spends, and never more than fixed homes."""

from __future__ import annotations

import numpy as np
import pytest
from generators import random_program

from bellwire.compiler.equivalence import prove
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.plan import Plan
from bellwire.compiler.program import Program
from bellwire.compiler.verify import verify
from bellwire.errors import DoesNotFit
from bellwire.passes.carried_cost import carried_cost, spent
from bellwire.passes.carry_out import carry_out
from bellwire.passes.connect_ebits import connect_ebits
from bellwire.passes.expand_protocols import expand_protocols
from bellwire.passes.homes import module_homes, place
from bellwire.passes.insert_ebits import insert_ebits
from bellwire.passes.optimise_ebits import optimise_ebits
from bellwire.passes.partition import partition, ranked_partitions
from bellwire.passes.pipeline import run_passes
from bellwire.passes.plans import plan_of
from bellwire.passes.recipes import recipe
from bellwire.passes.search import search
from bellwire.passes.static_plan import static_plan
from bellwire.passes.timeline import timeline
from bellwire.passes.unroll import unroll
from bellwire.targets.machine import Link, Machine, Module
from bellwire.targets.shapes import make_machine, module_names, shape_edges

NETWORKS = ("line", "ring", "grid", "star", "tree")


def network(rng: np.random.Generator, qubits: int, comm_qubits: int, least: int = 0) -> Machine:
    """Modules of unequal sizes, some of them repeaters, that hold a number of qubits."""
    count, shape = int(rng.integers(3, 6)), str(rng.choice(NETWORKS))
    sizes = np.zeros(count, dtype=int)
    while sizes.sum() < qubits or (sizes > 0).sum() < 2:
        sizes = rng.integers(least, 5, size=count)
    modules = tuple(
        Module(name, int(size), comm_qubits, role="compute" if size else "repeater")
        for name, size in zip(module_names(count), sizes)
    )
    links = (Link((modules[a].name, modules[b].name)) for a, b in shape_edges(shape, count))
    return Machine(modules, tuple(links), name=shape)


def pairs(program: Program, machine: Machine) -> int:
    """The Bell pairs that are made on links, counted in the connected program, proved legal."""
    connected = connect_ebits(program, machine)
    verify(expand_protocols(connected, machine), machine)
    return connected.count("ebit")


@pytest.mark.parametrize("seed", range(24))
def test_with_room_a_plan_is_carried_out_at_its_cost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(4, 9))
    machine = network(rng, qubits, comm_qubits=40)
    circuit = unroll(random_program(rng, qubits, int(rng.integers(20, 60))))
    placed = partition(circuit, machine, starts=2)
    homes = np.array(module_homes(placed, machine))
    found = search(timeline(placed), machine, [homes], rng, work_us=5e4)
    plan = plan_of(found.clock, found.net, found.marks)
    done = carry_out(place(placed, machine, plan.start.tolist()), machine, plan)
    assert pairs(done, machine) == spent(done, machine) <= found.cost
    if seed % 4 == 0:
        assert prove(expand_protocols(connect_ebits(done, machine), machine), circuit).equal


@pytest.mark.parametrize("seed", range(24))
def test_never_more_than_fixed_homes_within_the_same_limits(seed: int) -> None:
    """However short the search is, with room for all copies and without."""
    rng = np.random.default_rng(seed)
    qubits, work_us = int(rng.integers(4, 9)), (5e4, 1e3)[seed // 4 % 2]
    machine = network(rng, qubits, comm_qubits=(1, 2, 4, 40)[seed % 4], least=1)
    circuit = unroll(random_program(rng, qubits, 50, flow=seed % 3 == 0))
    placed = partition(circuit, machine, starts=8)
    plan = optimise_ebits(placed, machine, starts=8, work_us=0, least_us=work_us)
    ours = insert_ebits(plan, machine)
    ranked = ranked_partitions(timeline(placed), machine, seed=0, starts=8)
    fixed = (carried_cost(placed, machine, static_plan(placed, h.tolist())) for h in ranked)
    assert pairs(ours, machine) == spent(ours, machine) <= min(fixed)


@pytest.mark.parametrize(("qubits", "seed"), [(12, 5), (16, 3)])
def test_never_more_where_copies_share_links(qubits: int, seed: int) -> None:
    """Short searches of these once ended above what fixed homes cost when carried out."""
    rng = np.random.default_rng(seed)
    lines = [f"qubits q[{qubits}]"]
    for _ in range(2 * qubits):
        a, b = rng.choice(qubits, 2, replace=False)
        lines.append(f"cz q[{a}] q[{b}]")
        if rng.random() < 0.3:
            lines.append(f"h q[{a}]")
    circuit = unroll(read_text("\n".join(lines) + "\n")[0])
    machine = make_machine("grid", 6, data_qubits=-(-qubits // 6) + 1, comm_qubits=6)
    placed = partition(circuit, machine, starts=8)
    plan = optimise_ebits(placed, machine, starts=8, work_us=0, least_us=1e4)
    ranked = ranked_partitions(timeline(placed), machine, seed=0, starts=8)
    fixed = (carried_cost(placed, machine, static_plan(placed, h.tolist())) for h in ranked)
    assert spent(insert_ebits(plan, machine), machine) <= min(fixed)


def test_a_copy_on_the_way_is_opened_first() -> None:
    """A gate in C, then one in B: the way to C goes by the copy in B, so two pairs do."""
    circuit = read_text("qubits q[3]\ncz q[0] q[2]\ncz q[0] q[1]\n")[0]
    machine = make_machine("line", 3, data_qubits=1, comm_qubits=2)
    placed = place(circuit, machine, [0, 1, 2])
    plan = static_plan(placed, [0, 1, 2])
    label = np.array([[7, 4], [7, 2]])
    plan = Plan(plan.start, plan.rows, plan.home, label, label & 6, plan.flows, plan.resting)
    assert carried_cost(placed, machine, plan) == 2


def test_a_copy_is_kept_for_the_next_one_to_be_opened_from_it() -> None:
    """Gates in B, then elsewhere, then in C: the copy in B waits for the one in C."""
    text = "qubits q[4]\ncz q[0] q[1]\ncz q[1] q[3]\ncz q[0] q[2]\n"
    machine = make_machine("line", 3, data_qubits=2, comm_qubits=2)
    placed = place(read_text(text)[0], machine, [0, 1, 2, 1])
    plan = static_plan(placed, [0, 1, 2, 1])
    label = np.array([[7, 2], [2, 2], [7, 4]])
    hold = np.array([[6, 0], [0, 0], [0, 0]])
    plan = Plan(plan.start, plan.rows, plan.home, label, hold, plan.flows, plan.resting)
    assert carried_cost(placed, machine, plan) == 2


def test_a_steiner_point_is_found() -> None:
    """A fan-out over a hub without data qubits: four pairs, where separate ways take six."""
    gates = "".join(f"cp(0.3) q[0] q[{k}]\nrx(0.1) q[{k}]\n" for k in (1, 2, 3) * 2)
    circuit = read_text(f"qubits q[4]\n{gates}")[0]
    hub = Module("H", 0, 8, role="repeater")
    leaves = tuple(Module(name, 1, 4) for name in "ABCD")
    links = tuple(Link(("H", leaf.name)) for leaf in leaves)
    machine = Machine((hub, *leaves), links)
    placed = place(circuit, machine, [1, 2, 3, 4])
    assert carried_cost(placed, machine, static_plan(placed, [1, 2, 3, 4])) == 6
    done = insert_ebits(optimise_ebits(placed, machine), machine)
    assert pairs(done, machine) == 4
    assert prove(expand_protocols(connect_ebits(done, machine), machine), circuit).equal


def test_gates_between_modules_that_no_links_join_are_refused_by_name() -> None:
    machine = Machine((Module("B", 2), Module("C", 2)))
    gates = (
        "s q[3]", "iswap q[0] q[1]", "reset q[1]", "h q[3]", "y q[2]", "iswap q[3] q[0]",
        "sdg q[3]", "iswap q[1] q[2]", "swap q[0] q[1]", "iswap q[1] q[0]", "iswap q[2] q[0]",
    )  # fmt: skip
    circuit, _ = read_text("\n".join(("qubits q[4]", *gates, "")))
    with pytest.raises(DoesNotFit, match=r"join 4 qubits, which only module . could hold"):
        run_passes(circuit, machine, recipe("fast"))
