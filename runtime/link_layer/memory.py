"""The communication qubits of each module, as the memory that pairs are made and kept in."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from bellwire.targets.machine import Machine


class Memory:
    """Which communication qubits of a machine are free."""

    def __init__(self, machine: Machine) -> None:
        self._free = {m.name: list(range(m.comm_qubits)) for m in machine.modules}

    def take(self, needs: Mapping[str, int]) -> dict[str, list[int]] | None:
        """Take that many qubits of each module, all at once; None, and nothing, if one is short.

        All or nothing, so that no two requests wait for each other for ever.
        """
        if any(len(self._free[name]) < need for name, need in needs.items()):
            return None
        return {
            name: [heapq.heappop(self._free[name]) for _ in range(need)]
            for name, need in needs.items()
        }

    def give(self, module: str, qubit: int) -> None:
        """Give one qubit back."""
        heapq.heappush(self._free[module], qubit)

    def free(self, module: str) -> int:
        """How many qubits of a module are free."""
        return len(self._free[module])
