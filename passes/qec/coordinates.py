"""Places of communication qubits in diagrams: a row per module beside the circuit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import stim


def comm_coordinates(
    circuit: stim.Circuit, homes: Mapping[int, int], comm: Mapping[int, int]
) -> list[str]:
    """QUBIT_COORDS lines; none when the circuit has no plane coordinates itself."""
    found = {q: c for q, c in circuit.get_final_qubit_coordinates().items() if len(c) >= 2}
    if not found or not comm:
        return []
    below = max(c[1] for c in found.values()) + 2
    left: dict[int, float] = {}
    for q, c in found.items():
        if q in homes:
            left[homes[q]] = min(left.get(homes[q], c[0]), c[0])
    seen: Counter[int] = Counter()
    lines = []
    for qubit, module in comm.items():
        x = left.get(module, 0) + seen[module]
        seen[module] += 1
        lines.append(f"QUBIT_COORDS({x:g},{below + module:g}) {qubit}")
    return lines
