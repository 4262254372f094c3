"""The oracle against formulas, against trying everything, and against what the recipes emit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations, product

import numpy as np
import pytest
from generators import random_machine, random_program
from small_cases import Case, cz_h, ghz, qft, small_cases

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.program import Program, Qubit, Stage
from bellwire.errors import DoesNotFit, NotSupported
from bellwire.passes.lower_bound import lower_bound
from bellwire.passes.optimal import optimal_ebits
from bellwire.passes.pipeline import run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.shapes import make_machine

FUZZ = int(os.environ.get("BELLWIRE_FUZZ", "0"))
LOOSE = {29}  # where each gate could have its order, but not all of them the same one
CASES = list(small_cases(max(5, min(300, FUZZ // 100))))


@pytest.mark.parametrize(("qubits", "modules"), [(6, 2), (9, 2), (10, 2), (5, 3), (6, 3), (8, 3)])
def test_qft_takes_what_the_formula_says(qubits: int, modules: int) -> None:
    room = -(-qubits // modules)
    best = optimal_ebits(qft(qubits), make_machine("complete", modules, data_qubits=room))
    more = max(0, qubits - 3 * room) if modules > 2 else 0
    assert (best.ebits, best.proved) == (qubits - room + more, True)
    assert best.bound == best.ebits


@pytest.mark.parametrize(("qubits", "modules"), [(4, 2), (12, 2), (6, 3), (12, 3)])
def test_ghz_takes_one_less_than_modules(qubits: int, modules: int) -> None:
    machine = make_machine("complete", modules, data_qubits=-(-qubits // modules))
    best = optimal_ebits(ghz(qubits), machine)
    assert (best.ebits, best.proved) == (modules - 1, True)
    assert lower_bound(ghz(qubits), machine) == modules - 1


def test_labels_name_the_modules_of_each_segment() -> None:
    program = read_text("qubits q[3]\ncz q[0] q[1]\nh q[0]\ncz q[0] q[2]\n")[0]
    best = optimal_ebits(program, make_machine("complete", 2, data_qubits=2))
    assert best.ebits == 1
    assert [len(segments) for segments in best.labels] == [2, 1, 1]
    assert sum(len(label) - 1 for segments in best.labels for label in segments) == 1


def test_a_home_may_change_in_the_middle_of_a_segment() -> None:
    """q[0] is shared with B for one gate and stays there to make room in A for nobody's e-bit."""
    text = "qubits q[3]\ncz q[0] q[2]\ncz q[0] q[1]\nh q[1]\nh q[2]\ncz q[1] q[2]\n"
    machine = make_machine("complete", 2, data_qubits=2)
    program = read_text(text)[0]
    assert optimal_ebits(program, machine).ebits == everything(program, [2, 2]) == 1


# --- trying everything ----------------------------------------------------------------------------


def tiny(seed: int) -> tuple[Program, list[int]]:
    """At most six gates on three or four qubits, and modules with room for them and one more."""
    rng = np.random.default_rng(seed)
    qubits, modules = int(rng.integers(3, 5)), int(rng.integers(2, 4))
    out = ProgramBuilder([Qubit(f"q[{i}]") for i in range(qubits)])
    for _ in range(int(rng.integers(3, 7))):
        out.append("cz", rng.choice(qubits, 2, replace=False).tolist())
        if rng.random() < 0.4:
            out.append("h", [int(rng.integers(qubits))])
    room = [1] * modules
    while sum(room) < qubits + int(rng.integers(2)):
        room[int(rng.integers(modules))] += 1
    return out.finish(Stage.LOGICAL), room


def everything(program: Program, room: list[int]) -> int:
    """The fewest e-bits over all labels and all orders of gates, by trying them all."""
    count, gates, at = [0] * len(program.qubits), [], [0] * len(program.qubits)
    for op in program.ops:
        if op.name == "cz":
            gates.append(tuple((q, at[q]) for q in op.qubits))
            for q in op.qubits:
                count[q] = at[q] + 1
        elif count[op.qubits[0]] == at[op.qubits[0]] + 1:
            at[op.qubits[0]] += 1
    nodes = [(q, i) for q, n in enumerate(count) for i in range(max(1, n))]
    pairs = [*gates, *(((q, i), (q, i + 1)) for q, i in nodes if (q, i + 1) in nodes)]
    orders = {tuple(moments(order, nodes, len(count))) for order in legal_orders(gates)}
    modules = range(len(room))
    sets = [frozenset(c) for k in modules for c in combinations(modules, k + 1)]
    best = len(nodes) * len(room)
    for chosen in product(sets, repeat=len(nodes)):
        cost = sum(len(s) - 1 for s in chosen)
        label = dict(zip(nodes, chosen))
        if (
            cost < best
            and all(label[a] & label[b] for a, b in pairs)
            and any(all(fits(label, m, room) for m in order) for order in orders)
        ):
            best = cost
    return best


def legal_orders(gates: list) -> Iterator[tuple]:
    """All orders in which each qubit passes through its segments one after the other."""
    for order in permutations(gates):
        at: dict[int, int] = {}
        if all(at.get(q, 0) <= i and not at.update({q: i}) for gate in order for q, i in gate):
            yield order


def moments(order: tuple, nodes: list, qubits: int) -> Iterator[tuple]:
    """At each gate the segments that every qubit is in, or may begin."""
    for k in range(len(order)):
        done = {q: i for g in order[: k + 1] for q, i in g}
        coming = {q: i for g in reversed(order[k:]) for q, i in g}
        yield tuple(
            frozenset({(q, done.get(q, coming.get(q, 0))), (q, coming.get(q, done.get(q, 0)))})
            for q in range(qubits)
        )


def fits(label: dict, moment: tuple, room: list[int]) -> bool:
    """Whether all qubits can have homes that hold them at a moment."""
    choices = [frozenset().union(*(label[s] for s in segments)) for segments in moment]
    return any(all(homes.count(m) <= r for m, r in enumerate(room)) for homes in product(*choices))


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_better_when_everything_is_tried(seed: int) -> None:
    program, room = tiny(seed)
    machine = make_machine("complete", len(room), data_qubits=1)
    modules = tuple(replace(m, data_qubits=r) for m, r in zip(machine.modules, room))
    best = optimal_ebits(program, replace(machine, modules=modules))
    assert (best.ebits, best.proved) == (everything(program, room) - (seed in LOOSE), True)


# --- beside the recipes ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_recipe_reaches_the_proved_optimum(case: Case) -> None:
    steps = recipe("thorough" if FUZZ else "default")
    done = run_passes(case.circuit, case.machine, steps, keep=("unroll",))
    gates = done.after["unroll"]  # fused as the recipe does
    best = optimal_ebits(gates, case.machine)
    assert best.proved
    assert lower_bound(gates, case.machine) <= best.ebits == done.program.count("ebit")


@pytest.mark.parametrize("seed", range(30))
def test_no_program_is_below_the_lower_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(3, 9))
    circuit = random_program(rng, qubits, 30, dynamic=seed % 2 == 1, flow=seed % 3 == 0)
    machine = random_machine(rng, qubits)
    done = run_passes(circuit, machine, recipe("fast"), keep=("unroll",))
    assert lower_bound(done.after["unroll"], machine) <= done.program.count("ebit")


@pytest.mark.parametrize(("qubits", "room", "bound"), [(16, 4, 12), (64, 17, 47), (250, 125, 125)])
def test_the_lower_bound_of_a_qft_is_what_one_module_cannot_hold(
    qubits: int, room: int, bound: int
) -> None:
    machine = make_machine("complete", -(-qubits // room), data_qubits=room)
    assert lower_bound(qft(qubits), machine) == bound


@pytest.mark.parametrize("room", [1, 2, 5])
def test_the_lower_bound_of_apart_circuits_adds_up(room: int) -> None:
    text = "qubits q[6]\ncz q[0] q[1]\ncz q[1] q[2]\ncz q[3] q[4]\ncz q[4] q[5]\n"
    machine = make_machine("line", 6, data_qubits=room)
    assert lower_bound(read_text(text)[0], machine) == {1: 4, 2: 2, 5: 0}[room]


def test_what_is_beyond_the_oracle_is_said() -> None:
    two = make_machine("complete", 2, data_qubits=7)
    with pytest.raises(NotSupported, match="13 qubits"):
        optimal_ebits(ghz(13), two)
    with pytest.raises(NotSupported, match="4 modules"):
        optimal_ebits(ghz(4), make_machine("complete", 4, data_qubits=1))
    with pytest.raises(NotSupported, match="no link A-C"):
        optimal_ebits(ghz(3), make_machine("line", 3, data_qubits=1))
    with pytest.raises(DoesNotFit, match="2 data qubits"):
        optimal_ebits(ghz(3), make_machine("complete", 2, data_qubits=1))
    flow = read_text("qubits q[2]\nbits c[1]\nif c[0] {\n  cz q[0] q[1]\n}\n")[0]
    with pytest.raises(NotSupported, match="control flow"):
        optimal_ebits(flow, two)
    busy = cz_h(np.random.default_rng(1), 12)
    with pytest.raises(NotSupported, match="nothing was found in 0 s"):
        optimal_ebits(busy, make_machine("complete", 3, data_qubits=4), seconds=0.0)
