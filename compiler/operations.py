"""The one table of operations: operands, ideal meaning, protocol body, one line of help.

Everything else asks this table. Tests loop over it and prove `body == meaning` for every row that
has a body, over all measurement outcomes, so a new protocol is one new row.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]


class Family(Enum):
    """What sort of row it is."""

    GATE = "gate"
    MEASURE = "measure"  # measure, reset
    PROTOCOL = "protocol"  # may span modules
    FLOW = "control flow"  # points at nested Programs
    MARK = "mark"  # barrier, delay: no effect on states


@dataclass(frozen=True, slots=True)
class Step:
    """One operation inside a body: operands and bits are positions in the row's own lists."""

    name: str
    qubits: tuple[int, ...]
    bits: tuple[int, ...] = ()
    condition: int | None = None  # position of the bit that switches it on


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table.

    `operands` says what happens to each qubit: "acts", "makes" (it held nothing before) or "ends"
    (it holds nothing afterwards). `diagonal[i]`: the operation commutes with Z on operand i.
    `premise`, `body`, `meaning` are lists of steps: after `premise`, `body` does as `meaning`.
    """

    name: str
    operands: tuple[str, ...]
    help: str
    family: Family = Family.GATE
    angles: int = 0
    bits: int = 0
    diagonal: tuple[bool, ...] = ()
    matrix: Callable[..., Matrix] | None = None
    premise: tuple[Step, ...] = ()
    body: tuple[Step, ...] = ()
    meaning: tuple[Step, ...] = ()
    any_qubits: bool = False
    kind: int = -1

    @property
    def num_qubits(self) -> int:
        """How many operands it takes (0 with `any_qubits`: as many as there are)."""
        return len(self.operands)


def _m(*rows: tuple[complex, ...]) -> Matrix:
    return np.array(rows, dtype=np.complex128)


def _diag(*entries: complex) -> Matrix:
    return np.diag(np.array(entries, dtype=np.complex128))


def _e(angle: float) -> complex:
    return cmath.exp(1j * angle)


def _rx(t: float) -> Matrix:
    c, s = math.cos(t / 2), -1j * math.sin(t / 2)
    return _m((c, s), (s, c))


def _ry(t: float) -> Matrix:
    c, s = math.cos(t / 2), math.sin(t / 2)
    return _m((c, -s), (s, c))


def _u(theta: float, phi: float, lam: float) -> Matrix:
    c, s = math.cos(theta / 2), math.sin(theta / 2)
    return _m((c, -_e(lam) * s), (_e(phi) * s, _e(phi + lam) * c))


def _controlled(u: Matrix) -> Matrix:
    out = np.eye(4, dtype=np.complex128)
    out[2:, 2:] = u
    return out


def _const(matrix: Matrix) -> Callable[..., Matrix]:
    return lambda: matrix


_X, _Y, _Z = _m((0, 1), (1, 0)), _m((0, -1j), (1j, 0)), _diag(1, -1)
_H = _m((1, 1), (1, -1)) / math.sqrt(2)
_SX = _m((1 + 1j, 1 - 1j), (1 - 1j, 1 + 1j)) / 2
_SWAP = np.eye(4, dtype=np.complex128)[[0, 2, 1, 3]]
_ISWAP = _diag(1, 1j, 1j, 1)[[0, 2, 1, 3]]


def _gate1(
    name: str, matrix: Callable[..., Matrix], help_: str, n: int, diagonal: bool
) -> Operation:
    return Operation(name, ("acts",), help_, angles=n, diagonal=(diagonal,), matrix=matrix)


def _gate2(
    name: str, matrix: Callable[..., Matrix], help_: str, n: int, diagonal: tuple[bool, bool]
) -> Operation:
    return Operation(name, ("acts", "acts"), help_, angles=n, diagonal=diagonal, matrix=matrix)


_BOTH, _FIRST, _NONE = (True, True), (True, False), (False, False)

_GATES = (
    _gate1("id", _const(_diag(1, 1)), "do nothing", 0, True),
    _gate1("x", _const(_X), "Pauli X", 0, False),
    _gate1("y", _const(_Y), "Pauli Y", 0, False),
    _gate1("z", _const(_Z), "Pauli Z", 0, True),
    _gate1("h", _const(_H), "Hadamard", 0, False),
    _gate1("s", _const(_diag(1, 1j)), "sqrt(Z)", 0, True),
    _gate1("sdg", _const(_diag(1, -1j)), "inverse of s", 0, True),
    _gate1("t", _const(_diag(1, _e(math.pi / 4))), "fourth root of Z", 0, True),
    _gate1("tdg", _const(_diag(1, _e(-math.pi / 4))), "inverse of t", 0, True),
    _gate1("sx", _const(_SX), "sqrt(X)", 0, False),
    _gate1("sxdg", _const(_SX.conj().T), "inverse of sx", 0, False),
    _gate1("rx", _rx, "exp(-i a X/2)", 1, False),
    _gate1("ry", _ry, "exp(-i a Y/2)", 1, False),
    _gate1("rz", lambda a: _diag(_e(-a / 2), _e(a / 2)), "exp(-i a Z/2)", 1, True),
    _gate1("p", lambda a: _diag(1, _e(a)), "phase: diag(1, e^ia)", 1, True),
    _gate1("u", _u, "any one-qubit gate: OpenQASM 3's U(theta, phi, lambda)", 3, False),
    _gate2("cx", _const(_controlled(_X)), "controlled X", 0, _FIRST),
    _gate2("cy", _const(_controlled(_Y)), "controlled Y", 0, _FIRST),
    _gate2("cz", _const(_controlled(_Z)), "controlled Z", 0, _BOTH),
    _gate2("ch", _const(_controlled(_H)), "controlled Hadamard", 0, _FIRST),
    _gate2("cp", lambda a: _diag(1, 1, 1, _e(a)), "controlled phase", 1, _BOTH),
    _gate2("crx", lambda a: _controlled(_rx(a)), "controlled rx", 1, _FIRST),
    _gate2("cry", lambda a: _controlled(_ry(a)), "controlled ry", 1, _FIRST),
    _gate2("crz", lambda a: _diag(1, 1, _e(-a / 2), _e(a / 2)), "controlled rz", 1, _BOTH),
    _gate2(
        "rzz",
        lambda a: _diag(_e(-a / 2), _e(a / 2), _e(a / 2), _e(-a / 2)),
        "exp(-i a ZZ/2)",
        1,
        _BOTH,
    ),
    _gate2("swap", _const(_SWAP), "exchange two states", 0, _NONE),
    _gate2("iswap", _const(_ISWAP), "exchange two states, phase i on 01 and 10", 0, _NONE),
)

_MEASURES = (
    Operation(
        "measure",
        ("acts",),
        "measure in the Z basis, write one bit",
        Family.MEASURE,
        bits=1,
        diagonal=(True,),
    ),
    Operation("reset", ("acts",), "put into |0>", Family.MEASURE, diagonal=(False,)),
)

_BELL = (Step("reset", (0,)), Step("reset", (1,)), Step("h", (0,)), Step("cx", (0, 1)))

_PROTOCOLS = (
    Operation(
        "ebit",
        ("makes", "makes"),
        "make a Bell pair on two communication qubits of linked modules",
        Family.PROTOCOL,
        diagonal=_NONE,
        body=_BELL,
        meaning=_BELL,
    ),
    # EJPP cat-entangler: Eisert, Jacobs, Papadopoulos, Plenio, PRA 62, 052317 (2000);
    # Yimsiriwattana and Lomonaco, quant-ph/0402148, figure 3.
    Operation(
        "cat_entangle",
        ("acts", "ends", "acts"),
        "source, near half, far half: turn the far half into a Z-copy of the source",
        Family.PROTOCOL,
        bits=1,
        diagonal=(True, False, False),
        premise=(Step("ebit", (1, 2)),),
        body=(
            Step("cx", (0, 1)),
            Step("measure", (1,), (0,)),
            Step("x", (2,), condition=0),
        ),
        meaning=(Step("reset", (1,)), Step("reset", (2,)), Step("cx", (0, 2))),
    ),
    Operation(
        "cat_disentangle",
        ("ends", "acts"),
        "a copy, another copy of the same qubit: end the first, the second stays",
        Family.PROTOCOL,
        bits=1,
        diagonal=(False, True),
        premise=(Step("reset", (0,)), Step("cx", (1, 0))),
        body=(
            Step("h", (0,)),
            Step("measure", (0,), (0,)),
            Step("z", (1,), condition=0),
        ),
        meaning=(Step("cx", (1, 0)),),
    ),
    # Bennett et al., PRL 70, 1895 (1993).
    Operation(
        "teleport",
        ("ends", "ends", "acts"),
        "source, near half, far half: move the state onto the far half",
        Family.PROTOCOL,
        bits=2,
        diagonal=(False, False, False),
        premise=(Step("ebit", (1, 2)),),
        body=(
            Step("cx", (0, 1)),
            Step("h", (0,)),
            Step("measure", (1,), (0,)),
            Step("measure", (0,), (1,)),
            Step("x", (2,), condition=0),
            Step("z", (2,), condition=1),
        ),
        meaning=(Step("reset", (1,)), Step("reset", (2,)), Step("swap", (0, 2))),
    ),
    # Zukowski et al., PRL 71, 4287 (1993).
    Operation(
        "swap_ebits",
        ("acts", "ends", "ends", "acts"),
        "far end A, middle, middle, far end B: join two Bell pairs into one",
        Family.PROTOCOL,
        bits=2,
        diagonal=(False,) * 4,
        premise=(Step("ebit", (0, 1)), Step("ebit", (2, 3))),
        body=(
            Step("cx", (1, 2)),
            Step("h", (1,)),
            Step("measure", (2,), (0,)),
            Step("measure", (1,), (1,)),
            Step("x", (3,), condition=0),
            Step("z", (3,), condition=1),
        ),
        meaning=(Step("ebit", (0, 3)),),
    ),
    Operation(
        "move",
        ("ends", "makes"),
        "move a state onto an empty qubit of the same module",
        Family.PROTOCOL,
        diagonal=_NONE,
        body=(Step("reset", (1,)), Step("cx", (0, 1)), Step("cx", (1, 0))),
        meaning=(Step("reset", (1,)), Step("swap", (0, 1))),
    ),
)

_FLOWS = (
    Operation("if_else", (), "run one of two blocks", Family.FLOW, any_qubits=True),
    Operation(
        "while_loop", (), "run a block while a condition holds", Family.FLOW, any_qubits=True
    ),
    Operation(
        "for_loop", (), "run a block a fixed number of times", Family.FLOW, 1, any_qubits=True
    ),
    Operation("break_loop", (), "leave the innermost loop", Family.FLOW, any_qubits=True),
    Operation("continue_loop", (), "start the next turn", Family.FLOW, any_qubits=True),
)

_MARKS = (
    Operation("barrier", (), "keep the order across this line", Family.MARK, any_qubits=True),
    Operation("delay", ("acts",), "wait (seconds)", Family.MARK, 1, diagonal=(True,)),
)


def _numbered(rows: tuple[Operation, ...]) -> dict[str, Operation]:
    from dataclasses import replace

    return {row.name: replace(row, kind=kind) for kind, row in enumerate(rows)}


TABLE: dict[str, Operation] = _numbered((*_GATES, *_MEASURES, *_PROTOCOLS, *_FLOWS, *_MARKS))
ROWS: tuple[Operation, ...] = tuple(TABLE.values())
KIND: dict[str, int] = {row.name: row.kind for row in ROWS}

PAULIS = frozenset(("id", "x", "y", "z"))
ANTI_DIAGONAL = frozenset(("x", "y"))  # they flip a Z-copy instead of ending it
SHAREABLE = frozenset(("cz", "cp", "rzz"))  # two-qubit gates that a copy may serve


def is_diagonal(kind: int) -> bool:
    """Whether a row is a gate that is diagonal on all its operands."""
    row = ROWS[kind]
    return row.family is Family.GATE and all(row.diagonal)
