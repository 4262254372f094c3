"""Which qubits and bits nobody reads again after each operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bellwire.compiler.conditions import bits_of
from bellwire.compiler.operations import Family
from bellwire.compiler.program import Op, Program

Names = frozenset[tuple[str, int]]  # ("qubit", index) or ("bit", index)
_JUMPS = ("break_loop", "continue_loop")
_LOOPS = ("while_loop", "for_loop")


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """For each operation what ends with it, and the lifetimes inside its blocks."""

    dead_qubits: tuple[tuple[int, ...], ...]
    dead_bits: tuple[tuple[int, ...], ...]
    blocks: dict[int, tuple[Lifetimes, ...]]


def lifetimes(program: Program, qubits: Iterable[int], bits: Iterable[int]) -> Lifetimes:
    """Find what may be forgotten after each operation when `qubits` and `bits` are read at the end.

    Careful inside loops: what a loop reads anywhere lives as long as the loop.
    """
    live = frozenset({("qubit", q) for q in qubits} | {("bit", b) for b in bits})
    return _backwards(program, live, live)[0]


def _backwards(program: Program, live: Names, loop: Names) -> tuple[Lifetimes, Names]:
    """The lifetimes of a block and what is alive at its start; `loop` lives after a jump."""
    ops = list(program.ops)
    dead: list[Names] = []
    inner: dict[int, tuple[Lifetimes, ...]] = {}
    for i in reversed(range(len(ops))):
        op = ops[i]
        touched = _reads(op) | _writes(op)
        dead.append(touched - live)
        if op.name in _JUMPS:
            live = live | loop if op.condition else loop
        if op.blocks:
            inside = live | _reads(op) if op.name in _LOOPS else live
            found = [
                _backwards(b, inside, inside if op.name in _LOOPS else loop) for b in op.blocks
            ]
            inner[i] = tuple(f[0] for f in found)
            starts = [f[1] for f in found]
            full = op.name == "if_else" and len(starts) == 2
            live = frozenset().union(*starts, () if full else inside) | _condition_reads(op)
        elif op.row.family is not Family.MARK:
            live = (live - _overwrites(op)) | (_reads(op) - _fresh(op))
    dead.reverse()
    return (
        Lifetimes(
            tuple(tuple(i for what, i in d if what == "qubit") for d in dead),
            tuple(tuple(i for what, i in d if what == "bit") for d in dead),
            inner,
        ),
        live,
    )


def _condition_reads(op: Op) -> Names:
    bits = () if op.condition is None else bits_of(op.condition)
    return frozenset(("bit", b) for b in bits)


def _reads(op: Op) -> Names:
    """Qubits used and bits read, in blocks too."""
    if op.row.family is Family.MARK:
        return frozenset()
    own = _condition_reads(op)
    if op.row.family is not Family.FLOW:
        return own | {("qubit", q) for q in op.qubits}
    return own.union(*(_reads(o) for b in op.blocks for o in b.ops))


def _writes(op: Op) -> Names:
    inner = (_writes(o) for b in op.blocks for o in b.ops)
    own = () if op.blocks else (("bit", b) for b in op.bits)
    return frozenset(own).union(*inner)


def _overwrites(op: Op) -> Names:
    """What an operation gives a new value whatever it was before."""
    if op.condition is not None:
        return frozenset()
    return frozenset(("bit", b) for b in op.bits) | _fresh(op)


def _fresh(op: Op) -> Names:
    """Qubits whose earlier state an operation throws away."""
    if op.condition is not None or op.name not in ("reset", "ebit"):
        return frozenset()
    return frozenset(("qubit", q) for q in op.qubits)
