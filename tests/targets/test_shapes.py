"""Shapes of networks, and coupling inside modules, against networkx."""

import networkx as nx
import pytest

from bellwire.errors import MachineError
from bellwire.targets.machine import Link, Module
from bellwire.targets.shapes import SHAPES, make_machine, shape_edges, switch_fabric

GRAPHS = {
    "complete": nx.complete_graph,
    "line": nx.path_graph,
    "ring": nx.cycle_graph,
    "star": lambda n: nx.star_graph(n - 1),
    "switch": nx.complete_graph,
    "tree": lambda n: nx.full_rary_tree(2, n),
}


@pytest.mark.parametrize("topology", sorted(GRAPHS))
@pytest.mark.parametrize("modules", [3, 4, 7, 12])
def test_shape_is_the_named_graph(topology, modules):
    wanted = sorted(tuple(sorted(edge)) for edge in GRAPHS[topology](modules).edges)
    assert shape_edges(topology, modules) == wanted


@pytest.mark.parametrize(
    ("modules", "rows", "columns"), [(4, 2, 2), (6, 2, 3), (12, 3, 4), (7, 1, 7)]
)
def test_grid_is_as_square_as_it_can_be(modules, rows, columns):
    graph = nx.Graph(shape_edges("grid", modules))
    assert nx.is_isomorphic(graph, nx.grid_2d_graph(rows, columns))


@pytest.mark.parametrize("topology", SHAPES)
def test_one_and_two_modules(topology):
    assert shape_edges(topology, 1) == []
    assert shape_edges(topology, 2) == [(0, 1)]
    assert make_machine(topology, 30, data_qubits=1).modules[-1].name == "M29"


@pytest.mark.parametrize(
    ("topology", "modules", "words"),
    [
        ("torus", 4, "topology: found 'torus'; it must be one of complete, line, ring"),
        (["ring"], 4, "topology"),
        ("ring", 0, "modules: found 0"),
        ("ring", 4.0, "modules"),
        ("ring", True, "modules"),
    ],
)
def test_refused(topology, modules, words):
    with pytest.raises(MachineError, match=words):
        shape_edges(topology, modules)


def test_patterns_are_kept():
    pattern = Module("X", 1, t1_ns=100.0, t2_ns=50.0, source="measured")
    machine = make_machine(
        "ring", 3, data_qubits=4, comm_qubits=1, coupling="grid 2x2", module=pattern,
        link=Link(("X", "Y"), success=0.25),
    )  # fmt: skip
    assert [(m.name, m.data_qubits, m.t1_ns, m.source) for m in machine.modules] == [
        (name, 4, 100.0, "measured") for name in "ABC"
    ]
    assert [(w.between, w.success) for w in machine.links] == [
        (("A", "B"), 0.25),
        (("A", "C"), 0.25),
        (("B", "C"), 0.25),
    ]


def test_a_switch_has_one_fabric_with_a_port_for_each_module():
    machine = make_machine("switch", 4, data_qubits=2)
    assert machine.fabrics == (switch_fabric(4),)
    assert machine.fabrics[0].modules == ("A", "B", "C", "D")
    assert machine.fabrics[0].ports == 4
    assert make_machine("switch", 5, data_qubits=2).fabrics[0].ports == 4
    assert make_machine("switch", 1, data_qubits=2).fabrics == ()
    small = switch_fabric(2, ports=2, reconfigure_ns=5.0)
    made = make_machine("switch", 4, data_qubits=2, fabric=small)
    assert made.fabrics == (switch_fabric(4, ports=2, reconfigure_ns=5.0),)
    with pytest.raises(MachineError, match=r"fabric: found .*; it must be left out"):
        make_machine("ring", 4, data_qubits=2, fabric=small)


def test_coupling_all_has_no_list():
    assert Module("A", 5, 2).edges is None


def test_coupling_line_puts_comm_qubits_at_the_ends():
    assert Module("A", 3, 3, "line").edges == ((3, 5), (0, 3), (0, 1), (1, 2), (2, 4))
    assert Module("R", 0, 2, "line", "repeater").edges == ((0, 1),)


@pytest.mark.parametrize("comm", [0, 1, 4, 11])
def test_coupling_grid_hangs_comm_qubits_on_the_rim(comm):
    edges = Module("A", 12, comm, "grid 3x4").edges
    graph = nx.Graph(edges)
    assert nx.is_isomorphic(graph.subgraph(range(12)), nx.grid_2d_graph(3, 4))
    hooks = [n for q in range(12, 12 + comm) for n in graph[q]]
    assert len(hooks) == comm
    assert not set(hooks) & {5, 6}


def test_coupling_pairs_are_sorted_and_single():
    assert Module("A", 2, 1, ((2, 1), (1, 0), (0, 1))).edges == ((0, 1), (1, 2))
