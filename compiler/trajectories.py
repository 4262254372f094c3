"""Shots of a circuit with errors, those with equal errors together: each state is computed once.

The errors of a trajectory are in the order of the circuit; trajectories that begin alike share
their states up to the first difference, so that the common path, mostly without errors, is walked
once. Measurements in the middle split the shots of a trajectory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bellwire.compiler.conditions import bits_of, evaluate
from bellwire.compiler.error_effects import Landing
from bellwire.compiler.program import Op, Program
from bellwire.compiler.statevector import (
    State,
    apply_pauli,
    chance_of_one,
    projected,
    run_gates,
    written,
)

Bits = NDArray[np.bool_]
Error = tuple[int, int, str]  # before which operation, on which wire, "X" or "Z"


class Trajectories:
    """A circuit on wires, ready to run with errors that land on it."""

    def __init__(self, circuit: Program, landings: Sequence[Landing]) -> None:
        self.circuit, self.landings = circuit, landings
        ops = list(circuit.ops)
        middle, tail = _order(ops)
        order = [*middle, *tail]
        self.ops, self.tail = [ops[i] for i in order], len(middle)
        self.gates = written(self.ops)
        self.stops = [i for i, op in enumerate(self.ops[: self.tail]) if _stops(op)]
        self.width = sum(r.width for r in circuit.registers)
        self.work = 0
        new = {old: i for i, old in enumerate(order)}
        self.measures = [new[i] for i, op in enumerate(ops) if op.name == "measure"]
        on_wire: dict[int, list[int]] = {}
        for i, op in enumerate(ops):
            for w in op.qubits if i in new else ():
                on_wire.setdefault(w, []).append(new[i])
        self.errors: list[Error | None] = [None] * len(landings)
        self.steers = 0  # landings that have to do with the state
        for k, (what, wire, place) in enumerate(landings):
            if what in "XZ" and place < len(on_wire.get(wire, ())):
                self.errors[k] = (min(on_wire[wire][place], self.tail), wire, what)
            if self.errors[k] or (what == "flip" and self.measures[place] < self.tail):
                self.steers |= 1 << k

    def sample(self, effects: Sequence[int], random: np.random.Generator) -> Bits:
        """What each shot measures, (shots, bits of all registers); `effects`: its errors. The shots
        come in another order."""
        groups: dict[int, list[int]] = {}
        for effect in effects:
            groups.setdefault(effect & self.steers, []).append(effect & ~self.steers)
        paths = sorted((self._path(steering), steering) for steering in groups)
        self.work = len(paths) * len(self.ops) << len(self.circuit.qubits)
        parts = []
        for errors, steering, state in self._states(paths):
            flips = self._flips(steering)
            for bits, end, shots in self._split(
                state, errors, flips, len(groups[steering]), random
            ):
                rest = [groups[steering].pop() for _ in range(shots)]
                parts.append(self._measured(bits, end, rest, random))
        return np.concatenate(parts)

    def overlaps(self, effects: Sequence[int]) -> list[float]:
        """The fidelity of what is measured with these errors, each alone.

        The squared overlap of the states of measured wires at the end (the rest is traced out),
        flips of bits as X on them; 0 where an output qubit is wrong. Only for circuits without
        measurements in the middle.
        """
        groups: dict[int, list[int]] = {0: []}
        for effect in effects:
            groups.setdefault(effect & self.steers, []).append(effect)
        paths = sorted((self._path(steering), steering) for steering in groups)
        self.work = len(paths) * len(self.ops) << len(self.circuit.qubits)
        ((_, _, state),) = self._states([(self._path(0), 0)])
        right = np.linalg.svd(self._seen(state), full_matrices=False)[0][:, 0].conj()
        found: dict[int, float] = {}
        places = np.arange(len(state))
        for _, steering, state in self._states(paths):
            for effect in groups[steering]:
                mask = self._wrong_wires(effect & ~self.steers)
                if mask is not None:
                    left = right @ self._seen(state[places ^ mask])
                    found[effect] = float(np.vdot(left, left).real)
        return [found.get(effect, 0.0) for effect in effects]

    def _seen(self, state: State) -> State:
        """The state as a matrix: wires that are measured by those that are not."""
        wires = len(self.circuit.qubits)
        seen = sorted({op.qubits[0] for op in self.ops[self.tail :]})
        axes = [wires - 1 - w for w in (*seen, *({*range(wires)} - {*seen}))]
        return state.reshape((2,) * wires).transpose(axes).reshape(1 << len(seen), -1)

    def _wrong_wires(self, rest: int) -> int | None:
        """The wires whose measurements are flipped, as bits of a number; None: an output is wrong,
        or one of several measurements of a wire."""
        flips = Counter[int]()
        for k, landing in enumerate(self.landings):
            if rest >> k & 1 and landing.what == "end":
                return None
            if rest >> k & 1 and landing.what == "flip":
                flips[self.ops[self.measures[landing.place]].qubits[0]] += 1
        ends = Counter(op.qubits[0] for op in self.ops[self.tail :])
        if any(count < ends[wire] for wire, count in flips.items()):
            return None
        return sum(1 << wire for wire in flips)

    def _path(self, steering: int) -> tuple[tuple[float, int, str], ...]:
        """The errors of a trajectory in order, and an end behind all others."""
        found = [e for k, e in enumerate(self.errors) if e is not None and steering >> k & 1]
        return (*sorted(found), (np.inf, 0, ""))

    def _flips(self, steering: int) -> set[int]:
        """The operations in the middle that measure wrongly."""
        return {
            self.measures[landing.place]
            for k, landing in enumerate(self.landings)
            if landing.what == "flip" and steering >> k & 1
        }

    def _states(
        self, paths: Sequence[tuple[tuple[tuple[float, int, str], ...], int]]
    ) -> Iterator[tuple[list[Error], int, State]]:
        """For each path the state at the first stop (or the tail), and the errors after it."""
        stop = self.stops[0] if self.stops else self.tail
        begin = np.zeros(1 << len(self.circuit.qubits), dtype=np.complex128)
        begin[0] = 1
        levels: list[tuple[State, int]] = [(begin, 0)]
        last: tuple[tuple[float, int, str], ...] = ()
        for path, steering in paths:
            early = tuple(e for e in path if e[0] <= stop)
            common = 0
            while common < min(len(early), len(last)) and early[common] == last[common]:
                common += 1
            del levels[common + 1 :]
            for at, wire, what in early[common:]:
                state, done = levels[-1]
                self._gates(state, done, int(at))
                levels[-1] = state, int(at)
                state = state.copy()
                apply_pauli(state, wire, what)
                levels.append((state, int(at)))
            state, done = levels[-1]
            self._gates(state, done, stop)
            levels[-1] = state, stop
            last = early
            late = [(int(at), wire, what) for at, wire, what in path[len(early) : -1]]
            yield late, steering, state

    def _gates(self, state: State, start: int, end: int) -> None:
        run_gates(state, self.gates, start, end, work=self.work)

    def _split(
        self,
        state: State,
        errors: list[Error],
        flips: set[int],
        shots: int,
        random: np.random.Generator,
    ) -> Iterator[tuple[Bits, State, int]]:
        """Take shots from the first stop to the tail; yields bits, state and number of those that
        go the same way."""
        todo = [(np.zeros(self.width, dtype=np.bool_), state, shots, 0, 0)]
        while todo:
            bits, now, count, stop, done = todo.pop()
            if stop == len(self.stops):
                yield bits, now, count
                continue
            row = self.stops[stop]
            for outcome, after, part in self._stop(row, bits, now, count, random):
                new = bits.copy()
                if self.ops[row].name == "measure":
                    new[self.ops[row].bits[0]] = outcome ^ (row in flips)
                end = self.stops[stop + 1] if stop + 1 < len(self.stops) else self.tail
                at, k = row + 1, done
                while k < len(errors) and errors[k][0] <= end:
                    self._gates(after, at, errors[k][0])
                    apply_pauli(after, *errors[k][1:])
                    at, k = errors[k][0], k + 1
                self._gates(after, at, end)
                todo.append((new, after, part, stop + 1, k))

    def _stop(
        self, row: int, bits: Bits, state: State, shots: int, random: np.random.Generator
    ) -> Iterator[tuple[int, State, int]]:
        """Do what stands at a stop: outcomes, states after it, and how many shots have them."""
        op = self.ops[row]
        if op.condition is not None and not evaluate(op.condition, lambda b: bool(bits[b])):
            yield 0, state.copy(), shots
        elif op.name not in ("measure", "reset"):
            after = state.copy()
            self._gates(after, row, row + 1)
            yield 0, after, shots
        else:
            chance = min(1.0, chance_of_one(state, op.qubits[0]))
            ones = int(random.binomial(shots, chance))
            for outcome, count in ((0, shots - ones), (1, ones)):
                if count:
                    share = chance if outcome else 1 - chance
                    after = projected(state, op.qubits[0], outcome, share)
                    if op.name == "reset" and outcome:
                        apply_pauli(after, op.qubits[0], "X")
                    yield outcome, after, count

    def _measured(
        self, bits: Bits, state: State, rest: Sequence[int], random: np.random.Generator
    ) -> Bits:
        """Measure at the end, once for each shot."""
        out = np.tile(bits, (len(rest), 1))
        ends = np.cumsum(state.real**2 + state.imag**2)
        found = np.searchsorted(ends, random.random(len(rest)) * ends[-1], side="right")
        for op in self.ops[self.tail :]:
            if op.name == "measure":
                out[:, op.bits[0]] = found >> op.qubits[0] & 1
        for shot, effect in enumerate(rest):
            while effect:
                low = effect & -effect
                effect ^= low
                landing = self.landings[low.bit_length() - 1]
                if landing.what == "flip":
                    out[shot, self.ops[self.measures[landing.place]].bits[0]] ^= True
        return out


def _stops(op: Op) -> bool:
    return op.condition is not None or op.name in ("measure", "reset")


def _order(ops: Sequence[Op]) -> tuple[list[int], list[int]]:
    """What must be done one by one; the measurements that can be done together at the end. What
    comes after the last measurement of its wires is left out."""
    middle, tail = [], []
    needed: set[int] = set()  # wires that are measured later, or steer one that is
    busy: set[int] = set()  # wires that the middle uses later
    used: set[int] = set()  # bits that are read or written later
    for i in range(len(ops) - 1, -1, -1):
        op = ops[i]
        reads = bits_of(op.condition) if op.condition is not None else ()
        wires = {*op.qubits}
        if op.name == "measure" and not reads and not wires & busy and not {*op.bits} & used:
            tail.append(i)
        elif op.name == "measure" or wires & needed:
            middle.append(i)
            busy |= wires
        else:
            continue
        needed |= wires
        used |= {*op.bits, *reads}
    return middle[::-1], tail[::-1]
