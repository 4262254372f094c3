"""CSS codes: checks as tables over GF(2), and logical operators found by linear algebra."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bellwire.compiler.gf2 import Bools, Span, pack


@dataclass(frozen=True)
class Css:
    """Checks of Pauli X and of Pauli Z, one row each, one column per data qubit.

    `places`: coordinates (x, y) of data qubits, then of the ancillas of X checks, then of Z checks.
    """

    x_checks: Bools
    z_checks: Bools
    places: tuple[tuple[float, float], ...]

    @property
    def data(self) -> int:
        """How many data qubits there are."""
        return int(self.x_checks.shape[1])

    def checks(self, basis: str) -> Bools:
        """The checks that are products of Pauli `basis`, "x" or "z"."""
        return self.x_checks if basis == "x" else self.z_checks

    @cached_property
    def logical_z(self) -> Bools:
        """Independent products of Z that commute with all checks and are none themselves."""
        return _logical(self.x_checks, self.z_checks)

    @cached_property
    def logical_x(self) -> Bools:
        """The same of X; row i need not anticommute with row i of `logical_z`."""
        return _logical(self.z_checks, self.x_checks)

    def logical(self, basis: str) -> Bools:
        """The logical operators that are products of Pauli `basis`."""
        return self.logical_x if basis == "x" else self.logical_z


def _logical(others: Bools, own: Bools) -> Bools:
    """The kernel of `others` modulo the rows of `own`."""
    commuting = _span(others).kernel()
    known = _span(own)
    fresh = [known.add(row) for row in pack(commuting)]
    return commuting[fresh]


def _span(rows: Bools) -> Span:
    span = Span(rows.shape[1])
    for row in pack(rows):
        span.add(row)
    return span
