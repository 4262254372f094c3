"""Programs built by hand for the tests of the proof: random ones, and telegates."""

from __future__ import annotations

import math

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import bit, parity
from bellwire.compiler.operations import TABLE
from bellwire.compiler.program import Program, Qubit, Register, Stage

CLIFFORD_1 = ("x", "y", "z", "h", "s", "sdg", "sx", "sxdg")
CLIFFORD_2 = ("cx", "cy", "cz", "swap", "iswap")


def qubits(count: int) -> list[Qubit]:
    return [Qubit(f"q[{i}]") for i in range(count)]


def logical(count: int, *ops: tuple, bits: int = 0) -> Program:
    """A LOGICAL program; each op is the arguments of ProgramBuilder.append."""
    b = ProgramBuilder(qubits(count), [Register("c", bits)] if bits else [])
    for op in ops:
        b.append(*op)
    return b.finish(Stage.LOGICAL)


def random_clifford(seed: int, *, inputs: int = 3, empty: int = 2, bits: int = 3, ops: int = 25):
    """A random dynamic Clifford program: measurements, resets, Paulis on parities of bits."""
    rng = np.random.default_rng(seed)
    n = inputs + empty
    where = rng.permutation(n)[:inputs].tolist()
    b = ProgramBuilder(
        [Qubit(f"w[{i}]") for i in range(n)],
        [Register("c", bits)],
        logical=[f"q[{i}]" for i in range(inputs)],
        inputs=where,
    )
    for _ in range(ops):
        _random_op(b, rng, n, bits)
    outputs = rng.permutation(n)[:inputs].tolist() if rng.random() < 0.3 else where
    return b.finish(Stage.LOGICAL, outputs)


def _random_op(b: ProgramBuilder, rng: np.random.Generator, n: int, bits: int) -> None:
    q = rng.permutation(n).tolist()
    kind = rng.random()
    if kind < 0.3:
        b.append(str(rng.choice(CLIFFORD_1)), q[:1])
    elif kind < 0.4:
        turns = float(rng.integers(-4, 5)) * math.pi / 2
        name = str(rng.choice(("rx", "ry", "rz", "p")))
        b.append(name, q[:1], (turns,))
    elif kind < 0.65:
        b.append(str(rng.choice(CLIFFORD_2)), q[:2])
    elif kind < 0.75:
        turns = float(rng.integers(-2, 3)) * math.pi
        name = str(rng.choice(("rzz", "cp", "crx", "cry", "crz")))
        b.append(name, q[:2], (turns * (1 if name in ("rzz", "cp") else 2),))
    elif kind < 0.85:
        b.append("measure", q[:1], bits=(int(rng.integers(bits)),))
    elif kind < 0.9:
        b.append("reset", q[:1])
    else:
        chosen = [bit(i) for i in range(bits) if rng.random() < 0.5] or [bit(0)]
        condition = parity(*chosen)
        b.append(
            str(rng.choice(("x", "y", "z"))),
            q[:1],
            condition=~condition if rng.random() < 0.3 else condition,
        )


def spread(program: Program, modules: int, *, written_out: bool = True) -> Program:
    """Split a LOGICAL program over modules, naively: each spanning gate is one telegate.

    A spanning cz, cp, rzz or cx becomes ebit, cat_entangle, gate on the copy, cat_disentangle,
    with their bodies written out or as protocol rows; each module has one communication qubit.
    Every seventh spanning gate is done by teleporting there and back instead.
    """
    n = len(program.qubits)
    home = [i % modules for i in range(n)]
    comm = list(range(n, n + modules))
    out = ProgramBuilder(
        [*program.qubits, *(Qubit(f"comm[{m}]", f"m{m}", "comm") for m in range(modules))],
        program.registers,
        logical=program.logical,
        inputs=program.inputs,
    )
    first = len(program.bit_names)
    used = 0

    def protocol(name: str, on: list[int]) -> None:
        nonlocal used
        count = TABLE[name].bits
        bits = list(range(first + used, first + used + count))
        used += count
        if not written_out or name == "ebit":
            out.append(name, on, bits=bits)
            return
        for step in TABLE[name].body:
            out.append(
                step.name,
                [on[i] for i in step.qubits],
                bits=[bits[i] for i in step.bits],
                condition=None if step.condition is None else bit(bits[step.condition]),
            )

    spanning = 0
    for op in program.ops:
        a, *rest = op.qubits
        if not rest or home[a] == home[rest[0]] or op.row.matrix is None:
            out.append_op(op)
            continue
        near, far = comm[home[a]], comm[home[rest[0]]]
        spanning += 1
        protocol("ebit", [near, far])
        if spanning % 7:
            protocol("cat_entangle", [a, near, far])
            out.append(op.name, (far, rest[0]), op.angles, (), op.condition)
            protocol("cat_disentangle", [far, a])
        else:
            protocol("teleport", [a, near, far])
            out.append(op.name, (far, rest[0]), op.angles, (), op.condition)
            out.append("reset", (near,))
            out.append("reset", (a,))
            # Back again over a second pair, whose far half is the empty home qubit.
            protocol("ebit", [near, a])
            protocol("teleport", [far, near, a])
    out.add_register(Register("bellwire", used))
    return out.finish(Stage.LOWERED)


def random_logical(
    seed: int, n: int, ops: int, *, clifford: bool = True, angles: tuple[float, ...] = ()
) -> Program:
    """Random one-qubit gates and gates diagonal on their first operand."""
    rng = np.random.default_rng(seed)
    b = ProgramBuilder(qubits(n))
    for _ in range(ops):
        q = rng.permutation(n)[:2].tolist() if n < 50 else rng.choice(n, 2, replace=False).tolist()
        if rng.random() < 0.5:
            b.append(str(rng.choice(("cz", "cx"))), q)
        elif clifford or rng.random() < 0.5:
            b.append(str(rng.choice(CLIFFORD_1)), q[:1])
        else:
            angle = float(rng.choice(angles or (0.3, -0.3, 0.1234, math.pi / 4)))
            name = str(rng.choice(("rx", "rz", "ry", "p", "t", "cp", "rzz", "crz")))
            row = TABLE[name]
            b.append(name, q[: row.num_qubits], (angle,) * row.angles)
    return b.finish(Stage.LOGICAL)
