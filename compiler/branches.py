"""Exact simulation with all measurement outcomes kept, few branches of them alive at a time.

Bits and qubits that nobody reads again are forgotten (traced out); branches that then agree merge,
which is what correct feed-forward achieves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from bellwire.compiler.conditions import TRUE, bit
from bellwire.compiler.lifetimes import Lifetimes, lifetimes
from bellwire.compiler.mixture import Bools, Mixture, States
from bellwire.compiler.operations import Family
from bellwire.compiler.ports import Ports
from bellwire.compiler.program import Op, Program
from bellwire.errors import NotSupported

MOST_TURNS = 10_000  # of one loop
_DONE = 1e-12  # weight of the branches that are still in a loop when it is left


def run_branches(program: Program, ports: Ports, state: States) -> tuple[Bools, States]:
    """Run a program on a state of its logical qubits (2^n amplitudes, first qubit highest).

    Returns the values of the user's bits, shape (branches, bits), and the unnormalised states of
    the logical outputs, shape (branches, 2^n). Branches with equal bits are parts of a mixture.
    Raises TooLarge; NotSupported for a loop that does not end within 10,000 turns.
    """
    mixture = Mixture(program, ports.inputs, state)
    _Run(mixture).block(program, lifetimes(program, ports.outputs, ports.bits))
    return mixture.finish(ports)


class _Run:
    """Walks through a program; `_active` holds the flags of the blocks that it is inside of."""

    def __init__(self, mixture: Mixture) -> None:
        self._mix = mixture
        self._active: list[int] = []
        self._loops: list[tuple[int, int]] = []  # flag of who stays in the loop, depth

    def _on(self, op: Op | None = None) -> Bools:
        """The branches in which the current block, or an operation in it, is carried out."""
        mix = self._mix
        here = np.ones(len(mix.table), dtype=np.bool_)
        if self._active:
            here = mix.table[:, self._active[-1]].copy()
        return here if op is None or op.condition is None else here & mix.truth(op.condition)

    @contextmanager
    def _inside(self, flag: int) -> Iterator[None]:
        self._active.append(flag)
        yield
        self._active.pop()

    def block(self, program: Program, lives: Lifetimes) -> None:
        """Run one block in the branches that are active."""
        for i, op in enumerate(program.ops):
            self._operation(op, lives.blocks.get(i, ()))
            on = self._on()
            self._mix.forget_bits(lives.dead_bits[i], on)
            for q in lives.dead_qubits[i]:
                self._mix.reset(q, self._on())
            self._mix.merge_when_due()
            if op.row.family is Family.FLOW and not on.any():
                return

    def _operation(self, op: Op, lives: tuple[Lifetimes, ...]) -> None:
        family, row = op.row.family, op.row
        if row.matrix is not None:
            self._mix.gate(row.matrix(*op.angles), op.qubits, self._on(op))
        elif op.name == "measure":
            self._mix.measure(op.qubits[0], self._on(op), op.bits[0])
        elif op.name == "reset":
            self._mix.reset(op.qubits[0], self._on(op))
        elif family is Family.PROTOCOL:
            self._protocol(op)
        elif op.name == "if_else":
            self._if_else(op, lives)
        elif op.name in ("break_loop", "continue_loop"):
            self._jump(op)
        elif family is Family.FLOW:
            self._loop(op, lives[0])

    def _protocol(self, op: Op) -> None:
        for step in op.row.body:
            own = TRUE if step.condition is None else bit(op.bits[step.condition])
            condition = own if op.condition is None else own & op.condition
            qubits = tuple(op.qubits[i] for i in step.qubits)
            bits = tuple(op.bits[i] for i in step.bits)
            self._operation(Op(step.name, qubits, (), bits, condition), ())

    def _if_else(self, op: Op, lives: tuple[Lifetimes, ...]) -> None:
        mix, yes = self._mix, self._on(op)
        flags = [mix.add_flag(yes), mix.add_flag(self._on() & ~yes)]
        for flag, block, inner in zip(flags, op.blocks, lives):
            with self._inside(flag):
                if self._on().any():
                    self.block(block, inner)
        mix.drop_flag()
        mix.drop_flag()

    def _loop(self, op: Op, lives: Lifetimes) -> None:
        mix = self._mix
        stays = mix.add_flag(self._on())
        turn = mix.add_flag(self._on() & False)
        turns = int(op.angles[0]) if op.name == "for_loop" else MOST_TURNS
        self._loops.append((stays, len(self._active)))
        for _ in range(turns):
            if op.condition is not None:
                mix.table[:, stays] &= mix.truth(op.condition)
            mix.table[:, turn] = mix.table[:, stays]
            if mix.weights()[mix.table[:, stays]].sum() < _DONE:
                break
            with self._inside(turn):
                self.block(op.blocks[0], lives)
        else:
            if op.name == "while_loop":
                raise NotSupported(
                    f"a while loop still runs after {MOST_TURNS} turns: whether it ends cannot be "
                    "proved by running it; use a for loop"
                )
        self._loops.pop()
        mix.drop_flag()
        mix.drop_flag()

    def _jump(self, op: Op) -> None:
        table, rows = self._mix.table, self._on(op)
        stays, depth = self._loops[-1]
        for flag in self._active[depth:]:
            table[rows, flag] = False
        if op.name == "break_loop":
            table[rows, stays] = False
