"""Random Clifford angles in place of the others, and fixed choices in place of control flow.

A `Draw` answers the same question with the same answer, so two programs that ask about the same
angle or the same condition are changed in the same way.
"""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from bellwire.compiler.builder import ProgramBuilder
from bellwire.compiler.conditions import Condition, bits_of, parity_bits, to_text
from bellwire.compiler.operations import KIND, PAULIS, Family
from bellwire.compiler.program import Op, Program, Stage
from bellwire.compiler.steps import NotClifford, is_pauli, quarter_turns
from bellwire.errors import NotSupported

MOST_OPS = 5_000_000  # a program with its loops written out
_TURN = math.pi / 2


class Draw:
    """One random assignment, fixed by `seed` and its number.

    Conditions are answered at random too, but number 0 says no to all of them (no loop is left
    early) and number 1 says yes.
    """

    def __init__(self, seed: int, number: int) -> None:
        self._key = f"{seed} {number} "
        self._answer = {0: False, 1: True}.get(number)

    def quarter_turns(self, angle: float) -> int:
        """Map an angle to a multiple of pi/2, counted in pi/2 modulo 4.

        f(a) = a for multiples of pi/2; f(-a) = -f(a), f(a + pi) = f(a) + pi and, but for odd
        multiples of pi/4, f(a + pi/2) = f(a) + pi/2. Angles are otherwise independent.
        """
        exact = quarter_turns(angle)
        if exact is not None:
            return exact
        turns = round(angle / _TURN)
        rest = angle - turns * _TURN
        if abs(abs(rest) - _TURN / 2) < 1e-12:  # a = +-pi/4 + k pi
            turns = 2 * math.floor(angle / math.pi + 0.5)
            rest = angle - turns * _TURN
        # The odd factor keeps round decimals away from the edges of rounding.
        drawn = self.number(f"angle {abs(rest) * 1.2345678912345:.7e}") % 4
        return (turns + (drawn if rest > 0 else -drawn)) % 4

    def taken(self, question: str) -> bool:
        """Whether a condition holds."""
        return self.number(f"taken {question}") % 2 == 1 if self._answer is None else self._answer

    def turns(self, question: str) -> int:
        """How often a while loop runs, 0 to 2."""
        return self.number(f"turns {question}") % 3

    def number(self, question: str) -> int:
        """A number from 0 to 2^32 - 1, always the same for the same question."""
        digest = blake2b((self._key + question).encode(), digest_size=4).digest()
        return int.from_bytes(digest, "little")


class NoDraw(Draw):
    """Writes out loops with a fixed number of turns and blocks of Paulis, and draws nothing."""

    def __init__(self) -> None:
        super().__init__(0, 0)

    def number(self, question: str) -> int:
        """Refuse: raises NotClifford."""
        raise NotClifford(f"{question}: here only Paulis may depend on parities of bits")

    def taken(self, question: str) -> bool:
        """Refuse: raises NotClifford."""
        return self.number(f"if {question}") == 0


def has_choices(program: Program) -> bool:
    """Whether anything but Paulis on parities of bits depends on classical bits."""
    if program.blocks:
        return True
    conditioned = program.condition >= 0
    plain = conditioned & np.isin(program.kind, [KIND[name] for name in PAULIS])
    if not all(_known(program.conditions[k]) for k in np.unique(program.condition[plain])):
        return True
    if plain.sum() == conditioned.sum():
        return False
    return any(op.condition is not None and not _exact(op) for op in program.ops)


def _known(condition: Condition) -> bool:
    return condition.head == "const" or parity_bits(condition) is not None


def _exact(op: Op) -> bool:
    """Whether a conditioned operation is a Pauli switched by a parity of bits."""
    assert op.condition is not None
    return _known(op.condition) and is_pauli(op)


def straighten(program: Program, draw: Draw) -> Program:
    """Write a program without control flow, each choice taken as `draw` says (LOGICAL).

    Paulis on a parity of bits stay as they are. Any other condition is answered at random once
    for each set of values that its bits can have at that point (it is asked again only after one
    of them was written); a while loop runs 0 to 2 turns. Raises NotSupported for a program with
    more than 5 million operations.
    """
    writer = _Straight(program, draw)
    writer.run(program, None)
    return writer.out.finish(Stage.LOGICAL, program.outputs)


class _Straight:
    """Walks through a program and writes the operations on the chosen path."""

    def __init__(self, program: Program, draw: Draw) -> None:
        self.out = ProgramBuilder.like(program)
        self._names = program.bit_names
        self._draw = draw
        self._written = [0] * len(self._names)

    def run(self, program: Program, condition: Condition | None) -> str | None:
        """Write one block, its Paulis under `condition`; returns the jump that ends it early."""
        for op in program.ops:
            if op.row.family is Family.FLOW:
                jump = self._flow(op)
                if jump is not None:
                    return jump
            else:
                self._write(op, condition)
        return None

    def _write(self, op: Op, condition: Condition | None) -> None:
        if len(self.out) >= MOST_OPS:
            raise NotSupported(
                f"more than {MOST_OPS} operations once loops are written out; "
                "check it with fewer turns"
            )
        if condition is not None:
            op = replace(op, condition=condition)
        elif op.condition is not None and not _exact(op):
            if not self._taken(op.condition):
                return
            op = replace(op, condition=None)
        self.out.append_op(op)
        for b in op.bits:
            self._written[b] += 1

    def _flow(self, op: Op) -> str | None:
        if op.name == "if_else":
            return self._branch(op)
        if op.name in ("break_loop", "continue_loop"):
            return op.name if op.condition is None or self._taken(op.condition) else None
        turns = int(op.angles[0]) if op.name == "for_loop" else self._turns(op.condition)
        for _ in range(turns):
            if self.run(op.blocks[0], None) == "break_loop":
                break
        return None

    def _branch(self, op: Op) -> str | None:
        assert op.condition is not None
        both = [op.condition, ~op.condition][: len(op.blocks)]
        inner = [o for b in op.blocks for o in b.ops]
        if all(o.condition is None and _exact(replace(o, condition=op.condition)) for o in inner):
            for block, condition in zip(op.blocks, both):
                self.run(block, condition)
            return None
        if self._taken(op.condition):
            return self.run(op.blocks[0], None)
        return self.run(op.blocks[1], None) if len(op.blocks) > 1 else None

    def _question(self, condition: Condition) -> str:
        when = [self._written[b] for b in bits_of(condition)]
        return f"{to_text(condition, self._names.__getitem__)} {when}"

    def _taken(self, condition: Condition) -> bool:
        if condition.head == "const":
            return bool(condition.index)
        if condition.head == "not":
            return not self._taken(condition.args[0])
        return self._draw.taken(self._question(condition))

    def _turns(self, condition: Condition | None) -> int:
        assert condition is not None
        return self._draw.turns(self._question(condition))
