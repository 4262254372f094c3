"""Rules that whole columns can answer at once; verify.py finds the words when one says no."""

from __future__ import annotations

import numpy as np

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.operations import KIND, ROWS, SHAREABLE, Family
from bellwire.compiler.program import Ints, Program, Ragged, Stage
from bellwire.compiler.ragged import ends, widths
from bellwire.compiler.waits import link_table, qubit_modules
from bellwire.targets.machine import Machine

SHARED = (*sorted(SHAREABLE), "cx")  # two-qubit gates of a DISTRIBUTED program
BLOCKS = {"if_else": (1, 2), "while_loop": (1,), "for_loop": (1,)}  # how many each may have
CONDITIONAL = ("if_else", "while_loop")  # they need a condition

_FREE = np.array([row.any_qubits for row in ROWS])
_QUBITS, _ANGLES, _BITS = (
    np.array([getattr(row, name) for row in ROWS]) for name in ("num_qubits", "angles", "bits")
)
_FLOW = np.array([row.family is Family.FLOW for row in ROWS])
_GATE = np.array([row.family is Family.GATE for row in ROWS])
_MARK = np.array([row.family is Family.MARK for row in ROWS])
_PROTOCOL = np.array([row.family is Family.PROTOCOL for row in ROWS])
_WIDE = np.array([row.family is Family.PROTOCOL and row.name != "move" for row in ROWS])
_SHARED = np.array([row.name in SHARED for row in ROWS])


def columns_fit(program: Program) -> bool:
    """Whether all columns of one level have one entry per operation."""
    n = len(program)
    ragged = (program.operands, program.angles, program.bits)
    return (
        all(len(c) == n for c in (*ragged, program.condition, program.source))
        and (program.start_ns is None or len(program.start_ns) == n)
        and all(
            c.starts[0] == 0 and c.starts[-1] == len(c.values) and (widths(c) >= 0).all()
            for c in ragged
        )
        and bool((program.condition < len(program.conditions)).all())
    )


def numbers_are_right(program: Program) -> bool:
    """Whether every row of one level has the operands, angles, bits and blocks that the table
    says, all in range."""
    kind, bits = program.kind, sum(r.width for r in program.registers)
    width = widths(program.operands)
    fixed = ~_FREE[kind]
    return bool(
        (width == _QUBITS[kind])[fixed].all()
        and (widths(program.angles) == _ANGLES[kind])[fixed].all()
        and (widths(program.bits) == _BITS[kind])[fixed].all()
        and _within(program.operands, len(program.qubits))
        and _within(program.bits, bits)
        and np.isfinite(program.angles.values.astype(np.float64)).all()
        and all(b < bits for c in program.conditions for b in bits_of(c))
        and _different(program.operands, width)
        and _blocks_are_right(program)
    )


def _blocks_are_right(program: Program) -> bool:
    rows = np.flatnonzero(_FLOW[program.kind]).tolist()
    names = [ROWS[k].name for k in program.kind[rows].tolist()]
    return all(
        len(program.blocks.get(i, ())) in BLOCKS.get(name, (0,))
        and (name not in CONDITIONAL or program.condition[i] >= 0)
        for i, name in zip(rows, names)
    ) and program.blocks.keys() <= set(rows)


def spans_are_right(program: Program) -> bool:
    """Whether only e-bits and protocols span modules; DISTRIBUTED: shared gates are diagonal."""
    number: dict[str | None, int] = {}
    module = np.array([number.setdefault(q.module, len(number)) for q in program.qubits] or [0])
    return all(_spans_are_right(part, module) for part in program.walk())


def _spans_are_right(program: Program, module: Ints) -> bool:
    kind, width = program.kind, widths(program.operands)
    free = _WIDE[kind] | _FLOW[kind] | _MARK[kind]
    pairs = np.flatnonzero((width == 2) & ~free)
    a, b = (module[ends(program.operands, k, pairs)] for k in (0, 1))
    more = ((width > 2) & ~free).any()
    known = program.stage is not Stage.DISTRIBUTED or _SHARED[kind[pairs]][_GATE[kind[pairs]]].all()
    return bool((a == b).all() and not more and known)


def lowered_is_right(program: Program, machine: Machine) -> bool:
    """Whether e-bits follow links on communication qubits, gates follow couplings, and no protocol
    is left; `program` has the qubits of the machine."""
    module = qubit_modules(program, machine)
    comm = np.array([q.role == "comm" for q in program.qubits])
    linked, coupled = link_table(machine) >= 0, _coupled(machine)
    for part in program.walk():
        kind, operands = part.kind, part.operands
        ebits = np.flatnonzero(kind == KIND["ebit"])
        a, b = (ends(operands, k, ebits) for k in (0, 1))
        pairs = np.flatnonzero(_GATE[kind] & (widths(operands) == 2))
        u, v = (ends(operands, k, pairs) for k in (0, 1))
        if not (
            len(ebits) == int(_PROTOCOL[kind].sum())
            and (comm[a] & comm[b] & linked[module[a], module[b]]).all()
            and _gates_are_coupled(u, v, module, coupled)
        ):
            return False
    return True


def _coupled(machine: Machine) -> list[Ints | None]:
    """For each module its coupled pairs (low, high) as numbers low * qubits + high, in order; None
    where every pair is."""
    count = sum(m.size for m in machine.modules)
    return [
        None
        if m.edges is None
        else np.sort(
            [
                (machine.offsets[m.name] + a) * count + machine.offsets[m.name] + b
                for a, b in m.edges
            ]
        )
        for m in machine.modules
    ]


def _gates_are_coupled(u: Ints, v: Ints, module: Ints, coupled: list[Ints | None]) -> bool:
    low, high = np.minimum(u, v), np.maximum(u, v)
    for m, pairs in enumerate(coupled):
        here = module[u] == m
        if pairs is not None and not np.isin(low[here] * len(module) + high[here], pairs).all():
            return False
    return True


def _within(column: Ragged, count: int) -> bool:
    values = column.values.astype(np.int64)
    return not len(values) or bool(values.min() >= 0 and values.max() < count)


def _different(operands: Ragged, width: Ints) -> bool:
    """Whether no row names a qubit twice."""
    for count in (np.flatnonzero(np.bincount(width)[2:]) + 2).tolist():
        first = operands.starts[:-1][width == count]
        names = np.sort(operands.values[first[:, None] + np.arange(count)], axis=1)
        if (names[:, 1:] == names[:, :-1]).any():
            return False
    return True
