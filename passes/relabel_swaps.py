"""Drop swaps: the two qubits exchange their names for the rest of the program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program, Ragged, Stage
from bellwire.compiler.ragged import Column, gather
from bellwire.compiler.rows import take
from bellwire.targets.machine import Machine

SMALL = 50_000  # rows; up to here compiling would take longer
SWAP, CX, CZ, ISWAP, S = (KIND[name] for name in ("swap", "cx", "cz", "iswap", "s"))


def relabel_swaps(program: Program, machine: Machine | None = None) -> Program:
    """Drop every swap that no condition switches; `outputs` keeps where each input ends (LOGICAL).

    Swaps written as three cx, and iswap but for its phases, go too; of `cx a b; cx b a` one cx is
    left. Swaps in blocks of control flow stay.
    """
    program = _iswaps_apart(program)
    free = program.condition < 0
    if not (free & ((program.kind == SWAP) | (program.kind == CX))).any():
        return program.with_stage(Stage.LOGICAL)
    label = np.arange(len(program.qubits))
    latest, gone = np.full(len(label), -1), np.zeros(len(program), dtype=np.bool_)
    values = program.operands.values.astype(np.int64)
    drop = drop_swaps.sized(len(program), small=SMALL)
    blocks: dict[int, tuple[Program, ...]] = {}
    done = 0
    for row in (*sorted(program.blocks), len(program)):
        drop(program.kind, free, program.operands.starts, values, label, latest, gone, done, row)
        if row < len(program):
            blocks[row] = tuple(_relabelled(b, label.copy()) for b in program.blocks[row])
        done = row
    operands = Ragged(program.operands.starts, values.astype(np.int32))
    outputs = tuple(label[list(program.outputs)].tolist())
    renamed = replace(program, operands=operands, outputs=outputs, blocks=blocks)
    return replace(take(renamed, np.flatnonzero(~gone)), stage=Stage.LOGICAL)


@kernel
def drop_swaps(
    kind: Column,
    free: Column,
    starts: Column,
    values: Column,
    label: Column,
    latest: Column,
    gone: Column,
    first: int,
    last: int,
) -> None:
    """Rename the operands of rows first to last - 1, exchange names at swaps.

    `label[q]` is the wire that q is now, `latest[wire]` its latest row, -1 for none.
    """
    for i in range(first, last):
        at, end = starts[i], starts[i + 1]
        pair = free[i] and (kind[i] == CX or kind[i] == SWAP)
        x, y = (values[at], values[at + 1]) if pair else (0, 0)
        for k in range(at, end):
            values[k] = label[values[k]]
        if pair and kind[i] == SWAP:
            gone[i] = True
            label[x], label[y] = label[y], label[x]
            continue
        if pair and latest[label[x]] >= 0 and latest[label[x]] == latest[label[y]]:
            before = latest[label[x]]
            if kind[before] == CX and free[before]:
                gone[before] = True
                if values[starts[before]] == values[at]:  # the same once more: both go
                    gone[i] = True
                    latest[label[x]] = latest[label[y]] = -1
                    continue
                label[x], label[y] = label[y], label[x]
        for k in range(at, end):
            latest[values[k]] = i


def _relabelled(block: Program, label: Column) -> Program:
    """A nested block, its swaps left in, on renamed qubits."""
    values = label[block.operands.values].astype(np.int32)
    blocks = {i: tuple(_relabelled(b, label) for b in bs) for i, bs in block.blocks.items()}
    return replace(block, operands=Ragged(block.operands.starts, values), blocks=blocks)


def _iswaps_apart(program: Program) -> Program:
    """Write iswap a b as s a, s b, cz a b, swap a b."""
    apart = (program.kind == ISWAP) & (program.condition < 0)
    if not apart.any():
        return program
    rows = np.repeat(np.arange(len(program)), np.where(apart, 4, 1))
    step = np.arange(len(rows)) - np.searchsorted(rows, rows)
    one = apart[rows] & (step < 2)
    starts = program.operands.starts
    width = np.where(one, 1, np.diff(starts)[rows])
    kind = np.where(apart[rows], np.array([S, S, CZ, SWAP])[step], program.kind[rows])
    whole = replace(take(program, rows), stage=Stage.LOGICAL)
    operands = gather(program.operands.values, starts[rows] + np.where(one, step, 0), width)
    return replace(whole, kind=kind.astype(np.uint8), operands=operands)
