"""Two-qubit gates as Paulis that control Paulis, which is what a Bell pair can carry."""

from __future__ import annotations

from functools import cache

# Name of the gate that puts -1 where both Paulis are -1: CX is Z on its first, X on its second.
CONTROLLED = {
    "ZX": "CX",
    "ZY": "CY",
    "ZZ": "CZ",
    "XX": "XCX",
    "XY": "XCY",
    "XZ": "XCZ",
    "YX": "YCX",
    "YY": "YCY",
    "YZ": "YCZ",
}
LETTERS = {name: letters for letters, name in CONTROLLED.items()}
ROOTS = {"X": "SQRT_X", "Y": "SQRT_Y", "Z": "S"}

# Gates as steps (name, places); tests hold them against Stim's tables.
Steps = tuple[tuple[str, tuple[int, ...]], ...]
_SWAPPED: Steps = (("CX", (1, 0)), ("CX", (0, 1)))
_CZSWAP: Steps = (("H", (1,)), *_SWAPPED, ("H", (0,)))
_STEPS: dict[str, Steps] = {
    "II": (),
    "SWAP": (("CX", (0, 1)), *_SWAPPED),
    "CXSWAP": _SWAPPED,
    "SWAPCX": _SWAPPED[::-1],
    "CZSWAP": _CZSWAP,
    "ISWAP": (("S", (0,)), ("S", (1,)), *_CZSWAP),
    "ISWAP_DAG": (("S_DAG", (0,)), ("S_DAG", (1,)), *_CZSWAP),
}


@cache
def steps_of(name: str) -> Steps:
    """A two-qubit gate as controlled Paulis and one-qubit gates; a swap takes three of them."""
    if name in LETTERS:
        return ((name, (0, 1)),)
    if name.startswith("SQRT_"):
        letter, dagger = name[5], "_DAG" if name.endswith("_DAG") else ""
        root = ROOTS[letter] + dagger
        return ((CONTROLLED[letter * 2], (0, 1)), (root, (0,)), (root, (1,)))
    return _STEPS[name]


def controlled(first: str, a: int, second: str, b: int) -> tuple[str, int, int]:
    """The gate of Pauli `first` on a and `second` on b, with a Z in front where there is one."""
    if second == "Z":
        first, a, second, b = second, b, first, a
    return CONTROLLED[first + second], a, b
