"""Turn h, cz, h back into cx: Hadamards that frame only CZ, X and Z are absorbed by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.kernels import kernel
from bellwire.compiler.operations import KIND, ROWS
from bellwire.compiler.program import Ints, Program, Ragged, Stage
from bellwire.compiler.rows import each_level, take
from bellwire.targets.machine import Machine

SMALL = 100_000  # rows; plain Python takes about 0.1 s for them
OTHER, H, CZ, X, Z, CX = 0, 1, 2, 3, 4, 5  # what the kernel knows of a row

_CODE = np.zeros(len(ROWS), dtype=np.uint8)
_KIND = {H: KIND["h"], CZ: KIND["cz"], X: KIND["x"], Z: KIND["z"], CX: KIND["cx"]}
for _code in (H, CZ, X, Z):
    _CODE[_KIND[_code]] = _code


def merge_hadamards(program: Program, machine: Machine) -> Program:
    """Absorb pairs of Hadamards on one qubit into the CZ, X and Z gates between them (exact)."""
    return each_level(program, _merged).with_stage(Stage.DISTRIBUTED)


def _merged(program: Program) -> Program:
    was = _CODE[program.kind]
    was[(was == H) & (program.condition >= 0)] = OTHER
    code, kept = was.copy(), np.ones(len(program), dtype=np.bool_)
    starts, qubits = program.operands.starts, program.operands.values.copy()
    _absorb_frames.sized(len(program), small=SMALL)(
        starts,
        qubits,
        code,
        kept,
        np.full((2, len(program.qubits)), -1, dtype=np.int64),
        np.full(2 * len(program), -1, dtype=np.int64),
    )
    if kept.all():
        return program
    kind = program.kind.copy()
    for new in (X, Z, CX):
        kind[(code == new) & (was != new)] = _KIND[new]
    rows = np.flatnonzero(kept)
    return take(replace(program, kind=kind, operands=Ragged(starts, qubits)), rows)


@kernel
def _absorb_frames(
    starts: Ints,
    qubits: NDArray[Any],
    code: NDArray[np.uint8],
    kept: NDArray[np.bool_],
    frame: Ints,
    before: Ints,
) -> None:
    """Find frames (h ... h on one qubit) and rewrite what they hold, in place.

    `frame[0][q]`: the h that opened the frame on qubit q, -1 without one; `frame[1][q]`: its latest
    use, a place 2 * row + operand, -1 without one; `before`: for each use the one before it.
    """
    opening, latest = frame[0], frame[1]
    for i in range(len(code)):
        if code[i] == H:
            q = qubits[starts[i]]
            if opening[q] >= 0 and latest[q] >= 0 and _may_absorb(code, latest[q], before):
                kept[i] = kept[opening[q]] = False
                _absorb(starts, qubits, code, latest[q], before)
                opening[q] = -1
            else:
                opening[q] = i
            latest[q] = -1
            continue
        inside = CZ <= code[i] <= Z
        for k in range(starts[i], starts[i + 1]):
            q = qubits[k]
            if not inside:
                opening[q] = -1
            elif opening[q] >= 0:
                use = 2 * i + k - starts[i]
                before[use] = latest[q]
                latest[q] = use


@kernel
def _may_absorb(code: NDArray[np.uint8], use: int, before: Ints) -> bool:
    """Whether every use is still a CZ, X or Z: none became a CX."""
    while use >= 0:
        if code[use // 2] < CZ or code[use // 2] > Z:
            return False
        use = before[use]
    return True


@kernel
def _absorb(
    starts: Ints, qubits: NDArray[Any], code: NDArray[np.uint8], use: int, before: Ints
) -> None:
    """Rewrite the uses of a framed qubit: CZ becomes CX onto it, X and Z change places."""
    while use >= 0:
        i = use // 2
        if code[i] == CZ:
            code[i] = CX
            if use % 2 == 0:  # the framed qubit is the target, which comes second
                first = starts[i]
                qubits[first], qubits[first + 1] = qubits[first + 1], qubits[first]
        elif code[i] == X:
            code[i] = Z
        else:
            code[i] = X
        use = before[use]
