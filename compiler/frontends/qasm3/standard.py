"""The gates that every OpenQASM 3 program knows, and modifiers that lead from row to row."""

from __future__ import annotations

import math

from bellwire.compiler.operations import TABLE, Family

Modifier = tuple[str, float]  # "inv", "pow", "ctrl" or "negctrl", and its exponent or count
Call = tuple[str, tuple[float, ...]]

INCLUDED = (
    *("p", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "cx", "cy", "cz"),
    *("cp", "crx", "cry", "crz", "ch", "swap", "ccx", "cswap", "cu", "CX", "phase", "cphase"),
    *("id", "u1", "u2", "u3"),
)

# Name in OpenQASM 3 -> name in Qiskit, where these differ; U is read as Qiskit and others read it,
# without the phase e^(i theta/2) that the specification gives it: only a control could see that.
QISKIT_NAME = {"U": "u", "CX": "cx", "phase": "p", "cphase": "cp"}

_GATES = {name: row for name, row in TABLE.items() if row.family is Family.GATE}

ROW_OF = {name: name for name in _GATES}
ROW_OF |= {"U": "u", "CX": "cx", "phase": "p", "cphase": "cp", "u1": "p", "u3": "u"}

# Name -> how many angles and qubits.
ARITY = {name: (_GATES[row].angles, _GATES[row].num_qubits) for name, row in ROW_OF.items()}
ARITY |= {"u2": (2, 1), "ccx": (0, 3), "cswap": (0, 3), "cu": (4, 2)}

_CONTROLLED = {
    "x": "cx",
    "y": "cy",
    "z": "cz",
    "h": "ch",
    "p": "cp",
    "rx": "crx",
    "ry": "cry",
    "rz": "crz",
}
_OWN_INVERSE = frozenset(("id", "x", "y", "z", "h", "cx", "cy", "cz", "ch", "swap"))
_INVERSE = {"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t", "sx": "sxdg", "sxdg": "sx"}
_TURNS = frozenset(("rx", "ry", "rz", "p", "cp", "crx", "cry", "crz", "rzz"))

_PHASES = {
    "z": math.pi,
    "s": math.pi / 2,
    "sdg": -math.pi / 2,
    "t": math.pi / 4,
    "tdg": -math.pi / 4,
}


def fold(row: str, angles: tuple[float, ...], modifiers: tuple[Modifier, ...]) -> Call | None:
    """Write a modified row as another row, where there is one, phases included; else None."""
    call: Call | None = (row, angles)
    for kind, value in reversed(modifiers):
        if call is None:
            return None
        call = _fold_one(*call, kind, value)
    return call


def _fold_one(row: str, angles: tuple[float, ...], kind: str, value: float) -> Call | None:
    if kind == "ctrl" and value == 1 and row in _CONTROLLED:
        return _CONTROLLED[row], angles
    if kind == "inv":
        if row in _OWN_INVERSE:
            return row, angles
        if row in _INVERSE:
            return _INVERSE[row], angles
        if row == "u":
            theta, phi, lam = angles
            return "u", (-theta, -lam, -phi)
        if row in _TURNS:
            return row, (-angles[0],)
    if kind == "pow" and row in _PHASES:
        return "p", (_PHASES[row] * value,)
    if kind == "pow" and row in _TURNS and value == int(value):
        return row, (angles[0] * value,)
    return None
