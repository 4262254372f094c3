"""Equality of Clifford programs of any size, signs included, by their stabilizer flows.

A program of Clifford gates, measurements, resets and Paulis on parities of bits is a stabilizer
channel. In the Heisenberg picture it takes an observable of the end (a Pauli string on the logical
outputs times (-1)^b over user bits) either to a Pauli string with a sign on the logical inputs, or
to 0. Steps are taken backwards (Gottesman, quant-ph/9807006; "flows" as in Stim):

- a gate conjugates the string;
- a Pauli on a parity of bits multiplies strings that anticommute with it by (-1)^parity;
- measure q -> b: (-1)^b becomes Z on q; a string that anticommutes with Z on q becomes 0;
- reset q, and a qubit that starts in |0>: the string loses Z on q; with X or Y on q it becomes 0.

Products of strings that become 0 need not be 0, so the strings are carried on as if nothing had
happened, and each step that destroys strings gives one linear equation over GF(2): which of the 2n
+ m generators (X and Z on each output, each bit) anticommute there. The observables that survive
are the kernel of all equations. Two channels are equal iff their kernels are equal and a basis of
the kernel goes to the same strings with the same signs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bellwire.compiler.gf2 import Bools, Span, Words, pack, unpack
from bellwire.compiler.ports import Ports
from bellwire.compiler.program import Program
from bellwire.compiler.steps import Quarters, Tape, quarter_turns, tape
from bellwire.compiler.sweep import Strings

Front = Callable[[Words, int], Words]
_SHOWN = 6  # factors of a string that a message names


def compare_flows(
    program: Program,
    reference: Program,
    ports: tuple[Ports, Ports],
    *,
    quarters: Quarters = quarter_turns,
    fronts: tuple[Front, Front] | None = None,
    compiled: bool | None = None,
) -> str | None:
    """Compare two programs by all their flows; returns what differs, None when nothing does.

    `quarters` gives angles in quarter turns. `fronts`: what each program does before its start, as
    a map of packed strings (X rows, Z rows, signs) and how many there are. `compiled` False keeps
    to numpy, True to numba; None chooses by size. Raises NotClifford.
    """
    mine, theirs = _Side(program, ports[0], quarters), _Side(reference, ports[1], quarters)
    width = 2 * len(ports[0].names) + len(ports[0].bits)
    all_ = np.eye(width, dtype=np.bool_)
    lost = Span(width)
    wanted = theirs.at_end(all_)
    for _, strings in wanted.pull_back(theirs.tape, compiled=compiled):
        lost.add(strings)
    also_lost = Span(width)
    found = mine.at_end(all_)
    for row, strings in found.pull_back(mine.tape, compiled=compiled):
        if lost.remainder(strings).any():
            kept = _not_orthogonal(lost.kernel(), unpack(strings[None], width))
            return f"{mine.where(row)} destroys {_observable(kept, ports[0])}"
        also_lost.add(strings)
    if len(also_lost) < len(lost):
        kept = _not_orthogonal(also_lost.kernel(), lost.vectors())
        return f"the program keeps {_observable(kept, ports[0])}, the reference destroys it"
    basis = all_
    if len(lost):
        basis = lost.kernel()
        wanted, found = theirs.at_end(basis), mine.at_end(basis)
        _finish(wanted, theirs, compiled)
        _finish(found, mine, compiled)
    was, is_ = theirs.at_start(wanted), mine.at_start(found)
    if fronts is not None:
        is_, was = (front(rows, len(basis)) for front, rows in zip(fronts, (is_, was)))
    return _difference(basis, was, is_, ports[0])


@dataclass(frozen=True, eq=False, slots=True)
class Flows:
    """A basis of what a channel keeps. Row k: the observable `ends[k]` (X on each output, Z on
    each output, each bit) comes from the string `starts[k]` (X, Z on each input, then sign)."""

    ends: Bools
    starts: Bools


def flows_of(program: Program, *, compiled: bool | None = None) -> Flows:
    """Find all stabilizer flows of a Clifford program, its bits counted as the user's. Raises
    NotClifford."""
    ports = Ports(
        program.logical, program.inputs, program.outputs, program.bit_names, _all_bits(program)
    )
    side = _Side(program, ports, quarter_turns)
    width = 2 * len(ports.names) + len(ports.bits)
    lost = Span(width)
    for _, strings in side.at_end(np.eye(width, dtype=np.bool_)).pull_back(
        side.tape, compiled=compiled
    ):
        lost.add(strings)
    ends = lost.kernel()
    kept = side.at_end(ends)
    _finish(kept, side, compiled)
    return Flows(ends, unpack(side.at_start(kept), len(ends)).T)


def _all_bits(program: Program) -> tuple[int, ...]:
    return tuple(range(len(program.bit_names)))


def _finish(strings: Strings, side: _Side, compiled: bool | None) -> None:
    for _ in strings.pull_back(side.tape, compiled=compiled):
        raise AssertionError("a string of the kernel was destroyed")


def _not_orthogonal(vectors: Bools, others: Bools) -> Bools:
    """One of `vectors` that has an odd overlap with one of `others`."""
    odd = (vectors.astype(np.float32) @ others.T.astype(np.float32)) % 2
    row: Bools = vectors[np.argmax(odd.any(axis=1))]
    return row


class _Side:
    """One of the two programs with its ports and its tape."""

    def __init__(self, program: Program, ports: Ports, quarters: Quarters) -> None:
        self.program, self.ports = program, ports
        self.tape: Tape = tape(program, quarters)

    def at_end(self, basis: Bools) -> Strings:
        """The observables of `basis` (one a row: X on outputs, Z on outputs, bits)."""
        n = len(self.ports.names)
        rows = pack(np.ascontiguousarray(basis.T))
        strings = Strings(len(self.program.qubits), len(self.program.bit_names), rows.shape[1])
        strings.x[list(self.ports.outputs)] = rows[:n]
        strings.z[list(self.ports.outputs)] = rows[n : 2 * n]
        for b, row in zip(self.ports.bits, rows[2 * n :]):
            strings.set_bit(b, row)
        return strings

    def at_start(self, strings: Strings) -> Words:
        """X rows, Z rows on the inputs, then the row of signs."""
        inputs = list(self.ports.inputs)
        return np.concatenate([strings.x[inputs], strings.z[inputs], strings.sign[None]])

    def where(self, row: int) -> str:
        """A name for an operation."""
        if row < 0:
            return "a qubit that starts in |0>"
        op = next(op for i, op in enumerate(self.program.ops) if i == row)
        on = ", ".join(self.program.qubits[q].name for q in op.qubits)
        return f"operation {row} ({op.name} {on})"


def _difference(basis: Bools, wanted: Words, found: Words, ports: Ports) -> str | None:
    """Name the first observable that the two programs take to different strings."""
    differs = np.flatnonzero(unpack(np.bitwise_or.reduce(wanted ^ found, axis=0)[None], len(basis)))
    if not len(differs):
        return None
    g = int(differs[0])
    was, is_ = (unpack(rows, len(basis))[:, g] for rows in (wanted, found))
    return (
        f"{_observable(basis[g], ports)} at the end comes from {_string(was, ports)} at the start "
        f"in the reference, from {_string(is_, ports)} in the program"
    )


def _observable(vector: Bools, ports: Ports) -> str:
    n = len(ports.names)
    bits = [name for name, on in zip(ports.bit_names, vector[2 * n :]) if on]
    return _join(_paulis(vector, ports) + [f"(-1)^{name}" for name in bits])


def _string(rows: Bools, ports: Ports) -> str:
    return ("-" if rows[-1] else "+") + _join(_paulis(rows, ports))


def _paulis(vector: Bools, ports: Ports) -> list[str]:
    n = len(ports.names)
    letters = vector[:n] + 2 * vector[n : 2 * n].astype(np.int64)
    return [f"{'_XZY'[k]} on {name}" for k, name in zip(letters.tolist(), ports.names) if k]


def _join(factors: list[str]) -> str:
    more = f" and {len(factors) - _SHOWN} more" if len(factors) > _SHOWN else ""
    return (" * ".join(factors[:_SHOWN]) or "1") + more
