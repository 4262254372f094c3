"""Cirq circuits with symbols: which angles of their programs depend on them, and how."""

from __future__ import annotations

from typing import Any

import cirq
import numpy as np
import sympy

from bellwire.compiler.frontends.cirq import from_cirq
from bellwire.compiler.program import Program
from bellwire.errors import NotSupported
from bellwire.families import families
from bellwire.open_angles import FIRST

NOTHING = 1e-9  # radians: a coefficient that is only rounding


def read_symbols(circuit: cirq.AbstractCircuit) -> tuple[Program, dict[float, Any]]:
    """A LOGICAL program with open angles, and the sympy expression of each.

    Angles have to be sums of symbols times numbers. They are found from the circuit at as many
    points as that takes, and one more as a check. Raises NotSupported for all others.
    """
    names = sorted(cirq.parameter_names(circuit))
    if not names:
        return from_cirq(circuit), {}
    points = np.random.default_rng(0).uniform(0.1, 0.9, (len(names) + 2, len(names)))
    programs = [
        from_cirq(cirq.resolve_parameters(circuit, dict(zip(names, row)))) for row in points
    ]
    family, *others = families(programs)
    known = np.hstack([np.ones((len(points), 1)), points])
    solved = np.linalg.lstsq(known[:-1], family.values[:-1], rcond=None)[0]
    if others or np.abs(known @ solved - family.values).max(initial=0) > NOTHING:
        raise NotSupported(
            f"{', '.join(names)}: an angle is no sum of symbols times numbers; use "
            "cirq.resolve_parameters"
        )
    symbols = [sympy.Integer(1), *map(sympy.Symbol, names)]
    formulas = [_sum(column, symbols) for column in solved.T]
    return family.program, {FIRST + i: formula for i, formula in enumerate(formulas)}


def _sum(coefficients: Any, symbols: list[Any]) -> Any:
    """The sum of all that counts, in multiples of pi."""
    terms = [
        round(float(c) / np.pi, 12) * sympy.pi * s
        for c, s in zip(coefficients, symbols)
        if abs(c) > NOTHING
    ]
    return sympy.Add(*terms)
