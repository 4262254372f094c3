"""Exact expansions of two-qubit gates into one-qubit gates, cx, cz, cp and rzz.

Passes and proofs both use them, so that both see the same angles. Global phases are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bellwire.compiler.program import Op

Expansion = list[tuple[str, tuple[int, ...], tuple[float, ...]]]

_EXPANSIONS: dict[str, Callable[..., Expansion]] = {
    "id": lambda: [],
    "cy": lambda: [("sdg", (1,), ()), ("cx", (0, 1), ()), ("s", (1,), ())],
    "ch": lambda: [
        ("s", (1,), ()), ("h", (1,), ()), ("t", (1,), ()),
        ("cx", (0, 1), ()),
        ("tdg", (1,), ()), ("h", (1,), ()), ("sdg", (1,), ()),
    ],
    "crx": lambda a: [
        ("h", (1,), ()), ("rz", (1,), (a / 2,)), ("rzz", (0, 1), (-a / 2,)), ("h", (1,), ()),
    ],
    "cry": lambda a: [
        ("sx", (1,), ()), ("rz", (1,), (a / 2,)), ("rzz", (0, 1), (-a / 2,)), ("sxdg", (1,), ()),
    ],
    "crz": lambda a: [("rz", (1,), (a / 2,)), ("rzz", (0, 1), (-a / 2,))],
    "swap": lambda: [("cx", (0, 1), ()), ("cx", (1, 0), ()), ("cx", (0, 1), ())],
    "iswap": lambda: [
        ("s", (0,), ()), ("s", (1,), ()), ("h", (0,), ()),
        ("cx", (0, 1), ()), ("cx", (1, 0), ()), ("h", (1,), ()),
    ],
}  # fmt: skip


def canonical(op: Op) -> list[Op]:
    """Expand one operation; one that needs no expansion comes back alone.

    The condition and the source line go with every part.
    """
    expansion = _EXPANSIONS.get(op.name)
    if expansion is None:
        return [op]
    return [_part(op, *step) for step in expansion(*op.angles)]


def _part(op: Op, name: str, places: Sequence[int], angles: tuple[float, ...]) -> Op:
    return replace(op, name=name, qubits=tuple(op.qubits[p] for p in places), angles=angles)


