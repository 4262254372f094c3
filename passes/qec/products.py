"""Measured products of Paulis, and the communication qubits that they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from bellwire.errors import NotSupported
from bellwire.passes.qec.layers import Homes
from bellwire.passes.qec.stim_text import PRODUCTS, Line

Way = Callable[[tuple[int, int]], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors (Pauli, qubit), and whether the result is inverted."""

    factors: tuple[tuple[str, int], ...]
    inverted: bool

    def modules(self, homes: Homes) -> list[int]:
        """The modules that it touches, in order."""
        return list(dict.fromkeys(homes[q] for _, q in self.factors))


def products_of(line: Line) -> list[Product]:
    """The products that a line measures; none for other lines."""
    if line.name not in PRODUCTS:
        return []
    if line.name == "MPP":
        return [_product(line, [(p.lstrip("!"), p) for p in t.split("*")]) for t in line.targets]
    pairs = zip(line.targets[::2], line.targets[1::2])
    letter = line.name[-1]
    return [_product(line, [(letter + t.lstrip("!"), t) for t in pair]) for pair in pairs]


def _product(line: Line, words: list[tuple[str, str]]) -> Product:
    factors = tuple((word[0], int(word[1:])) for word, _ in words)
    if len({q for _, q in factors}) < len(factors):
        raise NotSupported(f"{line.text}: a product names a qubit twice; multiply its Paulis out")
    return Product(factors, sum(whole.startswith("!") for _, whole in words) % 2 == 1)


def halves_needed(product: Product, homes: Homes, way: Way) -> Counter[int]:
    """How many communication qubits each module needs: two in the middle of the chain."""
    links = pairwise(product.modules(homes))
    return Counter(m for link in links for hop in pairwise(way(link)) for m in hop)
