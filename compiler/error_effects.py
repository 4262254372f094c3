"""What each error of a program does to its folded circuit.

Errors are pulled backwards through the rows of the program: a Pauli before a gate is the same as
Paulis after it, until it meets a gate that makes no Pauli of it, where it **lands**: an X or Z on a
wire of the folded circuit, before one of the operations on it. An X on a copy lands twice, before
and after the gate: the gate alone sees it. Errors of measurements land in their bits; those of a
protocol switch its corrections. Effects are sums of landings, written as bits of a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bellwire.compiler.folding import Folded, Step
from bellwire.compiler.operations import PAULIS, Family
from bellwire.compiler.pauli_images import pauli_images

Pair = tuple[int, int]  # effects of an X and of a Z
_OF = {"x": (1, 0), "y": (1, 1), "z": (0, 1), "id": (0, 0)}


class Landing(NamedTuple):
    """An "X" or "Z" on a wire before operation `place` of this wire; a "flip" of what measurement
    `place` of the folded circuit writes; the "end" of an output qubit, which is never measured."""

    what: str
    wire: int
    place: int


@dataclass(frozen=True, eq=False, slots=True)
class Effects:
    """Effects of errors, by row: X and Z on each of its operands `before` and `after` it, a `flip`
    of the bit that it writes. `coins`: effects that happen with the chance 1/2, of measurements
    whose outcome is not made good. `nothing`: effects of errors that do nothing where they happen:
    a Z on |0> or after a measurement, XX and ZZ on a Bell pair. Bit k of an effect stands for
    `landings[k]`.
    """

    landings: tuple[Landing, ...]
    before: list[tuple[Pair, ...]]
    after: list[tuple[Pair, ...]]
    flip: dict[int, int]
    coins: tuple[int, ...]
    nothing: tuple[int, ...]


def error_effects(folded: Folded, *, outputs: bool = False) -> Effects:
    """Find what each error does; with `outputs`, to output qubits that are never measured too."""
    tracer = _Tracer(len(folded.program.qubits))
    if outputs:
        tracer.keep(folded)
    for row in range(len(folded.steps) - 1, -1, -1):
        tracer.back(row, folded.steps[row])
    return Effects(
        tuple(tracer.landings),
        tracer.before[::-1],
        tracer.after[::-1],
        tracer.flip,
        tuple(tracer.coins),
        tuple(dict.fromkeys((*tracer.nothing, *(z for _, z in tracer.effect)))),
    )


class _Tracer:
    def __init__(self, qubits: int) -> None:
        self.effect: list[list[int]] = [[0, 0] for _ in range(qubits)]  # of X and Z, here
        self.bit: dict[int, int] = {}  # of a flip of a bit of ours
        self.landings: dict[Landing, int] = {}
        self.before: list[tuple[Pair, ...]] = []
        self.after: list[tuple[Pair, ...]] = []
        self.flip: dict[int, int] = {}
        self.coins: list[int] = []
        self.nothing: list[int] = []

    def keep(self, folded: Folded) -> None:
        """Note errors at the end of the output qubits that are never measured."""
        measured = {q for step in folded.steps if step.op.name == "measure" for q in step.op.qubits}
        for q in {*folded.program.outputs} - measured:
            self.effect[q] = [self.land("end", q, 0), self.land("end", q, 1)]

    def land(self, what: str, wire: int, place: int) -> int:
        """The effect of one landing."""
        return 1 << self.landings.setdefault(Landing(what, wire, place), len(self.landings))

    def back(self, row: int, step: Step) -> None:
        """Pull all effects from behind a row to before it."""
        self.after.append(self.here(step))
        if step.op.row.family is not Family.MARK and step.op.name != "id":
            self._back(row, step)
        self.before.append(self.here(step))

    def here(self, step: Step) -> tuple[Pair, ...]:
        """The effects of errors on the operands of a row, here."""
        return tuple((self.effect[q][0], self.effect[q][1]) for q in step.op.qubits)

    def _back(self, row: int, step: Step) -> None:
        op = step.op
        if op.condition is not None:
            self._conditioned(step)
        elif op.name == "measure":
            self._measured(row, step)
        elif op.name == "ebit":
            (ax, az), (bx, bz) = (self.effect[q] for q in op.qubits)
            self.nothing += [ax ^ bx, az ^ bz]
            for q in op.qubits:
                self.effect[q] = [0, 0]
        elif op.name == "reset":
            self.nothing.append(self.effect[op.qubits[0]][1])
            self.effect[op.qubits[0]] = [0, 0]
        else:
            self._gate(step)

    def _conditioned(self, step: Step) -> None:
        for b in step.reads:
            x, z = self.effect[step.op.qubits[0]]
            has_x, has_z = _OF[step.op.name]
            self.bit[b] = self.bit.get(b, 0) ^ x * has_x ^ z * has_z
        if step.kept and step.op.name not in PAULIS:
            self._gate(step)

    def _measured(self, row: int, step: Step) -> None:
        (q,), (b,) = step.op.qubits, step.op.bits
        flip = self.bit.pop(b, 0)
        if step.written >= 0:
            flip = self.land("flip", -1, step.written)
        elif step.otherwise:
            coin = flip
            for other, pauli in step.otherwise:
                coin ^= self.effect[other][pauli]
            if coin:
                self.coins.append(coin)
        if flip:
            self.flip[row] = flip
        self.nothing.append(self.effect[q][1])
        self.effect[q] = [self.effect[q][0] ^ flip, 0]

    def _gate(self, step: Step) -> None:
        op = step.op
        unitary = op.row.family is Family.GATE
        images = pauli_images(op.name, op.angles) if unitary else ((None, None),) * len(op.qubits)
        if step.kept:  # perhaps it is not done: the error must be the same in both cases
            images = tuple(
                (x if x == ((k, 0),) else None, z if z == ((k, 1),) else None)
                for k, (x, z) in enumerate(images)
            )
        found = []
        for k, pair in enumerate(images):
            for pauli, image in enumerate(pair):
                if image is None:
                    found.append((op.qubits[k], pauli, self._landing(step, k, pauli)))
                else:
                    effect = 0
                    for operand, p in image:
                        effect ^= self.effect[op.qubits[operand]][p]
                    found.append((op.qubits[k], pauli, effect))
        for q, pauli, effect in found:
            self.effect[q][pauli] = effect

    def _landing(self, step: Step, operand: int, pauli: int) -> int:
        cell = step.cells[operand]
        assert cell is not None
        what = "XZ"[pauli]
        effect = self.land(what, *cell)
        if not step.alone[operand]:
            effect ^= self.land(what, cell[0], cell[1] + 1)
            effect ^= self.effect[step.op.qubits[operand]][pauli]
        return effect
