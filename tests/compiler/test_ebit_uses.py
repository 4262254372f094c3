"""What e-bits are for: hand-made programs with known answers, and whatever the recipes emit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from generators import random_machine, random_program

from bellwire.compiler.ebit_totals import by_kind, by_link, by_source
from bellwire.compiler.ebit_uses import EbitUse, ebit_uses
from bellwire.compiler.emitters.openqasm import to_openqasm3
from bellwire.compiler.emitters.text import to_text
from bellwire.compiler.frontends.openqasm import read_program_qasm3
from bellwire.compiler.frontends.text import read_text
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program
from bellwire.errors import NotSupported
from bellwire.passes.pipeline import Passed, run_passes
from bellwire.passes.recipes import recipe
from bellwire.targets.shapes import make_machine

HEAD = """bellwire 1 lowered
qubits a[2] in A
qubits ac[2] in A comm
qubits b[2] in B
qubits bc[2] in B comm
qubits c[1] in C
qubits cc[2] in C comm
bits bellwire[8]
logical q0 -> a[0] -> {0}
logical q1 -> b[0] -> b[0]
logical q2 -> c[0] -> c[0]
"""  # eleven lines: the first operation is on line 12
SESSION = "ebit ac[0] bc[0]\ncx a[0] ac[0]\nmeasure ac[0] -> bellwire[0]\nx bc[0] if bellwire[0]\n"
GIVE_BACK = "h bc[0]\nmeasure bc[0] -> bellwire[1]\nz a[0] if bellwire[1]\n"
TELEPORT = SESSION + "h a[0]\nmeasure a[0] -> bellwire[1]\nz bc[0] if bellwire[1]\n"
SETTLE = "reset b[1]\ncx bc[0] b[1]\ncx b[1] bc[0]\n"


def found(rows: str, end: str = "a[0]") -> list[EbitUse]:
    """The uses of a program that begins with q0 in A, q1 in B and q2 in C."""
    return list(ebit_uses(read_text(HEAD.format(end) + rows)[0]))


def test_a_session_serves_its_gates() -> None:
    [use] = found(SESSION + "cz bc[0] b[0]\ncx bc[0] b[0]\n" + GIVE_BACK + "cz a[0] a[1]\n")
    assert use == EbitUse(1, "0", ("A", "B"), 1, "session", 1, "q0", ((16, 1), (17, 1)))
    assert (use.kind, use.count) == ("session", 2)


def test_a_move_serves_the_gates_at_the_new_home() -> None:
    [use] = found(TELEPORT + SETTLE + "cz b[1] b[0]\n", "b[1]")
    assert (use.purpose, use.qubit, use.gates) == ("move", "q0", ((22, 1),))


def test_a_copy_may_stay_as_the_home() -> None:
    gate = "cz bc[0] b[0]\n"
    end = "h a[0]\nmeasure a[0] -> bellwire[1]\nz bc[0] if bellwire[1]\n"
    [use] = found(SESSION + gate + end + SETTLE + "cz b[1] b[0]\n", "b[1]")
    assert (use.purpose, use.gates) == ("session, then home", ((16, 1), (23, 1)))


CHAIN = """ebit ac[0] bc[0]
ebit bc[1] cc[0]
cx bc[0] bc[1]
h bc[0]
measure bc[1] -> bellwire[0]
measure bc[0] -> bellwire[1]
x cc[0] if bellwire[0]
z cc[0] if bellwire[1]
cx a[0] ac[0]
measure ac[0] -> bellwire[2]
x cc[0] if bellwire[2]
"""


def test_swapped_ebits_share_a_session() -> None:
    end = "h cc[0]\nmeasure cc[0] -> bellwire[3]\nz a[0] if bellwire[3]\n"
    uses = found(CHAIN + "cz cc[0] c[0]\n" + end)
    assert [(u.kind, u.purpose, u.use, u.chain, u.qubit) for u in uses] == [
        ("swap", "session", 1, 2, "q0")
    ] * 2
    assert [u.modules for u in uses] == [("A", "B"), ("B", "C")]
    assert by_source(uses) == {23: 2.0}


def test_a_copy_of_a_copy_is_served_by_both() -> None:
    on = "ebit bc[1] cc[0]\ncx bc[0] bc[1]\nmeasure bc[1] -> bellwire[4]\nx cc[0] if bellwire[4]\n"
    uses = found(SESSION + on + "cz cc[0] c[0]\n")
    assert [(u.purpose, u.gates) for u in uses] == [("session", ((20, 1),))] * 2


def test_local_swaps_carry_states_along() -> None:
    swaps = "swap bc[0] bc[1]\nswap b[0] b[1]\n"
    [use] = found(SESSION + swaps + "cz bc[1] b[1]\nswap b[0] b[1]\n")
    assert use.gates == ((18, 1),)


def test_an_ebit_in_a_block_is_listed_with_its_place() -> None:
    rows = "bits c[1]\nh a[0]\nif c[0] {\n" + SESSION + "cz bc[0] b[0]\n" + GIVE_BACK + "}\n"
    [use] = found(rows)
    assert (use.place, use.purpose, use.gates) == ("1.0.0", "session", ((19, 1),))


def test_an_unused_ebit_is_said_to_be_so() -> None:
    [use] = found("ebit ac[0] bc[0]\n")
    assert (use.purpose, use.qubit, use.use, use.gates) == ("unused", None, 0, ())
    assert (by_kind([use]), by_link([use]), by_source([use])) == ({"unused": 1}, {"A-B": 1}, {})


def test_names_are_left_out_where_gates_exchange_states() -> None:
    assert found(SESSION + GIVE_BACK, "a[1]")[0].qubit is None


def test_other_stages_are_refused() -> None:
    with pytest.raises(NotSupported, match="LOGICAL program; compile it to the end"):
        ebit_uses(read_text("qubits q[2]\ncz q[0] q[1]\n")[0])


# --- whatever the recipes emit --------------------------------------------------------------------


def all_ops(program: Program) -> Iterator[Op]:
    """All operations, those of blocks where their row stands."""
    for op in program.ops:
        yield op
        for block in op.blocks:
            yield from all_ops(block)


@cache
def compiled(seed: int) -> Passed:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(2, 9))
    circuit = random_program(rng, qubits, 40, dynamic=seed % 2 == 1, flow=seed % 3 == 0)
    circuit = read_text(to_text(circuit))[0]  # every operation now has a line
    machine = random_machine(rng, qubits)
    steps = recipe("default" if seed % 4 == 0 else "fast")
    return run_passes(circuit, machine, steps, keep=("optimise_ebits", "insert_ebits"))


@pytest.mark.parametrize("seed", range(60))
def test_every_spanning_gate_is_served_and_counts_add_up(seed: int) -> None:
    done = compiled(seed)
    uses = ebit_uses(done.program)
    assert len(uses) == done.program.count("ebit") == sum(by_link(uses).values())
    assert "unused" not in by_kind(uses)
    inserted = done.after["insert_ebits"]
    assert len({u.use for u in uses}) == inserted.count("ebit")
    served = {source for u in uses for source, _ in u.gates}
    placed = done.after["optimise_ebits"]
    home = [q.module for q in placed.qubits]
    spanning = {
        op.source
        for op in all_ops(placed)
        if op.row.family is Family.GATE and len({home[q] for q in op.qubits}) > 1
    }
    assert spanning <= served
    useful = sum(bool(u.gates) for u in uses)
    assert sum(by_source(uses).values()) == pytest.approx(useful)


@pytest.mark.parametrize("seed", range(60))
def test_qubits_and_purposes_are_those_of_the_protocols(seed: int) -> None:
    done = compiled(seed)
    inserted = done.after["insert_ebits"]
    spent = [op for op in all_ops(inserted) if op.name in ("cat_entangle", "teleport")]
    uses = {u.use: u for u in ebit_uses(done.program)}
    for op, number in zip(spent, sorted(uses), strict=True):
        use, source = uses[number], inserted.qubits[op.qubits[0]]
        if op.name == "teleport":
            assert use.purpose in ("move", "session, then home")
        if use.qubit is not None and source.role == "data":
            assert use.qubit == source.name.split("@")[0]


@pytest.mark.parametrize("seed", range(12))
def test_files_keep_the_lines_of_the_circuit(seed: int) -> None:
    program = compiled(seed).program
    back = read_program_qasm3(to_openqasm3(program))[0]
    again = read_text(to_text(program))[0]
    for read in (back, again):
        assert [op.source for op in all_ops(read)] == [op.source for op in all_ops(program)]
        assert ebit_uses(read) == ebit_uses(program)


def test_an_edited_file_falls_back_to_its_own_lines() -> None:
    machine = make_machine("line", 2, data_qubits=1, comm_qubits=1)
    circuit = read_text("qubits q[2]\ncz q[0] q[1]\n")[0]
    text = to_text(run_passes(circuit, machine, recipe("default")).program)
    lines = text.splitlines()
    assert any(line.startswith("sources 2*") for line in lines)
    edited = read_text("\n".join(lines[:-1]))[0]
    assert next(iter(edited.ops)).source == len(lines) - len(edited)


def test_qiskit_reads_a_file_with_its_sources() -> None:
    import qiskit.qasm3

    machine = make_machine("line", 2, data_qubits=1, comm_qubits=1)
    circuit = read_text("qubits q[2]\ncz q[0] q[1]\n")[0]
    text = to_openqasm3(run_passes(circuit, machine, recipe("default")).program)
    assert '"sources": [2, ' in text
    assert qiskit.qasm3.loads(text).num_qubits == 4
