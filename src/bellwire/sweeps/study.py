"""What a sweep measures: the product of its axes, and the points that it has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import islice, product
from math import prod
from typing import Any

from bellwire.compiler.program import Program
from bellwire.errors import NotSupported
from bellwire.sweeps.machines import SweptMachine

MOST_POINTS = 10_000  # unless more are asked for


@dataclass(frozen=True, eq=False)
class SweptCircuit:
    """A circuit of a sweep; `digest` names its bytes, or what it does if it is no file."""

    name: str
    program: Program
    digest: str


@dataclass(frozen=True, eq=False)
class Point:
    """One place of a sweep: a circuit, a machine, and a value of every other axis."""

    circuit: SweptCircuit
    machine: SweptMachine
    settings: Mapping[str, Any]
    version: str

    @cached_property
    def said(self) -> dict[str, Any]:
        """All settings, as columns of the row."""
        return {"circuit": self.circuit.name, "machine": self.machine.name, **self.settings}

    @cached_property
    def key(self) -> str:
        """A digest of everything that its row follows from."""
        parts = (self.said, self.circuit.digest, self.machine.digest, self.version)
        return _digest(parts)


@dataclass(frozen=True, eq=False)
class Study:
    """The axes of a sweep. The points are their product, the last axis quickest.

    `axes`: values by column, for all axes but circuits and machines.
    """

    name: str
    circuits: tuple[SweptCircuit, ...]
    machines: tuple[SweptMachine, ...]
    axes: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        """How many points there are."""
        return prod(map(len, (self.circuits, self.machines, *self.axes.values())))

    @property
    def varied(self) -> list[str]:
        """The columns of the axes that have several values."""
        axes = {"circuit": self.circuits, "machine": self.machines, **self.axes}
        return [name for name, values in axes.items() if len(values) > 1]

    def points(self, version: str, part: tuple[int, int] = (1, 1)) -> Iterator[Point]:
        """All points in order, or the i-th of n parts: every n-th point."""
        number, count = part
        if not 1 <= number <= count:
            raise NotSupported(f"part: found {number}/{count}; give such as 1/{max(1, count)}")
        found = product(self.circuits, self.machines, *self.axes.values())
        for circuit, machine, *values in islice(found, number - 1, None, count):
            yield Point(circuit, machine, dict(zip(self.axes, values)), version)

    @cached_property
    def digest(self) -> str:
        """A name for all axes."""
        axes = {name: list(values) for name, values in self.axes.items()}
        circuits = [(c.name, c.digest) for c in self.circuits]
        return _digest((circuits, [(m.name, m.digest) for m in self.machines], axes))


def _digest(parts: Any) -> str:
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
