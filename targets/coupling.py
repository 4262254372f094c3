"""Which physical qubits of one module can have a gate together.

Qubits are numbered data first, then communication.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from bellwire.targets.fields import need, whole

Pairs = tuple[tuple[int, int], ...]

MOST_COUPLED = 4096  # qubits of a module with a coupling: routing keeps the distances of all pairs


def checked_coupling(place: str, coupling: object, data: int, comm: int) -> str | Pairs:
    """Take "all", "line", "grid RxC" or pairs of numbers of a module with so many qubits.

    Raises MachineError for anything else, and when some qubit cannot be reached.
    """
    few = coupling == "all" or data + comm <= MOST_COUPLED
    need(few, place, coupling, f"all: the module has more than {MOST_COUPLED:,} qubits")
    if isinstance(coupling, str):
        if coupling not in ("all", "line"):
            _grid_size(place, coupling, data)
        return coupling
    listed = isinstance(coupling, Sequence)
    need(listed, place, coupling, "all, line, grid RxC or a list of pairs")
    pairs = tuple(_pair(place, pair, data + comm) for pair in coupling)  # type: ignore[attr-defined]
    need(
        len(_reached(pairs)) == data + comm or data + comm == 1,
        place,
        coupling,
        f"such that all {data + comm} qubits of the module (data first, then comm) are joined",
    )
    return pairs


def coupled_pairs(coupling: str | Pairs, data: int, comm: int) -> Pairs | None:
    """Give the coupled pairs (low, high) of a checked coupling; None when every pair is coupled."""
    if coupling == "all":
        return None
    if coupling == "line":
        ends = range(data, data + comm)
        order = [*reversed(ends[::2]), *range(data), *ends[1::2]]
        return tuple((min(a, b), max(a, b)) for a, b in zip(order, order[1:]))
    if isinstance(coupling, str):
        return _grid_pairs(*_grid_size("coupling", coupling, data), comm)
    return tuple(sorted({(min(a, b), max(a, b)) for a, b in coupling}))


def _pair(place: str, pair: object, size: int) -> tuple[int, int]:
    wanted = "two different qubits of the module, like [0, 1]"
    two = isinstance(pair, Sequence) and not isinstance(pair, str) and len(pair) == 2
    need(two, place, pair, wanted)
    a, b = (whole(place, q, 0, size - 1) for q in pair)  # type: ignore[attr-defined]
    need(a != b, place, pair, wanted)
    return a, b


def _reached(pairs: Pairs) -> set[int]:
    """The qubits that can be reached from the first one."""
    next_to = defaultdict(list)
    for a, b in pairs:
        next_to[a].append(b)
        next_to[b].append(a)
    seen: set[int] = set()
    waiting = [pairs[0][0]] if pairs else []
    while waiting:
        q = waiting.pop()
        if q not in seen:
            seen.add(q)
            waiting += next_to[q]
    return seen


def _grid_size(place: str, coupling: str, data: int) -> tuple[int, int]:
    found = re.fullmatch(r"grid ([1-9][0-9]{0,6})x([1-9][0-9]{0,6})", coupling)
    need(found is not None, place, coupling, "all, line, grid RxC or a list of pairs")
    assert found is not None
    rows, columns = int(found[1]), int(found[2])
    need(rows * columns == data, place, coupling, f"a grid of its {data} data qubits")
    return rows, columns


def _grid_pairs(rows: int, columns: int, comm: int) -> Pairs:
    at = [[r * columns + c for c in range(columns)] for r in range(rows)]
    pairs = [(at[r][c], at[r][c + 1]) for r in range(rows) for c in range(columns - 1)]
    pairs += [(at[r][c], at[r + 1][c]) for r in range(rows - 1) for c in range(columns)]
    rim = [
        at[r][c]
        for r in range(rows)
        for c in range(columns)
        if r in (0, rows - 1) or c in (0, columns - 1)
    ]
    pairs += [(rim[i * len(rim) // comm % len(rim)], rows * columns + i) for i in range(comm)]
    return tuple(sorted(pairs))
