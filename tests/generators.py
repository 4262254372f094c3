"""Random circuits and machines for the tests; everything comes from a numpy generator."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit, parity
from bellwire.compiler.program import Program, Qubit, Register, Stage
from bellwire.targets.machine import Machine, Module
from bellwire.targets.shapes import SHAPES, make_machine, module_names, shape_edges

CLIFFORD_1 = ("x", "y", "z", "h", "s", "sdg", "sx", "sxdg")
CLIFFORD_2 = ("cx", "cy", "cz", "swap", "iswap")
TURNS_1 = ("rx", "ry", "rz", "p")
TURNS_2 = ("cp", "crx", "cry", "crz", "rzz")


def random_program(
    rng: np.random.Generator,
    qubits: int,
    gates: int,
    *,
    clifford: bool = False,
    dynamic: bool = False,
    flow: bool = False,
    measured: bool = False,
) -> Program:
    """A LOGICAL program of random gates; `dynamic` adds measurements, resets and conditions,
    `flow` adds if/else and loops, `measured` measures the first qubits at the end."""
    names = [Qubit(f"q[{i}]") for i in range(qubits)]
    out = ProgramBuilder(names, [Register("c", 3), Register("d", None)], name="random")
    _fill(rng, out, range(qubits), gates, clifford, dynamic, flow)
    for q in range(min(4, qubits) if measured else 0):
        out.append("measure", [q], bits=[q])
    return out.finish(Stage.LOGICAL)


def fill_program(
    rng: np.random.Generator,
    out: ProgramBuilder,
    qubits: Sequence[int],
    gates: int,
    *,
    dynamic: bool = False,
) -> None:
    """Append random gates to a list of operations, without control flow."""
    _fill(rng, out, qubits, gates, False, dynamic, False)


def _fill(
    rng: np.random.Generator,
    out: ProgramBuilder,
    qubits: Sequence[int],
    gates: int,
    clifford: bool,
    dynamic: bool,
    flow: bool,
) -> None:
    for _ in range(gates):
        choice = rng.random()
        if flow and choice < 0.06:
            _block(rng, out, qubits, clifford, dynamic)
        elif dynamic and choice < 0.25:
            _dynamic(rng, out, qubits)
        elif choice < 0.6 and len(qubits) > 1:
            pair = rng.choice(qubits, 2, replace=False).tolist()
            _gate(rng, out, pair, CLIFFORD_2, () if clifford else TURNS_2)
        else:
            one = [int(rng.choice(qubits))]
            _gate(rng, out, one, CLIFFORD_1, () if clifford else ("t", "tdg", "u", *TURNS_1))


def _gate(
    rng: np.random.Generator,
    out: ProgramBuilder,
    qubits: list[int],
    exact: Sequence[str],
    turns: Sequence[str],
) -> None:
    name = str(rng.choice([*exact, *turns]))
    angles = {"u": 3, "t": 0, "tdg": 0}.get(name, int(name in turns))
    out.append(name, qubits, rng.uniform(-pi, pi, angles).tolist())


def _dynamic(rng: np.random.Generator, out: ProgramBuilder, qubits: Sequence[int]) -> None:
    q = int(rng.choice(qubits))
    kind = rng.integers(4)
    if kind == 0:
        out.append("measure", [q], bits=[int(rng.integers(4))])
    elif kind == 1:
        out.append("reset", [q])
    elif kind == 2:
        out.append(str(rng.choice(["x", "y", "z"])), [q], condition=bit(int(rng.integers(4))))
    else:
        a, b = rng.choice(4, 2, replace=False).tolist()
        out.append(str(rng.choice(["x", "z"])), [q], condition=parity(bit(a), ~bit(b)))


def _block(
    rng: np.random.Generator,
    out: ProgramBuilder,
    qubits: Sequence[int],
    clifford: bool,
    dynamic: bool,
) -> None:
    inner = [out.child()]
    condition = bit(int(rng.integers(4)))
    name, angles = str(rng.choice(["if_else", "for_loop"])), []
    if name == "if_else" and rng.random() < 0.5:
        inner.append(out.child())
    if name == "for_loop":
        angles = [float(rng.integers(1, 4))]
    for block in inner:
        _fill(rng, block, qubits, int(rng.integers(1, 5)), clifford, dynamic, False)
    used = sorted({q for b in inner for q in b._qubits})
    bits = sorted({x for b in inner for x in b._bits})
    out.append(name, used, angles, bits, condition if name == "if_else" else None, inner)


def random_machine(rng: np.random.Generator, qubits: int, *, most_modules: int = 4) -> Machine:
    """A machine that holds `qubits` qubits: any shape, Q from 1, unequal modules, couplings."""
    count = int(rng.integers(1, most_modules + 1))
    shape = str(rng.choice(SHAPES))
    spare = int(rng.integers(0, 3))
    sizes = (
        rng.multinomial(qubits + spare - count, np.full(count, 1 / count)) + 1
        if (qubits + spare >= count)
        else np.ones(count, dtype=int)
    )
    sizes[0] += max(0, qubits - int(sizes.sum()))
    links = shape_edges(shape, count)
    made = make_machine(shape, count, data_qubits=1, comm_qubits=1)
    modules = tuple(
        Module(
            name,
            int(size),
            int(rng.choice([1, 1, 2, 3])),
            coupling=str(rng.choice(["all", "line"])),
        )
        for name, size in zip(module_names(count), sizes)
    )
    assert len(made.links) == len(links)
    return Machine(modules, made.links, name=f"{shape}{count}")
