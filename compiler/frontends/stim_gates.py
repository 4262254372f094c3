"""Gates of Stim as exact short sequences of rows of the operations table."""

from __future__ import annotations

from functools import cache

import numpy as np

from bellwire.compiler.operations import TABLE, Matrix

Steps = tuple[tuple[str, tuple[int, ...]], ...]  # rows and the places of their qubits

# Rows in order of preference; two of them reach every one-qubit Clifford but those of order 3,
# which take two or three.
_LETTERS = ("x", "y", "z", "h", "s", "sdg", "sx", "sxdg")


def _on(*pairs: tuple[str, tuple[int, ...]]) -> Steps:
    return pairs


def _around(before: str, after: str, places: tuple[int, ...], middle: Steps) -> Steps:
    return (*((before, (p,)) for p in places), *middle, *((after, (p,)) for p in places))


_CX, _CY, _CZ = _on(("cx", (0, 1))), _on(("cy", (0, 1))), _on(("cz", (0, 1)))
_SWAP = _on(("swap", (0, 1)))
_ROOT_ZZ = (("s", (0,)), ("s", (1,)), *_CZ)
_ROOT_ZZ_DAG = (("sdg", (0,)), ("sdg", (1,)), *_CZ)

# sx turns Y into Z, and so a control on Z into one on Y; h turns X into Z.
_TWO_QUBITS: dict[str, Steps] = {
    "II": _on(("id", (0,)), ("id", (1,))),
    "CX": _CX,
    "CY": _CY,
    "CZ": _CZ,
    "XCX": _around("h", "h", (0,), _CX),
    "XCY": _around("h", "h", (0,), _CY),
    "XCZ": _on(("cx", (1, 0))),
    "YCX": _around("sx", "sxdg", (0,), _CX),
    "YCY": _around("sx", "sxdg", (0,), _CY),
    "YCZ": _on(("cy", (1, 0))),
    "SWAP": _SWAP,
    "ISWAP": _on(("iswap", (0, 1))),
    "ISWAP_DAG": _on(("iswap", (0, 1)), ("z", (0,)), ("z", (1,))),
    "CXSWAP": _CX + _SWAP,
    "SWAPCX": _SWAP + _CX,
    "CZSWAP": _CZ + _SWAP,
    "SQRT_ZZ": _ROOT_ZZ,
    "SQRT_ZZ_DAG": _ROOT_ZZ_DAG,
    "SQRT_XX": _around("h", "h", (0, 1), _ROOT_ZZ),
    "SQRT_XX_DAG": _around("h", "h", (0, 1), _ROOT_ZZ_DAG),
    "SQRT_YY": _around("sx", "sxdg", (0, 1), _ROOT_ZZ),
    "SQRT_YY_DAG": _around("sx", "sxdg", (0, 1), _ROOT_ZZ_DAG),
}


@cache
def gate_steps(name: str) -> Steps:
    """Write a unitary gate of Stim, by its canonical name, as rows; equal up to a global phase."""
    import stim

    if name in _TWO_QUBITS:
        return _TWO_QUBITS[name]
    matrix = stim.gate_data(name).unitary_matrix
    assert matrix is not None, name
    return tuple((letter, (0,)) for letter in _one_qubit_words()[_key(matrix)])


@cache
def _one_qubit_words() -> dict[bytes, tuple[str, ...]]:
    """A shortest word for each of the 24 one-qubit Cliffords."""
    matrices = {name: _matrix(name) for name in _LETTERS}
    found: dict[bytes, tuple[str, ...]] = {_key(_matrix("id")): ("id",)}
    level: list[tuple[tuple[str, ...], Matrix]] = [((), _matrix("id"))]
    while level:
        following = []
        for word, product in level:
            for letter, matrix in matrices.items():
                longer = matrix @ product
                if _key(longer) not in found:
                    found[_key(longer)] = (*word, letter)
                    following.append(((*word, letter), longer))
        level = following
    return found


def _matrix(name: str) -> Matrix:
    make = TABLE[name].matrix
    assert make is not None, name
    return make()


def _key(matrix: Matrix) -> bytes:
    """The same bytes for matrices that differ by a phase alone (entries are 0, or of one size)."""
    flat = np.asarray(matrix, dtype=np.complex128).ravel()
    first = flat[np.flatnonzero(np.abs(flat) > 0.1)[0]]
    turned = np.round(flat * (abs(first) / first), 3) + (0.0 + 0.0j)
    return bytes(turned.tobytes())
