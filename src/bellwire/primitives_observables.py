"""Products of Paulis and projectors: which can be measured together, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.branches import run_branches
from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.mixture import States, TooLarge
from bellwire.compiler.ports import Ports
from bellwire.compiler.program import Program, Stage
from bellwire.compiler.rows import joined
from bellwire.errors import NotSupported

Basis = tuple[tuple[int, str], ...]  # (qubit, "X", "Y" or "Z"), sorted
Floats = NDArray[np.float64]

# Letter of a label -> its basis, and what it is worth when the measured bit is 0 and when it is 1.
LETTERS = {
    "Z": ("Z", 1.0, -1.0),
    "0": ("Z", 1.0, 0.0),
    "1": ("Z", 0.0, 1.0),
    "X": ("X", 1.0, -1.0),
    "+": ("X", 1.0, 0.0),
    "-": ("X", 0.0, 1.0),
    "Y": ("Y", 1.0, -1.0),
    "r": ("Y", 1.0, 0.0),
    "l": ("Y", 0.0, 1.0),
}
TURNS = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
_PAULI = {
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0 + 0j, -1]),
}


def support(label: str) -> list[tuple[int, str]]:
    """(qubit, letter) of a label as Qiskit writes it, qubit 0 last; identities left out."""
    return [(i, letter) for i, letter in enumerate(reversed(label)) if letter != "I"]


def shared_bases(labels: Iterable[str]) -> dict[Basis, list[str]]:
    """Group labels so that one basis for each qubit measures all of a group; the longest first."""
    groups: list[tuple[dict[int, str], list[str]]] = []
    for label in sorted(set(labels), key=lambda s: (-len(support(s)), s)):
        wanted = {q: LETTERS[letter][0] for q, letter in support(label)}
        for basis, members in groups:
            if all(basis.get(q, b) == b for q, b in wanted.items()):
                basis.update(wanted)
                members.append(label)
                break
        else:
            groups.append((wanted, [label]))
    return {tuple(sorted(basis.items())): members for basis, members in groups}


def measured(program: Program, wires: Sequence[int], basis: Basis, first_bit: int) -> Program:
    """A LOWERED program that measures qubit i, on wire `wires[i]`, into bit `first_bit + i`."""
    extra = ProgramBuilder.like(program)
    for q, letter in basis:
        for row in TURNS[letter]:
            extra.append(row, (wires[q],))
        extra.append("measure", (wires[q],), (), (first_bit + q,))
    before = program.with_stage(Stage.LOWERED)
    return joined([before, extra.finish(Stage.LOWERED, program.outputs)])


def worth(label: str, bits: NDArray[np.bool_]) -> Floats:
    """The value of a label in each row of `bits`, shape (rows, qubits)."""
    out = np.ones(len(bits))
    for q, letter in support(label):
        _, if_0, if_1 = LETTERS[letter]
        out *= np.where(bits[:, q], if_1, if_0)
    return out


def exact_values(program: Program, wires: Sequence[int], labels: Iterable[str]) -> dict[str, float]:
    """The expectation value of each label at the end of a noiseless program, outcomes of its
    measurements averaged. Raises NotSupported where that is too large."""
    labels = list(labels)
    used = sorted({q for label in labels for q, _ in support(label)})
    ports = Ports((), (), tuple(wires[q] for q in used), (), ())
    try:
        _, states = run_branches(program, ports, np.ones(1, dtype=np.complex128))
    except TooLarge as error:
        raise NotSupported(
            f"exact expectation values of {program.name}: {error}; give a precision above 0"
        ) from None
    axis = {q: i + 1 for i, q in enumerate(used)}
    psi = states.reshape((len(states),) + (2,) * len(used))
    return {label: _expectation(psi, support(label), axis) for label in labels}


def _expectation(psi: States, factors: list[tuple[int, str]], axis: Mapping[int, int]) -> float:
    out: Any = psi
    for q, letter in factors:
        basis, if_0, if_1 = LETTERS[letter]
        matrix = (if_0 + if_1) / 2 * np.eye(2) + (if_0 - if_1) / 2 * _PAULI[basis]
        out = np.moveaxis(np.tensordot(matrix, out, (1, axis[q])), 0, axis[q])
    return float(np.vdot(psi, out).real)
