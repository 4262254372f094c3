"""Joint measurements: products of Paulis that span modules, by Bell pairs or GHZ states.

Each module adds the parity of its own qubits to its half of a shared state whose single values are
random, and measures the half: the product is the parity of all those records, and nothing else is
learnt. The state is made of Bell pairs along a chain of modules, or is a GHZ state as given (one
qubit per module, Nickerson, Li and Benjamin, Nat. Commun. 4, 1756 (2013)).
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from bellwire.passes.qec.gadgets import Gadgets
from bellwire.passes.qec.gates import controlled
from bellwire.passes.qec.noise import either, on_qubits
from bellwire.passes.qec.pairs import Part, feedback_lines, gate_lines
from bellwire.passes.qec.products import Product, halves_needed


class JointMeasurements:
    """Writes products that span modules."""

    def __init__(self, gadgets: Gadgets) -> None:
        self.gadgets, self.noise = gadgets, gadgets.noise
        self.comm, self.homes = gadgets.comm, gadgets.homes

    def measure(self, part: Part, product: Product, argument: str, *, ghz: bool) -> None:
        """Measure a product; `argument`: the chance of a wrong record that the circuit gives it."""
        chain = product.modules(self.homes)
        need = Counter(chain) if ghz else halves_needed(product, self.homes, self.noise.way)
        if (module := self.gadgets.lacking(need)) is not None:
            raise self.gadgets.too_few(module)
        halves = self._ghz_state(part, chain) if ghz else self._even_state(part, chain)
        basis, letter = ("X", "Z") if ghz else ("Z", "X")
        for pauli, q in product.factors:  # those of one module share its half: one after the other
            gate = controlled(pauli, q, letter, halves[self.homes[q]])
            part.add(*gate_lines([gate], self.gadgets.modules, self.noise))
        self._read(part, [(m, halves[m]) for m in chain], basis, argument, product.inverted)
        self.gadgets.count(part, 1, 1)

    def _read(
        self, part: Part, halves: list[tuple[int, int]], basis: str, argument: str, inverted: bool
    ) -> None:
        """Measure the halves, by module; the record's own error and sign go to the first."""
        if self.noise.flip:
            words = " ".join(str(half) for _, half in halves)
            part.add(f"{'X' if basis == 'Z' else 'Z'}_ERROR({self.noise.flip!r}) {words}")
        name, mark = "M" if basis == "Z" else "MX", "!" if inverted else ""
        for module, half in halves:
            wrong = either(argument, self.noise.misread[module])
            part.add(f"{name}{f'({wrong})' if wrong else ''} {mark}{half}")
            self.comm.give(half)
            argument = mark = ""
        part.block.records.merge(len(halves))

    def _ghz_state(self, part: Part, chain: list[int]) -> dict[int, int]:
        """A GHZ state, one qubit per module; counted as the pairs that it could be made of."""
        halves = {module: self.comm.take(module) for module in chain}
        self.gadgets.modules.update(self.comm.module_of)
        first, *others = halves.values()
        words = [str(half) for half in halves.values()]
        part.add(
            f"R {' '.join(words)}",
            f"H {first}",
            "CX " + " ".join(f"{first} {other}" for other in others),
            *on_qubits((self.noise.ghz, word) for word in words),
        )
        self.gadgets.made += Counter((min(link), max(link)) for link in pairwise(chain))
        return halves

    def _even_state(self, part: Part, chain: list[int]) -> dict[int, int]:
        """Join pairs along a chain: one half per module stays, all of even Z-parity."""
        ends = self.gadgets.make_pairs(part, list(pairwise(chain)))
        halves = {chain[0]: ends[0][0], chain[-1]: ends[-1][1]}
        inner = list(zip(chain[1:-1], ends, ends[1:]))
        if not inner:
            return halves
        halves |= {module: left for module, (_, left), _ in inner}
        gates = [("CX", right, left) for _, (_, left), (right, _) in inner]
        part.add(*gate_lines(gates, self.gadgets.modules, self.noise))
        back = self.gadgets.measure(part, [(right, "X") for _, _, (right, _) in inner])
        # The Z value that `right` had is the parity of all halves further on.
        later = [[halves[m] for m in chain[i + 2 :]] for i in range(len(inner))]
        part.add(*feedback_lines(("Z", r, half) for r, some in zip(back, later) for half in some))
        return halves
