"""Programs that differ in angles alone: compiled as one, with open angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.operations import KIND
from bellwire.compiler.program import Program
from bellwire.open_angles import FIRST, Floats, angle_column, with_angles
from bellwire.runtime.execute import fingerprint

FIXED = [KIND["delay"], KIND["for_loop"]]  # their numbers are no angles of gates


@dataclass(frozen=True, eq=False)
class Family:
    """`program` has open angles; `values[k]` are those of member `members[k]`."""

    program: Program
    members: tuple[int, ...]
    values: Floats


def families(programs: Sequence[Program], probes: Sequence[Program] = ()) -> list[Family]:
    """Group programs by all but the angles of their gates.

    An angle is open when it differs between the members or the probes, which are no members.
    """
    groups: dict[str, list[int]] = {}
    everyone = [*programs, *probes]
    for i, program in enumerate(everyone):
        groups.setdefault(_shape(program), []).append(i)
    found = [_family(everyone, group, len(programs)) for group in groups.values()]
    return [family for family in found if family.members]


def _family(everyone: Sequence[Program], group: Sequence[int], count: int) -> Family:
    columns = np.stack([angle_column(everyone[i]) for i in group])
    varies = np.any(columns != columns[0], axis=0)
    template = columns[0].copy()
    template[varies] = FIRST + np.arange(varies.sum())
    members = tuple(i for i in group if i < count)
    first = everyone[group[0]]
    return Family(with_angles(first, template), members, columns[: len(members), varies])


def _shape(program: Program) -> str:
    """A name for all but the angles of gates."""
    column = angle_column(program)
    column[~_fixed(program)] = 0.0
    return fingerprint(with_angles(program, column))


def _fixed(program: Program) -> NDArray[np.bool_]:
    """Which numbers in `angle_column` are no angles of gates."""
    return np.concatenate(
        [np.isin(np.repeat(p.kind, np.diff(p.angles.starts)), FIXED) for p in program.walk()]
    )
